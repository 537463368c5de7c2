/** Reading a metric object for people: never a zero where there is no figure. */
import type { Metric } from "../api/types";
import type { Formats } from "../app/format";
import type { Translate } from "../app/messages";

export type Reading =
  | { state: "value" | "partial"; text: string; spoken: string; note: string | null }
  | { state: "not_derivable" | "nothing"; text: "–"; spoken: string; note: string | null };

/** True when there was nothing to count, as opposed to a source that cannot say. */
function isNothing(metric: Metric): boolean {
  return metric.denominator === 0 || metric.coverage?.of === 0;
}

export function readMetric(metric: Metric | undefined, formats: Formats, t: Translate): Reading {
  if (!metric || metric.value === null) {
    const state = metric && isNothing(metric) ? "nothing" : "not_derivable";
    const spoken = t(`figure.${state}`);
    return { state, text: "–", spoken, note: metric?.reason ?? null };
  }
  const text = formats.value(metric.value, metric.unit);
  const spoken = formats.spokenValue(metric.value, metric.unit);
  if (metric.reason === null) return { state: "value", text, spoken, note: null };
  return {
    state: "partial",
    text,
    spoken: `${spoken}, ${t("figure.partial")}`,
    note: metric.reason,
  };
}

/** The change against an earlier figure: points for shares, per cent for everything else. */
export function change(
  now: Metric | undefined,
  before: Metric | undefined,
  formats: Formats,
  points: string,
): string | null {
  if (now?.value == null || before?.value == null) return null;
  const difference = now.value - before.value;
  if (now.unit === "percent") return `${formats.points(difference)} ${points}`;
  if (before.value === 0) return null;
  return formats.growth(difference / before.value);
}
