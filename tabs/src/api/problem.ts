/** Failed calls, as the service describes them (RFC 9457) or as the network left them. */
import type { Problem } from "./types";

/** A call that failed. `status` is 0 when no answer arrived. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string | null,
    readonly correlationId: string | null,
    readonly fields: Record<string, string> = {},
  ) {
    super(`${status} ${code}`);
    this.name = "ApiProblem";
  }

  /** Whether trying again later can help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Reads a failed answer's body; anything that is not problem details keeps only its status. */
export function toProblem(status: number, body: unknown, correlationId: string | null): ApiProblem {
  const said = typeof body === "object" && body !== null ? (body as Partial<Problem>) : {};
  return new ApiProblem(
    status,
    said.code ?? "unreadable_answer",
    said.detail ?? null,
    said.correlation_id ?? correlationId,
    said.fields ?? {},
  );
}

/** Turns whatever was thrown into an ApiProblem; aborted calls stay as they are. */
export function asProblem(thrown: unknown): unknown {
  if (thrown instanceof ApiProblem) return thrown;
  if (thrown instanceof DOMException && thrown.name === "AbortError") return thrown;
  return new ApiProblem(0, "no_answer", null, null);
}
