/** How many, how fast and how they went, without any content; and the table for auditors. */
import { Button } from "@fluentui/react-components";
import { save } from "../../api/files";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { useSession } from "../../app/session";
import type { Reading } from "./Incidents";
import { SEVERITIES, STATES } from "./incidents";
import { Trouble } from "./Trouble";
import { useWords } from "./words";

const TIMES = ["acknowledge", "contain", "resolve"] as const;

function Counts(props: { title: string; counts: [string, string | number][] }) {
  const { title, counts } = props;
  return (
    <section className="card stack" aria-label={title}>
      <h3>{title}</h3>
      <dl className="counts">
        {counts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

export function Statistics(props: Reading) {
  const { calls, round } = props;
  const say = useWords();
  const { count, spoken, day } = useFormats();
  const { me, may } = useSession();
  const { busy, problem: failed, act } = useAct();
  const { data, problem, retry } = useCall("incident statistics", calls.statistics, round);
  const time = (seconds: number | null) => (seconds === null ? say("statistics.none") : spoken(seconds));
  const download = (kind: "csv" | "json") =>
    void act(async () => {
      const answer = await (kind === "csv" ? calls.table() : calls.facts());
      await save(answer, `incidents-${me.organization.code}.${kind}`);
    });
  return (
    <section className="stack" aria-label={say("section.statistics")}>
      <Trouble problem={problem ?? failed} retry={retry} />
      {!data && !problem && <div className="skeleton skeleton-block" />}
      <div className="alert-actions">
        {may("incidents.handle") && (
          <>
            <Button disabled={busy} onClick={() => download("csv")}>
              {say("statistics.export")}
            </Button>
            <Button disabled={busy} onClick={() => download("json")}>
              {say("statistics.facts")}
            </Button>
          </>
        )}
        <Button onClick={() => window.print()}>{say("print")}</Button>
      </div>
      {data && (
        <>
          <Counts
            title={say("statistics.now")}
            counts={[
              [say("statistics.total"), count(data.total)],
              [say("statistics.open"), count(data.open)],
              [say("statistics.late"), count(data.late)],
            ]}
          />
          <Counts
            title={say("statistics.states")}
            counts={STATES.map((one) => [say(`state.${one}`), count(data.by_state[one] ?? 0)])}
          />
          <Counts
            title={say("statistics.severities")}
            counts={SEVERITIES.map((one) => [say(`severity.${one}`), count(data.by_severity[one] ?? 0)])}
          />
          <Counts
            title={say("statistics.times")}
            counts={[
              [say("statistics.acknowledge"), time(data.acknowledge_seconds)],
              [say("statistics.contain"), time(data.contain_seconds)],
              [say("statistics.resolve"), time(data.resolve_seconds)],
            ]}
          />
          <section className="card stack" aria-label={say("statistics.weeks")}>
            <h3>{say("statistics.weeks")}</h3>
            <div
              className="table-scroll"
              tabIndex={0}
              role="group"
              aria-label={say("statistics.weeks")}
            >
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">{say("statistics.week")}</th>
                    <th scope="col" className="cell-number">
                      {say("statistics.reported")}
                    </th>
                    <th scope="col" className="cell-number">
                      {say("statistics.resolved")}
                    </th>
                    {TIMES.map((name) => (
                      <th key={name} scope="col" className="cell-number">
                        {say(`statistics.${name}`)}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {data.weeks.map(({ week, reported, resolved, ...took }) => (
                    <tr key={week}>
                      <td>{day(`${week}T12:00:00Z`)}</td>
                      <td className="cell-number">{count(reported)}</td>
                      <td className="cell-number">{count(resolved)}</td>
                      {TIMES.map((name) => (
                        <td key={name} className="cell-number">
                          {time(took[`${name}_seconds`])}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </section>
        </>
      )}
    </section>
  );
}
