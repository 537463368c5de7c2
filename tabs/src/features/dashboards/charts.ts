/** What the chart draws: per view its series, their values from points, and their colours. */
import type { Metric, Point } from "../../api/types";
import type { MessageKey } from "../../app/messages/en";
import type { Theme } from "../../teams/host";

export type ChartView = "volume" | "waiting" | "handling";
export const CHART_VIEWS: readonly ChartView[] = ["volume", "waiting", "handling"];

type Tone = "first" | "second" | "third" | "fourth";

export interface ChartSeries {
  /** The metric behind it, for the table and the contacts; null for what has none of its own. */
  metric: string;
  label: MessageKey;
  tone: Tone;
  kind: "bar" | "line";
  unit: Metric["unit"];
}

const line = (metric: string, label: MessageKey, tone: Tone): ChartSeries => ({
  metric,
  label,
  tone,
  kind: "line",
  unit: "seconds",
});

/** Bars are listed from the bottom of their stack up. */
export const CHARTS: Record<ChartView, ChartSeries[]> = {
  volume: [
    { metric: "answered", label: "metric.answered", tone: "first", kind: "bar", unit: "contacts" },
    { metric: "abandoned", label: "metric.abandoned", tone: "second", kind: "bar", unit: "contacts" },
    { metric: "flow_out", label: "metric.flow_out", tone: "fourth", kind: "bar", unit: "contacts" },
    {
      metric: "service_level",
      label: "metric.service_level",
      tone: "third",
      kind: "line",
      unit: "percent",
    },
  ],
  waiting: [
    line("average_speed_of_answer", "metric.average_speed_of_answer", "first"),
    line("wait_p90", "metric.wait_p90", "third"),
    line("longest_wait", "metric.longest_wait", "second"),
  ],
  handling: [
    line("average_handle_time", "metric.average_handle_time", "first"),
    line("average_talk_time", "metric.average_talk_time", "third"),
    line("average_hold_time", "metric.average_hold_time", "fourth"),
    line("average_after_contact_work", "metric.average_after_contact_work", "second"),
  ],
};

/** A canvas cannot read CSS variables, so each theme has its colours here; base.css repeats them. */
export const COLOURS: Record<Theme, Record<Tone | "axis" | "grid", string>> = {
  default: {
    first: "#5b5fc7",
    second: "#c4314b",
    third: "#0e7a6a",
    fourth: "#8a8886",
    axis: "#424242",
    grid: "#e0e0e0",
  },
  dark: {
    first: "#8b90f0",
    second: "#f1707b",
    third: "#4fd1b5",
    fourth: "#979593",
    axis: "#d6d6d6",
    grid: "#3d3d3d",
  },
  contrast: {
    first: "#1aebff",
    second: "#ff8dd6",
    third: "#ffff01",
    fourth: "#ffffff",
    axis: "#ffffff",
    grid: "#5c5c5c",
  },
};

const DAY_MS = 25 * 3_600_000;

/**
 * The points worth drawing: none that lies ahead, and of a single day none before its first
 * contact, so that a night without contacts does not squeeze the day.
 */
export function courseOf(points: Point[], now: number): Point[] {
  const past = points.filter((point) => Date.parse(point.from) <= now);
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || Date.parse(last.to) - Date.parse(first.from) > DAY_MS) return past;
  const start = past.findIndex(({ metrics }) => metrics["offered"]?.value);
  return start > 0 ? past.slice(start - 1) : past;
}

export type Values = (number | null)[];

export function valuesOf(points: Point[], metric: string): Values {
  return points.map((point) => point.metrics[metric]?.value ?? null);
}

/** Each bar series raised by those below it, so that overlapping bars read as a stack. */
export function stacked(rows: Values[]): Values[] {
  const sums: number[] = [];
  return rows.map((values) =>
    values.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0);
      return sums[index];
    }),
  );
}
