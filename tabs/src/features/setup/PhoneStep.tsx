/** The phone, and the code that proves it; or an app in its place. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useFormats } from "../../app/messages";
import { Check, TextField } from "../../components/fields";
import { AppForm } from "./AppForm";
import { Form, Locked, WaitingButton } from "./parts";
import { Refusal } from "./Refusal";
import type { Setting } from "./Setup";
import { useSecondsUntil } from "./useNow";
import { useWords } from "./words";

/** The code, while one waits to be typed. */
function CodeForm(props: Setting & { challenge: string }) {
  const { calls, status, again, challenge } = props;
  const say = useWords();
  const { duration } = useFormats();
  const { busy, problem, act } = useAct();
  const [code, setCode] = useState("");
  const { phone, challenge_expires_at: expires } = status.verification;
  const left = useSecondsUntil(expires);
  const confirm = async () => {
    await act(() => calls.confirmPhone({ challenge, code }));
    setCode("");
    again();
  };
  if (left === 0) return <p role="status">{say("refused.no-code")}</p>;
  return (
    <Form label={say("phone.code")} onSend={() => void confirm()}>
      <p>{say("phone.sent", { phone: phone.value ?? phone.masked ?? "", left: duration(left) })}</p>
      <TextField
        required
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={20}
        className="setup-field"
        label={say("phone.code")}
        hint={say("phone.share")}
        value={code}
        onChange={setCode}
      />
      <Refusal problem={problem} />
      <div className="alert-actions">
        <Button type="submit" appearance="primary" disabled={busy || code.trim() === ""}>
          {say("phone.confirm")}
        </Button>
      </div>
    </Form>
  );
}

/** The number, and the code sent to it. */
function NumberForm(props: Setting & { way: "sms" | "voice" }) {
  const { calls, status, again, way } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const { busy, problem, act } = useAct();
  const { phone, locked_until: locked, live_challenge: challenge } = status.verification;
  const [number, setNumber] = useState(phone.value ?? "");
  const isOther = number.trim() !== phone.value;
  const send = () => void act(() => calls.sendCode(number.trim(), way)).then(again);
  const hint = phone.proven_at && isOther ? "phone.changing" : `phone.hint_${way}`;
  return (
    <>
      {challenge && !locked && <CodeForm key={challenge} {...props} challenge={challenge} />}
      <Form label={say("step.phone")} onSend={send}>
        <TextField
          required
          type="tel"
          autoComplete="tel"
          className="setup-field"
          label={say("phone.label")}
          hint={say(hint as "phone.changing")}
          value={number}
          onChange={setNumber}
        />
        <Refusal problem={problem} />
        {phone.proven_at && <p>{say("phone.proven", { at: dateTime(phone.proven_at) })}</p>}
        {(!phone.proven_at || isOther) && (
          <div className="alert-actions">
            <WaitingButton
              primary={!challenge}
              after={phone.resend_after}
              disabled={busy || number.trim() === "" || locked !== null}
            >
              {say(challenge ? "phone.again" : way === "voice" ? "phone.call" : "phone.send")}
            </WaitingButton>
          </div>
        )}
      </Form>
    </>
  );
}

type ProofWay = "sms" | "voice" | "app";

export function PhoneStep(props: Setting) {
  const { status } = props;
  const say = useWords();
  const { code_ways: codes, authenticator: app, phone, locked_until: locked } = status.verification;
  const ways: ProofWay[] = [...codes, "app"];
  const [way, setWay] = useState<ProofWay>(app.proven_at && !phone.proven_at ? "app" : (codes[0] ?? "sms"));
  return (
    <>
      <Locked until={locked} />
      <fieldset className="plain">
        <legend className="field-label">{say("phone.way")}</legend>
        {ways.map((one) => (
          <Check
            key={one}
            type="radio"
            name="phone-way"
            checked={one === way}
            onChange={() => setWay(one)}
          >
            {say(`way.${one}`)}
          </Check>
        ))}
      </fieldset>
      {way === "app" ? <AppForm {...props} /> : <NumberForm {...props} way={way} />}
    </>
  );
}
