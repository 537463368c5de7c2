/** Instants as forms write them: wall time of the organisation's time zone. */

/** Minutes that `timeZone` is ahead of UTC at an instant. */
function ahead(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"));
  return (wall - Math.floor(at / 60_000) * 60_000) / 60_000;
}

/** The instant of a wall time such as `2026-03-03T09:30`, as ISO text; null for none. */
export function instantOf(wall: string, timeZone: string): string | null {
  const read = Date.parse(`${wall}Z`);
  if (Number.isNaN(read)) return null;
  const near = read - ahead(read, timeZone) * 60_000;
  return new Date(read - ahead(near, timeZone) * 60_000).toISOString();
}

/** The wall time of an instant, as the browser's field takes it. */
export function wallOf(at: number, timeZone: string): string {
  return new Date(at + ahead(at, timeZone) * 60_000).toISOString().slice(0, 16);
}

/** Whole seconds until an instant, 0 once it is over or null. */
export function secondsUntil(iso: string | null, now: number): number {
  return iso === null ? 0 : Math.max(0, Math.ceil((Date.parse(iso) - now) / 1000));
}
