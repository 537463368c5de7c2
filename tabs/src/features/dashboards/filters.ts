/** What the reader asked to see, and its form in the address: one meaning, one spelling. */
import type { Channel, Definition, Direction, FigureQuery, Grain } from "../../api/types";
import { isDay, PRESETS, type Preset, type Range, type Span } from "./ranges";

export const CHANNELS: readonly Channel[] = ["voice", "chat", "email", "task"];
export const DIRECTIONS: readonly Direction[] = ["inbound", "outbound", "internal"];
export const DEFINITIONS: readonly Definition[] = [
  "strict",
  "short_excluded",
  "ignore_abandoned",
  "positive",
  "answered_only",
];
const GRAINS: readonly Grain[] = ["15m", "1h", "1d"];
export const DEFAULT_THRESHOLD = 20;
const LONGEST_THRESHOLD = 86_400;

export interface Filters {
  range: Range;
  queue: string[];
  channel: Channel[];
  direction: Direction[];
  definition: Definition;
  threshold: number;
  grain: Grain | null;
}

export const DEFAULTS: Filters = {
  range: { preset: "today" },
  queue: [],
  channel: [],
  direction: [],
  definition: "strict",
  threshold: DEFAULT_THRESHOLD,
  grain: null,
};

function among<T extends string>(allowed: readonly T[], text: string | null): T | null {
  return allowed.find((one) => one === text) ?? null;
}

function all<T extends string>(allowed: readonly T[], texts: string[]): T[] {
  return allowed.filter((one) => texts.includes(one));
}

function readRange(search: URLSearchParams): Range {
  const [first, last] = [search.get("from") ?? "", search.get("to") ?? ""];
  if (isDay(first) && isDay(last)) return { first, last };
  return { preset: among<Preset>(PRESETS, search.get("range")) ?? "today" };
}

/** True for a service level target the service accepts. */
export function isThreshold(value: number): boolean {
  return Number.isFinite(value) && value > 0 && value <= LONGEST_THRESHOLD;
}

/** Reads filters from an address; whatever it does not understand falls back to the default. */
export function readFilters(search: URLSearchParams): Filters {
  const threshold = Number(search.get("threshold") ?? DEFAULT_THRESHOLD);
  return {
    range: readRange(search),
    queue: [...new Set(search.getAll("queue"))].filter(Boolean),
    channel: all(CHANNELS, search.getAll("channel")),
    direction: all(DIRECTIONS, search.getAll("direction")),
    definition: among(DEFINITIONS, search.get("definition")) ?? DEFAULTS.definition,
    threshold: isThreshold(threshold) ? threshold : DEFAULT_THRESHOLD,
    grain: among(GRAINS, search.get("grain")),
  };
}

/** Writes filters into an address, leaving other parameters and unsaid defaults out of it. */
export function writeFilters(filters: Filters, search: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(search);
  const names = ["range", "from", "to", "queue", "channel", "direction", "definition"];
  for (const name of [...names, "threshold", "grain"]) next.delete(name);
  const { range } = filters;
  if (!("preset" in range)) {
    next.set("from", range.first);
    next.set("to", range.last);
  } else if (range.preset !== "today") next.set("range", range.preset);
  filters.queue.forEach((queue) => next.append("queue", queue));
  filters.channel.forEach((channel) => next.append("channel", channel));
  filters.direction.forEach((direction) => next.append("direction", direction));
  if (filters.definition !== DEFAULTS.definition) next.set("definition", filters.definition);
  if (filters.threshold !== DEFAULT_THRESHOLD) next.set("threshold", String(filters.threshold));
  if (filters.grain) next.set("grain", filters.grain);
  return next;
}

/** How many filters besides the range narrow or change the figures. */
export function activeFilters(filters: Filters): number {
  const changed = [
    filters.queue.length > 0,
    filters.channel.length > 0,
    filters.direction.length > 0,
    filters.definition !== DEFAULTS.definition,
    filters.threshold !== DEFAULT_THRESHOLD,
  ];
  return changed.filter(Boolean).length;
}

/** True when filters leave contacts out, rather than count them differently. */
export function isNarrowed(filters: Filters): boolean {
  return filters.queue.length + filters.channel.length + filters.direction.length > 0;
}

/** The service's query for these filters over a span. */
export function toQuery(filters: Filters, span: Span): FigureQuery {
  const { queue, channel, direction, definition, threshold } = filters;
  return { ...span, queue, channel, direction, definition, threshold };
}
