/** Figures by agent; without names for those who see figures without identities. */
import { useCallback, useMemo } from "react";
import { useCall } from "../../api/useCall";
import type { AgentRow } from "../../api/types";
import { useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { AGENT_COLUMNS } from "./groups";
import { RowSection, type NamedRow } from "./RowSection";
import type { Asked } from "./useFilters";

type NamedAgent = AgentRow & NamedRow;

export function AgentSection(props: { asked: Asked }) {
  const { key, query } = props.asked;
  const { t } = useLanguage();
  const { api, revision, may } = useSession();
  const { data, problem, loading, retry } = useCall(
    key,
    (signal) => api.agents(query ?? {}, signal),
    revision,
  );
  const rows = useMemo<NamedAgent[] | null>(
    () =>
      data &&
      data.rows.map((row, index) => ({
        ...row,
        label: row.name ?? t("agents.anonymous", { number: index + 1 }),
      })),
    [data, t],
  );
  const contactsOf = useCallback(
    (row: NamedAgent) => ({
      query: { ...query, agent: row.agent },
      of: t("contacts.of_agent", { name: row.label }),
    }),
    [t, key],
  );
  return (
    <RowSection
      id="agents-title"
      title={t("agents.title")}
      nameHeader={t("agents.name")}
      metrics={AGENT_COLUMNS}
      sortedBy="handled"
      rows={rows}
      rowKey={(row) => row.agent}
      problem={problem}
      loading={loading}
      retry={retry}
      contactsOf={query ? contactsOf : null}
    >
      {rows?.some(({ name }) => name === null) && (
        <p className="quiet">{t("agents.without_names")}</p>
      )}
      {!may("agents.view") && <p className="quiet">{t("agents.own")}</p>}
    </RowSection>
  );
}
