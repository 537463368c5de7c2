/** Reports and incidents as people read and write them; nothing here draws. */
import type {
  Category,
  DraftStanding,
  Entry,
  Finding,
  Impact,
  IncidentDraft,
  Kind,
  NewIncident,
  Severity,
  Texts,
} from "./calls";

export const KINDS = ["incident", "inquiry"] as const satisfies Kind[];

export const CATEGORIES = [
  "suspicious_activity",
  "phishing",
  "unauthorized_access",
  "data_breach",
  "misdirected_data",
  "malware",
  "lost_device",
  "other",
] as const satisfies readonly Category[];
export const SEVERITIES = ["low", "medium", "high", "critical"] as const satisfies readonly Severity[];
export const IMPACTS = ["one", "several", "organization"] as const satisfies readonly Impact[];
export const STATES = ["new", "triaged", "investigating", "contained", "resolved", "closed"] as const;

/** A report while it is written. `happened` is a local time of the organisation, or empty. */
export interface Draft extends Texts {
  kind: Kind;
  category: Category;
  severity: Severity;
  impact: Impact;
  happened: string;
  joins: string;
}

export const EMPTY: Draft = {
  kind: "incident",
  category: "suspicious_activity",
  severity: "medium",
  impact: "one",
  happened: "",
  what: "",
  affected: "",
  evidence: "",
  joins: "",
};

type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** Where a draft is kept until this window closes: apart for every organisation and person. */
export function draftKey(organization: string, person: string): string {
  return `switchroom.report.${organization}.${person}`;
}

/** The draft that was left, or an empty one; what is kept but is no draft is passed over. */
export function keptDraft(key: string, storage: Kept = sessionStorage): Draft {
  try {
    const said = JSON.parse(storage.getItem(key) ?? "{}") as Record<string, unknown>;
    const known = Object.entries(EMPTY).map(([name, otherwise]) => {
      const kept = said[name];
      return [name, typeof kept === "string" ? kept : otherwise];
    });
    return Object.fromEntries(known) as Draft;
  } catch {
    return EMPTY;
  }
}

/** Keeps a draft; an empty one leaves nothing behind. Without storage it lives with the page. */
export function keepDraft(key: string, draft: Draft, storage: Kept = sessionStorage): void {
  try {
    if (JSON.stringify(draft) === JSON.stringify(EMPTY)) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(draft));
  } catch {
    return;
  }
}

type ServiceDraft = NonNullable<DraftStanding["draft"]>;
const LONGEST = 4000;

/** A draft as the service kept it; of a message that was to be reported nothing is lost. */
export function fromKept(kept: ServiceDraft, zone: string): Draft {
  const quoted = [kept.sender, kept.quoted, kept.link].filter(Boolean).join("\n");
  return {
    kind: kept.kind,
    category: kept.category,
    severity: kept.severity,
    impact: kept.impact,
    happened: kept.happened_at ? localTime(Date.parse(kept.happened_at), zone) : "",
    what: kept.what,
    affected: kept.affected,
    evidence: [kept.evidence, quoted].filter(Boolean).join("\n\n").slice(0, LONGEST),
    joins: "",
  };
}

/** A draft as the service keeps it. */
export function toKept(draft: Draft, keep: string[], zone: string): IncidentDraft {
  const { happened, joins: _, ...said } = draft;
  return { ...said, happened_at: happened ? instantOf(happened, zone) : null, keep };
}

/** What a report says of its texts alone. */
export function textsOf({ what, affected, evidence }: Texts): Texts {
  return { what: what.trim(), affected: affected.trim(), evidence: evidence.trim() };
}

export function toReport(
  draft: Draft,
  keep: string[],
  zone: string,
  locale: string,
): Omit<NewIncident, "files" | "of_draft"> {
  const { happened, ...said } = draft;
  return {
    ...said,
    ...textsOf(draft),
    happened_at: happened ? instantOf(happened, zone) : null,
    keep,
    language: locale,
  };
}

/** The instant of a local time such as `2026-03-04T09:30` in a time zone. */
export function instantOf(local: string, timeZone: string): string {
  const wall = Date.parse(`${local}Z`);
  let instant = wall;
  // The offset at the first guess may be of the other side of a change of clocks.
  for (let round = 0; round < 2; round += 1) {
    instant = wall - (Date.parse(`${localTime(instant, timeZone)}Z`) - instant);
  }
  return new Date(instant).toISOString();
}

/** An instant as a field for local times has it, to the minute. */
export function localTime(instant: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  return parts.format(instant).replace(" ", "T");
}

export interface Part {
  text: string;
  /** The sort of what is masked here; null for text that stays. */
  sort: string | null;
}

/** A text as it will be stored. The service counts characters, which are not JavaScript's units. */
export function masked(text: string, findings: Finding[], keep: string[]): Part[] {
  const characters = Array.from(text);
  const parts: Part[] = [];
  let at = 0;
  for (const { sort, start, end } of [...findings].sort((one, other) => one.start - other.start)) {
    if (keep.includes(sort) || start < at) continue;
    if (start > at) parts.push({ text: characters.slice(at, start).join(""), sort: null });
    parts.push({ text: `[${sort}]`, sort });
    at = end;
  }
  if (at < characters.length) parts.push({ text: characters.slice(at).join(""), sort: null });
  return parts;
}

/** The sorts of what was found, each once with its number. */
export function sortsOf(findings: Finding[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { sort } of findings) counts.set(sort, (counts.get(sort) ?? 0) + 1);
  return [...counts];
}

const TALK = ["message", "question", "answer"];

/** The timeline in its three parts: with the reporter, among responders, and what was done. */
export function split(entries: Entry[]): { talk: Entry[]; notes: Entry[]; events: Entry[] } {
  return {
    talk: entries.filter(({ kind }) => TALK.includes(kind)),
    notes: entries.filter(({ kind }) => kind === "note"),
    events: entries.filter(({ kind }) => kind !== "note" && !TALK.includes(kind)),
  };
}
