/** The link of a mail that the reader opened: shown, and used up only by their confirming it. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { dropLink, keptLink } from "./mailLink";
import { Refusal } from "./Refusal";
import type { Setting } from "./Setup";
import { useWords } from "./words";

export function PendingLink(props: Setting) {
  const { calls, status, again, go } = props;
  const say = useWords();
  const { busy, problem, act } = useAct();
  const [link, setLink] = useState(() => keptLink(sessionStorage, status.organization));
  const forget = () => {
    dropLink(sessionStorage);
    setLink(null);
  };
  if (!link) return <Refusal problem={problem} />;
  const confirm = async () => {
    const made = await act(async () => {
      try {
        await calls.confirmMail(link.token);
      } finally {
        again();
      }
    });
    forget();
    if (made) go("steps");
  };
  const { value } = status.verification.mail;
  const body = value ? say("link.body", { mail: value }) : say("link.body_unknown");
  return (
    <section className="card setup-pending" aria-label={say("link.title")}>
      <h3>{say("link.title")}</h3>
      <p>{status.may_change ? body : say("link.not_yours")}</p>
      <div className="alert-actions">
        {status.may_change && (
          <Button appearance="primary" disabled={busy} onClick={() => void confirm()}>
            {say("link.confirm")}
          </Button>
        )}
        <Button onClick={forget}>{say("back")}</Button>
      </div>
    </section>
  );
}
