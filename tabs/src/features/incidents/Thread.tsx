/** Lines of a timeline: what was done, and what was said. */
import { useFormats } from "../../app/messages";
import { Files } from "./Attachments";
import type { Calls, Entry, EvidenceFile, ReportText } from "./calls";
import { useWords, wordOr, type Say } from "./words";

/** What a line's codes say, in words. */
function factText(say: Say, dateTime: (iso: string) => string, name: string, value: string): string {
  const label = wordOr(say, `fact.${name}`, name);
  if (name === "aware_at") return `${label}: ${dateTime(value)}`;
  const sort = name === "kind" ? "kind_short" : name;
  const said = wordOr(say, `${sort}.${value}`, wordOr(say, `due.${value}`, value));
  return `${label}: ${said}`;
}

interface Lines {
  calls: Calls;
  files: EvidenceFile[];
  /** Whether the reader is the reporter. */
  own?: boolean;
}

function Line(props: Lines & { entry: Entry }) {
  const { entry, own = false, files, calls } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const who = () => {
    if (entry.actor === "system") return say("who.system");
    if (entry.from_reporter) return say(own ? "who.you" : "who.reporter");
    return entry.actor || say("who.unknown");
  };
  const facts = Object.entries(entry.facts).map(([name, value]) =>
    factText(say, dateTime, name, value),
  );
  return (
    <li className={`incidents-line ${entry.from_reporter ? "is-reporter" : ""}`}>
      <p className="quiet">
        <strong>{say(`entry.${entry.kind}`)}</strong>, {who()},{" "}
        <time dateTime={entry.at}>{dateTime(entry.at)}</time>
        {!own && entry.shown && ` (${say("entry.shown")})`}
      </p>
      {facts.length > 0 && <p>{facts.join("; ")}</p>}
      {entry.text && <p className="incidents-text">{entry.text}</p>}
      <Files files={files.filter((file) => file.entry === entry.number)} calls={calls} own={own} />
    </li>
  );
}

export function Thread(props: Lines & { entries: Entry[] }) {
  const { entries, ...rest } = props;
  return (
    <ol className="incidents-thread">
      {entries.map((entry) => (
        <Line key={entry.number} entry={entry} {...rest} />
      ))}
    </ol>
  );
}

/** What the reporter wrote, or that it was erased. */
export function Written(props: { text: ReportText | null; happenedAt: string | null }) {
  const { text, happenedAt } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  if (!text) return <p className="quiet">{say("case.erased")}</p>;
  const fields = ["what", "affected", "evidence", "quoted", "sender", "link"] as const;
  return (
    <dl className="incidents-written">
      {happenedAt && (
        <div>
          <dt>{say("field.happened")}</dt>
          <dd>{dateTime(happenedAt)}</dd>
        </div>
      )}
      {fields
        .filter((name) => text[name])
        .map((name) => (
          <div key={name}>
            <dt>{say(`field.${name}`)}</dt>
            <dd className="incidents-text">{text[name]}</dd>
          </div>
        ))}
    </dl>
  );
}
