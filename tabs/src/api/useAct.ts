/** The hook every view changes something with: one change at a time, and what went wrong. */
import { useState } from "react";
import { ApiProblem, asProblem } from "./problem";

export interface Acting {
  busy: boolean;
  problem: ApiProblem | null;
  /** Makes the change; true when it was made. */
  act: (change: () => Promise<unknown>) => Promise<boolean>;
  forget: () => void;
}

export function useAct(): Acting {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const act = async (change: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(null);
    try {
      await change();
      return true;
    } catch (thrown) {
      const told = asProblem(thrown);
      if (told instanceof ApiProblem) setProblem(told);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, act, forget: () => setProblem(null) };
}
