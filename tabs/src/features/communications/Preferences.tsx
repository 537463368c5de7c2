/** By which ways the reader is written to, of what may be silenced. */
import { useState } from "react";
import { read } from "../../api/client";
import type { components } from "../../api/schema.gen";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { wordsOf } from "../../app/messages";
import { useSession } from "../../app/session";
import { Check } from "../../components/fields";
import { ProblemMessage } from "../../components/Problem";
import { words } from "./words.en";

type Preference = components["schemas"]["Preference"];

const CLASSES = ["essential", "optional"] as const;
const useWords = wordsOf(words, () => import("./words.de").then((german) => german.words));

export function Preferences() {
  const say = useWords();
  const { http } = useSession().api;
  const [round, setRound] = useState(0);
  const [saved, setSaved] = useState(false);
  const { busy, problem: failed, act } = useAct();
  const { data, problem, retry } = useCall(
    "preferences",
    (signal) => read(http.GET("/api/communications/preferences", { signal })),
    round,
  );
  /** What was just chosen, shown while it is saved. */
  const [chosen, setChosen] = useState<Record<string, boolean>>({});
  const choose = async ({ message_class, way }: Preference, on: boolean) => {
    if (!data || busy) return;
    setSaved(false);
    const key = `${message_class} ${way}`;
    setChosen({ [key]: on });
    const body = { version: data.version, preferences: [{ message_class, way, on }] };
    const made = await act(() => read(http.PUT("/api/communications/preferences", { body })));
    setSaved(made);
    if (!made) setChosen({});
    setRound((count) => count + 1);
  };
  return (
    <section className="stack" aria-label={say("title")}>
      <h3>{say("title")}</h3>
      <p className="quiet">{say("about")}</p>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {failed?.status === 409 && <p role="alert">{say("conflict")}</p>}
      {failed && failed.status !== 409 && <ProblemMessage problem={failed} />}
      <div className="cards">
        {data &&
          CLASSES.map((kind) => (
            <div key={kind} role="group" aria-label={say(kind)} className="card">
              <h4 className="card-title">{say(kind)}</h4>
              <p className="quiet">{say(`${kind}.about`)}</p>
              {data.preferences
                .filter((one) => one.message_class === kind)
                .map((one) => (
                  <Check
                    key={one.way}
                    checked={chosen[`${kind} ${one.way}`] ?? one.on}
                    disabled={!one.changeable}
                    onChange={(on) => void choose(one, on)}
                  >
                    {say(`way.${one.way}`)}
                  </Check>
                ))}
            </div>
          ))}
      </div>
      <p className="quiet" role="status">
        {saved && say("saved")}
      </p>
    </section>
  );
}
