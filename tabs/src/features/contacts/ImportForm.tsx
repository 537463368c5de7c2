/** What to import and how: source, files (chosen or dropped), the source's own settings. */
import { Button } from "@fluentui/react-components";
import { useRef, useState, type DragEvent } from "react";
import { useLanguage } from "../../app/messages";
import { SelectField, TextField } from "../../components/fields";
import { SOURCES, type Draft } from "./imports";

function FileDrop(props: { files: File[]; onFiles: (files: File[]) => void }) {
  const { files, onFiles } = props;
  const { t } = useLanguage();
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const add = (list: FileList | null) => onFiles([...files, ...(list ?? [])]);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    add(event.dataTransfer.files);
  };
  const over = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <div
      className={isOver ? "drop is-over" : "drop"}
      onDragOver={over}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <input
        ref={input}
        type="file"
        multiple
        className="hidden-input"
        aria-label={t("import.files")}
        tabIndex={-1}
        onChange={(event) => {
          add(event.target.files);
          event.target.value = "";
        }}
      />
      <Button onClick={() => input.current?.click()}>{t("import.choose")}</Button>{" "}
      <span className="quiet">{t("import.drop")}</span>
      <ul className="files">
        {files.map((file, index) => (
          <li key={`${file.name} ${index}`}>
            {file.name}
            <button
              type="button"
              className="link"
              aria-label={t("import.remove", { file: file.name })}
              onClick={() => onFiles(files.filter((one) => one !== file))}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function ImportForm(props: {
  draft: Draft;
  onDraft: (draft: Draft) => void;
  files: File[];
  onFiles: (files: File[]) => void;
}) {
  const { draft, onDraft, files, onFiles } = props;
  const { t } = useLanguage();
  return (
    <div className="form">
      <SelectField
        label={t("import.source")}
        hint={t(`import.hint.${draft.source}`)}
        value={draft.source}
        options={SOURCES.map((value) => ({ value, label: t(`source.${value}`) }))}
        onChange={(source) => onDraft({ ...draft, source })}
      />
      {draft.source === "three-cx" && (
        <>
          <TextField
            required
            label={t("import.extensions")}
            hint={t("import.extensions_hint")}
            value={draft.queueExtensions}
            onChange={(queueExtensions) => onDraft({ ...draft, queueExtensions })}
          />
          <TextField
            label={t("import.columns")}
            hint={t("import.columns_hint")}
            value={draft.columns}
            onChange={(columns) => onDraft({ ...draft, columns })}
          />
        </>
      )}
      <FileDrop files={files} onFiles={onFiles} />
    </div>
  );
}
