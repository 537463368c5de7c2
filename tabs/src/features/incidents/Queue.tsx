/** The responders' queue: what is open, how urgent, who has it and which clock runs. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { Check, SelectField } from "../../components/fields";
import type { Clock, Kind, QueueQuery, Row, Severity, State } from "./calls";
import type { Reading } from "./Incidents";
import { KINDS, SEVERITIES, STATES } from "./incidents";
import { Trouble } from "./Trouble";
import { useWords } from "./words";

export function Clocks(props: { clocks: Clock[] }) {
  const say = useWords();
  const { dateTime } = useFormats();
  return (
    <ul className="badges" aria-label={say("clocks")}>
      {props.clocks.map(({ due, at, standing }) => (
        <li key={due} className={`badge badge-plain incidents-${standing}`}>
          {say(`due.${due}`)}: {say(`standing.${standing}` as "standing.met", { at: dateTime(at) })}
        </li>
      ))}
    </ul>
  );
}

export function RowBadges(props: { row: Row }) {
  const { row } = props;
  const say = useWords();
  return (
    <span className="badges">
      <span className={`badge incidents-${row.priority}`}>{row.priority.toUpperCase()}</span>
      <span className="badge">{say(`state.${row.state}`)}</span>
      <span className="badge">{say("severity_is", { is: say(`severity.${row.severity}`) })}</span>
      {row.kind === "inquiry" && <span className="badge">{say("kind_short.inquiry")}</span>}
      {row.breach && <span className="badge incidents-late">{say("breach.badge")}</span>}
    </span>
  );
}

function QueueCard(props: { row: Row; onOpen: () => void }) {
  const { row, onOpen } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  return (
    <li className="card">
      <h3>
        <button type="button" className="link" onClick={onOpen}>
          {row.reference}
        </button>{" "}
        {say(`category.${row.category}`)}
      </h3>
      <RowBadges row={row} />
      <p className="quiet">
        {say("queue.times", { at: dateTime(row.reported_at), source: say(`source.${row.source}`) })}
      </p>
      <p>
        {say("people.lead")}: {row.lead ? row.lead_name || say("who.unknown") : say("people.nobody")}
      </p>
      {row.clocks.length > 0 && <Clocks clocks={row.clocks} />}
    </li>
  );
}

interface Filters {
  state: State | "open" | "";
  severity: Severity | "";
  kind: Kind | "";
  mine: boolean;
  late: boolean;
}

const BEGINNING: Filters = { state: "open", severity: "", kind: "", mine: false, late: false };

function toQuery({ state, severity, kind, mine, late }: Filters): QueueQuery {
  return {
    ...(state === "open" && { open: true }),
    ...(state !== "open" && state !== "" && { states: [state] }),
    ...(severity !== "" && { severities: [severity] }),
    ...(kind !== "" && { kinds: [kind] }),
    ...(mine && { mine }),
    ...(late && { late }),
  };
}

export function Queue(props: Reading & { onOpen: (id: string) => void }) {
  const { calls, round, onOpen } = props;
  const say = useWords();
  const [filters, setFilters] = useState<Filters>(BEGINNING);
  const query = toQuery(filters);
  const key = JSON.stringify(query);
  const [older, setOlder] = useState<{ key: string; rows: Row[]; next: string | null } | null>(null);
  const { busy, problem: failed, act } = useAct();
  const { data, problem, retry } = useCall(
    `incidents ${key}`,
    (signal) => calls.queue(query, signal),
    round,
  );
  const more = older?.key === key ? older : null;
  const first = data?.incidents ?? [];
  const rows = [...first, ...(more?.rows ?? []).filter(({ id }) => !first.some((one) => one.id === id))];
  const next = more ? more.next : (data?.next ?? null);
  const set = (changes: Partial<Filters>) => setFilters({ ...filters, ...changes });
  const readOn = (cursor: string) =>
    act(async () => {
      const page = await calls.queue({ ...query, cursor }, new AbortController().signal);
      setOlder({ key, rows: [...(more?.rows ?? []), ...page.incidents], next: page.next });
    });
  return (
    <section className="stack" aria-label={say("section.queue")}>
      <div className="filters incidents-filters">
        <SelectField
          label={say("filter.state")}
          value={filters.state}
          options={[
            { value: "open" as const, label: say("filter.open") },
            { value: "" as const, label: say("filter.all") },
            ...STATES.map((value) => ({ value, label: say(`state.${value}`) })),
          ]}
          onChange={(state) => set({ state })}
        />
        <SelectField
          label={say("filter.severity")}
          value={filters.severity}
          options={[
            { value: "" as const, label: say("filter.all") },
            ...SEVERITIES.map((value) => ({ value, label: say(`severity.${value}`) })),
          ]}
          onChange={(severity) => set({ severity })}
        />
        <SelectField
          label={say("filter.kind")}
          value={filters.kind}
          options={[
            { value: "" as const, label: say("filter.all") },
            ...KINDS.map((value) => ({ value, label: say(`kind_short.${value}`) })),
          ]}
          onChange={(kind) => set({ kind })}
        />
        <Check checked={filters.mine} onChange={(mine) => set({ mine })}>
          {say("filter.mine")}
        </Check>
        <Check checked={filters.late} onChange={(late) => set({ late })}>
          {say("filter.late")}
        </Check>
      </div>
      <Trouble problem={problem ?? failed} retry={retry} />
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && rows.length === 0 && <p>{say("queue.none")}</p>}
      <ul className="cards">
        {rows.map((row) => (
          <QueueCard key={row.id} row={row} onOpen={() => onOpen(row.id)} />
        ))}
      </ul>
      {next && (
        <Button disabled={busy} onClick={() => void readOn(next)}>
          {say("queue.more")}
        </Button>
      )}
    </section>
  );
}
