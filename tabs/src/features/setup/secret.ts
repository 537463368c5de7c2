/** The secret of an authenticator app, as people type it: in groups of four. */
export function grouped(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(" ") ?? "";
}
