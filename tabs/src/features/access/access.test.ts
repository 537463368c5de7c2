import { describe, expect, it } from "vitest";
import { EMPTY, endOfDay, found, lastDay, toDraft, toNewGrant, wrongFields, type Draft } from "./access";
import type { Grant } from "./calls";

const GROUP = "5d0f1a2b-3c4d-4e5f-8a9b-0c1d2e3f4a5b";
const draft = (change: Partial<Draft>): Draft => ({ ...EMPTY, ...change });
const grant = (name: string, role: string): Grant => ({
  id: name,
  version: 3,
  holder: { kind: "person", id: name, name },
  role,
  role_title: role,
  blind: false,
  scope: { boards: null, queues: ["q1"], channels: null, details: null },
  expires_at: "2026-11-30T23:00:00Z",
  granted_at: "2026-11-01T10:00:00Z",
  granted_by: "Oliver Bright",
  reason: "covers the desk",
  confirmed_at: "2026-11-01T10:00:00Z",
  confirmed_by: "Oliver Bright",
  review_at: "2027-01-30T10:00:00Z",
  lapses_at: "2027-02-13T10:00:00Z",
  state: "active",
  may_change: true,
  may_remove: true,
  may_confirm: true,
  why_not: null,
});

describe("a draft", () => {
  it("needs a holder, a role and a reason", () => {
    expect(wrongFields(EMPTY, true)).toEqual({ person: true, role: true, reason: true });
    expect(wrongFields(draft({ role: "agent", reason: "new desk" }), false)).toEqual({});
  });
  it("takes ids as they are pasted, and nothing else", () => {
    const group = draft({ holder: "group", object: ` ${GROUP.toUpperCase()} `, role: "agent", reason: "why" });
    expect(wrongFields(group, true)).toEqual({});
    expect(toNewGrant(group, "UTC").holder).toEqual({ kind: "group", group: GROUP, name: "" });
    expect(wrongFields({ ...group, object: "sales" }, true)).toEqual({ object: true });
  });
  it("narrows what has a choice, and nothing else", () => {
    const scope = { ...EMPTY.scope, queues: ["q1"] };
    const all = { boards: null, channels: null, details: null };
    expect(toNewGrant(draft({ scope }), "UTC").scope).toEqual({ ...all, queues: ["q1"] });
  });
  it("comes back from a grant as it was", () => {
    const again = toDraft(grant("Amira Khan", "agent"), "Europe/Berlin");
    expect(again.scope.queues).toEqual(["q1"]);
    expect(again.lastDay).toBe("2026-11-30");
    expect(again.reason).toBe("");
  });
});

describe("the last day", () => {
  it.each([
    ["2026-11-30", "Europe/London", "2026-12-01T00:00:00.000Z"],
    ["2026-10-25", "Europe/Berlin", "2026-10-25T23:00:00.000Z"],
    ["2026-10-24", "Europe/Berlin", "2026-10-24T22:00:00.000Z"],
    ["2026-12-31", "Australia/Sydney", "2026-12-31T13:00:00.000Z"],
    ["2026-07-01", "America/New_York", "2026-07-02T04:00:00.000Z"],
  ])("%s in %s ends at %s", (day, zone, instant) => {
    expect(endOfDay(day, zone)).toBe(instant);
    expect(lastDay(instant, zone)).toBe(day);
  });
});

describe("looking for grants", () => {
  const grants = [grant("Zoe Park", "agent"), grant("Amira Khan", "supervisor")];
  it("finds by name and role, in the order of names", () => {
    expect(found(grants, "", (one) => one.role).map((one) => one.id)).toEqual(["Amira Khan", "Zoe Park"]);
    expect(found(grants, "SUPER", (one) => one.role).map((one) => one.id)).toEqual(["Amira Khan"]);
  });
});
