import { describe, expect, it } from "vitest";
import type { Alert } from "../../api/types";
import {
  dayName,
  EMPTY,
  keptDays,
  openingHours,
  ordered,
  quietUntil,
  sentence,
  toAlert,
  toDraft,
  wrongFields,
} from "./alerts";

const alert: Alert = {
  id: "a",
  version: 1,
  queue: "",
  queue_name: null,
  trigger: { kind: "daily", at: "08:00", days: [0], yesterday: true },
  beyond_since: null,
  fired_at: null,
  places: 0,
  own: null,
};

describe("a draft", () => {
  it("is right as it begins", () => {
    expect(wrongFields(EMPTY)).toEqual({});
  });
  it.each([
    [{ limit: "" }, { limit: true }],
    [{ limit: "101" }, { limit: true }],
    [{ metric: "longest_wait", limit: "101" }, {}],
    [{ window: "4" }, { window: true }],
    [{ window: "15.5" }, { window: true }],
    [{ coolDown: "-1" }, { coolDown: true }],
    [{ hours: true }, {}],
    [{ hours: true, opens: "17:00", closes: "09:00" }, { closes: true }],
    [{ hours: true, opens: "9" }, { closes: true }],
    [{ opens: "9" }, {}],
    [{ hours: true, closes: "24:00" }, {}],
    [{ hours: true, openDays: [] }, { days: true }],
    [{ openDays: [] }, {}],
    [{ kind: "daily", days: [] }, { days: true }],
    [{ kind: "daily", limit: "" }, {}],
    [{ kind: "daily", at: "24:00" }, { at: true }],
  ] as const)("names what the service would refuse: %o", (change, wrong) => {
    expect(wrongFields({ ...EMPTY, ...change })).toEqual(wrong);
  });
  it("sends of each kind its own fields", () => {
    expect(toAlert({ ...EMPTY, queue: "q1" })).toEqual({
      queue: "q1",
      trigger: {
        kind: "threshold",
        metric: "service_level",
        comparison: "below",
        limit: 80,
        window_minutes: 15,
        cool_down_minutes: 60,
        hours: null,
      },
    });
    expect(toAlert({ ...EMPTY, kind: "daily" }).trigger).toEqual({
      kind: "daily",
      at: "08:00",
      days: [0, 1, 2, 3, 4, 5, 6],
      yesterday: false,
    });
  });
});

describe("a change", () => {
  const hours = { days: [5, 6], from: "10:00", to: "24:00" };
  it.each([
    alert.trigger,
    { kind: "daily", at: "23:59", days: [0, 6], yesterday: false },
    toAlert(EMPTY).trigger,
    { ...toAlert(EMPTY).trigger, metric: "longest_wait", limit: 90.5, hours },
  ])("that changes nothing sends the alert as it is: %o", (trigger) => {
    const draft = toDraft({ queue: "q7", trigger: trigger as Alert["trigger"] });
    expect(wrongFields(draft)).toEqual({});
    expect(toAlert(draft)).toEqual({ queue: "q7", trigger });
  });
});

describe("an alert", () => {
  it("says which days it keeps to", () => {
    expect(keptDays(alert.trigger)).toEqual([0]);
    const { trigger } = toAlert({ ...EMPTY, hours: true, openDays: [4, 0] });
    expect(keptDays(trigger as Alert["trigger"])).toEqual([0, 4]);
    expect(keptDays(toAlert({ ...EMPTY, kind: "daily" }).trigger as Alert["trigger"])).toBeNull();
    expect(keptDays(toAlert(EMPTY).trigger as Alert["trigger"])).toBeNull();
    expect([0, 6].map((day) => dayName(day, "en"))).toEqual(["Mon", "Sun"]);
  });
  it("is a sentence", () => {
    const name = (metric: string) => metric;
    const amount = (_: string, value: number) => `${value}!`;
    expect(sentence(alert.trigger, name, amount)).toEqual({
      key: "alerts.daily_yesterday",
      values: { at: "08:00" },
    });
    const { trigger } = toAlert(EMPTY);
    expect(sentence(trigger as Alert["trigger"], name, amount)).toEqual({
      key: "alerts.threshold_below",
      values: { metric: "service_level", limit: "80!", minutes: 15 },
    });
  });
  it("says which hours it keeps to", () => {
    expect(openingHours(alert.trigger)).toBeNull();
    expect(openingHours(toAlert(EMPTY).trigger as Alert["trigger"])).toBeNull();
    const { trigger } = toAlert({ ...EMPTY, hours: true });
    expect(openingHours(trigger as Alert["trigger"])).toBe("09:00–17:00");
  });
  it("stands first while it is beyond its limit", () => {
    const beyond = { ...alert, id: "b", beyond_since: "2026-10-28T14:00:00Z" };
    expect(ordered([alert, beyond]).map(({ id }) => id)).toEqual(["b", "a"]);
  });
  it("has quiet until the quiet has passed", () => {
    const until = "2026-10-28T14:00:00Z";
    const quiet = { ...alert, own: { quiet_until: until } };
    expect(quietUntil(quiet, Date.parse(until) - 1)).toBe(until);
    expect(quietUntil(quiet, Date.parse(until))).toBeNull();
    expect(quietUntil(alert, 0)).toBeNull();
  });
});
