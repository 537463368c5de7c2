/** What role management asks of the service. */
import { read, type Api } from "../../api/client";
import type { components } from "../../api/schema.gen";

type Schemas = components["schemas"];

export type Role = Schemas["AccessRole"];
export type RoleList = Schemas["RoleList"];
export type Grant = Schemas["Grant"];
export type NewGrant = Schemas["NewGrant"];
export type ChangedGrant = Schemas["ChangedGrant"];
export type Scope = Schemas["AccessScope"];
export type Person = Schemas["AccessPerson"];
export type Effective = Schemas["EffectiveAccess"];
export type Reached = Schemas["Reached"];
export type Change = Schemas["Simulate"]["changes"][number];
export type Simulation = Schemas["Simulation"];
export type Difference = Schemas["Difference"];
export type Gained = Schemas["Change"];
export type Review = Schemas["Review"];
export type BreakGlass = Schemas["BreakGlass"];

export function accessCalls({ http, fetch, base }: Api) {
  type Signal = AbortSignal;
  return {
    roles: (signal: Signal) => read(http.GET("/api/access/roles", { signal })),
    addRole: (body: Schemas["NewRole"]) => read(http.POST("/api/access/roles", { body })),
    changeRole: (id: string, body: Schemas["ChangedRole"]) =>
      read(http.PUT("/api/access/roles/{id}", { params: { path: { id } }, body })),
    removeRole: (id: string, version: number) =>
      read(http.DELETE("/api/access/roles/{id}", { params: { path: { id }, query: { version } } })),
    grants: (signal: Signal) => read(http.GET("/api/access/grants", { signal })),
    addGrant: (body: NewGrant) => read(http.POST("/api/access/grants", { body })),
    changeGrant: (id: string, body: ChangedGrant) =>
      read(http.PUT("/api/access/grants/{id}", { params: { path: { id } }, body })),
    removeGrant: (id: string, version: number) =>
      read(http.DELETE("/api/access/grants/{id}", { params: { path: { id }, query: { version } } })),
    people: (signal: Signal) => read(http.GET("/api/access/people", { signal })),
    effective: (person: string, signal: Signal) =>
      read(http.GET("/api/access/effective", { params: { query: { person } }, signal })),
    simulate: (changes: Change[], signal: Signal) =>
      read(http.POST("/api/access/simulate", { body: { changes }, signal })),
    review: (signal: Signal) => read(http.GET("/api/access/reviews", { signal })),
    confirm: (confirm: Schemas["Confirmed"][]) =>
      read(http.POST("/api/access/reviews", { body: { confirm } })),
    matrix: (format: "csv" | "json") =>
      fetch(`${base}/api/access/matrix${format === "csv" ? ".csv" : ""}`),
    breakGlass: (signal: Signal) => read(http.GET("/api/access/break-glass", { signal })),
    ask: (body: Schemas["NewBreakGlass"]) => read(http.POST("/api/access/break-glass", { body })),
    decide: (id: string, body: Schemas["Decision"]) =>
      read(http.POST("/api/access/break-glass/{id}/decision", { params: { path: { id } }, body })),
    end: (id: string, version: number) =>
      read(
        http.DELETE("/api/access/break-glass/{id}", { params: { path: { id }, query: { version } } }),
      ),
  };
}

export type Calls = ReturnType<typeof accessCalls>;
