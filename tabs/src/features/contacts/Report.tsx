/** What became of an import's rows. */
import { useMemo } from "react";
import type { ImportStatus } from "../../api/types";
import { useFormats, useLanguage } from "../../app/messages";
import { DataTable, type Column } from "../../components/DataTable";

const COUNTS = ["accepted", "corrected", "unchanged", "ignored", "rejected"] as const;

type Rejection = ImportStatus["rejections"][number];

export function Report(props: { status: ImportStatus }) {
  const { status } = props;
  const { t } = useLanguage();
  const { count } = useFormats();
  const columns = useMemo<Column<Rejection>[]>(
    () => [
      { key: "line", header: t("import.line"), isName: true, cell: ({ line }) => count(line) },
      { key: "reason", header: t("import.reason"), cell: ({ reason }) => reason },
    ],
    [t, count],
  );
  return (
    <div className="report">
      {status.error && <p className="problem">{status.error}</p>}
      <dl className="counts" aria-label={t("import.report")}>
        {COUNTS.map((key) => (
          <div key={key} className={key === "rejected" && status.rejected > 0 ? "is-bad" : undefined}>
            <dt>{t(`import.${key}`)}</dt>
            <dd>{count(status[key])}</dd>
          </div>
        ))}
      </dl>
      {status.rejections.length > 0 && (
        <>
          <h3>{t("import.rejections")}</h3>
          {status.rejections.length < status.rejected && (
            <p className="quiet">
              {t("import.first_rejections", {
                shown: count(status.rejections.length),
                total: count(status.rejected),
              })}
            </p>
          )}
          <DataTable
            label={t("import.rejections")}
            columns={columns}
            rows={status.rejections}
            rowKey={({ line, reason }) => `${line} ${reason}`}
            limit={10}
          />
        </>
      )}
    </div>
  );
}
