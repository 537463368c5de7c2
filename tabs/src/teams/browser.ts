/** Outside Teams: the browser is the host, and its session with the service says who is here. */
import { toLocale, toTheme, type Host } from "./host";

const DONE = "switchroom.sign-in";
const PATIENCE_MS = 5 * 60_000;
const DARK = "(prefers-color-scheme: dark)";

/** Where to begin a sign-in that comes back to the present address. */
export function signInAddress(where: Location = location): string {
  const search = new URLSearchParams(where.search);
  search.delete("sign-in");
  const asked = search.toString();
  return `/sign-in?${new URLSearchParams({ return_to: `/tab/${asked && `?${asked}`}` })}`;
}

/** Has the person confirm in a window of its own that it is them; the session says so then. */
async function confirm(): Promise<null> {
  const channel = new BroadcastChannel(DONE);
  const address = `/sign-in?${new URLSearchParams({ purpose: "step_up", return_to: "/tab/?window=done" })}`;
  try {
    if (!window.open(address, "_blank", "popup,width=600,height=640")) throw new Error("blocked");
    return await new Promise((resolve, reject) => {
      channel.onmessage = ({ data }) => (data === "done" ? resolve(null) : reject(new Error("refused")));
      setTimeout(() => reject(new Error("silent")), PATIENCE_MS);
    });
  } finally {
    channel.close();
  }
}

/** The browser as a host. */
export function browserHost(): Host {
  const dark = matchMedia(DARK);
  const theme = () => toTheme(dark.matches ? "dark" : "default");
  return {
    theme: theme(),
    locale: toLocale(navigator.language),
    place: { kind: "personal" },
    subPage: null,
    onTheme: (listener) => dark.addEventListener("change", () => listener(theme())),
    token: async () => null,
    answer: confirm,
    share: null,
    onSave: () => undefined,
  };
}

/** Whether this browser has a living session with the service: of one of its people, or of somebody
 * who has no organisation yet. */
export async function hasSession(): Promise<boolean> {
  const headers = { "X-Switchroom-Request": "1" };
  for (const path of ["/api/me", "/api/access/claim"]) {
    const answer = await fetch(path, { headers }).catch(() => null);
    if (answer !== null && answer.status !== 401) return true;
  }
  return false;
}

export type WindowEnd = { proof: string } | { failure: string } | { done: true };

/** What a window that was opened for a sign-in has to tell; null for every other window. */
export function windowEnd(hash: string, search: string, opened: boolean): WindowEnd | null {
  const proof = /^#proof=([\w.-]+)$/.exec(hash)?.[1];
  if (proof) return { proof };
  const said = new URLSearchParams(search);
  if (said.get("window") === "done") return { done: true };
  const failure = said.get("sign-in");
  return failure && opened ? { failure } : null;
}

/** Tells whoever opened this window how it ended, and closes it. */
export async function endWindow(end: WindowEnd): Promise<void> {
  history.replaceState(null, "", "/tab/");
  const channel = new BroadcastChannel(DONE);
  channel.postMessage("done" in end ? "done" : "failed");
  channel.close();
  if ("done" in end) return window.close();
  const { app, authentication } = await import("@microsoft/teams-js");
  await app.initialize().catch(() => undefined);
  if ("proof" in end) authentication.notifySuccess(end.proof);
  else authentication.notifyFailure(end.failure);
  window.close();
}
