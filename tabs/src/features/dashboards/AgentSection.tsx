/** Figures by agent; without names for those who see figures without identities. */
import { useMemo } from "react";
import { useCall } from "../../api/useCall";
import type { AgentRow } from "../../api/types";
import { useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { DataTable, type Column } from "../../components/DataTable";
import { MetricCell } from "../../components/MetricCell";
import { ProblemMessage } from "../../components/Problem";
import { useContacts } from "../contacts/ContactsDrawer";
import { AGENT_COLUMNS } from "./groups";
import type { Asked } from "./useFilters";

/** An agent with the words the reader knows them by. */
interface NamedRow extends AgentRow {
  label: string;
}

export function AgentSection(props: { asked: Asked }) {
  const { key, query } = props.asked;
  const { t, named } = useLanguage();
  const { api, revision, may } = useSession();
  const openContacts = useContacts();
  const { data, problem, loading, retry } = useCall(
    key,
    (signal) => api.agents(query ?? {}, signal),
    revision,
  );
  const rows = useMemo<NamedRow[]>(
    () =>
      (data?.rows ?? []).map((row, index) => ({
        ...row,
        label: row.name ?? t("agents.anonymous", { number: index + 1 }),
      })),
    [data, t],
  );
  const isAnonymous = rows.some(({ name }) => name === null);
  const columns = useMemo<Column<NamedRow>[]>(() => {
    const figures = AGENT_COLUMNS.map((metric): Column<NamedRow> => ({
      key: metric,
      header: named(`metric.${metric}`, metric),
      numeric: true,
      sort: (row) => row.metrics[metric]?.value ?? null,
      cell: (row) => (
        <MetricCell
          metric={row.metrics[metric]}
          name={`${named(`metric.${metric}`, metric)}, ${row.label}`}
          onOpen={
            openContacts && query
              ? () =>
                  openContacts({
                    query: { ...query, agent: row.agent },
                    metric,
                    of: t("contacts.of_agent", { name: row.label }),
                  })
              : undefined
          }
        />
      ),
    }));
    return [
      {
        key: "name",
        header: t("agents.name"),
        isName: true,
        sort: (row) => row.label,
        cell: (row) => (
          <>
            {row.label} <span className="quiet">{named(`source.${row.source}`, row.source)}</span>
          </>
        ),
      },
      ...figures,
    ];
  }, [t, named, openContacts, key]);
  return (
    <section className="card" aria-labelledby="agents-title" aria-busy={loading}>
      <div className="card-head">
        <h2 id="agents-title">{t("agents.title")}</h2>
        {isAnonymous && <p className="quiet">{t("agents.without_names")}</p>}
        {!may("agents.view") && <p className="quiet">{t("agents.own")}</p>}
      </div>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && (
        <DataTable
          label={t("agents.title")}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.agent}
          initial={{ key: "handled", descending: true }}
        />
      )}
    </section>
  );
}
