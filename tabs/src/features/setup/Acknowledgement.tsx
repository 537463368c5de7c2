/** The acknowledgement without which nothing is recorded: its text, who gave it, taking it back. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useFormats } from "../../app/messages";
import { SelectField, TextField } from "../../components/fields";
import type { Acknowledgement, Calling } from "./calls";
import { useNames } from "./CallHandling";
import { Form } from "./parts";
import { Refusal } from "./Refusal";
import type { Setting } from "./Setup";
import { useWords } from "./words";

const CONSENTS = ["all_party", "one_party"] as const;
const SHORTEST_WHY = 3;
type Props = Setting & { calling: Calling };

function Give(props: Props) {
  const { calls, calling, again } = props;
  const say = useWords();
  const { busy, problem, act } = useAct();
  const [consent, setConsent] = useState<(typeof CONSENTS)[number]>("all_party");
  const { text_hash } = calling.to_acknowledge;
  const give = () =>
    void act(() => calls.acknowledge({ text_hash, consent_mode: consent })).then(again);
  return (
    <Form label={say("ack.title")} onSend={give}>
      <SelectField
        className="setup-field"
        label={say("ack.consent")}
        value={consent}
        options={CONSENTS.map((one) => ({ value: one, label: say(`consent.${one}`) }))}
        onChange={setConsent}
      />
      <Refusal problem={problem} />
      <div className="alert-actions">
        <Button type="submit" appearance="primary" disabled={busy}>
          {say("ack.give")}
        </Button>
      </div>
    </Form>
  );
}

function Retract(props: Props) {
  const { calls, again } = props;
  const say = useWords();
  const { busy, problem, act } = useAct();
  const [why, setWhy] = useState("");
  const [tried, setTried] = useState(false);
  const said = why.trim().length >= SHORTEST_WHY;
  const retract = () => {
    setTried(true);
    if (said) void act(() => calls.retract(why.trim())).then(again);
  };
  return (
    <Form label={say("ack.retract")} onSend={retract}>
      <TextField
        required
        maxLength={500}
        className="setup-field"
        label={say("ack.retract_why")}
        hint={say("ack.retract_about")}
        error={tried && !said ? say("decide.why_missing") : undefined}
        value={why}
        onChange={setWhy}
      />
      <Refusal problem={problem} />
      <div className="alert-actions">
        <Button type="submit" disabled={busy}>
          {say("ack.retract")}
        </Button>
      </div>
    </Form>
  );
}

export function AcknowledgementSection(props: Props) {
  const { calling } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const name = useNames();
  const { acknowledgement: standing, acknowledgements: all } = calling;
  const given = (one: Acknowledgement) =>
    one.retracted_at
      ? say("ack.retracted", {
          who: name(one.person),
          at: dateTime(one.given_at),
          end: dateTime(one.retracted_at),
        })
      : say("ack.given", {
          who: name(one.person),
          at: dateTime(one.given_at),
          consent: say(`consent.${one.consent_mode}`),
        });
  const before = all.filter((one) => one.id !== standing?.id);
  return (
    <section className="card stack">
      <h3>{say("ack.title")}</h3>
      <blockquote className="setup-text" lang="en">
        {calling.to_acknowledge.text}
      </blockquote>
      {standing && <p>{given(standing)}</p>}
      {calling.may_change && (standing ? <Retract {...props} /> : <Give {...props} />)}
      {before.length > 0 && (
        <>
          <h4 className="card-title">{say("ack.before")}</h4>
          <ul className="setup-history">
            {before.map((one) => (
              <li key={one.id}>{given(one)}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
