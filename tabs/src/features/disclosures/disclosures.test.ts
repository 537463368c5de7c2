import { expect, test } from "vitest";
import type { Disclosure } from "./calls";
import { following, instantOf, outcomeOf, within } from "./disclosures";
import { words as german } from "./words.de";
import { words as english } from "./words.en";

const entry = (kind: string, data: string[] = []) =>
  ({ kind, data }) as unknown as Disclosure["entries"][number];

const CASE = {
  id: "a",
  version: 1,
  outcome: null,
  handed_over: false,
  silent_until: null,
  owes_notice: false,
  may_record: true,
  may_decide: true,
  entries: [entry("received", ["recordings", "accounts"])],
} as Disclosure;

test("who only looks makes no entries", () => {
  expect(following({ ...CASE, may_record: false })).toEqual([]);
});

test("an open case is decided, and what was granted is handed over", () => {
  expect(following(CASE)).toEqual(["decided", "gagged", "corrected"]);
  const granted = { ...CASE, outcome: "granted" } as Disclosure;
  expect(following(granted)).toEqual(["handed_over", "notified", "gagged", "corrected"]);
});

test("nobody is told while silence is ordered, nor twice", () => {
  const granted = { ...CASE, outcome: "granted" } as Disclosure;
  const silent = { ...granted, silent_until: "2035-01-01T00:00:00Z" } as Disclosure;
  expect(following(silent)).not.toContain("notified");
  const told = { ...granted, entries: [...CASE.entries, entry("notified")] } as Disclosure;
  expect(following(told)).toEqual(["handed_over", "corrected"]);
});

test("what is handed over is within what was decided last", () => {
  expect(within(CASE, "decided")).toEqual(["recordings", "accounts"]);
  const entries = [...CASE.entries, entry("decided"), entry("decided", ["accounts"])];
  expect(within({ ...CASE, entries }, "handed_over")).toEqual(["accounts"]);
});

test("less than was asked for is narrowed", () => {
  expect(outcomeOf(["recordings", "accounts"], ["recordings"])).toBe("narrowed");
  expect(outcomeOf(["recordings"], ["recordings"])).toBe("granted");
});

test("a moment that is none stays out", () => {
  expect(instantOf("")).toBeNull();
  expect(instantOf("yesterday")).toBeNull();
  expect(instantOf("2026-05-03T10:00")).toMatch(/^2026-05-0[234]T/);
});

test("every word is there in both languages", () => {
  expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
});
