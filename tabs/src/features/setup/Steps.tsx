/** The wizard: its steps in order, the one that is open, and who must do the others. */
import { Button } from "@fluentui/react-components";
import type { ComponentType } from "react";
import { useAct } from "../../api/useAct";
import { useAddress } from "../../app/address";
import { useFormats } from "../../app/messages";
import type { Step, StepName } from "./calls";
import { MailStep } from "./MailStep";
import { CallsStep, NameStep, TimeZoneStep } from "./Particulars";
import { PhoneStep } from "./PhoneStep";
import { useFocusOn } from "./parts";
import { Refusal } from "./Refusal";
import type { Setting } from "./Setup";
import { useWords } from "./words";

const FORMS: Record<StepName, ComponentType<Setting>> = {
  mail: MailStep,
  phone: PhoneStep,
  name: NameStep,
  time_zone: TimeZoneStep,
  call_handling: CallsStep,
};

/** What is known of a step that is closed. */
function useSummary(setting: Setting): (step: StepName) => string | null {
  const { mail, phone } = setting.status.verification;
  const said: Record<StepName, string | null> = {
    mail: mail.value ?? mail.masked,
    phone: phone.value ?? phone.masked,
    name: setting.status.name,
    time_zone: setting.status.time_zone,
    call_handling: null,
  };
  return (step) => said[step];
}

function StepCard(props: { setting: Setting; step: Step; isOpen: boolean; onOpen: () => void }) {
  const { setting, step, isOpen, onOpen } = props;
  const say = useWords();
  const summary = useSummary(setting)(step.step);
  const title = say(`step.${step.step}`);
  const state = step.done ? "done" : `waits.${step.waits_for ?? "you"}`;
  const heading = useFocusOn(isOpen);
  const Form = FORMS[step.step];
  const mayOpen = setting.status.may_change && !isOpen;
  return (
    <li className="card setup-step" aria-current={isOpen ? "step" : undefined}>
      <div className="setup-head">
        <h3 ref={heading} tabIndex={-1}>
          {title}
        </h3>
        <span className={`badge${step.done ? " setup-done" : ""}`}>{say(state as "done")}</span>
      </div>
      {!isOpen && summary && <p className="setup-summary">{summary}</p>}
      <p className="quiet">{say(`why.${step.step}`)}</p>
      {step.waits_for === "administrator" && <p>{say("administrator")}</p>}
      {isOpen && <Form {...setting} />}
      {mayOpen && (
        <Button
          size="small"
          onClick={onOpen}
          aria-label={`${say(step.done ? "change" : "open")}: ${title}`}
        >
          {say(step.done ? "change" : "open")}
        </Button>
      )}
    </li>
  );
}

function Attestation(props: Setting) {
  const { calls, status, again } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const { busy, problem, act } = useAct();
  const { attest_by: by, attestation_due: due } = status.verification;
  if (!due || !by) return null;
  return (
    <section className="card setup-pending">
      <h3>{say("attest.title")}</h3>
      <p>{say("attest.body", { at: dateTime(by) })}</p>
      <Refusal problem={problem} />
      {status.may_change ? (
        <Button
          appearance="primary"
          disabled={busy}
          onClick={() => void act(calls.attest).then(again)}
        >
          {say("attest.do")}
        </Button>
      ) : (
        <p>{say("administrator")}</p>
      )}
    </section>
  );
}

export function Steps(props: Setting) {
  const { status, go } = props;
  const say = useWords();
  const [search] = useAddress();
  const { steps } = status;
  const done = steps.filter((one) => one.done).length;
  const asked = steps.find((one) => one.step === search.get("step"))?.step;
  const open = status.may_change ? (asked ?? status.next_step) : null;
  const progress = say("progress", { done, all: steps.length });
  return (
    <section className="stack" aria-label={say("section.steps")}>
      <Attestation {...props} />
      <div className="setup-progress">
        <p role="status">
          {status.complete ? say("complete") : progress}{" "}
          <span className="badge">{say(`standing.${status.verification.standing}`)}</span>
        </p>
        <progress className="progress" max={steps.length} value={done} aria-label={progress} />
        {status.may_change && !status.complete && <p className="quiet">{say("saved")}</p>}
      </div>
      <ol className="setup-steps">
        {steps.map((one) => (
          <StepCard
            key={one.step}
            setting={props}
            step={one}
            isOpen={one.step === open}
            onOpen={() => go("steps", one.step)}
          />
        ))}
      </ol>
    </section>
  );
}
