/** The hook every view reads the service with. */
import { useEffect, useRef, useState } from "react";
import { asProblem, ApiProblem } from "./problem";

export interface Loaded<T> {
  data: T | null;
  problem: ApiProblem | null;
  /** True while an answer for the present key is awaited and none is shown yet, or an old one is. */
  loading: boolean;
  retry: () => void;
}

interface Held<T> {
  key: string | null;
  data: T | null;
  problem: ApiProblem | null;
}

/**
 * Calls when `key` changes (null: not at all) and silently again when `revision` grows.
 * The former answer stays while the next is on its way; a failed silent call keeps it too.
 */
export function useCall<T>(
  key: string | null,
  call: (signal: AbortSignal) => Promise<T>,
  revision = 0,
): Loaded<T> {
  const [held, setHeld] = useState<Held<T>>({ key: null, data: null, problem: null });
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    if (key === null) return;
    const abort = new AbortController();
    latest.current(abort.signal).then(
      (data) => !abort.signal.aborted && setHeld({ key, data, problem: null }),
      (thrown: unknown) => {
        const problem = asProblem(thrown);
        if (abort.signal.aborted || !(problem instanceof ApiProblem)) return;
        setHeld((was) => {
          const silent = was.key === key && was.data !== null && problem.passing;
          return silent ? was : { key, data: null, problem };
        });
      },
    );
    return () => abort.abort();
  }, [key, revision, attempt]);
  return {
    data: held.data,
    problem: held.key === key ? held.problem : null,
    loading: key !== null && held.key !== key,
    retry: () => {
      setHeld({ key: null, data: null, problem: null });
      setAttempt((count) => count + 1);
    },
  };
}
