/** The channel's board: a queue or all of them today, or a saved view, as far as its reader's own
 * grants reach. */
import { useMemo } from "react";
import { useCall } from "../../api/useCall";
import { useFormats, useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { LiveBadge } from "../../app/LiveBadge";
import { ProblemMessage } from "../../components/Problem";
import { Main } from "../../components/Tip";
import type { Shown } from "../../teams/host";
import { filtersOf, partsOf } from "../views/view";
import { Badges } from "./Badges";
import { Chart, Legend } from "./Chart";
import { courseOf } from "./charts";
import { DashboardSkeleton } from "./Dashboard";
import { definitionsOf } from "./definitions";
import { DEFAULTS, toQuery } from "./filters";
import { Tiles } from "./Tiles";
import { grainFor, spanOf } from "./ranges";

export function Board(props: Shown) {
  const { queue } = props;
  const { api, revision, me } = useSession();
  const { t } = useLanguage();
  const { timeZone } = useFormats();
  const views = useCall(props.view ? "views" : null, api.views, revision);
  const view = views.data?.views.find((one) => one.id === props.view) ?? null;
  const filters = view ? filtersOf(view) : { ...DEFAULTS, queue: queue ? [queue] : [] };
  const span = spanOf(filters.range, Date.now(), timeZone);
  const query = span ? toQuery(filters, span) : {};
  const key = props.view && !view ? null : JSON.stringify(query);
  const grain = span ? grainFor(span) : "15m";
  const choices = useCall("queues", api.queueChoices, revision);
  const definitions = useCall("definitions", api.definitions);
  const summary = useCall(key, (signal) => api.summary(query, signal), revision);
  const series = useCall(key, (signal) => api.series({ ...query, grain }, signal), revision);
  const points = useMemo(() => courseOf(series.data?.points ?? [], Date.now()), [series.data]);
  const byMetric = useMemo(
    () => definitionsOf(definitions.data, filters.definition),
    [definitions.data, filters.definition],
  );
  const name = choices.data?.queues.find((one) => one.queue === queue)?.name;
  const title = view?.title ?? (queue ? (name ?? "") : t("board.all"));
  const { data, problem, retry } = props.view && !view ? { ...views, data: null } : summary;
  const preset = "preset" in filters.range ? filters.range.preset : "today";
  return (
    <>
      <header className="top">
        <div className="top-name">
          <h1>
            {title} <span className="quiet">{me.organization.name}</span>
          </h1>
          <LiveBadge />
        </div>
      </header>
      <Main>
        {problem && <ProblemMessage problem={problem} retry={retry} />}
        {props.view && views.data && !view && <p className="empty">{t("board.view_gone")}</p>}
        {!data && !problem && !(props.view && views.data && !view) && <DashboardSkeleton />}
        {data && (
          <div className="figures">
            <Badges summary={data} />
            <Tiles
              metrics={data.metrics}
              before={null}
              period=""
              points={points}
              definitions={byMetric}
              threshold={data.threshold}
              view={view}
              onOpen={null}
            />
            {partsOf(view).includes("series") && (
              <section className="card" aria-labelledby="board-chart">
                <div className="card-head">
                  <h2 id="board-chart">{t(`range.${preset}`)}</h2>
                </div>
                <Legend view="volume" />
                <Chart view="volume" points={points} label={t("chart.volume")} />
              </section>
            )}
          </div>
        )}
      </Main>
    </>
  );
}
