/** Connects a session to stored changes and hides nothing: the state is shown to the reader. */
import { useCallback, useEffect, useState } from "react";
import type { Api } from "../api/client";
import { Live, type LiveState } from "../api/live";

/** At most one refresh a second, however fast an import stores. */
const THROTTLE_MS = 1_000;

/** Calls `emit` at once, then at most once per `ms` with the last value said meanwhile. */
export function throttled(emit: () => void, ms: number): { say: () => void; end: () => void } {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let again = false;
  const run = () => {
    emit();
    again = false;
    timer = setTimeout(() => {
      timer = null;
      if (again) run();
    }, ms);
  };
  return {
    say: () => {
      if (timer === null) run();
      else again = true;
    },
    end: () => {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

export function useLive(api: Api, enabled: boolean, onAccess: () => void) {
  const [state, setState] = useState<LiveState>("off");
  const [revision, setRevision] = useState(0);
  const changed = useCallback(() => setRevision((count) => count + 1), []);
  useEffect(() => {
    if (!enabled) return;
    let seen: number | null = null;
    let broken = false;
    const { say, end } = throttled(changed, THROTTLE_MS);
    const live = new Live({
      open: (signal) => api.fetch(`${api.base}/api/dashboards/live`, { signal }),
      poll: (signal) => api.summary({}, signal).then(({ freshness }) => freshness.revision),
      onRevision: (heard) => {
        if (heard !== seen) say();
        seen = heard;
      },
      onAccess: () => {
        onAccess();
        say();
      },
      onState: (next) => {
        // Whatever was stored while the stream was broken went unheard.
        if (next === "live" && broken) say();
        broken = next !== "live";
        setState(next);
      },
    });
    const follow = () => (document.hidden ? live.pause() : live.resume());
    document.addEventListener("visibilitychange", follow);
    follow();
    return () => {
      document.removeEventListener("visibilitychange", follow);
      live.close();
      end();
    };
  }, [api, enabled, changed, onAccess]);
  return { state, revision, changed };
}
