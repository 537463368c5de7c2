/** The organisation: setting it up, what it does with calls, its tenant code. */
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { useCall } from "../../api/useCall";
import { useAddress } from "../../app/address";
import { useSession } from "../../app/session";
import { ProblemMessage } from "../../components/Problem";
import { CallHandling } from "./CallHandling";
import { setupCalls, type Calls, type Status, type StepName } from "./calls";
import { PendingLink } from "./PendingLink";
import { Steps } from "./Steps";
import { TenantCode } from "./TenantCode";
import { useWords } from "./words";
import "./setup.css";

const People = lazy(() => import("../informing/People").then((view) => ({ default: view.People })));
const Standing = lazy(() =>
  import("../standing/Standing").then((view) => ({ default: view.Standing })),
);
const SECTIONS = ["steps", "calls", "people", "code", "standing"] as const;
type Section = (typeof SECTIONS)[number];

/** What every section reads and changes with. */
export interface Setting {
  calls: Calls;
  status: Status;
  round: number;
  /** Reads everything again: after every change, made or refused, because waiting times moved. */
  again: () => void;
  go: (section: Section, step?: StepName) => void;
}

export function Setup() {
  const say = useWords();
  const { api, may } = useSession();
  const calls = useMemo(() => setupCalls(api), [api]);
  const sections = SECTIONS.filter((one) => one !== "standing" || may("standing.view"));
  const [search, go] = useAddress();
  const [round, setRound] = useState(0);
  const { data: status, problem, retry } = useCall("setup", calls.status, round);
  const section = sections.find((one) => one === search.get("section")) ?? "steps";
  const nav = useRef<HTMLElement>(null);
  const asked = useRef(false);
  useEffect(() => {
    // A button that led here from another section went away with it.
    if (asked.current && document.activeElement === document.body)
      nav.current?.querySelector<HTMLElement>("[aria-current]")?.focus();
    asked.current = false;
  }, [section]);
  const open = (next: Section, step?: StepName) => {
    const changed = new URLSearchParams(search);
    changed.set("section", next);
    changed.delete("step");
    if (step) changed.set("step", step);
    asked.current = true;
    go(changed);
  };
  const setting = status && {
    calls,
    status,
    round,
    again: () => setRound((count) => count + 1),
    go: open,
  };
  return (
    <>
      <h2>{say("title")}</h2>
      <p className="lead">{say("about")}</p>
      {setting && <PendingLink {...setting} />}
      <nav ref={nav} className="setup-sections" aria-label={say("sections")}>
        {sections.map((one) => (
          <button
            key={one}
            type="button"
            className="view-link"
            aria-current={one === section ? "page" : undefined}
            onClick={() => open(one)}
          >
            {say(`section.${one}`)}
          </button>
        ))}
      </nav>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!setting && !problem && <div className="skeleton skeleton-block" />}
      {setting && section === "steps" && <Steps {...setting} />}
      {setting && section === "calls" && <CallHandling {...setting} />}
      {section === "people" && (
        <Suspense fallback={<div className="skeleton skeleton-block" />}>
          <People />
        </Suspense>
      )}
      {setting && section === "code" && <TenantCode {...setting} />}
      {section === "standing" && (
        <Suspense fallback={<div className="skeleton skeleton-block" />}>
          <Standing />
        </Suspense>
      )}
    </>
  );
}
