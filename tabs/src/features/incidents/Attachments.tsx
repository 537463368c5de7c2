/** Files as evidence: attached by drag, by button or from the clipboard, and saved again. */
import { Button } from "@fluentui/react-components";
import { useEffect, useId, useRef, useState, type ClipboardEvent } from "react";
import { save } from "../../api/files";
import { ApiProblem, asProblem } from "../../api/problem";
import { useAct } from "../../api/useAct";
import { useLanguage } from "../../app/messages";
import type { Calls, EvidenceFile } from "./calls";
import { useWords, wordOr, type Say } from "./words";

export const MOST_FILES = 20;

interface Coming {
  key: number;
  file: File;
  share: number;
  problem: ApiProblem | null;
}

export interface Attached {
  files: EvidenceFile[];
  coming: Coming[];
  /** Whether something is still on its way: what is sent now would go without it. */
  busy: boolean;
  ids: string[];
  add: (files: Iterable<File>) => void;
  again: (key: number) => void;
  dismiss: (key: number) => void;
  remove: (id: string) => void;
  /** Starts with these files, which wait already. */
  begin: (files: EvidenceFile[]) => void;
}

/** The files of one form; each is sent to the service as soon as it is chosen, and waits there. */
export function useAttached(calls: Calls): Attached {
  const [files, setFiles] = useState<EvidenceFile[]>([]);
  const [coming, setComing] = useState<Coming[]>([]);
  const next = useRef(0);
  const gone = useRef(new AbortController());
  useEffect(() => {
    const controller = new AbortController();
    gone.current = controller;
    return () => controller.abort();
  }, []);
  const change = (key: number, changes: Partial<Coming>) =>
    setComing((all) => all.map((one) => (one.key === key ? { ...one, ...changes } : one)));
  const dismiss = (key: number) => setComing((all) => all.filter((one) => one.key !== key));
  const send = async (key: number, file: File) => {
    try {
      const kept = await calls.attach(file, (share) => change(key, { share }), gone.current.signal);
      dismiss(key);
      setFiles((all) => [...all, kept]);
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem instanceof ApiProblem) change(key, { problem });
      else dismiss(key);
    }
  };
  return {
    files,
    coming,
    busy: coming.some(({ problem }) => !problem),
    ids: files.map(({ id }) => id),
    add: (chosen) => {
      for (const file of chosen) {
        const key = (next.current += 1);
        setComing((all) => [...all, { key, file, share: 0, problem: null }]);
        void send(key, file);
      }
    },
    again: (key) => {
      const one = coming.find((other) => other.key === key);
      if (!one) return;
      change(key, { problem: null, share: 0 });
      void send(key, one.file);
    },
    dismiss,
    remove: (id) => {
      setFiles((all) => all.filter((one) => one.id !== id));
      // One that cannot be removed now waits, and is removed after a month.
      void calls.discardFile(id).catch(() => undefined);
    },
    begin: (known) => setFiles(known),
  };
}

/** A size as people read it. */
export function sizeText(bytes: number, locale: string): string {
  const [value, unit] =
    bytes < 1024 ? [bytes, "byte"] : bytes < 1024 ** 2 ? [bytes / 1024, "kilobyte"] : [bytes / 1024 ** 2, "megabyte"];
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: String(unit),
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(Number(value));
}

function trouble(say: Say, { code, detail }: ApiProblem): string {
  return wordOr(say, `wrong.${code}`, detail ?? say("wrong.file"));
}

function ComingLine(props: { one: Coming; attached: Attached }) {
  const { one, attached } = props;
  const say = useWords();
  return (
    <li className="incidents-file">
      <span className="incidents-file-name">{one.file.name}</span>
      {one.problem ? (
        <>
          <span className="field-error" role="alert">
            {trouble(say, one.problem)}
          </span>
          {one.problem.passing && (
            <Button size="small" onClick={() => attached.again(one.key)}>
              {say("files.again")}
            </Button>
          )}
          <Button size="small" appearance="subtle" onClick={() => attached.dismiss(one.key)}>
            {say("files.dismiss")}
          </Button>
        </>
      ) : (
        <progress
          className="progress"
          value={one.share}
          max={1}
          aria-label={say("files.coming", { name: one.file.name })}
        />
      )}
    </li>
  );
}

/** What a form does with a screenshot that is pasted into it. */
export function pasting(attached: Attached) {
  return (event: ClipboardEvent) => {
    const { files } = event.clipboardData;
    if (files.length === 0) return;
    event.preventDefault();
    attached.add(files);
  };
}

/** Where files are put, and those that were. */
export function Attach(props: { attached: Attached }) {
  const { attached } = props;
  const { files, coming } = attached;
  const say = useWords();
  const { locale } = useLanguage();
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  return (
    <div
      className={`incidents-attach stack ${over ? "is-over" : ""}`}
      role="group"
      aria-labelledby={id}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        attached.add(event.dataTransfer.files);
      }}
    >
      <div className="incidents-attach-head">
        <span className="field-label" id={id}>
          {say("files.label")}
        </span>
        <input
          ref={input}
          type="file"
          multiple
          hidden
          aria-label={say("files.choose")}
          onChange={(event) => {
            attached.add(event.target.files ?? []);
            event.target.value = "";
          }}
        />
        <Button
          type="button"
          size="small"
          disabled={files.length + coming.length >= MOST_FILES}
          onClick={() => input.current?.click()}
        >
          {say("files.choose")}
        </Button>
      </div>
      <p className="quiet">{say("files.about")}</p>
      <ul className="incidents-files" aria-live="polite">
        {files.map((file) => (
          <li key={file.id} className="incidents-file">
            <span className="incidents-file-name">{file.name}</span>
            <span className="quiet">{sizeText(file.size, locale)}</span>
            <Button
              type="button"
              size="small"
              appearance="subtle"
              aria-label={say("files.remove_one", { name: file.name })}
              onClick={() => attached.remove(file.id)}
            >
              {say("files.remove")}
            </Button>
          </li>
        ))}
        {coming.map((one) => (
          <ComingLine key={one.key} one={one} attached={attached} />
        ))}
      </ul>
    </div>
  );
}

/** Files that came with something, to be saved; `hashes` shows what proves their content. */
export function Files(props: { files: EvidenceFile[]; calls: Calls; own: boolean; hashes?: boolean }) {
  const { files, calls, own, hashes = false } = props;
  const say = useWords();
  const { locale } = useLanguage();
  const { busy, problem, act } = useAct();
  if (files.length === 0) return null;
  return (
    <ul className="incidents-files">
      {files.map((file) => (
        <li key={file.id} className="incidents-file">
          <button
            type="button"
            className="link incidents-file-name"
            disabled={busy}
            aria-label={say("files.save", { name: file.name })}
            onClick={() => void act(async () => save(await calls.file(file.id, own), file.name))}
          >
            {file.name}
          </button>
          <span className="quiet">{sizeText(file.size, locale)}</span>
          {!own && file.shown && !file.from_reporter && (
            <span className="quiet">({say("entry.shown")})</span>
          )}
          {hashes && <code className="incidents-hash">SHA-256 {file.sha256}</code>}
        </li>
      ))}
      {problem && (
        <li className="field-error" role="alert">
          {trouble(say, problem)}
        </li>
      )}
    </ul>
  );
}
