/** The bridge to Teams: theme, place, language, sign-in. TeamsJS loads only inside a frame. */

import type { Credentials } from "../api/credentials";

export type Theme = "default" | "dark" | "contrast";

/** Where in Teams this page stands. */
export type Place =
  | { kind: "personal" }
  | ({ kind: "board" } & Shown)
  | ({ kind: "board-settings" } & Shown);

/** What a channel's board shows: a queue, a saved view, or all queues. */
export interface Shown {
  queue: string | null;
  view: string | null;
}

export interface Host extends Credentials {
  theme: Theme;
  locale: string;
  place: Place;
  /** What a deep link asked for: a search string such as `range=last7&queue=q1`. */
  subPage: string | null;
  onTheme: (listener: (theme: Theme) => void) => void;
  /** Offers a link to `subPage`; null where the host cannot. */
  share: ((subPage: string, label: string) => void) | null;
  /** Tells the host what the channel's board shows (settings page only). */
  onSave: (settings: () => Shown & { name: string }) => void;
}

/** The page is not inside Teams, or the host did not answer. */
export class NoHost extends Error {
  constructor(readonly reason: "outside" | "silent") {
    super(reason);
  }
}

const PATIENCE_MS = 8_000;
const BOARD = "board";

export function toTheme(name: string | undefined): Theme {
  return name === "dark" || name === "contrast" ? name : "default";
}

const VIEW = /^[0-9a-f]{32}$/;

/** Entities are `board` (all queues), `board:<queue or view>`, or a personal tab's own name. */
export function toPlace(entity: string, frame: string | undefined, inChannel: boolean): Place {
  const what = entity.startsWith(`${BOARD}:`) ? entity.slice(BOARD.length + 1) : null;
  const shown = what && VIEW.test(what) ? { queue: null, view: what } : { queue: what, view: null };
  if (frame === "settings") return { kind: "board-settings", ...shown };
  if (inChannel || entity === BOARD || what) return { kind: "board", ...shown };
  return { kind: "personal" };
}

/** A language tag Intl accepts; English where the host says something else. */
export function toLocale(tag: string | undefined): string {
  try {
    return Intl.getCanonicalLocales(tag ?? [])[0] ?? "en";
  } catch {
    return "en";
  }
}

/** When a token ends, in milliseconds since 1970; 0 when it does not say. */
export function expiry(token: string): number {
  try {
    const payload = token.split(".")[1] ?? "";
    const json = atob(payload.replace(/-/g, "+").replace(/_/g, "/"));
    const { exp } = JSON.parse(json) as { exp?: number };
    return (exp ?? 0) * 1000;
  } catch {
    return 0;
  }
}

/** Keeps a token until a minute before its end; callers at the same time share one request. */
export function keptToken(ask: () => Promise<string>, now: () => number = Date.now) {
  let pending: Promise<string> | null = null;
  let until = 0;
  return (fresh: boolean): Promise<string> => {
    if (pending && !fresh && now() < until) return pending;
    until = Infinity;
    pending = ask().then(
      (token) => {
        until = expiry(token) - 60_000;
        return token;
      },
      (reason: unknown) => {
        pending = null;
        throw reason;
      },
    );
    return pending;
  };
}

function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoHost("silent")), ms);
    promise.then(resolve, () => reject(new NoHost("outside"))).finally(() => clearTimeout(timer));
  });
}

/** Meets the host; throws NoHost outside Teams at once, or after 8 s of silence. */
export async function connect(): Promise<Host> {
  if (window.parent === window) throw new NoHost("outside");
  const { app, authentication, pages } = await import("@microsoft/teams-js");
  await within(app.initialize(), PATIENCE_MS);
  const context = await within(app.getContext(), PATIENCE_MS);
  app.notifyAppLoaded();
  const entity = context.page.id ?? "";
  let claims: string[] | undefined;
  return {
    theme: toTheme(context.app.theme),
    locale: toLocale(context.app.locale || navigator.language),
    place: toPlace(entity, context.page.frameContext, Boolean(context.channel?.id)),
    subPage: context.page.subPageId || null,
    onTheme: (listener) => app.registerOnThemeChangeHandler((name) => listener(toTheme(name))),
    token: keptToken(() => authentication.getAuthToken(claims && { claims })),
    answer: async (challenge) => {
      if (challenge.code === "interaction-required" && challenge.claims) {
        claims = [challenge.claims];
        return null;
      }
      // TeamsJS opens windows over https only; a new token of a local person is proof enough.
      if (location.protocol !== "https:") return null;
      const purpose = challenge.code === "consent-required" ? "consent" : "proof";
      const url = `${location.origin}/sign-in?purpose=${purpose}`;
      const given = await authentication.authenticate({ url, width: 600, height: 640 });
      return purpose === "proof" ? given : null;
    },
    share: pages.isSupported()
      ? (subPage, label) =>
          void pages.shareDeepLink({ subPageId: subPage, subPageLabel: label })
      : null,
    onSave: (settings) => {
      pages.config.setValidityState(true);
      pages.config.registerOnSaveHandler((event) => {
        const { queue, view, name } = settings();
        const what = queue ?? view;
        void pages.config
          .setConfig({
            entityId: what ? `${BOARD}:${what}` : BOARD,
            suggestedDisplayName: name,
            contentUrl: `${location.origin}/tab/`,
          })
          .then(() => event.notifySuccess(), (reason: unknown) => event.notifyFailure(String(reason)));
      });
    },
  };
}

/** Tells the host the first view stands, so that its loading picture goes. */
export async function notifyReady(): Promise<void> {
  if (window.parent === window) return;
  const { app } = await import("@microsoft/teams-js");
  app.notifySuccess();
}
