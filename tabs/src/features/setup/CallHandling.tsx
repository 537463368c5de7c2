/** What the organisation does with calls: in force, deciding, the acknowledgement, the history. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { useSession } from "../../app/session";
import { Check, TextField } from "../../components/fields";
import { ProblemMessage } from "../../components/Problem";
import { AcknowledgementSection } from "./Acknowledgement";
import type { Calling, Decision } from "./calls";
import { History } from "./History";
import { instantOf, wallOf } from "./instants";
import { Form } from "./parts";
import { Refusal } from "./Refusal";
import type { Setting } from "./Setup";
import { useWords } from "./words";

export const SWITCHES = ["inbound", "outbound", "recording"] as const;
const SHORTEST_WHY = 3;

/** What is on and off in a decision. */
export function Switches(props: { of: Decision }) {
  const say = useWords();
  return (
    <dl className="setup-switches">
      {SWITCHES.map((one) => (
        <div key={one}>
          <dt>{say(one)}</dt>
          <dd className={props.of[one] ? "setup-on" : undefined}>{say(props.of[one] ? "on" : "off")}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A name for a person's id: from the people of access, for those who may see them. Others learn
 * only that it was one of those who may decide, which is what a decision needs to be trusted. */
export function useNames(): (person: string | null) => string {
  const say = useWords();
  const { api, me, may } = useSession();
  const { data } = useCall(may("access.view") ? "people" : null, async (signal) => {
    const { data: list } = await api.http.GET("/api/access/people", { signal });
    return list ?? null;
  });
  return (person) => {
    if (person === me.person) return say("you");
    if (!person || person === "system") return say("switchroom");
    if (!may("access.view")) return say("representative");
    return data?.people.find((one) => one.person === person)?.name ?? (data ? say("former") : "…");
  };
}

function DecideForm(props: Setting & { calling: Calling }) {
  const { calls, calling, again, go } = props;
  const say = useWords();
  const { timeZone } = useFormats();
  const { busy, problem, act } = useAct();
  const { newest, acknowledgement } = calling;
  const [wanted, setWanted] = useState({
    inbound: newest.inbound,
    outbound: newest.outbound,
    recording: newest.recording,
  });
  const [why, setWhy] = useState("");
  const [from, setFrom] = useState("");
  const [tried, setTried] = useState(false);
  const said = why.trim().length >= SHORTEST_WHY;
  const send = async () => {
    setTried(true);
    if (!said) return;
    const effective_from = from ? instantOf(from, timeZone) : null;
    const change = { version: newest.version, ...wanted, why: why.trim(), effective_from };
    await act(() => calls.decide(change));
    again();
  };
  const may = {
    inbound: true,
    outbound: calling.outbound_allowed || newest.outbound,
    recording: acknowledgement !== null || newest.recording,
  };
  return (
    <Form label={say("decide.title")} onSend={() => void send()}>
      {SWITCHES.map((one) => (
        <div key={one}>
          <Check
            checked={wanted[one]}
            disabled={!may[one]}
            onChange={(on) => setWanted((was) => ({ ...was, [one]: on }))}
          >
            {say(one)} <span className="quiet">{say(`${one}.why`)}</span>
          </Check>
          {one === "outbound" && !may.outbound && (
            <p className="quiet">
              {say("outbound.missing")}{" "}
              <button
                type="button"
                className="link"
                onClick={() => go("steps", calling.next_step ?? undefined)}
              >
                {say("outbound.go")}
              </button>
            </p>
          )}
          {one === "recording" && !may.recording && <p className="quiet">{say("recording.missing")}</p>}
        </div>
      ))}
      <TextField
        required
        maxLength={500}
        className="setup-field"
        label={say("decide.why")}
        hint={say("decide.why_hint")}
        error={tried && !said ? say("decide.why_missing") : undefined}
        value={why}
        onChange={setWhy}
      />
      <TextField
        type="datetime-local"
        className="setup-field"
        label={say("decide.from")}
        hint={say("decide.from_hint", { zone: timeZone })}
        min={wallOf(Date.now(), timeZone)}
        value={from}
        onChange={setFrom}
      />
      <Refusal problem={problem} />
      <div className="alert-actions">
        <Button type="submit" appearance="primary" disabled={busy}>
          {say("decide.send")}
        </Button>
      </div>
    </Form>
  );
}

export function CallHandling(props: Setting) {
  const { calls, round } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const { data, problem, retry } = useCall(
    "call-handling",
    (signal) => calls.handling(null, signal),
    round,
  );
  if (problem) return <ProblemMessage problem={problem} retry={retry} />;
  if (!data) return <div className="skeleton skeleton-block" />;
  const { newest, in_force: present } = data;
  return (
    <div className="stack">
      <section className="card stack">
        <h3>{say("calls.now")}</h3>
        {present.version === 0 && <p>{say("calls.none")}</p>}
        <Switches of={present} />
        {newest.version !== present.version && newest.effective_from && (
          <>
            <h3>{say("calls.later", { at: dateTime(newest.effective_from) })}</h3>
            <Switches of={newest} />
          </>
        )}
      </section>
      <section className="card stack">
        <h3>{say("decide.title")}</h3>
        {data.may_change ? (
          <>
            {newest.cause === "person" && (
              <p role="status">{say("decide.saved", { version: newest.version })}</p>
            )}
            <DecideForm key={newest.version} {...props} calling={data} />
          </>
        ) : (
          <p>{say("decide.administrator")}</p>
        )}
      </section>
      <AcknowledgementSection {...props} calling={data} />
      <History {...props} calling={data} />
    </div>
  );
}
