import { describe, expect, it } from "vitest";
import { DEFAULTS, type Filters } from "../dashboards/filters";
import { draftOf, filtersOf, METRICS, movedUp, PARTS, partsOf, shows, toView, type View } from "./view";

const filters: Filters = {
  ...DEFAULTS,
  range: { preset: "last7" },
  queue: ["q1"],
  channel: ["voice"],
  threshold: 30,
};

function saved(change: Partial<View> = {}): View {
  const draft = { ...draftOf(null, filters), title: " Mornings ", kpis: ["offered", "service_level"] };
  return {
    ...toView(draft, filters),
    id: "v1",
    version: 1,
    own: true,
    may_remove: true,
    shared_with_title: null,
    changed_at: "2026-11-20T10:00:00Z",
    ...change,
  };
}

describe("a view", () => {
  it("keeps the filters it was saved with", () => {
    expect(filtersOf(saved())).toEqual(filters);
    expect(saved().title).toBe("Mornings");
  });
  it("keeps a moving range when days were chosen", () => {
    const days: Filters = { ...filters, range: { first: "2026-11-01", last: "2026-11-02" } };
    expect(draftOf(null, days).range).toBe("today");
  });
  it("shows its figures alone, in the dashboard's order", () => {
    expect(saved().kpis).toEqual(METRICS.filter((one) => ["offered", "service_level"].includes(one)));
    expect(shows(saved(), "offered")).toBe(true);
    expect(shows(saved(), "answered")).toBe(false);
    expect(shows(null, "answered")).toBe(true);
    expect(shows(saved({ kpis: [] }), "answered")).toBe(true);
  });
  it("shows its parts in its order", () => {
    expect(partsOf(null)).toEqual(PARTS);
    expect(partsOf(saved())).toEqual(PARTS);
    const layout = (["agents", "kpi"] as const).map((kind) => ({ kind, width: 12, metric: null }));
    expect(partsOf(saved({ layout }))).toEqual(["agents", "kpi"]);
    expect(movedUp(["kpi", "agents", "queues"], "agents")).toEqual(["agents", "kpi", "queues"]);
    expect(movedUp(["kpi", "agents"], "kpi")).toEqual(["kpi", "agents"]);
  });
});
