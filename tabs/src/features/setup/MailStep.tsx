/** The mail address, and the link that proves it. */
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useFormats } from "../../app/messages";
import { TextField } from "../../components/fields";
import { Form, Locked, WaitingButton } from "./parts";
import { Refusal } from "./Refusal";
import type { Setting } from "./Setup";
import { useWords } from "./words";

export function MailStep(props: Setting) {
  const { calls, status, again } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const { busy, problem, act } = useAct();
  const { mail, locked_until: locked } = status.verification;
  const [address, setAddress] = useState(mail.value ?? "");
  const isOther = address.trim() !== mail.value;
  const send = () => void act(() => calls.sendLink(address.trim())).then(again);
  return (
    <Form label={say("step.mail")} onSend={send}>
      <Locked until={locked} />
      <TextField
        required
        type="email"
        autoComplete="email"
        className="setup-field"
        label={say("mail.label")}
        hint={mail.proven_at && isOther ? say("mail.changing") : undefined}
        value={address}
        onChange={setAddress}
      />
      <Refusal problem={problem} />
      {mail.proven_at ? (
        <p>{say("mail.proven", { at: dateTime(mail.proven_at) })}</p>
      ) : (
        mail.sent_at && (
          <div role="status">
            <p>{say("mail.sent", { at: dateTime(mail.sent_at) })}</p>
            <p className="quiet">{say("mail.nothing")}</p>
          </div>
        )
      )}
      {(!mail.proven_at || isOther) && (
        <div className="alert-actions">
          <WaitingButton
            primary={!mail.sent_at || isOther}
            after={mail.resend_after}
            disabled={busy || address.trim() === ""}
          >
            {say(mail.sent_at && !isOther ? "mail.again" : "mail.send")}
          </WaitingButton>
        </div>
      )}
    </Form>
  );
}
