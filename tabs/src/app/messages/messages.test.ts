import { describe, expect, it } from "vitest";
import { about, de } from "./de";
import { en, type MessageKey } from "./en";
import { createLanguage, fill } from "./index";

const keys = Object.keys(en) as MessageKey[];
const values = (message: string) => [...message.matchAll(/\{\w+\}/g)].map(String).sort();

describe("catalogues", () => {
  it("take the same values in every language", () => {
    for (const key of keys) expect(values(de[key]), key).toEqual(values(en[key]));
  });
  it("leave nothing unsaid", () => {
    for (const key of keys) expect(de[key].trim(), key).not.toBe("");
    const metrics = keys.filter((key) => key.startsWith("metric.")).map((key) => key.slice(7));
    expect(Object.keys(about).sort()).toEqual(metrics.sort());
  });
});

type Catalogues = Record<string, { words: Record<string, string> }>;

describe("words of views", () => {
  const english: Catalogues = import.meta.glob("../../features/*/words.en.ts", { eager: true });
  const german: Catalogues = import.meta.glob("../../features/*/words.de.ts", { eager: true });
  it("exist in both languages, with the same values, and say something", () => {
    for (const [path, { words }] of Object.entries(english)) {
      const other = german[path.replace(".en.", ".de.")]?.words ?? {};
      expect(Object.keys(other).sort(), path).toEqual(Object.keys(words).sort());
      for (const [key, message] of Object.entries(words)) {
        expect(values(other[key] ?? ""), key).toEqual(values(message));
        expect((other[key] ?? "").trim(), key).not.toBe("");
      }
    }
    expect(Object.keys(english).length).toBeGreaterThan(0);
  });
});

describe("messages", () => {
  it("are filled in, and keep what they are not given", () => {
    expect(fill("{a} of {b}", { a: 1 })).toBe("1 of {b}");
  });
  it("fall back to the service's words", () => {
    const language = createLanguage("en", en, {});
    expect(language.about("offered", "What came.")).toBe("What came.");
    expect(language.named("metric.unheard_of", "Unheard of")).toBe("Unheard of");
  });
});
