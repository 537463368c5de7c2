/** What the local Teams page shows, kept in its own address so that it can be linked to. */

export type LocalTheme = "default" | "dark" | "contrast";
export type LocalView = "personal" | "channel";

export interface LocalState {
  person: string;
  organization: string;
  theme: LocalTheme;
  view: LocalView;
  locale: string;
  subPage: string;
}

export interface Person {
  person: string;
  name: string;
  role: string;
  organization: string;
  organizations: string[];
}

export const THEMES: readonly LocalTheme[] = ["default", "dark", "contrast"];
export const LOCALES = ["en-GB", "en-US", "de-DE"] as const;

/** Reads the address; an unknown person or organisation falls back to the first that exists. */
export function readState(search: string, people: Person[]): LocalState {
  const said = new URLSearchParams(search);
  const person = people.find((one) => one.person === said.get("person")) ?? first(people);
  const wished = said.get("organization") ?? "";
  const belongs = person?.organizations.includes(wished) ?? false;
  return {
    person: person?.person ?? "",
    organization: belongs ? wished : (person?.organization ?? ""),
    theme: THEMES.find((one) => one === said.get("theme")) ?? "default",
    view: said.get("view") === "channel" ? "channel" : "personal",
    locale: LOCALES.find((one) => one === said.get("locale")) ?? "en-GB",
    subPage: said.get("subPageId") ?? "",
  };
}

/** A supervisor sees most of what there is to see, so the page opens as one. */
function first(people: Person[]): Person | undefined {
  return people.find(({ role }) => role === "supervisor") ?? people[0];
}

export function writeState(state: LocalState): string {
  const search = new URLSearchParams({
    person: state.person,
    organization: state.organization,
    theme: state.theme,
    view: state.view,
    locale: state.locale,
  });
  if (state.subPage) search.set("subPageId", state.subPage);
  return search.toString();
}

const BOARDS = "switchroom.local.boards";

/** The channel's entity per organisation, as Teams would keep it for the team. */
export function boardOf(organization: string): string | null {
  const boards = JSON.parse(localStorage.getItem(BOARDS) ?? "{}") as Record<string, string>;
  return boards[organization] ?? null;
}

export function keepBoard(organization: string, entity: string): void {
  const boards = JSON.parse(localStorage.getItem(BOARDS) ?? "{}") as Record<string, string>;
  localStorage.setItem(BOARDS, JSON.stringify({ ...boards, [organization]: entity }));
}

const TOKENS = "switchroom.local.tokens";

/** A token from elsewhere for the person, such as one of a stand-in for Microsoft Entra ID, where
 * somebody put one into this browser's store; one that was asked for with claims is beside it. */
export function tokenOf({ person }: LocalState, claims: string | null): string | null {
  const tokens = JSON.parse(localStorage.getItem(TOKENS) ?? "{}") as Record<string, string>;
  return tokens[claims ? `${person} ${claims}` : person] ?? null;
}
