/** Grants as people read and write them; nothing here draws. */
import type { ChangedGrant, Grant, NewGrant, Scope } from "./calls";

export const BOARDS = ["overview", "queues", "agents", "contacts", "reconciliation"] as const;
export const DETAILS = ["agent_names", "customer_numbers"] as const;
export const CHANNELS = ["voice", "chat", "email", "task"] as const;
export const DIMENSIONS = ["boards", "queues", "channels", "details"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export type HolderKind = "known" | "account" | "group";

/** A grant while it is written. An empty list in `scope` is "not narrowed". */
export interface Draft {
  holder: HolderKind;
  person: string;
  tenant: string;
  object: string;
  name: string;
  role: string;
  scope: Record<Dimension, string[]>;
  /** The last day, as a date field gives it; empty: without end. */
  lastDay: string;
  reason: string;
}

export const EMPTY: Draft = {
  holder: "known",
  person: "",
  tenant: "",
  object: "",
  name: "",
  role: "",
  scope: { boards: [], queues: [], channels: [], details: [] },
  lastDay: "",
  reason: "",
};

export type WrongField = "person" | "tenant" | "object" | "role" | "reason";
export type Wrong = Partial<Record<WrongField, true>>;

/** The fields that keep a draft from being saved; `isNew` drafts have a holder to name. */
export function wrongFields(draft: Draft, isNew: boolean): Wrong {
  const wrong: Wrong = {};
  if (isNew && draft.holder === "known" && !draft.person) wrong.person = true;
  if (isNew && draft.holder === "account" && !ID.test(id(draft.tenant))) wrong.tenant = true;
  if (isNew && draft.holder !== "known" && !ID.test(id(draft.object))) wrong.object = true;
  if (!draft.role) wrong.role = true;
  if (draft.reason.trim().length < 3) wrong.reason = true;
  return wrong;
}

function id(text: string): string {
  return text.trim().toLowerCase();
}

/** The end of a day in a time zone, with its offset, as the service reads it. */
export function endOfDay(day: string, timeZone: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const midnight = Date.UTC(year, month - 1, date + 1);
  const offset = offsetMinutes(midnight - offsetMinutes(midnight, timeZone) * 60_000, timeZone);
  return new Date(midnight - offset * 60_000).toISOString();
}

/** Minutes that a zone is ahead of UTC at an instant. */
function offsetMinutes(instant: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  const name = parts.formatToParts(instant).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours = "0", minutes = "0"] = /GMT([+-])(\d+):(\d+)/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** The last day on which something that ends at an instant still holds. */
export function lastDay(instant: string | null, timeZone: string): string {
  if (!instant) return "";
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" });
  return parts.format(Date.parse(instant) - 1);
}

function toScope(scope: Draft["scope"]): Scope {
  const narrowed = DIMENSIONS.map((one) => [one, scope[one].length > 0 ? scope[one] : null]);
  return Object.fromEntries(narrowed) as Scope;
}

function terms(draft: Draft, timeZone: string) {
  return {
    role: draft.role,
    scope: toScope(draft.scope),
    reason: draft.reason.trim(),
    expires_at: draft.lastDay ? endOfDay(draft.lastDay, timeZone) : null,
  };
}

export function toNewGrant(draft: Draft, timeZone: string): NewGrant {
  const name = draft.name.trim();
  const holders: Record<HolderKind, NewGrant["holder"]> = {
    known: { kind: "person", person: draft.person, tenant_id: null, object_id: null, name: "" },
    account: {
      kind: "person",
      person: null,
      tenant_id: id(draft.tenant),
      object_id: id(draft.object),
      name,
    },
    group: { kind: "group", group: id(draft.object), name },
  };
  return { ...terms(draft, timeZone), holder: holders[draft.holder] };
}

export function toChangedGrant(draft: Draft, timeZone: string, version: number): ChangedGrant {
  return { ...terms(draft, timeZone), version };
}

/** A grant as the form shows it; why it is changed is asked anew. */
export function toDraft(grant: Grant, timeZone: string): Draft {
  const scope = Object.fromEntries(DIMENSIONS.map((one) => [one, grant.scope[one] ?? []]));
  return {
    ...EMPTY,
    name: grant.holder.name,
    role: grant.role,
    scope: scope as Draft["scope"],
    lastDay: lastDay(grant.expires_at, timeZone),
  };
}

/** Grants whose holder or role answers to the words, the holder's name first in order. */
export function found(grants: Grant[], words: string, title: (grant: Grant) => string): Grant[] {
  const wanted = words.trim().toLowerCase();
  return grants
    .filter((one) => `${one.holder.name} ${title(one)}`.toLowerCase().includes(wanted))
    .sort((one, other) => one.holder.name.localeCompare(other.holder.name));
}
