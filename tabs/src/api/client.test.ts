import { describe, expect, it } from "vitest";
import { expiry, keptToken, toPlace, toTheme } from "../teams/host";
import { createApi } from "./client";
import { ApiProblem } from "./problem";

const signal = new AbortController().signal;
const BASE = "http://service.test";

describe("the client", () => {
  it("signs in again once when the token is refused", async () => {
    const seen: (string | null)[] = [];
    const api = createApi(
      async (fresh) => (fresh ? "new" : "old"),
      BASE,
      null,
      async (input) => {
        const sent = (input as Request).headers.get("authorization");
        seen.push(sent);
        return sent === "Bearer new" ? Response.json({ imports: [] }) : new Response(null, { status: 401 });
      },
    );
    expect(await api.imports(signal)).toEqual({ imports: [] });
    expect(seen).toEqual(["Bearer old", "Bearer new"]);
  });
  it("repeats list parameters and names them as the service does", async () => {
    let asked = "";
    const api = createApi(
      async () => "t",
      BASE,
      null,
      async (input) => {
        asked = new URL((input as Request).url).search;
        return Response.json({});
      },
    );
    await api.summary({ from: "2026-06-01", queue: ["a", "b"], channel: [], threshold: 20 }, signal);
    expect(asked).toBe("?from=2026-06-01&queue=a&queue=b&threshold=20");
  });
  it("names the organisation in every call", async () => {
    const asked: string[] = [];
    const api = createApi(
      async () => "t",
      BASE,
      "juniper",
      async (input) => {
        asked.push(new URL((input as Request).url).search);
        return Response.json({});
      },
    );
    await api.me(signal);
    await api.summary({ threshold: 20 }, signal);
    await api.fetch(`${BASE}/api/dashboards/live`);
    expect(asked).toEqual([
      "?organization=juniper",
      "?threshold=20&organization=juniper",
      "?organization=juniper",
    ]);
  });
  it("throws what the service says of a failure", async () => {
    const problem = {
      type: "about:blank",
      title: "Forbidden",
      status: 403,
      code: "forbidden",
      detail: "Ask an administrator.",
      correlation_id: "c1",
    };
    const api = createApi(async () => "t", BASE, null, async () =>
      Response.json(problem, { status: 403 }),
    );
    await expect(api.me(signal)).rejects.toMatchObject({
      status: 403,
      code: "forbidden",
      detail: "Ask an administrator.",
      correlationId: "c1",
    });
  });
  it("tells a refused sign-in from a silent service", async () => {
    const api = createApi(async () => Promise.reject("consent_required"), BASE);
    await expect(api.me(signal)).rejects.toMatchObject({ status: 401, code: "no_token" });
  });
  it("tells silence from an answer", async () => {
    const api = createApi(
      async () => "t",
      BASE,
      null,
      async () => {
        throw new TypeError("network");
      },
    );
    const thrown = await api.me(signal).catch((reason: unknown) => reason);
    expect(thrown).toBeInstanceOf(ApiProblem);
    expect((thrown as ApiProblem).status).toBe(0);
    expect((thrown as ApiProblem).passing).toBe(true);
  });
});

describe("tokens", () => {
  const token = (exp: number) => `h.${btoa(JSON.stringify({ exp }))}.s`;
  it("say when they end", () => {
    expect(expiry(token(1000))).toBe(1_000_000);
    expect(expiry("opaque")).toBe(0);
  });
  it("are kept until a minute before, shared while asked for, renewed on demand", async () => {
    let now = 0;
    let asked = 0;
    const source = keptToken(
      async () => {
        asked += 1;
        return token(3600);
      },
      () => now,
    );
    await Promise.all([source(false), source(false)]);
    expect(asked).toBe(1);
    now = 3_539_000;
    await source(false);
    expect(asked).toBe(1);
    now = 3_541_000;
    await source(false);
    expect(asked).toBe(2);
    await source(true);
    expect(asked).toBe(3);
  });
});

describe("the place in Teams", () => {
  it("follows entity, frame and channel", () => {
    expect(toPlace("dashboards", "content", false)).toEqual({ kind: "personal" });
    expect(toPlace("board:q1", "content", true)).toEqual({ kind: "board", queue: "q1" });
    expect(toPlace("board", "content", true)).toEqual({ kind: "board", queue: null });
    expect(toPlace("", "settings", true)).toEqual({ kind: "board-settings", queue: null });
  });
  it("knows three themes", () => {
    expect(toTheme("dark")).toBe("dark");
    expect(toTheme("contrast")).toBe("contrast");
    expect(toTheme("glass")).toBe("default");
  });
});
