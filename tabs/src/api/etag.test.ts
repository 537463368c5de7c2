import { describe, expect, it } from "vitest";
import { rememberingFetch } from "./etag";

/** A service with one resource whose revision the test turns. */
function service() {
  const state = { revision: 1, asked: [] as (string | null)[] };
  const answer: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const wanted = request.headers.get("if-none-match");
    state.asked.push(wanted);
    const etag = `"${state.revision}"`;
    if (wanted === etag) return new Response(null, { status: 304, headers: { etag } });
    return Response.json({ revision: state.revision }, { headers: { etag } });
  };
  return { state, answer };
}

const URL_A = "http://service.test/a";

describe("the memory of answers", () => {
  it("asks with the tag and turns 304 into the kept answer", async () => {
    const { state, answer } = service();
    const get = rememberingFetch(answer);
    await get(URL_A);
    const second = await get(URL_A);
    expect(state.asked).toEqual([null, '"1"']);
    expect(second.status).toBe(200);
    expect(await second.json()).toEqual({ revision: 1 });
    expect(second.headers.get("x-from-memory")).toBe("1");
  });
  it("takes the new answer when it changed", async () => {
    const { state, answer } = service();
    const get = rememberingFetch(answer);
    await get(URL_A);
    state.revision = 2;
    expect(await (await get(URL_A)).json()).toEqual({ revision: 2 });
  });
  it("forgets the least recently used beyond its limit", async () => {
    const { state, answer } = service();
    const get = rememberingFetch(answer, 2);
    for (const name of ["a", "b", "a", "c", "b"]) await get(`http://service.test/${name}`);
    expect(state.asked).toEqual([null, null, '"1"', null, null]);
  });
  it("leaves other methods alone", async () => {
    const { state, answer } = service();
    const get = rememberingFetch(answer);
    await get(URL_A);
    await get(URL_A, { method: "POST" });
    expect(state.asked).toEqual([null, null]);
  });
});
