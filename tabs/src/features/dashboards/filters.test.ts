import { describe, expect, it } from "vitest";
import { activeFilters, DEFAULTS, isNarrowed, readFilters, toQuery, writeFilters } from "./filters";

const read = (text: string) => readFilters(new URLSearchParams(text));
const write = (text: string, before = "") =>
  writeFilters(read(text), new URLSearchParams(before)).toString();

describe("filters in the address", () => {
  it("survive being written and read", () => {
    const text =
      "from=2026-06-01&to=2026-06-07&queue=q1&queue=q2&channel=voice&direction=inbound" +
      "&definition=short_excluded&threshold=30&grain=1d";
    expect(write(text)).toBe(text);
  });
  it("leave defaults unsaid and other parameters alone", () => {
    expect(write("range=today&definition=strict&threshold=20", "view=imports")).toBe("view=imports");
  });
  it("fall back where they make no sense", () => {
    const filters = read(
      "range=never&channel=fax&definition=x&threshold=-5&grain=1y&from=2026-13-01&to=2026-06-01",
    );
    expect(filters).toEqual(DEFAULTS);
  });
  it("name a queue once", () => {
    expect(read("queue=q1&queue=q1&queue=").queue).toEqual(["q1"]);
  });
});

describe("what filters do", () => {
  it("tells narrowing from counting differently", () => {
    expect(isNarrowed(read("definition=positive"))).toBe(false);
    expect(isNarrowed(read("channel=chat"))).toBe(true);
    expect(activeFilters(read("definition=positive&channel=chat"))).toBe(2);
  });
  it("becomes the service's query", () => {
    const span = { from: "2026-06-01", to: "2026-06-02" };
    expect(toQuery(read("queue=q1&threshold=45"), span)).toEqual({
      ...span,
      queue: ["q1"],
      channel: [],
      direction: [],
      definition: "strict",
      threshold: 45,
    });
  });
});
