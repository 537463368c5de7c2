/** English words of policies. `{name}` marks a value. */
export const words = {
  title: "Policies",
  about:
    "The terms of the service, version by version. Before a version takes effect you are told and can accept it; afterwards whoever has not accepted can look and export.",
  "banner.read_only": "A policy waits for you. Until you accept it, you can look and export, but change nothing.",
  "banner.coming": "A policy changes on {at}. Read and accept it until then, so that you can go on changing things.",
  "banner.read": "Read it",
  accepted: "Accepted",
  accept_by: "To accept by {at}",
  read_only: "To accept: you can only look and export",
  in_force: "Version {number}, in force since {at}",
  coming: "Version {number} takes effect on {at}",
  changes: "What changes: {summary}",
  binding: "The English text is binding.",
  "own.accepted": "You accepted version {number} on {at}.",
  "own.declined": "You declined version {number} on {at}. Support was told: {request}.",
  review: "Reviewed again by {at}.",
  overdue: "Its yearly review is overdue since {at}.",
  read: "Read",
  version: "Version",
  version_at: "{number}, from {at}",
  compare: "Compare with",
  compare_none: "nothing",
  added: "Added: ",
  removed: "Removed: ",
  hash: "SHA-256 {hash}",
  accept: "I accept version {number}",
  decline: "Decline",
  "decline.why": "Why you decline",
  "decline.about":
    "You go on looking and exporting, change nothing, and support gets your reason and finds a way with you.",
  "decline.missing": "Say why, in at least 3 characters.",
  support: "Questions: {support}",
  "refused.conflict": "There is a newer version meanwhile. Read it, then decide.",
} as const;

export type Word = keyof typeof words;
