/** The filters of the address, the span they mean now, and the query they make. */
import { useCallback, useEffect, useMemo, useState } from "react";
import { useAddress } from "../../app/address";
import { useFormats } from "../../app/messages";
import type { FigureQuery, Grain } from "../../api/types";
import { readFilters, toQuery, writeFilters, type Filters } from "./filters";
import { dayOf, grainFor, grainsFor, spanOf, type Span } from "./ranges";

export interface Asked {
  filters: Filters;
  change: (part: Partial<Filters>) => void;
  /** Null when the first day is after the last. */
  span: Span | null;
  query: FigureQuery | null;
  /** The same for the same question: what calls are keyed by. */
  key: string | null;
  grain: Grain;
}

/** Ticks at most once a minute, so that "today" moves on at midnight without a reload. */
function useToday(timeZone: string): string {
  const [today, setToday] = useState(() => dayOf(Date.now(), timeZone));
  useEffect(() => {
    const timer = setInterval(() => setToday(dayOf(Date.now(), timeZone)), 60_000);
    return () => clearInterval(timer);
  }, [timeZone]);
  return today;
}

export function useFilters(): Asked {
  const [search, go] = useAddress();
  const { timeZone } = useFormats();
  const today = useToday(timeZone);
  const filters = useMemo(() => readFilters(search), [search]);
  const change = useCallback(
    (part: Partial<Filters>) => go(writeFilters({ ...readFilters(search), ...part }, search)),
    [search, go],
  );
  return useMemo(() => {
    const span = spanOf(filters.range, Date.now(), timeZone);
    const query = span && toQuery(filters, span);
    const allowed = span ? grainsFor(span) : [];
    const wished = filters.grain;
    const grain = wished && allowed.includes(wished) ? wished : span ? grainFor(span) : "1d";
    return { filters, change, span, query, key: query && JSON.stringify(query), grain };
    // `today` is not read here, but a new day means a new span.
  }, [filters, change, timeZone, today]);
}
