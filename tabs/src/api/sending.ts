/** Sending a file: XMLHttpRequest, because `fetch` does not tell how much was sent. */
import type { Api } from "./client";
import { ApiProblem, toProblem } from "./problem";

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Posts `file` as the body to an address of the service; `onSent` hears the share of bytes sent,
 * 0 to 1. Throws ApiProblem, or AbortError when `signal` says so.
 */
export async function sendFile<T>(
  api: Api,
  path: string,
  parameters: Record<string, string | null | undefined>,
  headers: Record<string, string>,
  file: File,
  onSent: (share: number) => void,
  signal: AbortSignal,
): Promise<T> {
  const signed = new Headers(headers);
  await api.sign(signed);
  const query = new URLSearchParams();
  const named = { ...parameters, organization: api.organization };
  for (const [name, value] of Object.entries(named)) if (value) query.set(name, value);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${api.base}${path}?${query}`);
    signed.forEach((value, name) => request.setRequestHeader(name, value));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => onSent(total ? loaded / total : 1);
    request.onload = () => {
      const body = parse(request.responseText);
      if (request.status >= 200 && request.status < 300 && body) resolve(body as T);
      else reject(toProblem(request.status, body, request.getResponseHeader("x-correlation-id")));
    };
    request.onerror = () => reject(new ApiProblem(0, "no_answer", null, null));
    request.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
