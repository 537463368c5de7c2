import { describe, expect, it } from "vitest";
import { sparkPath } from "../../components/Sparkline";
import type { Point } from "../../api/types";
import { courseOf, stacked } from "./charts";

describe("stacked bars", () => {
  it("stand on those below them", () => {
    expect(
      stacked([
        [3, 5],
        [1, null],
      ]),
    ).toEqual([
      [3, 5],
      [4, 5],
    ]);
  });
});

describe("the course", () => {
  const point = (hour: number, offered: number, day = "2026-06-01"): Point => {
    const from = Date.parse(`${day}T00:00Z`) + hour * 3_600_000;
    const value = { value: offered, unit: "contacts" as const, reason: null };
    return {
      from: new Date(from).toISOString(),
      to: new Date(from + 3_600_000).toISOString(),
      metrics: { offered: { ...value, numerator: null, denominator: null, coverage: null } },
    };
  };
  const hours = (points: Point[]) => points.map(({ from }) => new Date(from).getUTCHours());
  it("of a day starts just before its first contact and ends now", () => {
    const day = [0, 1, 2, 3, 4, 5].map((hour) => point(hour, hour === 3 ? 7 : 0));
    expect(hours(courseOf(day, Date.parse("2026-06-01T04:30Z")))).toEqual([2, 3, 4]);
  });
  it("of several days keeps empty ones", () => {
    const days = [point(0, 0), point(0, 5, "2026-06-03")];
    expect(courseOf(days, Date.parse("2026-06-09T00:00Z"))).toHaveLength(2);
  });
});

describe("sparklines", () => {
  it("break where there is no value", () => {
    expect(sparkPath([0, 10, null, 10], 30, 12)).toBe("M0.0 11.0L10.0 1.0M30.0 1.0");
  });
});
