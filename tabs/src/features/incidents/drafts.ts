/** The draft that the service keeps: taken up when the form opens, kept again while it is written. */
import { useEffect, useRef, useState } from "react";
import type { Attached } from "./Attachments";
import type { Calls, DraftStanding } from "./calls";
import { EMPTY, fromKept, toKept, type Draft } from "./incidents";
import { useSession } from "../../app/session";

const PAUSE_MS = 1500;

/** Asks once for what waits: its files are the form's, its texts go to `onLeft`. */
export function useWaiting(
  calls: Calls,
  attached: Attached,
  onLeft: (draft: Draft) => void,
): { ready: boolean } {
  const zone = useSession().me.organization.time_zone;
  const [ready, setReady] = useState(false);
  const latest = useRef({ attached, onLeft });
  latest.current = { attached, onLeft };
  useEffect(() => {
    const abort = new AbortController();
    const taken = ({ draft, files }: DraftStanding) => {
      if (abort.signal.aborted) return;
      latest.current.attached.begin(files);
      if (draft) latest.current.onLeft(fromKept(draft, zone));
      setReady(true);
    };
    // Without an answer the form works as ever; what is written later is kept then.
    calls.draft(abort.signal).then(taken, () => !abort.signal.aborted && setReady(true));
    return () => abort.abort();
  }, [calls, zone]);
  return { ready };
}

/** Keeps the draft whenever its writer pauses; when that was last, and how much was masked. */
export function useKeeping(
  calls: Calls,
  draft: Draft,
  keep: string[],
  ready: boolean,
  zone: string,
): { at: string | null; masked: number; stop: () => void } {
  const [told, setTold] = useState<{ at: string | null; masked: number }>({ at: null, masked: 0 });
  const timer = useRef(0);
  const known = useRef<string | null>(null);
  const text = JSON.stringify([draft, keep]);
  useEffect(() => {
    if (!ready) return;
    // What stands there at first is kept already, here or there.
    if (known.current === null || draft === EMPTY) {
      known.current = text;
      return;
    }
    if (known.current === text) return;
    timer.current = window.setTimeout(() => {
      known.current = text;
      void calls.keepDraft(toKept(draft, keep, zone)).then(
        ({ changed_at: at, masked }) => setTold({ at, masked }),
        () => undefined,
      );
    }, PAUSE_MS);
    return () => window.clearTimeout(timer.current);
  }, [calls, draft, keep, ready, text, zone]);
  return {
    ...told,
    stop: () => {
      window.clearTimeout(timer.current);
      setTold({ at: null, masked: 0 });
    },
  };
}
