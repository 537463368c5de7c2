/**
 * A sortable table that becomes a list of cards on narrow screens. The roles are spelled out
 * because a table laid out as a grid loses its own.
 */
import { memo, useMemo, useState, type ReactNode } from "react";
import { useLanguage } from "../app/messages";

export interface Column<Row> {
  key: string;
  header: string;
  numeric?: boolean;
  /** Names the row: the card's heading, the screen reader's row header. */
  isName?: boolean;
  /** What to sort by; null sorts last. Without it the column does not sort. */
  sort?: (row: Row) => number | string | null;
  cell: (row: Row) => ReactNode;
}

interface Sorting {
  key: string;
  descending: boolean;
}

function compare(a: number | string | null, b: number | string | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === "string" || typeof b === "string") return String(a).localeCompare(String(b));
  return a - b;
}

/** Sorted copy; rows without a value stay last in both directions. */
export function sorted<Row>(rows: Row[], column: Column<Row> | undefined, descending: boolean) {
  const by = column?.sort;
  if (!by) return rows;
  return [...rows].sort((one, two) => {
    const [a, b] = [by(one), by(two)];
    const order = compare(a, b);
    return descending && a !== null && b !== null ? -order : order;
  });
}

interface RowProps<Row> {
  row: Row;
  columns: Column<Row>[];
}

function PlainRow<Row>({ row, columns }: RowProps<Row>) {
  return (
    <tr role="row">
      {columns.map((column) => (
        <td
          key={column.key}
          role={column.isName ? "rowheader" : "cell"}
          className={column.isName ? "cell-name" : column.numeric ? "cell-number" : undefined}
          data-label={column.header}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

const MemoRow = memo(PlainRow) as typeof PlainRow;

export interface DataTableProps<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  initial?: Sorting;
  /** Rows shown before "show all". */
  limit?: number;
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, limit = 25 } = props;
  const { t, locale } = useLanguage();
  const [sorting, setSorting] = useState<Sorting | null>(props.initial ?? null);
  const [isWhole, setWhole] = useState(false);
  const ordered = useMemo(
    () =>
      sorted(
        rows,
        columns.find(({ key }) => key === sorting?.key),
        sorting?.descending ?? false,
      ),
    [rows, columns, sorting],
  );
  const shown = isWhole ? ordered : ordered.slice(0, limit);
  const sortBy = (column: Column<Row>) =>
    setSorting((was) => ({
      key: column.key,
      descending: was?.key === column.key ? !was.descending : Boolean(column.numeric),
    }));
  const direction = (key: string) =>
    sorting?.key !== key ? "none" : sorting.descending ? "descending" : "ascending";
  return (
    <>
      <div className="table-scroll" tabIndex={0} role="group" aria-label={label}>
        <table className="table" role="table" aria-label={label}>
          <thead role="rowgroup">
            <tr role="row">
              {columns.map((column) => (
                <th
                  key={column.key}
                  role="columnheader"
                  scope="col"
                  className={column.numeric ? "cell-number" : undefined}
                  aria-sort={column.sort ? direction(column.key) : undefined}
                >
                  {column.sort ? (
                    <button type="button" className="sort" onClick={() => sortBy(column)}>
                      {column.header}
                      <span className={`sort-mark sort-${direction(column.key)}`} aria-hidden="true" />
                    </button>
                  ) : (
                    column.header
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {shown.map((row) => (
              <MemoRow key={rowKey(row)} row={row} columns={columns} />
            ))}
          </tbody>
        </table>
      </div>
      {ordered.length === 0 && <p className="quiet">{t("table.empty")}</p>}
      {shown.length < ordered.length && (
        <button type="button" className="link" onClick={() => setWhole(true)}>
          {t("table.more", { count: ordered.length.toLocaleString(locale) })}
        </button>
      )}
    </>
  );
}
