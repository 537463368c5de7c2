import { describe, expect, it } from "vitest";
import { textFor, written, type Notice } from "./calls";

const notice = (...languages: ("en" | "de")[]): Notice => ({
  number: 1,
  texts: languages.map((language) => ({ language, title: language, text: language })),
  text_hash: "0".repeat(64),
  published_at: "2026-01-01T00:00:00Z",
});

describe("a notice", () => {
  it("is read in the reader's language, else in the one there is", () => {
    expect(textFor(notice("de", "en"), "en-GB")?.language).toBe("en");
    expect(textFor(notice("de", "en"), "de")?.language).toBe("de");
    expect(textFor(notice("de"), "en-GB")?.language).toBe("de");
    expect(textFor(notice("en"), "fr")?.language).toBe("en");
  });
  it("is sent in the languages that somebody wrote", () => {
    const texts = [
      { language: "en" as const, title: " Calls ", text: "Counted.\n" },
      { language: "de" as const, title: " ", text: "" },
    ];
    expect(written(texts)).toEqual([{ language: "en", title: "Calls", text: "Counted." }]);
  });
});
