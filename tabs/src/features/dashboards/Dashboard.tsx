/** The dashboard: filters, figures, their course, queues and agents. */
import { Fragment, useMemo, type ReactNode } from "react";
import { useCall } from "../../api/useCall";
import type { Summary } from "../../api/types";
import { useFormats, useLanguage, type Translate } from "../../app/messages";
import { useSession } from "../../app/session";
import { ProblemMessage } from "../../components/Problem";
import { useContacts } from "../contacts/ContactsDrawer";
import { definitionsOf } from "./definitions";
import { AgentSection } from "./AgentSection";
import { Badges } from "./Badges";
import { courseOf } from "./charts";
import { ChartSection } from "./ChartSection";
import { Empty } from "./Empty";
import { FilterBar } from "./FilterBar";
import { toQuery, type Filters } from "./filters";
import { QueueSection } from "./QueueSection";
import { daysBetween, spanBefore, type Span } from "./ranges";
import { Tiles } from "./Tiles";
import { partsOf, type Part } from "../views/view";
import { useView } from "../views/useView";
import { useFilters } from "./useFilters";

/** Nothing offered and no source spoke of the range: there is nothing to draw. */
export function isEmpty({ metrics, completeness }: Summary): boolean {
  const heard = completeness.sources.reduce((sum, { contacts }) => sum + contacts, 0);
  return !metrics["offered"]?.value && heard === 0 && completeness.waiting === 0;
}

function periodText(t: Translate, filters: Filters, span: Span): string {
  const { range } = filters;
  if ("preset" in range && range.preset === "today") return t("period.today");
  const days = daysBetween(span.from, span.to);
  return days === 1 ? t("period.yesterday") : t("period.days", { days });
}

export function DashboardSkeleton() {
  return (
    <div aria-busy="true">
      <div className="tiles">
        <div className="skeleton skeleton-hero" />
        <div className="groups">
          <div className="skeleton skeleton-group" />
          <div className="skeleton skeleton-group" />
          <div className="skeleton skeleton-group" />
        </div>
      </div>
      <div className="skeleton skeleton-block" />
    </div>
  );
}

/** The summary before the asked span, to compare with; silent when it cannot be had. */
function useBefore(asked: ReturnType<typeof useFilters>, revision: number) {
  const { api } = useSession();
  const { timeZone } = useFormats();
  const { filters, span } = asked;
  const query = span && toQuery(filters, spanBefore(span, Date.now(), timeZone));
  const key = query && JSON.stringify(query);
  const { data, loading } = useCall(key, (signal) => api.summary(query ?? {}, signal), revision);
  return loading ? null : (data?.metrics ?? null);
}

export function Dashboard() {
  const asked = useFilters();
  const { filters, span, query, key, grain } = asked;
  const { api, me, revision, may } = useSession();
  const { t } = useLanguage();
  const openContacts = useContacts();
  const definitions = useCall("definitions", api.definitions);
  const summary = useCall(key, (signal) => api.summary(query ?? {}, signal), revision);
  const series = useCall(
    key && `${key} ${grain}`,
    (signal) => api.series({ ...query, grain }, signal),
    revision,
  );
  const before = useBefore(asked, revision);
  const byMetric = useMemo(
    () => definitionsOf(definitions.data, filters.definition),
    [definitions.data, filters.definition],
  );
  const open = useMemo(
    () => (openContacts && query ? (metric: string) => openContacts({ query, metric }) : null),
    [openContacts, key],
  );
  const points = useMemo(() => courseOf(series.data?.points ?? [], Date.now()), [series.data]);
  const view = useView();
  const { data } = summary;
  const parts: Record<Part, ReactNode> = {
    kpi: data && (
      <Tiles
        metrics={data.metrics}
        before={before}
        period={span ? periodText(t, filters, span) : ""}
        points={points}
        definitions={byMetric}
        threshold={data.threshold}
        view={view}
        onOpen={open}
      />
    ),
    series: <ChartSection asked={asked} series={series} />,
    queues: me.boards.includes("queues") && <QueueSection asked={asked} />,
    agents: (may("agents.view") || may("agents.view_own")) && <AgentSection asked={asked} />,
  };
  return (
    <>
      <FilterBar asked={asked} />
      {summary.problem && <ProblemMessage problem={summary.problem} retry={summary.retry} />}
      {!data && !summary.problem && span && <DashboardSkeleton />}
      {data && isEmpty(data) && <Empty asked={asked} />}
      {data && span && !isEmpty(data) && (
        <div className={summary.loading ? "figures is-stale" : "figures"} aria-busy={summary.loading}>
          <Badges summary={data} />
          {partsOf(view).map((part) => (
            <Fragment key={part}>{parts[part]}</Fragment>
          ))}
        </div>
      )}
    </>
  );
}
