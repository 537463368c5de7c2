/** What the register knows by name, and which entry may follow which. */
import type { Data, Disclosure, NewEntry } from "./calls";

export const DATA: Data[] = [
  "contact_details",
  "contact_records",
  "recordings",
  "transcripts",
  "incidents",
  "accounts",
  "audit_trail",
];
export const WHOSE = ["customers", "agents", "members", "organization"] as const;
export const BASES = ["legal_order", "lawful_request", "consent"] as const;
export const CHECKS = ["identity", "authority", "jurisdiction", "form", "necessity"] as const;

export type EntryKind = NewEntry["kind"];

/** The entries that may follow now, as far as the page can tell; the service decides. */
export function following(of: Disclosure): EntryKind[] {
  if (!of.may_record) return [];
  const open = of.outcome === null || of.outcome === "refused";
  const told = of.entries.some((one) => one.kind === "notified");
  const kinds: EntryKind[] = [];
  if (open && !of.handed_over) kinds.push("decided");
  if (!open) kinds.push("handed_over");
  if (of.outcome !== null && !told && of.silent_until === null) kinds.push("notified");
  if (!told || of.silent_until !== null) kinds.push("gagged");
  return [...kinds, "corrected"];
}

/** The categories that an entry may name: those asked for, or those granted. */
export function within(of: Disclosure, kind: EntryKind): Data[] {
  const decided = [...of.entries].reverse().find((one) => one.kind === "decided");
  const from = kind === "handed_over" ? decided : of.entries[0];
  return DATA.filter((one) => from?.data.includes(one));
}

/** Narrowed or granted, by how much of what was asked for is chosen. */
export function outcomeOf(asked: Data[], chosen: Data[]): "granted" | "narrowed" {
  return asked.every((one) => chosen.includes(one)) ? "granted" : "narrowed";
}

/** The instant that a reader gave in their own time zone; null for none. */
export function instantOf(local: string): string | null {
  if (!local) return null;
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}
