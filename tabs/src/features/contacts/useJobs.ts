/** Runs files through upload and reading, one after the other, and keeps their state. */
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiProblem, asProblem } from "../../api/problem";
import { upload } from "../../api/upload";
import type { Api } from "../../api/client";
import { useSession } from "../../app/session";
import { isOver, toImport, type Draft, type Job } from "./imports";

const ASK_AGAIN_MS = 1_000;
let lastId = 0;

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
}

type Update = (part: Partial<Job>) => void;

async function run(api: Api, draft: Draft, file: File, update: Update, signal: AbortSignal) {
  let status = await upload(api, toImport(draft, file.name), file, (sent) => update({ sent }), signal);
  update({ sent: 1, status });
  while (!isOver(status)) {
    await pause(ASK_AGAIN_MS, signal);
    status = await api.importStatus(status.id, signal);
    update({ status });
  }
}

export function useJobs() {
  const { api, changed } = useSession();
  const [jobs, setJobs] = useState<Job[]>([]);
  const abort = useRef(new AbortController());
  useEffect(() => {
    abort.current = new AbortController();
    return () => abort.current.abort();
  }, []);
  const start = useCallback(
    async (draft: Draft, files: File[]) => {
      const { signal } = abort.current;
      const made = files.map((file) => ({ id: ++lastId, file, sent: 0, status: null, problem: null }));
      setJobs((was) => [...was, ...made]);
      for (const { id, file } of made) {
        const update: Update = (part) =>
          setJobs((was) => was.map((job) => (job.id === id ? { ...job, ...part } : job)));
        try {
          await run(api, draft, file, update, signal);
        } catch (thrown) {
          const problem = asProblem(thrown);
          if (!(problem instanceof ApiProblem)) return;
          update({ problem });
        }
        changed();
      }
    },
    [api, changed],
  );
  const clear = useCallback(() => setJobs([]), []);
  return { jobs, start, clear };
}
