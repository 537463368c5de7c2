/** Every decision about calls, and what was in force at any instant. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { TextField } from "../../components/fields";
import { ProblemMessage } from "../../components/Problem";
import type { Calling, Decision } from "./calls";
import { Switches, useNames } from "./CallHandling";
import { instantOf } from "./instants";
import type { Setting } from "./Setup";
import { known, useWords } from "./words";

function InForceAt(props: Setting & { at: string }) {
  const { calls, round, at } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const { data, problem, retry } = useCall(
    `call-handling ${at}`,
    (signal) => calls.handling(at, signal),
    round,
  );
  if (problem) return <ProblemMessage problem={problem} retry={retry} />;
  if (!data) return null;
  return (
    <div role="status" className="stack">
      <h4 className="card-title">{say("calls.at", { at: dateTime(data.at) })}</h4>
      {data.in_force.version === 0 && <p>{say("calls.none")}</p>}
      <Switches of={data.in_force} />
    </div>
  );
}

function Entry(props: { decision: Decision; name: (person: string | null) => string }) {
  const { decision, name } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const cause = known(`cause.${decision.cause}`);
  const { effective_from: from, changed_at: at } = decision;
  return (
    <li>
      <h4 className="card-title">
        {say("history.version", { version: decision.version, at: from ? dateTime(from) : "" })}
      </h4>
      <Switches of={decision} />
      <p>{decision.why}</p>
      <p className="quiet">
        {[cause && say(cause), at && say("history.by", { who: name(decision.changed_by), at: dateTime(at) })]
          .filter(Boolean)
          .join(". ")}
      </p>
    </li>
  );
}

export function History(props: Setting & { calling: Calling }) {
  const { calling } = props;
  const say = useWords();
  const { timeZone } = useFormats();
  const [wall, setWall] = useState("");
  const name = useNames();
  const at = wall ? instantOf(wall, timeZone) : null;
  return (
    <section className="card stack">
      <h3>{say("history.title")}</h3>
      <div className="setup-at">
        <TextField
          type="datetime-local"
          className="setup-field"
          label={say("history.at")}
          hint={say("history.at_hint", { zone: timeZone })}
          value={wall}
          onChange={setWall}
        />
        {wall && <Button onClick={() => setWall("")}>{say("history.now")}</Button>}
      </div>
      {at && <InForceAt {...props} at={at} />}
      {calling.history.length === 0 && <p>{say("history.none")}</p>}
      <ol className="setup-history">
        {calling.history.map((one) => (
          <Entry key={one.version} decision={one} name={name} />
        ))}
      </ol>
    </section>
  );
}
