/** The import dialog; jobs and drafts live above it, so closing it loses nothing. */
import { Button } from "@fluentui/react-components";
import { createContext, useContext, useMemo, useState, type ReactNode } from "react";
import { useLanguage } from "../../app/messages";
import { Modal } from "../../components/Modal";
import { ImportForm } from "./ImportForm";
import { isJobOver, keepDraft, needsExtensions, readDraft, type Draft } from "./imports";
import { JobList } from "./JobList";
import { useJobs } from "./useJobs";

interface Importing {
  open: () => void;
  running: number;
}

const ImportContext = createContext<Importing>({ open: () => undefined, running: 0 });

/** Opens the dialog; says how many files are on their way. */
export function ImportButton() {
  const { open, running } = useContext(ImportContext);
  const { t } = useLanguage();
  return (
    <Button appearance="primary" onClick={open}>
      {t("imports.start")}
      {running > 0 && ` (${running})`}
    </Button>
  );
}

export function ImportProvider(props: { children: ReactNode }) {
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const [draft, setDraft] = useState<Draft>(() => readDraft());
  const [files, setFiles] = useState<File[]>([]);
  const [missing, setMissing] = useState(false);
  const { jobs, start, clear } = useJobs();
  const running = jobs.filter((job) => !isJobOver(job)).length;
  const importing = useMemo<Importing>(() => ({ running, open: () => setOpen(true) }), [running]);
  const change = (next: Draft) => {
    setDraft(next);
    setMissing(false);
    keepDraft(next);
  };
  const begin = () => {
    if (needsExtensions(draft)) return setMissing(true);
    setFiles([]);
    void start(draft, files);
  };
  return (
    <ImportContext value={importing}>
      {props.children}
      <Modal
        kind="dialog"
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={t("import.title")}
        actions={
          jobs.length === 0 ? (
            <Button appearance="primary" disabled={files.length === 0} onClick={begin}>
              {t("import.start")}
            </Button>
          ) : (
            <Button disabled={running > 0} onClick={clear}>
              {t("import.again")}
            </Button>
          )
        }
      >
        {jobs.length === 0 ? (
          <ImportForm draft={draft} onDraft={change} files={files} onFiles={setFiles} />
        ) : (
          <JobList jobs={jobs} />
        )}
        {missing && (
          <p className="problem" role="alert">
            {t("import.extensions_missing")}
          </p>
        )}
      </Modal>
    </ImportContext>
  );
}
