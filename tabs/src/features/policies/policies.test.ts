import { describe, expect, it } from "vitest";
import { isOpen, nextChange, summaryFor, waiting, type Policy } from "./calls";

const version = (number: number) => ({
  number,
  text_hash: "0".repeat(64),
  language: "en" as const,
  summary: "Less is kept.",
  summary_de: "Weniger wird behalten.",
  published_at: "2026-01-01T00:00:00Z",
  effective_at: "2026-01-01T00:00:00Z",
});

function policy(coming: number | null, decisions: [number, "accepted" | "declined"][]): Policy {
  return {
    id: "verification",
    title: "Verification",
    current: version(2),
    coming: coming ? version(coming) : null,
    versions: [version(1), version(2)],
    decisions: decisions.map(([number, decision]) => ({
      number,
      decision,
      at: "2026-01-02T00:00:00Z",
      support_request: null,
    })),
    accepted: false,
    read_only: false,
    accept_by: null,
    review_due: "2027-01-01T00:00:00Z",
    review_overdue: false,
  };
}

describe("a policy", () => {
  it("waits in the version in force before the coming one", () => {
    expect(waiting(policy(3, []))).toBe(2);
    expect(waiting(policy(3, [[2, "accepted"]]))).toBe(3);
    expect(waiting(policy(null, [[2, "accepted"]]))).toBe(2);
  });
  it("can be accepted after it was declined, and not twice", () => {
    expect(isOpen(policy(null, [[2, "declined"]]), 2)).toBe(true);
    expect(isOpen(policy(null, [[2, "declined"], [2, "accepted"]]), 2)).toBe(false);
  });
  it("says what changes in German where somebody wrote it", () => {
    expect(summaryFor(version(1), "de-AT")).toBe("Weniger wird behalten.");
    expect(summaryFor({ ...version(1), summary_de: null }, "de")).toBe("Less is kept.");
    expect(summaryFor(version(1), "en")).toBe("Less is kept.");
  });
  it("is not open in a version that is over", () => {
    expect(isOpen(policy(null, []), 1)).toBe(false);
  });
  it("tells the earliest day of all", () => {
    const day = (accept_by: string | null) => ({ ...policy(null, []), accept_by });
    const list = { read_only: false, support: null };
    const later = "2026-05-01T00:00:00Z";
    const sooner = "2026-04-01T00:00:00Z";
    expect(nextChange({ ...list, policies: [day(null), day(later), day(sooner)] })).toBe(sooner);
    expect(nextChange({ ...list, policies: [day(null)] })).toBeNull();
  });
});
