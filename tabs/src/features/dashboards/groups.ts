/** The order of figures on the dashboard: what came, how long it waited, how it was handled. */

export const HERO = "service_level";

export const GROUPS = [
  {
    key: "volume",
    metrics: ["offered", "answered", "abandoned", "short_abandoned", "flow_out", "distinct_customers"],
  },
  {
    key: "waiting",
    metrics: [
      "average_speed_of_answer",
      "abandonment_rate",
      "wait_p50",
      "wait_p90",
      "wait_p99",
      "longest_wait",
    ],
  },
  {
    key: "handling",
    metrics: [
      "average_handle_time",
      "average_talk_time",
      "average_hold_time",
      "average_after_contact_work",
      "transfer_rate",
    ],
  },
] as const;

/** Columns of the queue table: the usual ones, then the rest on request. */
export const QUEUE_COLUMNS = [
  "offered",
  "answered",
  "abandoned",
  "service_level",
  "average_speed_of_answer",
  "wait_p90",
  "average_handle_time",
] as const;

export const MORE_QUEUE_COLUMNS = [
  "short_abandoned",
  "flow_out",
  "abandonment_rate",
  "transfer_rate",
  "average_talk_time",
  "average_hold_time",
  "average_after_contact_work",
  "wait_p50",
  "wait_p99",
  "longest_wait",
  "distinct_customers",
] as const;

export const AGENT_COLUMNS = [
  "handled",
  "average_handle_time",
  "average_talk_time",
  "average_hold_time",
  "average_after_contact_work",
  "transfer_rate",
] as const;
