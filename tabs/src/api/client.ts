/** The one way to call the service: typed, signed in, remembering unchanged answers. */
import createClient from "openapi-fetch";
import { rememberingFetch } from "./etag";
import { ApiProblem, asProblem, toProblem } from "./problem";
import type { paths } from "./schema.gen";
import type { ContactQuery, FigureQuery, Grain, NewAlert, OwnSubscription } from "./types";

/** Gives a token; `fresh` asks for a new one because the service refused the last. */
export type TokenSource = (fresh: boolean) => Promise<string>;

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The same source; when the host gives no token, that is a sign-in problem, not a silent network. */
function signIn(token: TokenSource): TokenSource {
  return (fresh) =>
    token(fresh).catch((reason: unknown) => {
      throw new ApiProblem(401, "no_token", String(reason), null);
    });
}

/** A `fetch` that sends the token and, on a 401, tries once more with a new one. */
export function authenticatedFetch(token: TokenSource, inner: typeof fetch): typeof fetch {
  const send = async (request: Request, fresh: boolean) => {
    request.headers.set("Authorization", `Bearer ${await token(fresh)}`);
    return inner(request);
  };
  return async (input, init) => {
    const request = new Request(input, init);
    const again = request.clone();
    const answer = await send(request, false);
    return answer.status === 401 ? send(again, true) : answer;
  };
}

/** A `fetch` that names the organisation of each call, for people who belong to several. */
export function scopedFetch(organization: string | null, inner: typeof fetch): typeof fetch {
  if (!organization) return inner;
  return (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    url.searchParams.set("organization", organization);
    return inner(new Request(url, request));
  };
}

async function read<T>(call: Promise<Answered<T>>): Promise<T> {
  try {
    const { data, error, response } = await call;
    if (!response.ok || data === undefined) {
      throw toProblem(response.status, error, response.headers.get("x-correlation-id"));
    }
    return data;
  } catch (thrown) {
    throw asProblem(thrown);
  }
}

/** The calls the tab makes, in `organization` or else the token's. Each throws ApiProblem, or AbortError when `signal` says so. */
export function createApi(
  source: TokenSource,
  base: string,
  organization: string | null = null,
  inner: typeof fetch = (input, init) => fetch(input, init),
) {
  const token = signIn(source);
  const signedIn = scopedFetch(organization, authenticatedFetch(token, inner));
  const http = createClient<paths>({ baseUrl: base, fetch: rememberingFetch(signedIn) });
  type Signal = AbortSignal;
  return {
    fetch: signedIn,
    token,
    base,
    organization,
    me: (signal: Signal) => read(http.GET("/api/me", { signal })),
    definitions: (signal: Signal) => read(http.GET("/api/dashboards/definitions", { signal })),
    queueChoices: (signal: Signal) => read(http.GET("/api/dashboards/queue-choices", { signal })),
    summary: (query: FigureQuery, signal: Signal) =>
      read(http.GET("/api/dashboards/summary", { params: { query }, signal })),
    series: (query: FigureQuery & { grain: Grain }, signal: Signal) =>
      read(http.GET("/api/dashboards/series", { params: { query }, signal })),
    queues: (query: FigureQuery, signal: Signal) =>
      read(http.GET("/api/dashboards/queues", { params: { query }, signal })),
    agents: (query: FigureQuery, signal: Signal) =>
      read(http.GET("/api/dashboards/agents", { params: { query }, signal })),
    reconciliation: (query: FigureQuery, signal: Signal) =>
      read(http.GET("/api/dashboards/reconciliation", { params: { query }, signal })),
    contacts: (query: ContactQuery, signal: Signal) =>
      read(http.GET("/api/contacts", { params: { query }, signal })),
    imports: (signal: Signal) => read(http.GET("/api/imports", { signal })),
    importStatus: (id: string, signal: Signal) =>
      read(http.GET("/api/imports/{id}", { params: { path: { id } }, signal })),
    alerts: (signal: Signal) => read(http.GET("/api/alerts", { signal })),
    createAlert: (body: NewAlert) => read(http.POST("/api/alerts", { body })),
    changeAlert: (id: string, version: number, body: NewAlert) =>
      read(http.PUT("/api/alerts/{id}", { params: { path: { id }, query: { version } }, body })),
    removeAlert: (id: string, version: number) =>
      read(http.DELETE("/api/alerts/{id}", { params: { path: { id }, query: { version } } })),
    subscribeAlert: (id: string, body: OwnSubscription) =>
      read(http.PUT("/api/alerts/{id}/subscription", { params: { path: { id } }, body })),
  };
}

export type Api = ReturnType<typeof createApi>;
