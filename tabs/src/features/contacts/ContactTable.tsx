/** Contacts as rows; the customer arrives masked from the service. */
import { useMemo } from "react";
import type { ContactRow } from "../../api/types";
import { useFormats, useLanguage } from "../../app/messages";
import { DataTable, type Column } from "../../components/DataTable";

export function ContactTable(props: { rows: ContactRow[]; label: string; limit?: number }) {
  const { rows, label, limit = Infinity } = props;
  const { t, named } = useLanguage();
  const { dateTime, duration } = useFormats();
  const columns = useMemo<Column<ContactRow>[]>(() => {
    const timing = (
      key: "wait" | "talk" | "hold" | "after_contact_work",
      header: string,
    ): Column<ContactRow> => ({
      key,
      header,
      numeric: true,
      cell: (row) => {
        const seconds = row[key];
        if (seconds !== null) return duration(seconds);
        return <span title={t("contacts.not_given")}>–</span>;
      },
    });
    return [
      {
        key: "arrived",
        header: t("contacts.started"),
        isName: true,
        cell: (row) => dateTime(row.arrived_at),
      },
      {
        key: "outcome",
        header: t("contacts.outcome"),
        cell: (row) => (
          <span className={`outcome outcome-${row.outcome}`}>{t(`outcome.${row.outcome}`)}</span>
        ),
      },
      { key: "customer", header: t("contacts.customer"), cell: (row) => row.customer ?? "–" },
      { key: "queue", header: t("contacts.queue"), cell: (row) => row.queue ?? "–" },
      { key: "agent", header: t("contacts.agent"), cell: (row) => row.agent ?? "–" },
      timing("wait", t("contacts.wait")),
      timing("talk", t("contacts.talk")),
      timing("hold", t("contacts.hold")),
      timing("after_contact_work", t("contacts.acw")),
      {
        key: "channel",
        header: t("contacts.channel"),
        cell: (row) => `${t(`channel.${row.channel}`)}, ${named(`source.${row.source}`, row.source)}`,
      },
    ];
  }, [t, named, dateTime, duration]);
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.contact}
      limit={limit}
    />
  );
}
