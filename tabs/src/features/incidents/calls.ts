/** What reporting and handling incidents asks of the service. */
import { read, type Api } from "../../api/client";
import { sendFile } from "../../api/sending";
import type { components, operations } from "../../api/schema.gen";

type Schemas = components["schemas"];

export type NewIncident = Schemas["NewIncident"];
export type Receipt = Schemas["IncidentReceipt"];
export type Finding = Schemas["IncidentFinding"];
export type OwnReport = Schemas["OwnReport"];
export type EvidenceFile = Schemas["IncidentFile"];
export type DraftStanding = Schemas["IncidentDraftStanding"];
export type IncidentDraft = Schemas["IncidentDraft"];
export type Entry = Schemas["IncidentEntry"];
export type Row = Schemas["IncidentRow"];
export type Detail = Schemas["IncidentDetail"];
export type ReportText = Schemas["IncidentReport"];
export type Clock = Schemas["IncidentClock"];
export type Task = Schemas["IncidentTask"];
export type Category = Schemas["Category"];
export type Severity = Schemas["Severity"];
export type Impact = Schemas["Impact"];
export type State = Schemas["State"];
export type Kind = Schemas["IncidentKind"];
export type NoticeDecision = Schemas["BreachDecision"]["decision"];
export type QueueQuery = NonNullable<operations["incidents"]["parameters"]["query"]>;

export interface Texts {
  what: string;
  affected: string;
  evidence: string;
}

export function incidentCalls(api: Api) {
  const { http, fetch, base } = api;
  type Signal = AbortSignal;
  /** The address of a change of an incident as the caller saw it. */
  const of = (id: string, version: number) => ({ params: { path: { id }, query: { version } } });
  return {
    look: (body: Texts) => read(http.POST("/api/incidents/findings", { body })),
    report: (body: NewIncident) => read(http.POST("/api/incidents", { body })),
    draft: (signal: Signal) => read(http.GET("/api/incidents/draft", { signal })),
    keepDraft: (body: Schemas["IncidentDraft"]) => read(http.PUT("/api/incidents/draft", { body })),
    discardDraft: () => read(http.DELETE("/api/incidents/draft")),
    attach: (file: File, onSent: (share: number) => void, signal: Signal) =>
      sendFile<EvidenceFile>(
        api,
        "/api/incidents/files",
        {},
        { "X-Switchroom-File-Name": encodeURIComponent(file.name) },
        file,
        onSent,
        signal,
      ),
    discardFile: (id: string) =>
      read(http.DELETE("/api/incidents/files/{id}", { params: { path: { id } } })),
    file: (id: string, own: boolean) =>
      fetch(`${base}/api/incidents/${own ? "own/files" : "evidence"}/${id}`),
    own: (signal: Signal) => read(http.GET("/api/incidents/own", { signal })),
    ownOne: (id: string, signal: Signal) =>
      read(http.GET("/api/incidents/own/{id}", { params: { path: { id } }, signal })),
    answer: (id: string, body: Schemas["IncidentAnswer"]) =>
      read(http.POST("/api/incidents/own/{id}/answers", { params: { path: { id } }, body })),
    queue: (query: QueueQuery, signal: Signal) =>
      read(http.GET("/api/incidents", { params: { query }, signal })),
    one: (id: string, signal: Signal) =>
      read(http.GET("/api/incidents/{id}", { params: { path: { id } }, signal })),
    statistics: (signal: Signal) => read(http.GET("/api/incidents/statistics", { signal })),
    terms: (signal: Signal) => read(http.GET("/api/incidents/terms", { signal })),
    table: () => fetch(`${base}/api/incidents/export`),
    facts: () => fetch(`${base}/api/incidents/facts`),
    notification: (id: string) =>
      read(http.GET("/api/incidents/{id}/notification", { params: { path: { id } } })),
    step: (id: string, version: number, body: Schemas["IncidentStep"]) =>
      read(http.PUT("/api/incidents/{id}/state", { ...of(id, version), body })),
    rate: (id: string, version: number, body: Schemas["IncidentRating"]) =>
      read(http.PUT("/api/incidents/{id}/rating", { ...of(id, version), body })),
    assign: (id: string, version: number, body: Schemas["IncidentAssignment"]) =>
      read(http.PUT("/api/incidents/{id}/people", { ...of(id, version), body })),
    say: (id: string, version: number, body: Schemas["IncidentWord"]) =>
      read(http.POST("/api/incidents/{id}/words", { ...of(id, version), body })),
    tasks: (id: string, version: number, tasks: Task[]) =>
      read(http.PUT("/api/incidents/{id}/tasks", { ...of(id, version), body: { tasks } })),
    link: (id: string, version: number, body: Schemas["IncidentLink"]) =>
      read(http.POST("/api/incidents/{id}/links", { ...of(id, version), body })),
    convert: (id: string, version: number, kind: Kind) =>
      read(http.PUT("/api/incidents/{id}/kind", { ...of(id, version), body: { kind } })),
    breach: (id: string, version: number, aware_at: string) =>
      read(http.PUT("/api/incidents/{id}/breach", { ...of(id, version), body: { aware_at } })),
    decide: (id: string, version: number, body: Schemas["BreachDecision"]) =>
      read(http.PUT("/api/incidents/{id}/decision", { ...of(id, version), body })),
    erase: (id: string, version: number) =>
      read(http.DELETE("/api/incidents/{id}/reporter", of(id, version))),
  };
}

export type Calls = ReturnType<typeof incidentCalls>;
