import { describe, expect, it } from "vitest";
import { outcome } from "../features/sign_in/SignIn";
import { signInAddress, windowEnd } from "./browser";

const at = (search: string) => signInAddress({ search } as Location);

describe("outside Teams", () => {
  it("a sign-in comes back to the present address, without what came of the last", () => {
    expect(at("")).toBe("/sign-in?return_to=%2Ftab%2F");
    const asked = new URLSearchParams(at("?range=last7&sign-in=unavailable").split("?")[1]);
    expect(asked.get("return_to")).toBe("/tab/?range=last7");
  });
  it("what came of a sign-in is said in a sentence, whatever the code", () => {
    expect(outcome(null)).toBeNull();
    expect(outcome("unavailable")).toBe("unavailable");
    expect(outcome("not-set-up")).toBe("not-set-up");
    expect(outcome("<script>")).toBe("refused");
  });
});

describe("a window of its own", () => {
  it("tells how it ended", () => {
    expect(windowEnd("#proof=abc.d_-1", "", true)).toEqual({ proof: "abc.d_-1" });
    expect(windowEnd("", "?window=done", false)).toEqual({ done: true });
    expect(windowEnd("", "?sign-in=not-authenticated", true)).toEqual({
      failure: "not-authenticated",
    });
  });
  it("is no other page", () => {
    expect(windowEnd("", "?sign-in=not-authenticated", false)).toBeNull();
    expect(windowEnd("#proof=<x>", "?range=today", true)).toBeNull();
    expect(windowEnd("", "", true)).toBeNull();
  });
});
