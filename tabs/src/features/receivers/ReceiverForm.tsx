/** How a system is told: its name, its address, and what leaves the service. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { ProblemMessage } from "../../components/Problem";
import { Check, SelectField, TextField } from "../../components/fields";
import type { Receiver, Wanted } from "./calls";
import { known, useWords } from "./words";

const EMPTY: Wanted = {
  name: "",
  way: "webhook",
  target: "",
  format: "json",
  content: "facts",
  on: true,
};

function begun(one: Receiver | undefined): Wanted {
  if (!one) return EMPTY;
  const { name, way, format, content, standing } = one;
  return { name, way, target: "", format, content, on: standing === "on" };
}

export function ReceiverForm(props: {
  title: string;
  one?: Receiver;
  onSend: (body: Wanted) => Promise<void>;
  onCancel: () => void;
}) {
  const { title, one, onSend, onCancel } = props;
  const say = useWords();
  const [wanted, setWanted] = useState(() => begun(one));
  const { busy, problem, act } = useAct();
  const set = (said: Partial<Wanted>) => setWanted({ ...wanted, ...said });
  const wrong = (field: string) => problem?.fields[field] !== undefined;
  const refused = problem && known(`refused.${problem.code}`);
  const beside = wrong("name") || wrong("target");
  const isHook = wanted.way === "webhook";
  const hint = one ? say("target_kept", { is: one.target }) : isHook ? say("target_hint") : undefined;
  return (
    <form
      className="card stack"
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        void act(() => onSend({ ...wanted, name: wanted.name.trim(), target: wanted.target.trim() }));
      }}
    >
      <h3>{title}</h3>
      {refused && (
        <p className="problem" role="alert">
          {say(refused)}
        </p>
      )}
      {problem && !refused && !beside && <ProblemMessage problem={problem} />}
      <TextField
        label={say("name")}
        hint={say("name_hint")}
        error={wrong("name") ? say("wrong.name") : undefined}
        value={wanted.name}
        maxLength={80}
        onChange={(name) => set({ name })}
      />
      {!one && (
        <SelectField
          label={say("way")}
          value={wanted.way}
          options={(["webhook", "mail"] as const).map((value) => ({ value, label: say(`way.${value}`) }))}
          onChange={(way) => set({ way, target: "" })}
        />
      )}
      <TextField
        label={say(`target_${wanted.way}`)}
        hint={hint}
        error={wrong("target") ? say(`wrong.target_${wanted.way}`) : undefined}
        value={wanted.target}
        maxLength={2000}
        autoComplete="off"
        onChange={(target) => set({ target })}
      />
      <SelectField
        label={say("format")}
        value={wanted.format}
        options={(["json", "cef"] as const).map((value) => ({ value, label: say(`format.${value}`) }))}
        onChange={(format) => set({ format })}
      />
      <SelectField
        label={say("content")}
        value={wanted.content}
        options={(["facts", "texts"] as const).map((value) => ({ value, label: say(`content.${value}`) }))}
        onChange={(content) => set({ content })}
      />
      {wanted.content === "texts" && (
        <p className="incidents-found" role="note">
          {say("content_warning")}
        </p>
      )}
      <Check checked={wanted.on} onChange={(on) => set({ on })}>
        {say("on")}
      </Check>
      <div className="alert-actions">
        <Button
          type="submit"
          appearance="primary"
          disabled={busy || !wanted.name.trim() || (!one && !wanted.target.trim())}
        >
          {say("save")}
        </Button>
        <Button disabled={busy} onClick={onCancel}>
          {say("cancel")}
        </Button>
      </div>
    </form>
  );
}
