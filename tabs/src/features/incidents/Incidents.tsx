/** Security incidents: reporting and following for everybody, handling for responders. */
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { useAddress } from "../../app/address";
import { useSession } from "../../app/session";
import { incidentCalls, type Calls } from "./calls";
import { Case } from "./Case";
import { OwnReports } from "./Own";
import { Queue } from "./Queue";
import { ReportForm } from "./ReportForm";
import { Statistics } from "./Statistics";
import { useWords } from "./words";
import "./incidents.css";

const Receivers = lazy(() =>
  import("../receivers/Receivers").then((view) => ({ default: view.Receivers })),
);
const SECTIONS = ["queue", "report", "own", "statistics", "receivers"] as const;
type Section = (typeof SECTIONS)[number];
const NEEDS = {
  queue: "incidents.handle",
  report: "incidents.report",
  own: "incidents.report",
  statistics: "incidents.count",
  receivers: "incidents.forward",
} as const;
const REFRESH_MS = 60_000;

/** What every section reads: the calls, a count that asks for reading again, and that count's way. */
export interface Reading {
  calls: Calls;
  round: number;
  again: () => void;
}

/** Grows by itself while the page is looked at, and when it is asked to. */
function useRound(): [number, () => void] {
  const [round, setRound] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setRound((count) => count + 1);
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return [round, () => setRound((count) => count + 1)];
}

/** The section of an address: a link to an incident or a report leads to its own. */
function sectionOf(search: URLSearchParams, shown: readonly Section[]): Section | undefined {
  let wanted = search.get("section");
  if (search.has("report")) wanted = "own";
  if (search.has("incident")) wanted = "queue";
  return shown.find((one) => one === wanted) ?? shown[0];
}

export function Incidents() {
  const say = useWords();
  const { api, may } = useSession();
  const calls = useMemo(() => incidentCalls(api), [api]);
  const [search, go] = useAddress();
  const [round, again] = useRound();
  const shown = SECTIONS.filter((one) => may(NEEDS[one]));
  const section = sectionOf(search, shown);
  const to = (next: Section, found: Record<string, string> = {}) => {
    const changed = new URLSearchParams(search);
    for (const name of ["incident", "report"]) changed.delete(name);
    changed.set("section", next);
    for (const [name, id] of Object.entries(found)) changed.set(name, id);
    go(changed);
    again();
  };
  const reading: Reading = { calls, round, again };
  const incident = search.get("incident");
  return (
    <div className="incidents stack">
      <h2>{say("title")}</h2>
      {shown.length > 1 && (
        <nav className="incidents-sections" aria-label={say("sections")}>
          {shown.map((one) => (
            <button
              key={one}
              type="button"
              className="view-link"
              aria-current={one === section ? "page" : undefined}
              onClick={() => to(one)}
            >
              {say(`section.${one}`)}
            </button>
          ))}
        </nav>
      )}
      {section === "report" && <ReportForm {...reading} onFollow={(report) => to("own", { report })} />}
      {section === "own" && (
        <OwnReports
          {...reading}
          report={search.get("report")}
          onOpen={(report) => to("own", report ? { report } : {})}
        />
      )}
      {section === "queue" && !incident && (
        <Queue {...reading} onOpen={(id) => to("queue", { incident: id })} />
      )}
      {section === "queue" && incident && (
        <Case
          key={incident}
          id={incident}
          calls={calls}
          onOpen={(id) => to("queue", { incident: id })}
          onBack={() => to("queue")}
        />
      )}
      {section === "statistics" && <Statistics {...reading} />}
      {section === "receivers" && (
        <Suspense fallback={<div className="skeleton skeleton-block" />}>
          <Receivers round={round} />
        </Suspense>
      )}
    </div>
  );
}
