import { describe, expect, it } from "vitest";
import { worthTelling } from "./calls";
import { known } from "./words";
import { words as germanBanner } from "./words.banner.de";
import { words as banner } from "./words.banner.en";
import { words as german } from "./words.de";
import { words } from "./words.en";

describe("what may be done meanwhile", () => {
  it("is told in the order of its use, and only what people do there", () => {
    const open = ["account", "standing", "export", "report", "operate", "change"];
    expect(worthTelling({ open })).toEqual(["standing", "report", "export", "account"]);
  });
  it("has words for everything that is told", () => {
    const open = ["account", "standing", "export", "report", "repair", "look"];
    for (const one of worthTelling({ open })) expect(known(`open.${one}`)).not.toBeNull();
  });
});

describe("words", () => {
  it("fill the same places in both languages", () => {
    const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const key of Object.keys(words) as (keyof typeof words)[])
      expect(places(german[key]), key).toEqual(places(words[key]));
    expect(Object.keys(germanBanner).sort()).toEqual(Object.keys(banner).sort());
  });
});
