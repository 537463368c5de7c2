/** The present instant, every second while something is waited for. */
import { useEffect, useState } from "react";
import { secondsUntil } from "./instants";

/** Whole seconds until the instant, counted down; 0 for null or once it is over. */
export function useSecondsUntil(iso: string | null): number {
  const [now, setNow] = useState(Date.now);
  const over = secondsUntil(iso, now) === 0;
  useEffect(() => {
    if (iso === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [iso, over]);
  return secondsUntil(iso, now);
}
