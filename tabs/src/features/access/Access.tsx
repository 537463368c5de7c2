/** Role management: grants, roles, the review, and partners who ask to see identities. */
import { useMemo, useState } from "react";
import { useCall } from "../../api/useCall";
import { useAddress } from "../../app/address";
import { useSession } from "../../app/session";
import { BreakGlassSection } from "./BreakGlass";
import { accessCalls, type Calls } from "./calls";
import { Grants } from "./Grants";
import { ReviewSection } from "./Review";
import { Roles } from "./Roles";
import { useWords } from "./words";
import "./access.css";

const SECTIONS = ["grants", "roles", "review", "break-glass"] as const;
type Section = (typeof SECTIONS)[number];

/** What every section reads: the calls, what was read, and a way to read it again. */
export interface Reading {
  calls: Calls;
  round: number;
  again: () => void;
}

export function Access() {
  const say = useWords();
  const { api, may } = useSession();
  const calls = useMemo(() => accessCalls(api), [api]);
  const [search, go] = useAddress();
  const [round, setRound] = useState(0);
  // A blind partner comes here for one thing: to ask for identities.
  const shown = may("access.view") ? SECTIONS : (["break-glass"] as const);
  const section = shown.find((one) => one === search.get("section")) ?? shown[0];
  const open = (next: Section) => {
    const changed = new URLSearchParams(search);
    changed.set("section", next);
    changed.delete("request");
    go(changed);
  };
  const reading: Reading = { calls, round, again: () => setRound((count) => count + 1) };
  return (
    <>
      <h2>{say("title")}</h2>
      <p className="lead">{say("about")}</p>
      {shown.length > 1 && (
        <nav className="access-sections" aria-label={say("sections")}>
          {shown.map((one) => (
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
      )}
      {section === "grants" && <Grants {...reading} />}
      {section === "roles" && <Roles {...reading} />}
      {section === "review" && <ReviewSection {...reading} />}
      {section === "break-glass" && <BreakGlassSection {...reading} />}
    </>
  );
}

/** The queues one can narrow to, by id. */
export function useQueueNames(): { choices: { value: string; label: string }[]; name: (id: string) => string | undefined } {
  const { api } = useSession();
  const { data } = useCall("queue-choices", api.queueChoices);
  return useMemo(() => {
    const choices = (data?.queues ?? []).map(({ queue, name }) => ({ value: queue, label: name }));
    const names = new Map(choices.map(({ value, label }) => [value, label]));
    return { choices, name: (id) => names.get(id) };
  }, [data]);
}
