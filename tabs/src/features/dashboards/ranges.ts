/** Date ranges in the organisation's calendar. Days are `YYYY-MM-DD`; a range's end is exclusive. */
import type { Grain } from "../../api/types";

export const PRESETS = ["today", "yesterday", "last7", "last30"] as const;
export type Preset = (typeof PRESETS)[number];

/** A preset, or first and last day, both inclusive. */
export type Range = { preset: Preset } | { first: string; last: string };

export interface Span {
  from: string;
  to: string;
}

const DAY_MS = 86_400_000;

/** The calendar day of an instant in a time zone. */
export function dayOf(instant: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(instant);
  const part = (type: string) => parts.find((found) => found.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/** The clock of an instant in a time zone, `HH:MM`. */
export function clockOf(instant: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
  }).format(instant);
}

/** Calendar arithmetic only: no time zone has a say in what day follows which. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / DAY_MS);
}

export function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(at) && addDays(text, 0) === text;
}

/** The range's days as the service takes them; null when the first day is after the last. */
export function spanOf(range: Range, now: number, timeZone: string): Span | null {
  if (!("preset" in range)) {
    if (range.first > range.last) return null;
    return { from: range.first, to: addDays(range.last, 1) };
  }
  const today = dayOf(now, timeZone);
  const tomorrow = addDays(today, 1);
  const starts: Record<Preset, Span> = {
    today: { from: today, to: tomorrow },
    yesterday: { from: addDays(today, -1), to: today },
    last7: { from: addDays(today, -6), to: tomorrow },
    last30: { from: addDays(today, -29), to: tomorrow },
  };
  return starts[range.preset];
}

/**
 * The stretch before, to compare with: as many days, just before. While the span still runs, its
 * predecessor ends at the same clock (to the quarter hour), so that half a day meets half a day.
 */
export function spanBefore(span: Span, now: number, timeZone: string): Span {
  const days = daysBetween(span.from, span.to);
  const before = { from: addDays(span.from, -days), to: span.from };
  const today = dayOf(now, timeZone);
  if (today < span.from || today >= span.to) return before;
  const quarter = now - (now % 900_000);
  return { from: before.from, to: `${addDays(today, -days)}T${clockOf(quarter, timeZone)}` };
}

export function grainFor(span: Span): Grain {
  const days = daysBetween(span.from, span.to);
  if (days <= 1) return "15m";
  return days <= 7 ? "1h" : "1d";
}

/** Grains that keep a chart readable and an answer small for this span. */
export function grainsFor(span: Span): Grain[] {
  const days = daysBetween(span.from, span.to);
  if (days <= 1) return ["15m", "1h"];
  if (days <= 7) return ["15m", "1h", "1d"];
  return days <= 31 ? ["1h", "1d"] : ["1d"];
}
