/** The channel's board: one queue (or all) today, the same for every member. */
import { useMemo } from "react";
import { useCall } from "../../api/useCall";
import { useFormats, useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { LiveBadge } from "../../app/LiveBadge";
import { ProblemMessage } from "../../components/Problem";
import { Main } from "../../components/Tip";
import { Badges } from "./Badges";
import { Chart, Legend } from "./Chart";
import { courseOf } from "./charts";
import { DashboardSkeleton } from "./Dashboard";
import { definitionsOf } from "./definitions";
import { DEFAULTS, toQuery } from "./filters";
import { Tiles } from "./Tiles";
import { spanOf } from "./ranges";

export function Board(props: { queue: string | null }) {
  const { queue } = props;
  const { api, revision, me } = useSession();
  const { t } = useLanguage();
  const { timeZone } = useFormats();
  const span = spanOf({ preset: "today" }, Date.now(), timeZone);
  const query = span ? toQuery({ ...DEFAULTS, queue: queue ? [queue] : [] }, span) : {};
  const key = JSON.stringify(query);
  const choices = useCall("queues", api.queueChoices, revision);
  const definitions = useCall("definitions", api.definitions);
  const summary = useCall(key, (signal) => api.summary(query, signal), revision);
  const series = useCall(key, (signal) => api.series({ ...query, grain: "15m" }, signal), revision);
  const points = useMemo(() => courseOf(series.data?.points ?? [], Date.now()), [series.data]);
  const byMetric = useMemo(
    () => definitionsOf(definitions.data, DEFAULTS.definition),
    [definitions.data],
  );
  const name = choices.data?.queues.find((one) => one.queue === queue)?.name;
  const title = queue ? (name ?? "") : t("board.all");
  const { data, problem, retry } = summary;
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
        {!data && !problem && <DashboardSkeleton />}
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
              view={null}
              onOpen={null}
            />
            <section className="card" aria-labelledby="board-chart">
              <div className="card-head">
                <h2 id="board-chart">{t("board.today")}</h2>
              </div>
              <Legend view="volume" />
              <Chart view="volume" points={points} label={t("chart.volume")} />
            </section>
          </div>
        )}
      </Main>
    </>
  );
}
