/** What was found in a text before it is sent: what is masked, and what the writer keeps. */
import { useState } from "react";
import { Check } from "../../components/fields";
import type { Calls, Finding, Texts } from "./calls";
import { masked, sortsOf } from "./incidents";
import { useWords, wordOr } from "./words";

export interface Looking {
  findings: Finding[];
  texts: Texts;
  keep: string[];
  setKeep: (keep: string[]) => void;
  /** Looks at texts once: true when they may be sent, false when there is something to show. */
  look: (texts: Texts) => Promise<boolean>;
  forget: () => void;
}

const NONE: Texts = { what: "", affected: "", evidence: "" };

export function useLooking(calls: Calls): Looking {
  const [findings, setFindings] = useState<Finding[]>([]);
  const [texts, setTexts] = useState(NONE);
  const [keep, setKeep] = useState<string[]>([]);
  const forget = () => {
    setFindings([]);
    setTexts(NONE);
    setKeep([]);
  };
  const look = async (now: Texts) => {
    if (findings.length > 0 && JSON.stringify(now) === JSON.stringify(texts)) return true;
    const found = (await calls.look(now)).findings;
    setFindings(found);
    setTexts(now);
    return found.length === 0;
  };
  return { findings, texts, keep, setKeep, look, forget };
}

export function Found(props: { looking: Looking }) {
  const { findings, texts, keep, setKeep } = props.looking;
  const say = useWords();
  if (findings.length === 0) return null;
  const fields = (Object.keys(texts) as (keyof Texts)[]).filter((name) =>
    findings.some(({ field }) => field === name),
  );
  return (
    <section className="incidents-found stack" role="status" aria-label={say("found.title")}>
      <h3>{say("found.title")}</h3>
      <p>{say("found.about")}</p>
      {fields.map((name) => (
        <div key={name}>
          <p className="quiet">{say(`field.${name}`)}</p>
          <p className="incidents-text">
            {masked(
              texts[name],
              findings.filter(({ field }) => field === name),
              keep,
            ).map((part, index) =>
              part.sort === null ? part.text : <mark key={index}>{part.text}</mark>,
            )}
          </p>
        </div>
      ))}
      <fieldset className="plain">
        <legend className="field-label">{say("found.keep")}</legend>
        {sortsOf(findings).map(([sort, count]) => (
          <Check
            key={sort}
            checked={keep.includes(sort)}
            onChange={(kept) =>
              setKeep(kept ? [...keep, sort] : keep.filter((one) => one !== sort))
            }
          >
            {wordOr(say, `sort.${sort}`, sort)} ({count})
          </Check>
        ))}
      </fieldset>
    </section>
  );
}
