/** The link of a mail on its way through signing in: kept in the browser's tab, in no address. */

export interface MailLink {
  /** The organisation's code; null for the reader's own. */
  organization: string | null;
  token: string;
}

type Keep = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const KEY = "switchroom.mail-link";
const TOKEN = /^#([\w-]{16,128})$/;
const CODE = /^[\w-]{1,64}$/;

/** What an address `/verify?organization=CODE#TOKEN` says; null when it is no such link. */
export function linkOf(search: string, hash: string): MailLink | null {
  const token = TOKEN.exec(hash)?.[1];
  if (!token) return null;
  const organization = new URLSearchParams(search).get("organization");
  return { token, organization: organization && CODE.test(organization) ? organization : null };
}

/** Where the link is confirmed. */
export function setupAddress(organization: string | null): string {
  const search = new URLSearchParams({ view: "setup" });
  if (organization) search.set("organization", organization);
  return `/tab/?${search}`;
}

export function keepLink(keep: Keep, link: MailLink): void {
  keep.setItem(KEY, JSON.stringify(link));
}

/** The link that waits to be confirmed in this organisation. */
export function keptLink(keep: Keep, organization: string): MailLink | null {
  try {
    const link = JSON.parse(keep.getItem(KEY) ?? "null") as MailLink | null;
    const fits = link && (link.organization === null || link.organization === organization);
    return fits ? link : null;
  } catch {
    return null;
  }
}

export function dropLink(keep: Keep): void {
  keep.removeItem(KEY);
}
