/** The steps that only keep something: name, time zone, and the way to the decision about calls. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { SelectField, TextField } from "../../components/fields";
import { Form } from "./parts";
import { Refusal } from "./Refusal";
import type { Setting } from "./Setup";
import { known, useWords } from "./words";

const LONGEST_NAME = 120;

export function NameStep(props: Setting) {
  const { calls, status, again } = props;
  const say = useWords();
  const { busy, problem, act } = useAct();
  const [name, setName] = useState(status.wanted_name ?? status.name);
  const isEarly = status.verification.mail.proven_at === null;
  const send = () =>
    void act(() => calls.save({ name: name.trim() }, status.version)).then(again);
  return (
    <Form label={say("step.name")} onSend={send}>
      <TextField
        required
        autoComplete="organization"
        maxLength={LONGEST_NAME}
        className="setup-field"
        label={say("name.label")}
        hint={isEarly ? say("name.first") : undefined}
        value={name}
        onChange={setName}
      />
      {status.wanted_name && (
        <p role="status">{say("name.wanted", { name: status.wanted_name })}</p>
      )}
      <Refusal problem={problem} />
      <div className="alert-actions">
        <Button type="submit" appearance="primary" disabled={busy || name.trim() === ""}>
          {say("save")}
        </Button>
      </div>
    </Form>
  );
}

/** Every time zone the browser knows, and the present one. */
function zones(present: string): { value: string; label: string }[] {
  const all = new Set([present, "UTC", ...Intl.supportedValuesOf("timeZone")]);
  return [...all].sort().map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
}

export function TimeZoneStep(props: Setting) {
  const { calls, status, again } = props;
  const say = useWords();
  const { busy, problem, act } = useAct();
  const [zone, setZone] = useState(status.time_zone);
  const fixed = status.time_zone_fixed;
  const region = known(`region.${status.region}`);
  const send = () =>
    void act(() => calls.save({ time_zone: zone }, status.version)).then(again);
  return (
    <Form label={say("step.time_zone")} onSend={send}>
      {fixed ? (
        <p>
          {say("zone.label")}: <strong>{status.time_zone}</strong>. {say("zone.fixed")}
        </p>
      ) : (
        <SelectField
          className="setup-field"
          label={say("zone.label")}
          value={zone}
          options={zones(status.time_zone)}
          onChange={setZone}
        />
      )}
      <p className="quiet">
        {say("region")}: {say("region_fixed", { region: region ? say(region) : status.region })}
      </p>
      <Refusal problem={problem} />
      <div className="alert-actions">
        <Button type="submit" appearance="primary" disabled={busy}>
          {say(zone === status.time_zone ? "zone.keep" : "save")}
        </Button>
      </div>
    </Form>
  );
}

export function CallsStep(props: Setting) {
  const say = useWords();
  return (
    <div className="alert-actions">
      <Button appearance="primary" onClick={() => props.go("calls")}>
        {say("calls.go")}
      </Button>
    </div>
  );
}
