import { describe, expect, it } from "vitest";
import { instantOf, secondsUntil, wallOf } from "./instants";
import { dropLink, keepLink, keptLink, linkOf, setupAddress } from "./mailLink";
import { grouped } from "./secret";

const TOKEN = "a".repeat(64);

function storage() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

describe("wall time of the organisation", () => {
  it("is an instant, in summer and in winter", () => {
    expect(instantOf("2026-01-15T09:30", "Europe/London")).toBe("2026-01-15T09:30:00.000Z");
    expect(instantOf("2026-07-15T09:30", "Europe/London")).toBe("2026-07-15T08:30:00.000Z");
    expect(instantOf("2026-03-08T12:00", "America/New_York")).toBe("2026-03-08T16:00:00.000Z");
    expect(instantOf("2026-07-15T09:30", "Australia/Adelaide")).toBe("2026-07-15T00:00:00.000Z");
  });
  it("survives the way there and back around a change of the clocks", () => {
    for (const wall of ["2026-03-29T00:30", "2026-03-29T02:30", "2026-10-25T00:30", "2026-10-25T03:00"]) {
      const instant = instantOf(wall, "Europe/London") ?? "";
      expect(wallOf(Date.parse(instant), "Europe/London"), wall).toBe(wall);
    }
  });
  it("is nothing when nothing was chosen", () => {
    expect(instantOf("", "UTC")).toBeNull();
  });
});

describe("waiting", () => {
  it("is counted in whole seconds and never below none", () => {
    const now = Date.parse("2026-03-03T09:00:00Z");
    expect(secondsUntil("2026-03-03T09:00:30Z", now)).toBe(30);
    expect(secondsUntil("2026-03-03T09:00:00.200Z", now)).toBe(1);
    expect(secondsUntil("2026-03-03T08:59:00Z", now)).toBe(0);
    expect(secondsUntil(null, now)).toBe(0);
  });
});

describe("a mailed link", () => {
  it("has its token behind # and nowhere else", () => {
    expect(linkOf("?organization=harbour", `#${TOKEN}`)).toEqual({ organization: "harbour", token: TOKEN });
    expect(linkOf(`?organization=harbour&token=${TOKEN}`, "")).toBeNull();
    expect(linkOf("", "#short")).toBeNull();
    expect(linkOf("?organization=a%20b", `#${TOKEN}`)).toEqual({ organization: null, token: TOKEN });
  });
  it("leads to an address without the token", () => {
    expect(setupAddress("harbour")).toBe("/tab/?view=setup&organization=harbour");
    expect(setupAddress(null)).toBe("/tab/?view=setup");
  });
  it("waits for its own organisation only, until it is dropped", () => {
    const keep = storage();
    keepLink(keep, { organization: "harbour", token: TOKEN });
    expect(keptLink(keep, "juniper")).toBeNull();
    expect(keptLink(keep, "harbour")?.token).toBe(TOKEN);
    dropLink(keep);
    expect(keptLink(keep, "harbour")).toBeNull();
  });
  it("is none when what is kept cannot be read", () => {
    const keep = storage();
    keep.setItem("switchroom.mail-link", "{");
    expect(keptLink(keep, "harbour")).toBeNull();
  });
});

describe("an app's secret", () => {
  it("is read in groups of four", () => {
    expect(grouped("GEZDGNBVGY3TQOJQ")).toBe("GEZD GNBV GY3T QOJQ");
    expect(grouped("")).toBe("");
  });
});
