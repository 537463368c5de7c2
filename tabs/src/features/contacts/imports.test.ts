import { describe, expect, it } from "vitest";
import { keepDraft, needsExtensions, readDraft, toImport, type Draft } from "./imports";

const draft: Draft = { source: "three-cx", queueExtensions: " 610,611 ", columns: "" };

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

describe("drafts", () => {
  it("survive closing", () => {
    const storage = memory();
    keepDraft(draft, storage);
    expect(readDraft(storage)).toEqual(draft);
  });
  it("start anew when what was kept is unreadable", () => {
    expect(readDraft({ getItem: () => "{" }).source).toBe("amazon-connect");
    expect(readDraft({ getItem: () => '{"source":"fax"}' }).source).toBe("amazon-connect");
  });
});

describe("an import", () => {
  it("carries queue extensions for 3CX only", () => {
    expect(toImport(draft, "cdr.csv")).toEqual({
      source: "three-cx",
      file_name: "cdr.csv",
      queue_extensions: "610,611",
    });
    expect(toImport({ ...draft, source: "teams" }, "x.csv")).toEqual({
      source: "teams",
      file_name: "x.csv",
    });
  });
  it("of 3CX needs them", () => {
    expect(needsExtensions({ ...draft, queueExtensions: " " })).toBe(true);
    expect(needsExtensions({ ...draft, source: "teams", queueExtensions: "" })).toBe(false);
  });
});
