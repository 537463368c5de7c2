/** Numbers, shares, durations and times in the reader's locale and the organisation's time zone. */
import type { Metric } from "../api/types";

export type Unit = Metric["unit"];

export interface Formats {
  locale: string;
  timeZone: string;
  count: (value: number) => string;
  /** `value` in percent: 81.13 reads "81.1%". */
  percent: (value: number) => string;
  /** Percentage points with sign: 1.5 reads "+1.5". */
  points: (value: number) => string;
  /** A relative change with sign: 0.138 reads "+14%". */
  growth: (share: number) => string;
  /** Seconds: 42 reads "42 s", 312 reads "5:12", 3725 reads "1:02:05". */
  duration: (seconds: number) => string;
  /** Seconds in full words, for screen readers. */
  spoken: (seconds: number) => string;
  time: (iso: string | number) => string;
  day: (iso: string | number) => string;
  dateTime: (iso: string | number) => string;
  value: (value: number, unit: Unit) => string;
  spokenValue: (value: number, unit: Unit) => string;
}

/** Hours, minutes, seconds of a duration; under ten seconds a tenth is kept. */
export function parts(seconds: number): [number, "hour" | "minute" | "second"][] {
  if (seconds < 10) return [[Math.round(seconds * 10) / 10, "second"]];
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  if (hours > 0) return minutes > 0 ? [[hours, "hour"], [minutes, "minute"]] : [[hours, "hour"]];
  if (minutes > 0) return rest > 0 ? [[minutes, "minute"], [rest, "second"]] : [[minutes, "minute"]];
  return [[rest, "second"]];
}

/** Minutes and seconds, or hours too: 284 reads "4:44", 3725 reads "1:02:05". */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (amount: number) => String(amount).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const tail = two(whole % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`;
}

/** Formats for one locale and one IANA time zone; every function is pure. */
export function createFormats(locale: string, timeZone: string): Formats {
  const numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const shares = new Intl.NumberFormat(locale, {
    style: "percent",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const signed = new Intl.NumberFormat(locale, {
    signDisplay: "exceptZero",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const changes = new Intl.NumberFormat(locale, {
    style: "percent",
    signDisplay: "exceptZero",
    maximumFractionDigits: 0,
  });
  const times = new Intl.DateTimeFormat(locale, { timeZone, hour: "2-digit", minute: "2-digit" });
  const days = new Intl.DateTimeFormat(locale, { timeZone, day: "numeric", month: "short" });
  const both = new Intl.DateTimeFormat(locale, {
    timeZone,
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  const tenths = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const spoken = (seconds: number) =>
    parts(seconds)
      .map(([amount, unit]) => {
        const style = { style: "unit", unit, unitDisplay: "long" } as const;
        return new Intl.NumberFormat(locale, { ...style, maximumFractionDigits: 1 }).format(amount);
      })
      .join(" ");
  const duration = (seconds: number) => {
    if (Math.round(seconds) >= 60) return clock(seconds);
    return `${tenths.format(parts(seconds)[0]?.[0] ?? 0)}\u202fs`;
  };
  const value = (amount: number, kind: Unit, seconds: (amount: number) => string) => {
    if (kind === "percent") return shares.format(amount / 100);
    return kind === "seconds" ? seconds(amount) : numbers.format(amount);
  };
  const date = (at: string | number) => new Date(at);
  return {
    locale,
    timeZone,
    count: (amount) => numbers.format(amount),
    percent: (amount) => shares.format(amount / 100),
    points: (amount) => signed.format(amount),
    growth: (share) => changes.format(share),
    duration,
    spoken,
    time: (at) => times.format(date(at)),
    day: (at) => days.format(date(at)),
    dateTime: (at) => both.format(date(at)),
    value: (amount, kind) => value(amount, kind, duration),
    spokenValue: (amount, kind) => value(amount, kind, spoken),
  };
}
