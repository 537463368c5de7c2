/** The one way to call the service: typed, signed in, remembering unchanged answers. */
import createClient from "openapi-fetch";
import { Signer, type Credentials } from "./credentials";
import { rememberingFetch } from "./etag";
import { asProblem, toProblem } from "./problem";
import type { paths } from "./schema.gen";
import type { ContactQuery, FigureQuery, Grain, NewAlert, OwnSubscription } from "./types";

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
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

/** What a call answers. Throws ApiProblem, or AbortError when its signal says so. */
export async function read<T>(call: Promise<Answered<T>>): Promise<T> {
  try {
    const { data, error, response } = await call;
    if (response.status === 204) return undefined as T;
    if (!response.ok || data === undefined) {
      throw toProblem(response.status, error, response.headers.get("x-correlation-id"));
    }
    return data;
  } catch (thrown) {
    throw asProblem(thrown);
  }
}

/** The calls the tab makes, in `organization` or else the person's home. Each throws ApiProblem, or AbortError when `signal` says so. */
export function createApi(
  credentials: Credentials,
  base: string,
  organization: string | null = null,
  inner: typeof fetch = (input, init) => fetch(input, init),
) {
  const signer = new Signer(credentials);
  const signedIn = scopedFetch(organization, signer.fetch(inner));
  const http = createClient<paths>({ baseUrl: base, fetch: rememberingFetch(signedIn) });
  type Signal = AbortSignal;
  return {
    fetch: signedIn,
    /** For views with calls of their own; to be used inside `read`. */
    http,
    /** Signs a request that is not made with `fetch`. */
    sign: (headers: Headers) => signer.sign(headers, false),
    base,
    organization,
    me: (signal: Signal) => read(http.GET("/api/me", { signal })),
    definitions: (signal: Signal) => read(http.GET("/api/dashboards/definitions", { signal })),
    views: (signal: Signal) => read(http.GET("/api/views", { signal })),
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
