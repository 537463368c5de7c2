/** Which contact data is held of the reader and of the organisation, and what for. */
import { read } from "../../api/client";
import type { components } from "../../api/schema.gen";
import { useCall } from "../../api/useCall";
import { wordsOf } from "../../app/messages";
import { useSession } from "../../app/session";
import { ProblemMessage } from "../../components/Problem";
import { words } from "./words.en";

type Held = components["schemas"]["HeldField"];

const WHOSE = ["organization", "you"] as const;
const useWords = wordsOf(words, () => import("./words.de").then((german) => german.words));

function HeldRow(props: { held: Held }) {
  const { data, purposes, is_held: isHeld, shown } = props.held;
  const say = useWords();
  return (
    <li>
      <strong>{say(`data.${data}`)}</strong>: {shown ?? say(isHeld ? "held" : "none")}
      <br />
      <span className="quiet">
        {say("for", { purposes: purposes.map((one) => say(`purpose.${one}`)).join(", ") })}
      </span>
    </li>
  );
}

export function HeldData() {
  const say = useWords();
  const { http } = useSession().api;
  const { data, problem, retry } = useCall("contact-data", (signal) =>
    read(http.GET("/api/contact-data", { signal })),
  );
  return (
    <section className="stack" aria-label={say("title")}>
      <h3>{say("title")}</h3>
      <p className="quiet">{say("about")}</p>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      <div className="cards">
        {data &&
          WHOSE.filter((whose) => data.held.some((one) => one.whose === whose)).map((whose) => (
            <div key={whose} className="card">
              <h4 className="card-title">{say(`whose.${whose}`)}</h4>
              <ul className="stack">
                {data.held
                  .filter((one) => one.whose === whose)
                  .map((one) => (
                    <HeldRow key={one.data} held={one} />
                  ))}
              </ul>
            </div>
          ))}
      </div>
      {data && (
        <p>{say("never", { purposes: data.never.map((one) => say(`purpose.${one}`)).join(", ") })}</p>
      )}
    </section>
  );
}
