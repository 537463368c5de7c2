/** The tenant code: masked, shown whole after a fresh proof, replaced when it leaked. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { ProblemMessage } from "../../components/Problem";
import type { Code } from "./calls";
import { Refusal } from "./Refusal";
import type { Setting } from "./Setup";
import { useWords } from "./words";

function CopyButton(props: { code: string }) {
  const say = useWords();
  const [copied, setCopied] = useState(false);
  const copy = () =>
    void navigator.clipboard.writeText(props.code).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <Button size="small" onClick={copy}>
      <span role="status">{say(copied ? "code.copied" : "code.copy")}</span>
    </Button>
  );
}

function Rotation(props: { busy: boolean; onRotate: () => void }) {
  const say = useWords();
  const [sure, setSure] = useState(false);
  const rotate = () => {
    if (sure) props.onRotate();
    setSure(!sure);
  };
  return (
    <div className="stack">
      <p className="quiet">{say("code.rotate_about")}</p>
      <Button appearance={sure ? "primary" : "secondary"} disabled={props.busy} onClick={rotate}>
        {say(sure ? "code.rotate_sure" : "code.rotate")}
      </Button>
    </div>
  );
}

export function TenantCode(props: Setting) {
  const { calls, status, round } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const { busy, problem: failed, act } = useAct();
  const [whole, setWhole] = useState<Code | null>(null);
  const { data, problem, retry } = useCall("tenant-code", calls.code, round);
  const code = whole ?? data;
  const show = (change: () => Promise<Code>) =>
    void act(async () => setWhole(await change()));
  return (
    <section className="card stack" aria-label={say("section.code")}>
      <p className="lead">{say("code.about")}</p>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!code && !problem && <div className="skeleton skeleton-block" />}
      {code && (
        <>
          <p>
            {say("code.now")}: <strong className="mono setup-code">{code.code ?? code.masked}</strong>
          </p>
          <p className="quiet">
            {say("code.made", { at: dateTime(code.made_at) })}{" "}
            {code.former_until && say("code.former", { at: dateTime(code.former_until) })}
          </p>
        </>
      )}
      <Refusal problem={failed} />
      {code && status.may_change && (
        <>
          <div className="alert-actions">
            {code.code ? (
              <>
                <CopyButton key={code.code} code={code.code} />
                <Button
                  size="small"
                  onClick={() => setWhole((shown) => shown && { ...shown, code: null })}
                >
                  {say("code.hide")}
                </Button>
              </>
            ) : (
              <Button appearance="primary" disabled={busy} onClick={() => show(calls.reveal)}>
                {say("code.reveal")}
              </Button>
            )}
          </div>
          <p className="quiet">{say("code.proof")}</p>
          <Rotation busy={busy} onRotate={() => show(calls.rotate)} />
        </>
      )}
    </section>
  );
}
