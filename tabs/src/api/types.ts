/** Names for the generated shapes of the HTTP interface. */
import type { components, operations } from "./schema.gen";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type Metric = Schemas["Metric"];
export type Metrics = Record<string, Metric>;
export type Definitions = Schemas["Definitions"];
export type MetricDefinition = Schemas["MetricDefinition"];
export type Summary = Schemas["Summary"];
export type Series = Schemas["Series"];
export type Point = Schemas["Point"];
export type Grain = Schemas["Grain"];
export type Definition = Schemas["Definition"];
export type Channel = Schemas["Channel"];
export type Direction = Schemas["Direction"];
export type Outcome = Schemas["Outcome"];
export type Completeness = Schemas["Completeness"];
export type QueueTable = Schemas["QueueTable"];
export type QueueRow = Schemas["QueueRow"];
export type AgentTable = Schemas["AgentTable"];
export type AgentRow = Schemas["AgentRow"];
export type QueueChoice = Schemas["QueueChoice"];
export type ContactPage = Schemas["ContactPage"];
export type ContactRow = Schemas["ContactRow"];
export type Reconciliation = Schemas["Reconciliation"];
export type VendorFigure = Schemas["VendorFigure"];
export type ImportStatus = Schemas["ImportStatus"];
export type Alert = Schemas["Alert"];
export type AlertTrigger = Alert["trigger"];
export type NewAlert = Schemas["NewAlert"];
export type OwnSubscription = Schemas["OwnSubscription"];
export type Problem = Schemas["Problem"];

/** What a figure query may say: the range, the contacts that count, and how. */
export type FigureQuery = NonNullable<operations["dashboard_summary"]["parameters"]["query"]>;
export type ContactQuery = NonNullable<operations["contacts"]["parameters"]["query"]>;
export type ImportQuery = NonNullable<operations["start_import"]["parameters"]["query"]>;
