/** The course of the figures: a chart, and the same figures as a table. */
import { Button } from "@fluentui/react-components";
import { useMemo, useState } from "react";
import type { Loaded } from "../../api/useCall";
import type { Point, Series } from "../../api/types";
import { useFormats, useLanguage } from "../../app/messages";
import { DataTable, type Column } from "../../components/DataTable";
import { SelectField } from "../../components/fields";
import { MetricCell } from "../../components/MetricCell";
import { ProblemMessage } from "../../components/Problem";
import { useContacts } from "../contacts/ContactsDrawer";
import { Chart, Legend } from "./Chart";
import { CHART_VIEWS, CHARTS, courseOf, type ChartView } from "./charts";
import { daysBetween, grainsFor } from "./ranges";
import type { Asked } from "./useFilters";

function PointTable(props: {
  asked: Asked;
  view: ChartView;
  points: Point[];
  isDaily: boolean;
  isOneDay: boolean;
  label: string;
}) {
  const { asked, view, points, isDaily, isOneDay, label } = props;
  const { t } = useLanguage();
  const formats = useFormats();
  const openContacts = useContacts();
  const { query, key } = asked;
  const columns = useMemo<Column<Point>[]>(() => {
    const when = ({ from }: Point) =>
      isDaily ? formats.day(from) : isOneDay ? formats.time(from) : formats.dateTime(from);
    const figures = CHARTS[view].map(({ metric, label: name }): Column<Point> => ({
      key: metric,
      header: t(name),
      numeric: true,
      sort: (point) => point.metrics[metric]?.value ?? null,
      cell: (point) => (
        <MetricCell
          metric={point.metrics[metric]}
          name={`${t(name)}, ${when(point)}`}
          onOpen={
            openContacts && query
              ? () =>
                  openContacts({
                    query: { ...query, from: point.from, to: point.to },
                    metric,
                    of: when(point),
                  })
              : undefined
          }
        />
      ),
    }));
    const time: Column<Point> = {
      key: "time",
      header: t("chart.time"),
      isName: true,
      sort: ({ from }) => Date.parse(from),
      cell: when,
    };
    return [time, ...figures];
  }, [view, t, formats, isDaily, isOneDay, openContacts, key]);
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={points}
      rowKey={({ from }) => from}
      limit={48}
    />
  );
}

function GrainChoice(props: { asked: Asked }) {
  const { asked } = props;
  const { t } = useLanguage();
  if (!asked.span) return null;
  return (
    <SelectField
      label={t("grain.label")}
      value={asked.grain}
      options={grainsFor(asked.span).map((value) => ({ value, label: t(`grain.${value}`) }))}
      onChange={(grain) => asked.change({ grain })}
    />
  );
}

export function ChartSection(props: { asked: Asked; series: Loaded<Series> }) {
  const { asked, series } = props;
  const { t } = useLanguage();
  const formats = useFormats();
  const [view, setView] = useState<ChartView>("volume");
  const [isTable, setTable] = useState(false);
  const { data, problem, retry } = series;
  const points = useMemo(() => courseOf(data?.points ?? [], Date.now()), [data]);
  const isDaily = data?.grain === "1d";
  const isOneDay = asked.span !== null && daysBetween(asked.span.from, asked.span.to) <= 1;
  const title = t(isOneDay ? "chart.title" : "chart.title_days");
  const [first, last] = [points[0], points.at(-1)];
  const label = t("chart.description", {
    title: t(`chart.${view}`),
    count: points.length,
    from: first ? formats.dateTime(first.from) : "–",
    to: last ? formats.dateTime(last.to) : "–",
  });
  return (
    <section className="card" aria-labelledby="chart-title" aria-busy={series.loading}>
      <div className="card-head">
        <h2 id="chart-title">{title}</h2>
        <div className="card-tools">
          <SelectField
            label={t("chart.view")}
            value={view}
            options={CHART_VIEWS.map((value) => ({ value, label: t(`chart.${value}`) }))}
            onChange={setView}
          />
          <GrainChoice asked={asked} />
          <Button aria-pressed={isTable} onClick={() => setTable(!isTable)}>
            {t("chart.as_table")}
          </Button>
        </div>
      </div>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && isTable && (
        <PointTable {...{ asked, view, points, isDaily, isOneDay }} label={title} />
      )}
      {data && !isTable && (
        <>
          <Legend view={view} />
          <Chart view={view} points={points} label={label} />
        </>
      )}
    </section>
  );
}
