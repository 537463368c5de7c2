/** What standing asks of the service. */
import { read, type Api } from "../../api/client";
import { toProblem } from "../../api/problem";
import type { components } from "../../api/schema.gen";

type Schemas = components["schemas"];

export type Standing = Schemas["StandingView"];
export type Change = Schemas["StandingChange"];
export type Appeal = Schemas["StandingAppeal"];
export const PARTS = ["contacts", "audit", "settings", "files"] as const;
export type Part = (typeof PARTS)[number];

export function standingCalls({ http, fetch, base }: Api) {
  return {
    now: (signal: AbortSignal) => read(http.GET("/api/organizations/standing", { signal })),
    appeal: (body: Schemas["MakeAppeal"]) =>
      read(http.POST("/api/organizations/standing/appeal", { body })),
    /** Everything of one part, as a file. */
    take: async (part: Part) => {
      const answer = await fetch(`${base}/api/organizations/export/${part}`);
      if (answer.ok) return answer.blob();
      const said: unknown = await answer.json().catch(() => null);
      throw toProblem(answer.status, said, answer.headers.get("x-correlation-id"));
    },
  };
}

/** Of what may be done meanwhile, what is worth telling, in the order of its use. */
export function worthTelling(standing: Pick<Standing, "open">): string[] {
  const order = ["standing", "repair", "report", "export", "look", "account"];
  return order.filter((one) => standing.open.includes(one));
}
