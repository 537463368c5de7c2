/** Who outside asked for data, and what was decided: the register, its entries, its export. */
import { Button } from "@fluentui/react-components";
import { useMemo, useState } from "react";
import { save } from "../../api/files";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { useSession } from "../../app/session";
import { ProblemMessage } from "../../components/Problem";
import { disclosureCalls, type Calls, type Disclosure, type Entry } from "./calls";
import { EntryForm } from "./EntryForm";
import { ReceiveForm } from "./ReceiveForm";
import { useWords } from "./words";
import "./disclosures.css";

function EntryItem(props: { entry: Entry }) {
  const { entry } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const lines = [
    entry.outcome && say(`state.${entry.outcome}`),
    entry.requester,
    entry.basis && say(`basis.${entry.basis}`),
    entry.reference,
    entry.law,
    entry.data.length > 0 && say("data_line", { data: entry.data.map((one) => say(`data.${one}`)).join(", ") }),
    entry.whose.length > 0 &&
      say("whose_line", { whose: entry.whose.map((one) => say(`whose.${one}`)).join(", ") }),
    entry.checks.map((one) => say(`check.${one}`)).join("; "),
    entry.persons,
    entry.text,
    entry.kind === "gagged" && (entry.until ? say("until", { at: dateTime(entry.until) }) : say("lifted")),
    entry.happened_at !== entry.at && say("happened", { at: dateTime(entry.happened_at) }),
  ].filter((one): one is string => Boolean(one));
  const kind = say(`kind.${entry.kind}`, { number: entry.corrects ?? "" });
  return (
    <li>
      <h4>{say("entry", { number: entry.number, kind })}</h4>
      {lines.map((line, at) => (
        <p key={at} className="disclosure-line">
          {line}
        </p>
      ))}
      <p className="quiet">{say("by", { by: entry.by, at: dateTime(entry.at) })}</p>
    </li>
  );
}

function CaseCard(props: { calls: Calls; of: Disclosure; again: () => void }) {
  const { calls, of, again } = props;
  const say = useWords();
  const { day, dateTime } = useFormats();
  const [isOpen, setOpen] = useState(false);
  const receipt = of.entries[0];
  const basis = receipt?.basis ? say(`basis.${receipt.basis}`) : "";
  const title = say("case", { basis, at: day(receipt?.happened_at ?? "") });
  return (
    <li className="card stack">
      <h3>{title}</h3>
      <p className="badges">
        <span className="badge">{say(`state.${of.outcome ?? "open"}`)}</span>
        {of.handed_over && <span className="badge">{say("handed_over")}</span>}
        {of.silent_until && <span className="badge">{say("silent", { at: dateTime(of.silent_until) })}</span>}
      </p>
      {of.owes_notice && <p role="status">{say("owes")}</p>}
      <div>
        <Button aria-expanded={isOpen} aria-label={`${say(isOpen ? "hide" : "open")}: ${title}`} onClick={() => setOpen(!isOpen)}>
          {say(isOpen ? "hide" : "open")}
        </Button>
      </div>
      {isOpen && (
        <>
          <ol className="stack disclosure-list">
            {of.entries.map((one) => (
              <EntryItem key={one.number} entry={one} />
            ))}
          </ol>
          <EntryForm key={of.version} calls={calls} of={of} onDone={again} />
        </>
      )}
    </li>
  );
}

export function Disclosures() {
  const say = useWords();
  const { api, me } = useSession();
  const calls = useMemo(() => disclosureCalls(api), [api]);
  const [round, setRound] = useState(0);
  const [isNew, setNew] = useState(false);
  const { busy, problem: failed, act } = useAct();
  const { data, problem, retry } = useCall("disclosures", calls.all, round);
  const again = () => setRound((count) => count + 1);
  const take = (format: "csv" | "json") =>
    void act(async () => save(await calls.taken(format), `disclosures-${me.organization.code}.${format}`));
  return (
    <section className="stack" aria-label={say("title")}>
      <h2>{say("title")}</h2>
      <p className="lead">{say("about")}</p>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {failed && <ProblemMessage problem={failed} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && (
        <div className="alert-actions">
          {data.may_record && (
            <Button aria-expanded={isNew} appearance={isNew ? "secondary" : "primary"} onClick={() => setNew(!isNew)}>
              {say(isNew ? "close" : "new")}
            </Button>
          )}
          {(["csv", "json"] as const).map((format) => (
            <Button key={format} disabled={busy} onClick={() => take(format)}>
              {say(format)}
            </Button>
          ))}
        </div>
      )}
      {isNew && (
        <ReceiveForm
          calls={calls}
          onDone={() => {
            setNew(false);
            again();
          }}
        />
      )}
      {data && data.disclosures.length === 0 && <p>{say("none")}</p>}
      <ul className="stack disclosure-list">
        {data?.disclosures.map((one) => (
          <CaseCard key={one.id} calls={calls} of={one} again={again} />
        ))}
      </ul>
    </section>
  );
}
