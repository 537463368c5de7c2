/** Uploading a vendor's file: XMLHttpRequest, because `fetch` does not tell upload progress. */
import { ApiProblem, toProblem } from "./problem";
import type { Api } from "./client";
import type { ImportQuery, ImportStatus } from "./types";

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Posts `file` to /api/imports; `onSent` hears the share of bytes sent, 0 to 1.
 * Answers the import's status (completed, or to be followed); throws ApiProblem.
 */
export async function upload(
  api: Api,
  query: ImportQuery,
  file: File,
  onSent: (share: number) => void,
  signal: AbortSignal,
): Promise<ImportStatus> {
  const signed = new Headers();
  await api.sign(signed);
  const parameters = new URLSearchParams();
  const named = { ...query, organization: api.organization };
  for (const [name, value] of Object.entries(named)) if (value) parameters.set(name, value);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${api.base}/api/imports?${parameters}`);
    signed.forEach((value, name) => request.setRequestHeader(name, value));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => onSent(total ? loaded / total : 1);
    request.onload = () => {
      const body = parse(request.responseText);
      if (request.status >= 200 && request.status < 300 && body) resolve(body as ImportStatus);
      else reject(toProblem(request.status, body, request.getResponseHeader("x-correlation-id")));
    };
    request.onerror = () => reject(new ApiProblem(0, "no_answer", null, null));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
