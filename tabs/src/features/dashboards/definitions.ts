/** What metrics mean, by metric, as the service says it. */
import type { Definition, Definitions, MetricDefinition } from "../../api/types";
import { HERO } from "./groups";

/** Service level carries the formula of the chosen definition. */
export function definitionsOf(
  definitions: Definitions | null,
  chosen: Definition,
): Map<string, MetricDefinition> {
  const formula = definitions?.service_level[chosen];
  return new Map(
    (definitions?.metrics ?? []).map((one) => [
      one.metric,
      one.metric === HERO && formula ? { ...one, formula } : one,
    ]),
  );
}
