/** What policies ask of the service. */
import { read, type Api } from "../../api/client";
import type { components } from "../../api/schema.gen";

type Schemas = components["schemas"];

export type Policy = Schemas["Policy"];
export type PolicyList = Schemas["PolicyList"];
export type PolicyText = Schemas["PolicyText"];

export function policyCalls({ http }: Api) {
  type Signal = AbortSignal;
  const path = (id: string) => ({ path: { id } });
  return {
    all: (signal: Signal) => read(http.GET("/api/policies", { signal })),
    text: (id: string, number: number, compare_with: number | null, signal: Signal) =>
      read(
        http.GET("/api/policies/{id}", {
          params: { ...path(id), query: compare_with ? { number, compare_with } : { number } },
          signal,
        }),
      ),
    accept: (id: string, body: Schemas["Acceptance"]) =>
      read(http.POST("/api/policies/{id}/acceptance", { params: path(id), body })),
    decline: (id: string, body: Schemas["Decline"]) =>
      read(http.POST("/api/policies/{id}/decline", { params: path(id), body })),
  };
}

export type Calls = ReturnType<typeof policyCalls>;

/** What a version changes, in the reader's language where somebody wrote it. */
export function summaryFor(version: Policy["current"], locale: string): string {
  const german = locale.toLowerCase().split("-")[0] === "de" ? version.summary_de : null;
  return german ?? version.summary;
}

/** Whether this version can still be decided about: it is in force or coming, and not accepted. */
export function isOpen(policy: Policy, number: number): boolean {
  const last = policy.decisions.filter((one) => one.number === number).at(-1);
  const counts = number === policy.current.number || number === policy.coming?.number;
  return counts && last?.decision !== "accepted";
}

/** The version that waits for the reader's word first: what is in force, then what is coming. */
export function waiting(policy: Policy): number {
  const numbers = [policy.current.number, ...(policy.coming ? [policy.coming.number] : [])];
  return numbers.find((one) => isOpen(policy, one)) ?? policy.current.number;
}

/** The day from which the reader can only look, of all policies: the earliest. */
export function nextChange(list: PolicyList): string | null {
  const days = list.policies.map((one) => one.accept_by).filter((day) => day !== null);
  return days.sort()[0] ?? null;
}
