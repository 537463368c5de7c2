/** One incident as responders handle it, and as it is printed. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { ApiProblem } from "../../api/problem";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { useSession } from "../../app/session";
import { Files } from "./Attachments";
import { BreachForm } from "./Breach";
import type { Calls, Detail } from "./calls";
import { Links, People, Rating, Say, Steps, Tasks } from "./CaseForms";
import { split } from "./incidents";
import { Clocks, RowBadges } from "./Queue";
import { Thread, Written } from "./Thread";
import { Trouble } from "./Trouble";
import { useWords } from "./words";

/** Changes the incident as it is seen here; true when it was changed. */
export type Change = (call: (id: string, version: number) => Promise<Detail>) => Promise<boolean>;

export interface Handling {
  calls: Calls;
  detail: Detail;
  busy: boolean;
  change: Change;
}

function Head(props: { detail: Detail; onOpen: (id: string) => void }) {
  const { detail, onOpen } = props;
  const { row } = detail;
  const say = useWords();
  const { dateTime } = useFormats();
  return (
    <header className="stack">
      <h3>
        {row.reference}: {say(`category.${row.category}`)}
      </h3>
      <RowBadges row={row} />
      <p className="quiet">
        {say("case.reported", {
          who: detail.reporter ?? say("who.unknown"),
          at: dateTime(row.reported_at),
          source: say(`source.${row.source}`),
        })}{" "}
        {say("receipt.code")}: <span className="mono">{detail.code}</span>
      </p>
      {detail.merged_into && (
        <p>
          {say("case.merged")}{" "}
          <button type="button" className="link" onClick={() => onOpen(detail.merged_into ?? "")}>
            SR-{detail.merged_into.slice(-6)}
          </button>
        </p>
      )}
      {row.clocks.length > 0 && <Clocks clocks={row.clocks} />}
    </header>
  );
}

/** Erases who reported it; asked for twice, since nothing brings it back. */
function Erasure(props: Handling) {
  const { calls, detail, busy, change } = props;
  const say = useWords();
  const [sure, setSure] = useState(false);
  if (!detail.text) return null;
  const erase = () => (sure ? void change((id, version) => calls.erase(id, version)) : setSure(true));
  return (
    <div className="stack incidents-act">
      {sure && <p>{say("case.erase_about")}</p>}
      <div className="alert-actions">
        <Button
          size="small"
          appearance={sure ? "primary" : "subtle"}
          disabled={busy}
          onClick={erase}
        >
          {say(sure ? "case.erase_sure" : "case.erase")}
        </Button>
        {sure && (
          <Button size="small" onClick={() => setSure(false)}>
            {say("case.erase_not")}
          </Button>
        )}
      </div>
    </div>
  );
}

function Body(props: Handling & { onOpen: (id: string) => void }) {
  const { calls, detail, onOpen } = props;
  const say = useWords();
  const { talk, notes, events } = split(detail.entries);
  // On paper there is nothing to do, so what nothing is said in is left out.
  const card = (printed: boolean) => `card stack ${printed ? "" : "incidents-act"}`;
  const lines = { files: detail.files, calls };
  return (
    <div className="incidents-case">
      <article className="card stack incidents-whole">
        <Head detail={detail} onOpen={onOpen} />
        <Written text={detail.text} happenedAt={detail.happened_at} />
        {detail.masked > 0 && (
          <p className="quiet">{say("receipt.masked", { count: detail.masked })}</p>
        )}
        {detail.files.length > 0 && (
          <section className="stack" aria-label={say("files.all")}>
            <h4>{say("files.all")}</h4>
            <p className="quiet incidents-act">{say("files.care")}</p>
            <Files files={detail.files} calls={calls} own={false} hashes />
          </section>
        )}
        <Erasure {...props} />
      </article>
      <section className="card stack incidents-act" aria-label={say("case.steps")}>
        <h3>{say("case.steps")}</h3>
        <Steps {...props} />
        <Rating {...props} />
      </section>
      <section className="card stack" aria-label={say("case.people")}>
        <h3>{say("case.people")}</h3>
        <People {...props} />
      </section>
      <section className="card stack" aria-label={say("case.talk")}>
        <h3>{say("case.talk")}</h3>
        <p className="quiet">{say("case.talk_about")}</p>
        <Thread entries={talk} {...lines} />
        <Say {...props} kinds={["message", "question"]} label={say("word.label")} />
      </section>
      <section className="card stack incidents-notes" aria-label={say("case.notes")}>
        <h3>{say("case.notes")}</h3>
        <p className="quiet">{say("case.notes_about")}</p>
        <Thread entries={notes} {...lines} />
        <Say {...props} kinds={["note"]} label={say("word.note")} />
      </section>
      <section className={card(detail.tasks.length > 0)} aria-label={say("case.tasks")}>
        <h3>{say("case.tasks")}</h3>
        <Tasks {...props} />
      </section>
      <section className={card(detail.breach !== null)} aria-label={say("case.breach")}>
        <h3>{say("case.breach")}</h3>
        <BreachForm {...props} />
      </section>
      <section className={card(detail.linked.length > 0)} aria-label={say("case.links")}>
        <h3>{say("case.links")}</h3>
        <Links {...props} onOpen={onOpen} />
      </section>
      <section className="card stack incidents-whole" aria-label={say("case.events")}>
        <h3>{say("case.events")}</h3>
        <Thread entries={events} {...lines} />
      </section>
    </div>
  );
}

export function Case(props: {
  id: string;
  calls: Calls;
  onOpen: (id: string) => void;
  onBack: () => void;
}) {
  const { id, calls, onOpen, onBack } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const { me } = useSession();
  // Every reading stands in the audit trail: it is read again when asked for, not by the clock.
  const [round, setRound] = useState(0);
  const [changed, setChanged] = useState<Detail | null>(null);
  const { busy, problem: failed, act } = useAct();
  const { data, problem, retry } = useCall(`incident ${id}`, (signal) => calls.one(id, signal), round);
  const newer = changed && (!data || changed.row.version >= data.row.version);
  const detail = newer ? changed : data;
  const again = () => setRound((count) => count + 1);
  const change: Change = (call) =>
    act(async () => {
      if (!detail) return;
      try {
        setChanged(await call(id, detail.row.version));
      } catch (thrown) {
        if (thrown instanceof ApiProblem && thrown.status === 409) again();
        throw thrown;
      }
    });
  return (
    <div className="stack">
      <p className="incidents-print">
        {say("print.head", {
          organization: me.organization.name,
          who: me.display_name,
          at: dateTime(Date.now()),
        })}
      </p>
      <div className="alert-actions">
        <Button onClick={onBack}>{say("case.back")}</Button>
        <Button onClick={again}>{say("case.again")}</Button>
        <Button onClick={() => window.print()}>{say("print")}</Button>
      </div>
      <Trouble problem={problem ?? failed} {...(problem && { retry })} />
      {!detail && !problem && <div className="skeleton skeleton-block" />}
      {detail && !problem && (
        <Body calls={calls} detail={detail} busy={busy} change={change} onOpen={onOpen} />
      )}
    </div>
  );
}
