/** Drafts that survive, times that are the organisation's, and texts as they will be stored. */
import { describe, expect, test } from "vitest";
import { idOf } from "./CaseForms";
import type { Entry, Finding } from "./calls";
import {
  draftKey,
  EMPTY,
  instantOf,
  keepDraft,
  keptDraft,
  localTime,
  masked,
  sortsOf,
  split,
  toReport,
} from "./incidents";
import { words as german } from "./words.de";
import { words as english } from "./words.en";

class Store {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

const found = (sort: string, start: number, end: number): Finding => ({
  field: "what",
  sort,
  start,
  end,
});

describe("a draft", () => {
  const key = draftKey("harbour", "amira.khan");

  test("comes back as it was left", () => {
    const store = new Store();
    const draft = { ...EMPTY, what: "A strange mail", severity: "high" as const };
    keepDraft(key, draft, store);
    expect(keptDraft(key, store)).toEqual(draft);
  });

  test("is apart for every organisation and person", () => {
    const store = new Store();
    keepDraft(key, { ...EMPTY, what: "A strange mail" }, store);
    expect(keptDraft(draftKey("juniper", "amira.khan"), store)).toEqual(EMPTY);
    expect(keptDraft(draftKey("harbour", "sofia.lindqvist"), store)).toEqual(EMPTY);
  });

  test("leaves nothing behind when it is empty again", () => {
    const store = new Store();
    keepDraft(key, { ...EMPTY, what: "A strange mail" }, store);
    keepDraft(key, EMPTY, store);
    expect(store.kept.size).toBe(0);
  });

  test("that cannot be read is passed over", () => {
    const store = new Store();
    for (const broken of ["{", "[1]", '{"what":7,"unknown":"x"}']) {
      store.setItem(key, broken);
      expect(keptDraft(key, store)).toEqual(EMPTY);
    }
  });

  test("becomes a report in the organisation's time", () => {
    const draft = { ...EMPTY, what: "  Lost it  ", happened: "2026-07-01T09:30" };
    expect(toReport(draft, ["email"], "Europe/London", "de")).toEqual({
      kind: "incident",
      category: "suspicious_activity",
      severity: "medium",
      impact: "one",
      joins: "",
      what: "Lost it",
      affected: "",
      evidence: "",
      happened_at: "2026-07-01T08:30:00.000Z",
      keep: ["email"],
      language: "de",
    });
  });
});

test("local times hold on both sides of a change of clocks", () => {
  expect(instantOf("2026-03-29T00:59", "Europe/London")).toBe("2026-03-29T00:59:00.000Z");
  expect(instantOf("2026-03-29T02:00", "Europe/London")).toBe("2026-03-29T01:00:00.000Z");
  expect(instantOf("2026-11-01T12:00", "America/New_York")).toBe("2026-11-01T17:00:00.000Z");
  expect(localTime(Date.parse("2026-07-01T08:30:00Z"), "Europe/London")).toBe("2026-07-01T09:30");
});

describe("a text as it will be stored", () => {
  const text = "🙂 ask a@b.example or call";

  test("is masked by whole characters", () => {
    expect(masked(text, [found("email", 6, 17)], [])).toEqual([
      { text: "🙂 ask ", sort: null },
      { text: "[email]", sort: "email" },
      { text: " or call", sort: null },
    ]);
  });

  test("keeps the sorts that the writer keeps", () => {
    expect(masked(text, [found("email", 6, 17)], ["email"])).toEqual([{ text, sort: null }]);
  });

  test("counts every sort", () => {
    const three = [found("email", 0, 1), found("card", 2, 3), found("email", 4, 5)];
    expect(sortsOf(three)).toEqual([
      ["email", 2],
      ["card", 1],
    ]);
  });
});

test("notes stay apart from what the reporter reads", () => {
  const entry = (number: number, kind: Entry["kind"]): Entry => ({
    number,
    kind,
    at: "2026-03-04T09:00:00Z",
    actor: "",
    from_reporter: false,
    shown: kind !== "note",
    facts: {},
    text: "",
  });
  const { talk, notes, events } = split(
    (["reported", "note", "question", "answer", "state"] as const).map((kind, at) => entry(at, kind)),
  );
  expect(talk.map(({ kind }) => kind)).toEqual(["question", "answer"]);
  expect(notes.map(({ kind }) => kind)).toEqual(["note"]);
  expect(events.map(({ kind }) => kind)).toEqual(["reported", "state"]);
});

test("a reference is read with and without its letters", () => {
  expect(["SR-000012", "sr12", " 12 "].map(idOf)).toEqual(["00000012", "00000012", "00000012"]);
  expect(["", "SR-", "12a", "123456789"].map(idOf)).toEqual([null, null, null, null]);
});

test("German has the same places as English", () => {
  for (const [key, text] of Object.entries(english)) {
    const places = (said: string) => (said.match(/\{\w+\}/g) ?? []).sort();
    expect(places(german[key as keyof typeof german]), key).toEqual(places(text));
  }
});
