/** Figures by queue. */
import { useCallback, useMemo, useState } from "react";
import { useCall } from "../../api/useCall";
import type { QueueRow } from "../../api/types";
import { useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { Check } from "../../components/fields";
import { MORE_QUEUE_COLUMNS, QUEUE_COLUMNS } from "./groups";
import { RowSection, type NamedRow } from "./RowSection";
import type { Asked } from "./useFilters";

type NamedQueue = QueueRow & NamedRow;

const ALL_COLUMNS = [...QUEUE_COLUMNS, ...MORE_QUEUE_COLUMNS];

export function QueueSection(props: { asked: Asked }) {
  const { key, query } = props.asked;
  const { t } = useLanguage();
  const { api, revision } = useSession();
  const [isWhole, setWhole] = useState(false);
  const { data, problem, loading, retry } = useCall(
    key,
    (signal) => api.queues(query ?? {}, signal),
    revision,
  );
  const rows = useMemo<NamedQueue[] | null>(
    () => data && data.rows.map((row) => ({ ...row, label: row.name })),
    [data],
  );
  const contactsOf = useCallback(
    (row: NamedQueue) => ({
      query: { ...query, queue: [row.queue] },
      of: t("contacts.of_queue", { name: row.label }),
    }),
    [t, key],
  );
  return (
    <RowSection
      id="queues-title"
      title={t("queues.title")}
      nameHeader={t("queues.name")}
      metrics={isWhole ? ALL_COLUMNS : QUEUE_COLUMNS}
      sortedBy="offered"
      rows={rows}
      rowKey={(row) => row.queue}
      problem={problem}
      loading={loading}
      retry={retry}
      contactsOf={query ? contactsOf : null}
    >
      <Check checked={isWhole} onChange={setWhole}>
        {t("table.all_figures")}
      </Check>
    </RowSection>
  );
}
