/** What systems that hear of incidents ask of the service. */
import { read, type Api } from "../../api/client";
import type { components } from "../../api/schema.gen";

type Schemas = components["schemas"];

export type Receiver = Schemas["IncidentReceiver"];
export type Wanted = Required<Schemas["ReceiverBody"]>;
export type Forward = Schemas["IncidentForward"];
export type Forwards = Schemas["IncidentForwards"];

export function receiverCalls({ http }: Api) {
  const path = (id: string) => ({ path: { id } });
  const seen = ({ id, version }: Receiver) => ({ params: { path: { id }, query: { version } } });
  return {
    all: (signal: AbortSignal) => read(http.GET("/api/incidents/receivers", { signal })),
    add: (body: Wanted) => read(http.POST("/api/incidents/receivers", { body })),
    change: (one: Receiver, body: Wanted) =>
      read(http.PUT("/api/incidents/receivers/{id}", { ...seen(one), body })),
    remove: (one: Receiver) => read(http.DELETE("/api/incidents/receivers/{id}", seen(one))),
    rotate: (one: Receiver) => read(http.POST("/api/incidents/receivers/{id}/secret", seen(one))),
    endFormer: (one: Receiver) =>
      read(http.DELETE("/api/incidents/receivers/{id}/secret/former", seen(one))),
    tryOut: ({ id }: Receiver) =>
      read(http.POST("/api/incidents/receivers/{id}/trial", { params: path(id) })),
    log: ({ id }: Receiver, cursor: string, signal: AbortSignal) =>
      read(
        http.GET("/api/incidents/receivers/{id}/forwards", {
          params: { ...path(id), query: { cursor } },
          signal,
        }),
      ),
    again: ({ id }: Receiver) =>
      read(http.POST("/api/incidents/receivers/{id}/forwards/again", { params: path(id) })),
  };
}

export type Calls = ReturnType<typeof receiverCalls>;
