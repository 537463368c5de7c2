import { describe, expect, it } from "vitest";
import { addDays, dayOf, grainFor, grainsFor, isDay, spanBefore, spanOf } from "./ranges";

const LONDON = "Europe/London";
const NEW_YORK = "America/New_York";
/** 00:30 in London (summer time), still the evening before in New York. */
const NIGHT = Date.parse("2026-06-30T23:30:00Z");

describe("days", () => {
  it("are the organisation's own", () => {
    expect(dayOf(NIGHT, LONDON)).toBe("2026-07-01");
    expect(dayOf(NIGHT, NEW_YORK)).toBe("2026-06-30");
  });
  it("follow each other across daylight saving", () => {
    expect(addDays("2026-10-24", 1)).toBe("2026-10-25");
    expect(addDays("2026-10-25", 1)).toBe("2026-10-26");
    expect(addDays("2026-02-28", 1)).toBe("2026-03-01");
  });
  it("are refused when they do not exist", () => {
    expect(isDay("2026-02-30")).toBe(false);
    expect(isDay("2026-2-3")).toBe(false);
    expect(isDay("2028-02-29")).toBe(true);
  });
});

describe("spans", () => {
  it("end before the next day starts", () => {
    expect(spanOf({ preset: "today" }, NIGHT, LONDON)).toEqual({
      from: "2026-07-01",
      to: "2026-07-02",
    });
    expect(spanOf({ preset: "last7" }, NIGHT, LONDON)).toEqual({
      from: "2026-06-25",
      to: "2026-07-02",
    });
  });
  it("include the last day of a custom range", () => {
    const range = { first: "2026-06-01", last: "2026-06-01" };
    expect(spanOf(range, NIGHT, LONDON)).toEqual({ from: "2026-06-01", to: "2026-06-02" });
  });
  it("are refused when the first day is after the last", () => {
    expect(spanOf({ first: "2026-06-02", last: "2026-06-01" }, NIGHT, LONDON)).toBeNull();
  });
});

describe("the span before", () => {
  it("is as long and ends where a past span starts", () => {
    const span = { from: "2026-06-10", to: "2026-06-17" };
    expect(spanBefore(span, NIGHT, LONDON)).toEqual({ from: "2026-06-03", to: "2026-06-10" });
  });
  it("ends at the same clock while today still runs", () => {
    const afternoon = Date.parse("2026-07-01T14:52:00Z");
    const today = { from: "2026-07-01", to: "2026-07-02" };
    expect(spanBefore(today, afternoon, LONDON)).toEqual({
      from: "2026-06-30",
      to: "2026-06-30T15:45",
    });
  });
});

describe("grains", () => {
  it("coarsen with the span and keep charts readable", () => {
    expect(grainFor({ from: "2026-06-01", to: "2026-06-02" })).toBe("15m");
    expect(grainFor({ from: "2026-06-01", to: "2026-06-08" })).toBe("1h");
    expect(grainFor({ from: "2026-06-01", to: "2026-07-01" })).toBe("1d");
    expect(grainsFor({ from: "2026-01-01", to: "2026-12-31" })).toEqual(["1d"]);
  });
});
