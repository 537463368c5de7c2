import { describe, expect, it } from "vitest";
import type { Metric } from "../api/types";
import { createFormats } from "../app/format";
import { createLanguage } from "../app/messages";
import { en } from "../app/messages/en";
import { sorted, type Column } from "./DataTable";
import { change, readMetric } from "./metric";
import { shift } from "./Panel";

const formats = createFormats("en-GB", "Europe/London");
const { t } = createLanguage("en-GB", en, {});
const metric = (part: Partial<Metric>): Metric => ({
  value: null,
  unit: "percent",
  reason: null,
  numerator: null,
  denominator: null,
  coverage: null,
  ...part,
});

describe("reading a metric", () => {
  it("never shows a zero where nothing is derivable", () => {
    const reading = readMetric(metric({ reason: "3CX: no TimeAnswered" }), formats, t);
    expect(reading).toMatchObject({ state: "not_derivable", text: "–", note: "3CX: no TimeAnswered" });
  });
  it("tells an empty count from an underivable one", () => {
    const empty = metric({ reason: "No contacts", denominator: 0 });
    expect(readMetric(empty, formats, t).state).toBe("nothing");
  });
  it("shows a true zero", () => {
    expect(readMetric(metric({ value: 0, unit: "contacts" }), formats, t)).toMatchObject({
      state: "value",
      text: "0",
    });
  });
  it("marks partial coverage and says why", () => {
    const partial = metric({
      value: 14,
      unit: "seconds",
      reason: "Covers 80 of 100 contacts: 3CX gives no wait",
      coverage: { contacts: 80, of: 100 },
    });
    expect(readMetric(partial, formats, t)).toMatchObject({
      state: "partial",
      note: "Covers 80 of 100 contacts: 3CX gives no wait",
    });
  });
});

describe("change", () => {
  it("is in points for shares and relative for the rest", () => {
    expect(change(metric({ value: 80 }), metric({ value: 82.5 }), formats, "pts")).toBe("-2.5 pts");
    const seconds = (value: number | null) => metric({ value, unit: "seconds" });
    expect(change(seconds(30), seconds(20), formats, "pts")).toBe("+50%");
    expect(change(seconds(30), seconds(0), formats, "pts")).toBeNull();
    expect(change(seconds(30), seconds(null), formats, "pts")).toBeNull();
  });
});

describe("tables", () => {
  const column: Column<{ v: number | null }> = {
    key: "v",
    header: "V",
    sort: ({ v }) => v,
    cell: ({ v }) => v,
  };
  it("sort rows without a value last, both ways", () => {
    const rows = [{ v: null }, { v: 1 }, { v: 2 }];
    expect(sorted(rows, column, false).map(({ v }) => v)).toEqual([1, 2, null]);
    expect(sorted(rows, column, true).map(({ v }) => v)).toEqual([2, 1, null]);
  });
});

describe("panels", () => {
  it("move back into the window, but never past its start", () => {
    expect(shift(300, 400, 360)).toBe(-52);
    expect(shift(20, 120, 360)).toBe(-0);
    expect(shift(20, 900, 360)).toBe(-8);
  });
});
