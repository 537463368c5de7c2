import { describe, expect, it } from "vitest";
import { clock, createFormats, parts } from "./format";

const british = createFormats("en-GB", "Europe/London");
const german = createFormats("de-DE", "Europe/Berlin");

describe("durations", () => {
  it("keep a tenth of a second under ten", () => {
    expect(parts(7.44)).toEqual([[7.4, "second"]]);
    expect(british.duration(7.44)).toBe("7.4\u202fs");
  });
  it("read as a clock from a minute on", () => {
    expect(british.duration(59)).toBe("59\u202fs");
    expect(british.duration(59.6)).toBe("1:00");
    expect(british.duration(312)).toBe("5:12");
    expect(clock(3725)).toBe("1:02:05");
  });
  it("are said in full words", () => {
    expect(british.spoken(312)).toBe("5 minutes 12 seconds");
    expect(british.spoken(3600)).toBe("1 hour");
    expect(german.spoken(61)).toBe("1 Minute 1 Sekunde");
  });
});

describe("numbers", () => {
  it("follow the locale", () => {
    expect(british.count(12345)).toBe("12,345");
    expect(german.count(12345)).toBe("12.345");
    expect(british.percent(81.132)).toBe("81.1%");
    expect(german.percent(81.132)).toBe("81,1\u00a0%");
  });
  it("sign changes", () => {
    expect(british.points(1.52)).toBe("+1.5");
    expect(british.points(0)).toBe("0.0");
    expect(british.growth(0.138)).toBe("+14%");
  });
});

describe("times", () => {
  it("are the organisation's, not the reader's", () => {
    const at = "2026-07-01T12:00:00Z";
    expect(british.time(at)).toBe("13:00");
    expect(createFormats("en-GB", "America/New_York").time(at)).toBe("08:00");
  });
});
