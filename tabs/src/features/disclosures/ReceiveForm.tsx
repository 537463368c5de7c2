/** Entering a request from outside. */
import { Button } from "@fluentui/react-components";
import { useState, type FormEvent } from "react";
import { useAct } from "../../api/useAct";
import { AreaField, SelectField, TextField } from "../../components/fields";
import type { Calls, NewDisclosure } from "./calls";
import { BASES, DATA, instantOf, WHOSE } from "./disclosures";
import { Choices, Refusal } from "./parts";
import { useWords } from "./words";

const LONGEST = 4000;
const EMPTY = {
  requester: "",
  basis: "legal_order" as NewDisclosure["basis"],
  reference: "",
  law: "",
  persons: "",
  text: "",
  data: [] as NewDisclosure["data"],
  whose: [] as NewDisclosure["whose"],
  asked: "",
  silent: "",
};

export function ReceiveForm(props: { calls: Calls; onDone: () => void }) {
  const { calls, onDone } = props;
  const say = useWords();
  const { busy, problem, act } = useAct();
  const [said, setSaid] = useState(EMPTY);
  const set = (change: Partial<typeof EMPTY>) => setSaid({ ...said, ...change });
  const whole = said.requester.trim() && said.reference.trim() && said.data.length && said.whose.length;
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const { asked, silent, ...rest } = said;
    const body = { ...rest, asked_at: instantOf(asked), silent_until: instantOf(silent) };
    if (await act(() => calls.receive(body))) onDone();
  };
  return (
    <form className="card stack" aria-label={say("new")} noValidate onSubmit={(event) => void send(event)}>
      {(["requester", "reference", "law"] as const).map((name) => (
        <TextField
          key={name}
          required={name !== "law"}
          maxLength={300}
          label={say(`field.${name}`)}
          value={said[name]}
          onChange={(value) => set({ [name]: value })}
        />
      ))}
      <SelectField
        label={say("field.basis")}
        value={said.basis}
        options={BASES.map((value) => ({ value, label: say(`basis.${value}`) }))}
        onChange={(basis) => set({ basis })}
      />
      <Choices
        label={say("field.data")}
        of={DATA}
        chosen={said.data}
        name={(one) => say(`data.${one}`)}
        onChange={(data) => set({ data })}
      />
      <Choices
        label={say("field.whose")}
        of={WHOSE}
        chosen={said.whose}
        name={(one) => say(`whose.${one}`)}
        onChange={(whose) => set({ whose })}
      />
      {(["persons", "text"] as const).map((name) => (
        <AreaField
          key={name}
          rows={2}
          maxLength={LONGEST}
          label={say(`field.${name}`)}
          value={said[name]}
          onChange={(value) => set({ [name]: value })}
        />
      ))}
      <TextField
        type="datetime-local"
        label={say("field.asked")}
        hint={say("field.now")}
        value={said.asked}
        onChange={(asked) => set({ asked })}
      />
      <TextField
        type="datetime-local"
        label={say("field.silent")}
        hint={say("field.silent_hint")}
        value={said.silent}
        onChange={(silent) => set({ silent })}
      />
      <Refusal problem={problem} />
      <div className="alert-actions">
        <Button type="submit" appearance="primary" disabled={busy || !whole}>
          {say("receive")}
        </Button>
      </div>
    </form>
  );
}
