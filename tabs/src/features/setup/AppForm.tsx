/** An authenticator app in place of a code sent to the phone: setting it up, its code, its end. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useFormats } from "../../app/messages";
import { TextField } from "../../components/fields";
import type { Secret } from "./calls";
import { grouped } from "./secret";
import { Form } from "./parts";
import { Refusal } from "./Refusal";
import type { Setting } from "./Setup";
import { useWords } from "./words";

function NewApp(props: { secret: Secret }) {
  const { secret } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  return (
    <>
      <p>{say("app.scan", { at: dateTime(secret.until) })}</p>
      <img className="setup-picture" src={secret.picture} alt={say("app.picture")} width={196} height={196} />
      <p>{say("app.type")}</p>
      <p>
        <code className="setup-secret">{grouped(secret.secret)}</code>
      </p>
    </>
  );
}

export function AppForm(props: Setting) {
  const { calls, status, again } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const { busy, problem, act } = useAct();
  const [secret, setSecret] = useState<Secret | null>(null);
  const [code, setCode] = useState("");
  const { authenticator: app, locked_until: locked } = status.verification;
  const enrol = () => void act(async () => setSecret(await calls.enrolApp()));
  const prove = async () => {
    if (await act(() => calls.proveApp(code.trim()))) setSecret(null);
    setCode("");
    again();
  };
  const remove = () => void act(calls.removeApp).then(again);
  return (
    <>
      <p className="quiet">{say("app.about")}</p>
      {app.proven_at && <p>{say("app.proven", { at: dateTime(app.proven_at) })}</p>}
      {secret && <NewApp secret={secret} />}
      {(secret || app.is_set_up) && (
        <Form label={say("app.code")} onSend={() => void prove()}>
          <TextField
            required
            inputMode="numeric"
            autoComplete="one-time-code"
            maxLength={20}
            className="setup-field"
            label={say("app.code")}
            hint={say("app.code_hint")}
            value={code}
            onChange={setCode}
          />
          <div className="alert-actions">
            <Button
              type="submit"
              appearance="primary"
              disabled={busy || code.trim() === "" || locked !== null}
            >
              {say("phone.confirm")}
            </Button>
          </div>
        </Form>
      )}
      <Refusal problem={problem} />
      <div className="alert-actions">
        {!secret && (
          <Button disabled={busy || locked !== null} onClick={enrol}>
            {say(app.is_set_up ? "app.another" : "app.enrol")}
          </Button>
        )}
        {app.is_set_up && !secret && (
          <Button disabled={busy} onClick={remove}>
            {say("app.remove")}
          </Button>
        )}
      </div>
    </>
  );
}
