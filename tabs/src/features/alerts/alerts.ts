/** An alert as the form edits it, and its way to the service and into a sentence. */
import type { Alert, AlertTrigger, NewAlert } from "../../api/types";

export const METRICS = ["service_level", "longest_wait", "abandonment_rate", "offered"] as const;
export type Metric = (typeof METRICS)[number];
export const COMPARISONS = ["below", "above"] as const;
export type Comparison = (typeof COMPARISONS)[number];
export const QUIET_HOURS = [1, 8, 24] as const;

export interface Draft {
  kind: "threshold" | "daily";
  queue: string;
  metric: Metric;
  comparison: Comparison;
  limit: string;
  window: string;
  coolDown: string;
  at: string;
  yesterday: boolean;
  /** Of the daily message, 0 is Monday. */
  days: readonly number[];
  /** Only in opening hours: on `openDays` from `opens` to `closes`. */
  hours: boolean;
  openDays: readonly number[];
  opens: string;
  closes: string;
}

/** 0 is Monday. */
export const WEEK: readonly number[] = [0, 1, 2, 3, 4, 5, 6];
const WORKDAYS: readonly number[] = [0, 1, 2, 3, 4];

export const EMPTY: Draft = {
  kind: "threshold",
  queue: "",
  metric: "service_level",
  comparison: "below",
  limit: "80",
  window: "15",
  coolDown: "60",
  at: "08:00",
  yesterday: false,
  days: WEEK,
  hours: false,
  openDays: WORKDAYS,
  opens: "09:00",
  closes: "17:00",
};

export type Wrong = Partial<Record<"limit" | "window" | "coolDown" | "at" | "closes" | "days", true>>;

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;
const MIDNIGHT = "24:00";

function within(text: string, low: number, high: number): boolean {
  const value = Number(text);
  return text.trim() !== "" && Number.isFinite(value) && value >= low && value <= high;
}

/** The fields that the service would refuse. */
export function wrongFields(draft: Draft): Wrong {
  const wrong: Wrong = {};
  if (draft.kind === "daily") {
    if (!CLOCK.test(draft.at)) wrong.at = true;
    if (draft.days.length === 0) wrong.days = true;
    return wrong;
  }
  const percent = draft.metric === "service_level" || draft.metric === "abandonment_rate";
  const most = percent ? 100 : draft.metric === "longest_wait" ? 86_400 : 1_000_000;
  if (!within(draft.limit, 0, most)) wrong.limit = true;
  if (!within(draft.window, 5, 1440) || !Number.isInteger(Number(draft.window))) wrong.window = true;
  if (!within(draft.coolDown, 0, 10_080) || !Number.isInteger(Number(draft.coolDown))) {
    wrong.coolDown = true;
  }
  const { opens, closes } = draft;
  const ends = CLOCK.test(closes) || closes === MIDNIGHT;
  if (draft.hours && !(CLOCK.test(opens) && ends && opens < closes)) wrong.closes = true;
  if (draft.hours && draft.openDays.length === 0) wrong.days = true;
  return wrong;
}

/** The draft as the service takes it; only for drafts without wrong fields. */
export function toAlert(draft: Draft): NewAlert {
  const { kind, queue, metric, comparison, at, yesterday, days } = draft;
  if (kind === "daily") {
    return { queue, trigger: { kind, at, days: [...days], yesterday } };
  }
  return {
    queue,
    trigger: {
      kind,
      metric,
      comparison,
      limit: Number(draft.limit),
      window_minutes: Number(draft.window),
      cool_down_minutes: Number(draft.coolDown),
      hours: draft.hours ? { days: [...draft.openDays], from: draft.opens, to: draft.closes } : null,
    },
  };
}

/** An alert as the form begins to change it. */
export function toDraft({ queue, trigger }: Pick<Alert, "queue" | "trigger">): Draft {
  if (trigger.kind === "daily") {
    const { kind, at, yesterday = false, days = WEEK } = trigger;
    return { ...EMPTY, kind, queue, at, yesterday, days };
  }
  const { kind, metric, comparison, hours } = trigger;
  const open = hours && { hours: true, openDays: hours.days, opens: hours.from, closes: hours.to };
  return {
    ...EMPTY,
    kind,
    queue,
    metric,
    comparison,
    limit: String(trigger.limit),
    window: String(trigger.window_minutes),
    coolDown: String(trigger.cool_down_minutes),
    ...open,
  };
}

/** A week day as people write it shortly; 0 is Monday. */
export function dayName(day: number, locale: string): string {
  const monday = Date.UTC(2024, 0, 1);
  const format = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
  return format.format(monday + day * 86_400_000);
}

/** The days that an alert keeps to, in their order; null for every day. */
export function keptDays(trigger: AlertTrigger): number[] | null {
  const days = trigger.kind === "daily" ? trigger.days : trigger.hours?.days;
  return !days || days.length === WEEK.length ? null : [...days].sort();
}

/** The parts of an alert's sentence: the key of its message and the values in it. */
export function sentence(
  trigger: AlertTrigger,
  metric: (name: string) => string,
  amount: (name: string, value: number) => string,
): { key: SentenceKey; values: Record<string, string | number> } {
  if (trigger.kind === "daily") {
    const key = trigger.yesterday ? "alerts.daily_yesterday" : "alerts.daily_today";
    return { key, values: { at: trigger.at } };
  }
  const values = {
    metric: metric(trigger.metric),
    limit: amount(trigger.metric, trigger.limit),
    minutes: trigger.window_minutes,
  };
  return { key: `alerts.threshold_${trigger.comparison}`, values };
}

export type SentenceKey =
  | "alerts.daily_today"
  | "alerts.daily_yesterday"
  | "alerts.threshold_below"
  | "alerts.threshold_above";

/** The opening hours that an alert keeps to, as `09:00–17:00`; null where it keeps to none. */
export function openingHours(trigger: AlertTrigger): string | null {
  const hours = trigger.kind === "threshold" ? trigger.hours : null;
  return hours ? `${hours.from}–${hours.to}` : null;
}

/** Alerts beyond their limit first, then in the order they were made. */
export function ordered(alerts: readonly Alert[]): Alert[] {
  return [...alerts].sort((a, b) => Number(Boolean(b.beyond_since)) - Number(Boolean(a.beyond_since)));
}

/** Until when the own chat has quiet, or null. */
export function quietUntil(alert: Alert, now: number): string | null {
  const until = alert.own?.quiet_until ?? null;
  return until && Date.parse(until) > now ? until : null;
}
