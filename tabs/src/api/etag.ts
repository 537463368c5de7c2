/** A memory of answers by address, so that an unchanged answer costs a 304 and no body. */

interface Remembered {
  etag: string;
  body: string;
  type: string;
}

/**
 * Wraps `fetch`: GET answers with an ETag are kept (the last `limit`, least recently used out
 * first); the next GET of the same address asks with If-None-Match and turns a 304 into the kept
 * answer, marked by the header `x-from-memory: 1`.
 */
export function rememberingFetch(inner: typeof fetch, limit = 64): typeof fetch {
  const kept = new Map<string, Remembered>();
  return async (input, init) => {
    const request = new Request(input, init);
    if (request.method !== "GET") return inner(request);
    const known = kept.get(request.url);
    if (known) request.headers.set("If-None-Match", known.etag);
    const answer = await inner(request);
    if (answer.status === 304 && known) {
      kept.delete(request.url);
      kept.set(request.url, known);
      return new Response(known.body, {
        status: 200,
        headers: { "content-type": known.type, etag: known.etag, "x-from-memory": "1" },
      });
    }
    const etag = answer.headers.get("etag");
    if (!answer.ok || !etag) return answer;
    const body = await answer.clone().text();
    kept.delete(request.url);
    kept.set(request.url, { etag, body, type: answer.headers.get("content-type") ?? "" });
    const oldest = kept.keys().next();
    if (kept.size > limit && !oldest.done) kept.delete(oldest.value);
    return answer;
  };
}
