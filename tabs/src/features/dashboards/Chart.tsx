/** The chart itself: uPlot on a canvas, resized with its box, recoloured with the theme. */
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Point } from "../../api/types";
import type { Formats } from "../../app/format";
import { useFormats, useLanguage, type Translate } from "../../app/messages";
import { useTheme } from "../../app/Themed";
import type { Theme } from "../../teams/host";
import { CHARTS, COLOURS, stacked, valuesOf, type ChartView } from "./charts";

const HEIGHT = 260;
/** Round steps of a duration axis, in seconds. */
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 86400];
const FONT = "12px 'Segoe UI', system-ui, sans-serif";

interface Drawing {
  view: ChartView;
  points: Point[];
  theme: Theme;
  formats: Formats;
  isDaily: boolean;
  /** More than a day, so that midnights are labelled with their day. */
  isLong: boolean;
  /** An instant of midnight in the organisation's time zone: the first point's start. */
  midnight: number;
  t: Translate;
}

/** Seconds since 1970 of each point's start, then each series: bars top of the stack first. */
export function chartData(view: ChartView, points: Point[]): uPlot.AlignedData {
  const times = points.map((point) => Date.parse(point.from) / 1000);
  const bars = CHARTS[view].filter(({ kind }) => kind === "bar");
  const lines = CHARTS[view].filter(({ kind }) => kind === "line");
  const heights = stacked(bars.map(({ metric }) => valuesOf(points, metric)));
  return [times, ...heights.reverse(), ...lines.map(({ metric }) => valuesOf(points, metric))];
}

function seriesOptions({ view, theme, t }: Drawing): uPlot.Series[] {
  const colours = COLOURS[theme];
  const bars = CHARTS[view].filter(({ kind }) => kind === "bar").reverse();
  const lines = CHARTS[view].filter(({ kind }) => kind === "line");
  const draw = uPlot.paths.bars?.({ size: [0.72, 48], radius: 0.12 });
  return [
    {},
    ...bars.map(({ label, tone }): uPlot.Series => ({
      label: t(label),
      scale: "y",
      fill: colours[tone],
      width: 0,
      points: { show: false },
      ...(draw ? { paths: draw } : {}),
    })),
    ...lines.map(({ label, tone, unit }): uPlot.Series => ({
      label: t(label),
      scale: unit === "percent" ? "percent" : "y",
      stroke: colours[tone],
      width: 2,
      points: { size: 5, fill: colours[tone], stroke: colours[tone] },
    })),
  ];
}

function axes(drawing: Drawing): uPlot.Axis[] {
  const { view, theme, formats, isDaily } = drawing;
  const colours = COLOURS[theme];
  const look = { stroke: colours.axis, font: FONT, ticks: { show: false } };
  const grid = { stroke: colours.grid, width: 1 };
  const volume = view === "volume";
  const midnight = formats.time(drawing.midnight);
  const label = (seconds: number) => {
    const time = formats.time(seconds * 1000);
    return isDaily || (drawing.isLong && time === midnight) ? formats.day(seconds * 1000) : time;
  };
  const whole = (value: number) => (Number.isInteger(value) ? formats.count(value) : "");
  const x: uPlot.Axis = {
    ...look,
    size: 28,
    grid: { show: false },
    space: 64,
    values: (_, at) => at.map(label),
  };
  const y: uPlot.Axis = {
    ...look,
    grid,
    size: volume ? 44 : 64,
    values: (_, at) => at.map(volume ? whole : formats.duration),
    ...(volume ? {} : { incrs: STEPS_S }),
  };
  const percent: uPlot.Axis = {
    ...look,
    scale: "percent",
    side: 1,
    size: 48,
    grid: { show: false },
    values: (_, at) => at.map((value) => formats.percent(value).replace(/[.,]0/, "")),
  };
  return volume ? [x, y, percent] : [x, y];
}

/** A box beside the cursor with the interval's figures. */
function tooltip({ view, points, formats, isDaily, isLong, t }: Drawing): uPlot.Plugin {
  const box = document.createElement("div");
  box.className = "chart-tip";
  box.hidden = true;
  const fill = (point: Point) => {
    const when = document.createElement("strong");
    when.textContent = isDaily
      ? formats.day(point.from)
      : `${isLong ? `${formats.day(point.from)}, ` : ""}${formats.time(point.from)} – ${formats.time(point.to)}`;
    const rows = CHARTS[view].map(({ metric, label, tone, unit }) => {
      const row = document.createElement("div");
      row.className = `chart-key tone-${tone}`;
      const value = point.metrics[metric]?.value;
      row.textContent = `${t(label)}: ${value == null ? "–" : formats.value(value, unit)}`;
      return row;
    });
    box.replaceChildren(when, ...rows);
  };
  return {
    hooks: {
      init: (plot) => plot.over.append(box),
      setCursor: (plot) => {
        const { idx, left = -1 } = plot.cursor;
        const point = idx == null ? undefined : points[idx];
        box.hidden = left < 0 || !point;
        if (!point || left < 0) return;
        fill(point);
        const width = plot.over.clientWidth;
        box.style.left = `${Math.max(0, Math.min(left + 12, width - box.offsetWidth))}px`;
        box.style.top = "0px";
      },
    },
  };
}

function options(drawing: Drawing, width: number): uPlot.Options {
  const { view, points, formats } = drawing;
  const step = points.length > 1 ? secondsOf(points[0]) : 3600;
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), formats.timeZone),
    cursor: { drag: { x: false, y: false }, y: false, points: { show: false } },
    scales: {
      x: { range: (_, low, high) => [low - step / 2, high + step / 2] },
      y: { range: (_, __, high) => [0, Math.max(1, (high ?? 0) * 1.08)] },
      ...(view === "volume" ? { percent: { range: [0, 105] } } : {}),
    },
    series: seriesOptions(drawing),
    axes: axes(drawing),
    plugins: [tooltip(drawing)],
  };
}

function secondsOf(point: Point | undefined): number {
  return point ? (Date.parse(point.to) - Date.parse(point.from)) / 1000 : 3600;
}

export function Chart(props: { view: ChartView; points: Point[]; label: string }) {
  const { view, points, label } = props;
  const box = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const formats = useFormats();
  const { t } = useLanguage();
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const isDaily = secondsOf(points[0]) > 20 * 3600;
    const midnight = Date.parse(points[0]?.from ?? "1970-01-01T00:00Z");
    const isLong = Date.parse(points.at(-1)?.to ?? "") - midnight > 25 * 3_600_000;
    const drawing = { view, points, theme, formats, isDaily, isLong, midnight, t };
    const width = () => Math.max(200, element.clientWidth);
    const plot = new uPlot(options(drawing, width()), chartData(view, points), element);
    const observer = new ResizeObserver(() => plot.setSize({ width: width(), height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [view, points, theme, formats, t]);
  return <div ref={box} className="chart" role="img" aria-label={label} />;
}

/** What the colours mean; screen readers have the chart's description and its table. */
export function Legend(props: { view: ChartView }) {
  const { t } = useLanguage();
  return (
    <ul className="legend" aria-hidden="true">
      {CHARTS[props.view].map(({ metric, label, tone }) => (
        <li key={metric} className={`chart-key tone-${tone}`}>
          {t(label)}
        </li>
      ))}
    </ul>
  );
}
