/** Saved views as filters and parts of the dashboard; nothing here draws. */
import type { components } from "../../api/schema.gen";
import type { Filters } from "../dashboards/filters";
import { GROUPS, HERO } from "../dashboards/groups";
import type { Preset } from "../dashboards/ranges";

export type View = components["schemas"]["SavedView"];
export type NewView = components["schemas"]["NewView"];
type Metric = NewView["kpis"][number];

/** The parts of a dashboard, in the order without a view. */
export const PARTS = ["kpi", "series", "queues", "agents"] as const;
export type Part = (typeof PARTS)[number];

/** The address's parameter that names the view in use. */
export const PARAMETER = "saved";

const RANGES = {
  today: "today",
  yesterday: "yesterday",
  last7: "last_7_days",
  last30: "last_30_days",
} as const satisfies Record<Preset, View["filters"]["range"]>;

/** Every figure that a view can choose. */
export const METRICS: readonly Metric[] = [HERO, ...GROUPS.flatMap(({ metrics }) => [...metrics])];

/** What the save dialog edits. */
export interface Draft {
  title: string;
  range: Preset;
  kpis: string[];
  parts: Part[];
  role: string;
}

/** The filters that a view stands for. */
export function filtersOf({ filters }: View): Filters {
  const presets = Object.keys(RANGES) as Preset[];
  return {
    range: { preset: presets.find((one) => RANGES[one] === filters.range) ?? "today" },
    queue: filters.queues,
    channel: filters.channels,
    direction: filters.directions,
    definition: filters.definition,
    threshold: filters.threshold,
    grain: null,
  };
}

/** The parts a view shows, in its order; all of them without a view or a layout. */
export function partsOf(view: View | null): readonly Part[] {
  const kinds = (view?.layout ?? []).map(({ kind }) => kind);
  const known = kinds.filter((kind): kind is Part => PARTS.includes(kind as Part));
  return known.length > 0 ? [...new Set(known)] : PARTS;
}

/** Whether a view shows a figure; without a choice all are shown. */
export function shows(view: View | null, metric: string): boolean {
  const kpis: readonly string[] = view?.kpis ?? [];
  return kpis.length === 0 || kpis.includes(metric);
}

export function draftOf(view: View | null, filters: Filters): Draft {
  const shown = view ? filtersOf(view) : filters;
  return {
    title: view?.title ?? "",
    range: "preset" in shown.range ? shown.range.preset : "today",
    kpis: view?.kpis ?? [],
    parts: [...partsOf(view)],
    role: view?.shared_with ?? "",
  };
}

/** The view of a draft, over the filters that are shown. */
export function toView(draft: Draft, filters: Filters): NewView {
  return {
    title: draft.title.trim(),
    board: "overview",
    filters: {
      range: RANGES[draft.range],
      queues: filters.queue,
      channels: filters.channel,
      directions: filters.direction,
      definition: filters.definition,
      threshold: filters.threshold,
    },
    kpis: METRICS.filter((one) => draft.kpis.includes(one)),
    layout: draft.parts.map((kind) => ({ kind, width: 12, metric: null })),
    shared_with: draft.role || null,
  };
}

/** The parts with one of them a place earlier. */
export function movedUp(parts: readonly Part[], part: Part): Part[] {
  const at = parts.indexOf(part);
  if (at < 1) return [...parts];
  const moved = [...parts];
  moved.splice(at, 1);
  moved.splice(at - 1, 0, part);
  return moved;
}
