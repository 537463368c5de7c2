/** How the organisation stands, why, what may be done meanwhile, appeals and the history. */
import { useMemo, useState } from "react";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { useSession } from "../../app/session";
import { ProblemMessage } from "../../components/Problem";
import { AppealForm } from "./AppealForm";
import { standingCalls, worthTelling, type Appeal, type Change, type Standing as Seen } from "./calls";
import { Takes } from "./Takes";
import { known, useWords } from "./words";
import "./standing.css";

function Now(props: { standing: Seen }) {
  const { standing } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const waits = standing.appeals.some((one) => one.outcome === "open");
  return (
    <section className="card stack">
      <h3>{say("now")}</h3>
      <p>
        <span className="badge">{say(`state.${standing.state}`)}</span>{" "}
        {standing.since && <span className="quiet">{say("since", { at: dateTime(standing.since) })}</span>}
      </p>
      {standing.reason !== "none" && (
        <p>
          {say("reason")}: {say(`reason.${standing.reason}`)}
        </p>
      )}
      {standing.text && <blockquote className="standing-said">{standing.text}</blockquote>}
      {standing.erase_at && <p>{say("erase.at", { at: dateTime(standing.erase_at) })}</p>}
      {standing.erase_at && waits && <p>{say("erase.held")}</p>}
      {standing.erasure_stopped && <p>{say("erase.stopped")}</p>}
      {standing.state !== "active" && (
        <>
          <h4 className="card-title">{say("open")}</h4>
          <ul className="standing-may">
            {worthTelling(standing).map((one) => {
              const key = known(`open.${one}`);
              return key && <li key={one}>{say(key)}</li>;
            })}
          </ul>
        </>
      )}
    </section>
  );
}

function AppealEntry(props: { appeal: Appeal }) {
  const { appeal } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const state = say(`state.${appeal.against}`);
  return (
    <li>
      <h4 className="card-title">{say("appeal.against", { state, at: dateTime(appeal.at) })}</h4>
      <p className="standing-said">{appeal.text}</p>
      <p className="quiet">{say(`outcome.${appeal.outcome}`)}</p>
      {appeal.answer && appeal.decided_at && (
        <p className="standing-said">
          {say("appeal.answer", { at: dateTime(appeal.decided_at), answer: appeal.answer })}
        </p>
      )}
    </li>
  );
}

function Entry(props: { change: Change }) {
  const { change } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  return (
    <li>
      <h4 className="card-title">{say(`act.${change.act}`, { state: say(`state.${change.state}`) })}</h4>
      {change.text && <p className="standing-said">{change.text}</p>}
      <p className="quiet">{dateTime(change.at)}</p>
    </li>
  );
}

export function Standing() {
  const say = useWords();
  const { api } = useSession();
  const calls = useMemo(() => standingCalls(api), [api]);
  const [round, setRound] = useState(0);
  const { data, problem, retry } = useCall("standing", calls.now, round);
  const again = () => setRound((count) => count + 1);
  return (
    <section className="stack" aria-label={say("title")}>
      <h2>{say("title")}</h2>
      <p className="lead">{say("about")}</p>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && (
        <>
          <Now standing={data} />
          {(data.may_appeal || data.appeals.length > 0) && (
            <section className="card stack">
              <h3>{say("appeal.title")}</h3>
              {data.may_appeal && <AppealForm standing={data} again={again} />}
              {data.appeals[0]?.outcome === "open" && <p role="status">{say("appeal.waits")}</p>}
              <ul className="standing-list">
                {data.appeals.map((one) => (
                  <AppealEntry key={one.id} appeal={one} />
                ))}
              </ul>
            </section>
          )}
          {data.may_export && <Takes />}
          <section className="card stack">
            <h3>{say("history")}</h3>
            {data.history.length === 0 && <p>{say("history.none")}</p>}
            <ul className="standing-list">
              {data.history.map((one) => (
                <Entry key={one.version} change={one} />
              ))}
            </ul>
          </section>
        </>
      )}
    </section>
  );
}
