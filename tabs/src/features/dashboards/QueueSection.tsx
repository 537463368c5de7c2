/** Figures by queue. */
import { useMemo, useState } from "react";
import { useCall } from "../../api/useCall";
import type { QueueRow } from "../../api/types";
import { useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { DataTable, type Column } from "../../components/DataTable";
import { Check } from "../../components/fields";
import { MetricCell } from "../../components/MetricCell";
import { ProblemMessage } from "../../components/Problem";
import { useContacts } from "../contacts/ContactsDrawer";
import { MORE_QUEUE_COLUMNS, QUEUE_COLUMNS } from "./groups";
import type { Asked } from "./useFilters";

export function QueueSection(props: { asked: Asked }) {
  const { key, query } = props.asked;
  const { t, named } = useLanguage();
  const { api, revision } = useSession();
  const openContacts = useContacts();
  const [isWhole, setWhole] = useState(false);
  const { data, problem, loading, retry } = useCall(
    key,
    (signal) => api.queues(query ?? {}, signal),
    revision,
  );
  const columns = useMemo<Column<QueueRow>[]>(() => {
    const metrics = isWhole ? [...QUEUE_COLUMNS, ...MORE_QUEUE_COLUMNS] : QUEUE_COLUMNS;
    const figures = metrics.map((metric): Column<QueueRow> => ({
      key: metric,
      header: named(`metric.${metric}`, metric),
      numeric: true,
      sort: (row) => row.metrics[metric]?.value ?? null,
      cell: (row) => (
        <MetricCell
          metric={row.metrics[metric]}
          name={`${named(`metric.${metric}`, metric)}, ${row.name}`}
          onOpen={
            openContacts && query
              ? () =>
                  openContacts({
                    query: { ...query, queue: [row.queue] },
                    metric,
                    of: t("contacts.of_queue", { name: row.name }),
                  })
              : undefined
          }
        />
      ),
    }));
    return [
      {
        key: "name",
        header: t("queues.name"),
        isName: true,
        sort: (row) => row.name,
        cell: (row) => (
          <>
            {row.name} <span className="quiet">{named(`source.${row.source}`, row.source)}</span>
          </>
        ),
      },
      ...figures,
    ];
  }, [isWhole, t, named, openContacts, key]);
  return (
    <section className="card" aria-labelledby="queues-title" aria-busy={loading}>
      <div className="card-head">
        <h2 id="queues-title">{t("queues.title")}</h2>
        <Check checked={isWhole} onChange={setWhole}>
          {t("table.all_figures")}
        </Check>
      </div>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && (
        <DataTable
          label={t("queues.title")}
          columns={columns}
          rows={data.rows}
          rowKey={(row) => row.queue}
          initial={{ key: "offered", descending: true }}
        />
      )}
    </section>
  );
}
