/** What the register asks of the service. */
import { read, type Api } from "../../api/client";
import type { components } from "../../api/schema.gen";

type Schemas = components["schemas"];

export type Disclosure = Schemas["Disclosure"];
export type Entry = Schemas["DisclosureEntry"];
export type NewDisclosure = Schemas["NewDisclosure"];
export type NewEntry = Schemas["NewDisclosureEntry"]["entry"];
export type Data = Entry["data"][number];

export function disclosureCalls({ http, fetch, base }: Api) {
  return {
    all: (signal: AbortSignal) => read(http.GET("/api/disclosures", { signal })),
    receive: (body: NewDisclosure) => read(http.POST("/api/disclosures", { body })),
    enter: (id: string, version: number, entry: NewEntry) =>
      read(
        http.POST("/api/disclosures/{id}/entries", {
          params: { path: { id } },
          body: { version, entry },
        }),
      ),
    taken: (format: "csv" | "json") => fetch(`${base}/api/disclosures/export.${format}`),
  };
}

export type Calls = ReturnType<typeof disclosureCalls>;
