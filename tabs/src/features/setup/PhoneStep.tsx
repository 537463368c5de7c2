/** The phone, and the code that proves it. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useFormats } from "../../app/messages";
import { TextField } from "../../components/fields";
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

export function PhoneStep(props: Setting) {
  const { calls, status, again } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const { busy, problem, act } = useAct();
  const { phone, locked_until: locked, live_challenge: challenge } = status.verification;
  const [number, setNumber] = useState(phone.value ?? "");
  const isOther = number.trim() !== phone.value;
  const send = () => void act(() => calls.sendCode(number.trim())).then(again);
  return (
    <>
      <Locked until={locked} />
      {challenge && !locked && <CodeForm key={challenge} {...props} challenge={challenge} />}
      <Form label={say("step.phone")} onSend={send}>
        <TextField
          required
          type="tel"
          autoComplete="tel"
          className="setup-field"
          label={say("phone.label")}
          hint={say(phone.proven_at && isOther ? "phone.changing" : "phone.hint")}
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
              {say(challenge ? "phone.again" : "phone.send")}
            </WaitingButton>
          </div>
        )}
      </Form>
    </>
  );
}
