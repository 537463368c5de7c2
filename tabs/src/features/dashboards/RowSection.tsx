/** A card of figures by row: one name column, one column a metric whose figures open contacts. */
import { useMemo, type ReactNode } from "react";
import type { ApiProblem } from "../../api/problem";
import type { Metrics } from "../../api/types";
import { useLanguage } from "../../app/messages";
import { DataTable, type Column } from "../../components/DataTable";
import { MetricCell } from "../../components/MetricCell";
import { ProblemMessage } from "../../components/Problem";
import { useContacts, type Opened } from "../contacts/ContactsDrawer";

export interface NamedRow {
  /** The words the reader knows it by. */
  label: string;
  source: string;
  metrics: Metrics;
}

export function RowSection<R extends NamedRow>(props: {
  id: string;
  title: string;
  nameHeader: string;
  metrics: readonly string[];
  /** The metric that the rows are sorted by at first, the largest first. */
  sortedBy: string;
  rows: R[] | null;
  rowKey: (row: R) => string;
  problem: ApiProblem | null;
  loading: boolean;
  retry: () => void;
  /** The contacts behind a row, and how they are called; nothing to open without. */
  contactsOf: ((row: R) => Omit<Opened, "metric">) | null;
  children?: ReactNode;
}) {
  const { id, title, nameHeader, metrics, sortedBy, rows, rowKey, contactsOf, children } = props;
  const { problem, loading, retry } = props;
  const { named } = useLanguage();
  const openContacts = useContacts();
  const columns = useMemo<Column<R>[]>(() => {
    const name: Column<R> = {
      key: "name",
      header: nameHeader,
      isName: true,
      sort: (row) => row.label,
      cell: (row) => (
        <>
          {row.label} <span className="quiet">{named(`source.${row.source}`, row.source)}</span>
        </>
      ),
    };
    const figures = metrics.map((metric): Column<R> => ({
      key: metric,
      header: named(`metric.${metric}`, metric),
      numeric: true,
      sort: (row) => row.metrics[metric]?.value ?? null,
      cell: (row) => (
        <MetricCell
          metric={row.metrics[metric]}
          name={`${named(`metric.${metric}`, metric)}, ${row.label}`}
          onOpen={
            openContacts && contactsOf
              ? () => openContacts({ ...contactsOf(row), metric })
              : undefined
          }
        />
      ),
    }));
    return [name, ...figures];
  }, [metrics, nameHeader, named, openContacts, contactsOf]);
  return (
    <section className="card" aria-labelledby={id} aria-busy={loading}>
      <div className="card-head">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!rows && !problem && <div className="skeleton skeleton-block" />}
      {rows && (
        <DataTable
          label={title}
          columns={columns}
          rows={rows}
          rowKey={rowKey}
          initial={{ key: sortedBy, descending: true }}
        />
      )}
    </section>
  );
}
