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
      { token: async (fresh) => (fresh ? "new" : "old") },
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
  it("shows no token where the browser's session counts, and says that our page asks", async () => {
    const seen: (string | null)[] = [];
    const api = createApi({ token: async () => null }, BASE, null, async (input) => {
      const { headers } = input as Request;
      seen.push(headers.get("authorization"), headers.get("x-switchroom-request"));
      return Response.json({ imports: [] });
    });
    await api.imports(signal);
    expect(seen).toEqual([null, "1"]);
  });
  it("asks once for what the service wants to see, and repeats the calls with it", async () => {
    const wanted = { id_token: { acrs: { essential: true, value: "c1" } } };
    const challenges: unknown[] = [];
    const api = createApi(
      {
        token: async () => "t",
        answer: async (challenge) => {
          challenges.push(challenge);
          return "proof";
        },
      },
      BASE,
      null,
      async (input) => {
        if ((input as Request).headers.get("x-switchroom-proof") === "proof") {
          return Response.json({ imports: [] });
        }
        const claims = btoa(JSON.stringify(wanted));
        return Response.json(
          { code: "step-up-required", status: 401 },
          { status: 401, headers: { "WWW-Authenticate": `Bearer realm="x", claims="${claims}"` } },
        );
      },
    );
    const both = await Promise.all([api.imports(signal), api.imports(signal)]);
    expect(both).toEqual([{ imports: [] }, { imports: [] }]);
    expect(challenges).toEqual([{ code: "step-up-required", claims: JSON.stringify(wanted) }]);
    await api.imports(signal);
    expect(challenges).toHaveLength(1);
  });
  it("does not ask again and again, and never goes on without", async () => {
    let asked = 0;
    const refuse = async () => Response.json({ code: "step-up-required" }, { status: 401 });
    const unmoved = createApi(
      {
        token: async () => "t",
        answer: async () => {
          asked += 1;
          return "proof";
        },
      },
      BASE,
      null,
      refuse,
    );
    await expect(unmoved.imports(signal)).rejects.toMatchObject({ code: "step-up-required" });
    expect(asked).toBe(1);
    const unwilling = createApi(
      { token: async () => "t", answer: async () => Promise.reject("cancelled") },
      BASE,
      null,
      refuse,
    );
    await expect(unwilling.imports(signal)).rejects.toMatchObject({ status: 401, code: "step-up-required" });
  });
  it("repeats list parameters and names them as the service does", async () => {
    let asked = "";
    const api = createApi(
      { token: async () => "t" },
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
      { token: async () => "t" },
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
    const api = createApi({ token: async () => "t" }, BASE, null, async () =>
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
    const api = createApi({ token: async () => Promise.reject("cancelled") }, BASE);
    await expect(api.me(signal)).rejects.toMatchObject({ status: 401, code: "no_token" });
  });
  it("tells silence from an answer", async () => {
    const api = createApi(
      { token: async () => "t" },
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
    expect(toPlace("board:q1", "content", true)).toEqual({ kind: "board", queue: "q1", view: null });
    expect(toPlace("board", "content", true)).toEqual({ kind: "board", queue: null, view: null });
    const view = "0123456789abcdef0123456789abcdef";
    expect(toPlace(`board:${view}`, "content", true)).toEqual({ kind: "board", queue: null, view });
    const nothing = { queue: null, view: null };
    expect(toPlace("", "settings", true)).toEqual({ kind: "board-settings", ...nothing });
  });
  it("knows three themes", () => {
    expect(toTheme("dark")).toBe("dark");
    expect(toTheme("contrast")).toBe("contrast");
    expect(toTheme("glass")).toBe("default");
  });
});
