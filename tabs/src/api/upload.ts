/** Uploading a vendor's file. */
import type { Api } from "./client";
import { sendFile } from "./sending";
import type { ImportQuery, ImportStatus } from "./types";

/**
 * Posts `file` to /api/imports; `onSent` hears the share of bytes sent, 0 to 1.
 * Answers the import's status (completed, or to be followed); throws ApiProblem.
 */
export function upload(
  api: Api,
  query: ImportQuery,
  file: File,
  onSent: (share: number) => void,
  signal: AbortSignal,
): Promise<ImportStatus> {
  return sendFile(api, "/api/imports", { ...query }, {}, file, onSent, signal);
}
