/** Imports as the tab runs them: settings that survive closing, and files on their way. */
import type { ApiProblem } from "../../api/problem";
import type { ImportQuery, ImportStatus } from "../../api/types";

export const SOURCES = ["amazon-connect", "genesys", "three-cx", "teams"] as const;
export type Source = (typeof SOURCES)[number];

/** What was chosen in the dialog, besides the files. */
export interface Draft {
  source: Source;
  queueExtensions: string;
  columns: string;
}

/** A file on its way: sent, then read by the service, then reported on. */
export interface Job {
  id: number;
  file: File;
  sent: number;
  status: ImportStatus | null;
  problem: ApiProblem | null;
}

const KEY = "switchroom.import";
const FIRST: Draft = { source: "amazon-connect", queueExtensions: "", columns: "" };

/** Storage may be closed to a framed page; a draft then lives as long as the page. */
function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export function readDraft(kept: Pick<Storage, "getItem"> | null = storage()): Draft {
  try {
    const said = JSON.parse(kept?.getItem(KEY) ?? "{}") as Partial<Record<keyof Draft, unknown>>;
    const text = (value: unknown) => (typeof value === "string" ? value : "");
    return {
      source: SOURCES.find((one) => one === said.source) ?? FIRST.source,
      queueExtensions: text(said.queueExtensions),
      columns: text(said.columns),
    };
  } catch {
    return FIRST;
  }
}

export function keepDraft(draft: Draft, kept: Pick<Storage, "setItem"> | null = storage()): void {
  try {
    kept?.setItem(KEY, JSON.stringify(draft));
  } catch {
    // A full or closed storage costs the draft, not the import.
  }
}

export function needsExtensions(draft: Draft): boolean {
  return draft.source === "three-cx" && draft.queueExtensions.trim() === "";
}

export function toImport(draft: Draft, fileName: string): ImportQuery {
  const query: ImportQuery = { source: draft.source, file_name: fileName.slice(0, 255) };
  if (draft.source !== "three-cx") return query;
  const columns = draft.columns.trim();
  return {
    ...query,
    queue_extensions: draft.queueExtensions.trim(),
    ...(columns ? { columns } : {}),
  };
}

export function isOver(status: ImportStatus): boolean {
  return status.state === "completed" || status.state === "failed";
}

export function isJobOver(job: Job): boolean {
  return job.problem !== null || (job.status !== null && isOver(job.status));
}
