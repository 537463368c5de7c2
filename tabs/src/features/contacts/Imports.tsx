/** The organisation's imports, newest first, with what became of their rows. */
import { useState } from "react";
import { useCall } from "../../api/useCall";
import type { ImportStatus } from "../../api/types";
import { useFormats, useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { ProblemMessage } from "../../components/Problem";
import { ImportButton } from "./ImportDialog";
import { Report } from "./Report";

function Import(props: { status: ImportStatus }) {
  const { status } = props;
  const { t, named } = useLanguage();
  const { dateTime, count, percent } = useFormats();
  const [isOpen, setOpen] = useState(false);
  const share = status.state === "running" ? ` ${percent(status.progress * 100)}` : "";
  return (
    <li className="card import">
      <button
        type="button"
        className="import-head"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <span className="import-file">{status.file}</span>
        <span className={`badge import-${status.state}`}>
          {t(`imports.state.${status.state}`)}
          {share}
        </span>
        <span className="quiet">
          {named(`source.${status.source}`, status.source)}, {dateTime(status.created_at)}
        </span>
        <span className="quiet">
          {count(status.accepted)} {t("import.accepted")}, {count(status.rejected)}{" "}
          {t("import.rejected")}
        </span>
      </button>
      {isOpen && <Report status={status} />}
    </li>
  );
}

export function Imports() {
  const { t } = useLanguage();
  const { api, revision, may } = useSession();
  const { data, problem, retry } = useCall("imports", api.imports, revision);
  return (
    <>
      <h2>{t("imports.title")}</h2>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data?.imports.length === 0 && (
        <div className="empty">
          <p>{t("imports.none")}</p>
          {may("imports.create") && <ImportButton />}
        </div>
      )}
      <ul className="imports">
        {data?.imports.map((status) => (
          <Import key={status.id} status={status} />
        ))}
      </ul>
    </>
  );
}
