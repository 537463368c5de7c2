import { describe, expect, it } from "vitest";
import { sparkPath } from "../../components/Sparkline";
import { stacked } from "./charts";

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

describe("sparklines", () => {
  it("break where there is no value", () => {
    expect(sparkPath([0, 10, null, 10], 30, 12)).toBe("M0.0 11.0L10.0 1.0M30.0 1.0");
  });
});
