/** Adding an entry to a case: one form for each kind that may follow. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { AreaField, SelectField, TextField } from "../../components/fields";
import type { Calls, Data, Disclosure, NewEntry } from "./calls";
import { CHECKS, following, instantOf, outcomeOf, within, type EntryKind } from "./disclosures";
import { Choices, Refusal } from "./parts";
import { useWords } from "./words";

const LONGEST = 4000;
const TEXTS = {
  decided: "field.why",
  handed_over: "field.how",
  gagged: "field.text",
  notified: "field.text",
  corrected: "field.right",
} as const;

export function EntryForm(props: { calls: Calls; of: Disclosure; onDone: () => void }) {
  const { calls, of, onDone } = props;
  const say = useWords();
  const { busy, problem, act } = useAct();
  const kinds = following(of);
  const [chosen, setKind] = useState<EntryKind>(kinds[0] ?? "corrected");
  const kind = kinds.includes(chosen) ? chosen : (kinds[0] ?? "corrected");
  const [text, setText] = useState("");
  const [reference, setReference] = useState("");
  const [data, setData] = useState<Data[]>([]);
  const [checks, setChecks] = useState<(typeof CHECKS)[number][]>([]);
  const [at, setAt] = useState("");
  const [corrects, setCorrects] = useState("1");
  if (kinds.length === 0) return null;
  const send = async (entry: NewEntry) => {
    if (await act(() => calls.enter(of.id, of.version, entry))) setText("");
    onDone();
  };
  const said = text.trim();
  const asked = within(of, "decided");
  const grant = () =>
    void send({ kind: "decided", outcome: outcomeOf(asked, data), data, checks, text: said });
  const refuse = () =>
    void send({ kind: "decided", outcome: "refused", data: [], checks: [], text: said });
  const simple = () => {
    const made: Record<Exclude<EntryKind, "decided">, NewEntry> = {
      handed_over: { kind: "handed_over", data, happened_at: instantOf(at), text: said },
      gagged: { kind: "gagged", reference: reference.trim(), until: instantOf(at), text: said },
      notified: { kind: "notified", happened_at: instantOf(at), text: said },
      corrected: { kind: "corrected", corrects: Number(corrects), text: said },
    };
    if (kind !== "decided") void send(made[kind]);
  };
  const label = (one: EntryKind) =>
    one === "corrected" ? say("field.right") : say(`kind.${one}`);
  const missing = (kind !== "gagged" && kind !== "notified" && !said) || (kind === "gagged" && !reference.trim());
  return (
    <div className="stack" role="group" aria-label={say("next")}>
      <SelectField
        label={say("next")}
        value={kind}
        options={kinds.map((value) => ({ value, label: label(value) }))}
        onChange={setKind}
      />
      {(kind === "decided" || kind === "handed_over") && (
        <Choices
          label={say("field.data")}
          of={within(of, kind)}
          chosen={data}
          name={(one) => say(`data.${one}`)}
          onChange={setData}
        />
      )}
      {kind === "decided" && (
        <Choices
          label={say("field.checks")}
          of={CHECKS}
          chosen={checks}
          name={(one) => say(`check.${one}`)}
          onChange={setChecks}
        />
      )}
      {kind === "gagged" && (
        <TextField
          required
          maxLength={300}
          label={say("field.reference")}
          value={reference}
          onChange={setReference}
        />
      )}
      {kind === "corrected" && (
        <SelectField
          label={say("field.corrects")}
          value={corrects}
          options={of.entries.map((one) => ({
            value: String(one.number),
            label: say("entry", {
              number: one.number,
              kind: say(`kind.${one.kind}`, { number: one.corrects ?? "" }),
            }),
          }))}
          onChange={setCorrects}
        />
      )}
      {kind !== "decided" && kind !== "corrected" && (
        <TextField
          type="datetime-local"
          label={say(kind === "gagged" ? "field.until" : "field.happened")}
          hint={say(kind === "gagged" ? "field.until_hint" : "field.now")}
          value={at}
          onChange={setAt}
        />
      )}
      <AreaField label={say(TEXTS[kind])} rows={2} maxLength={LONGEST} value={text} onChange={setText} />
      <Refusal problem={problem} />
      {kind === "decided" && !of.may_decide && <p className="quiet">{say("four_eyes")}</p>}
      <div className="alert-actions">
        {kind === "decided" ? (
          <>
            {of.may_decide && (
              <Button appearance="primary" disabled={busy || missing || data.length === 0} onClick={grant}>
                {say("grant")}
              </Button>
            )}
            <Button disabled={busy || missing} onClick={refuse}>
              {say("refuse")}
            </Button>
          </>
        ) : (
          <Button appearance="primary" disabled={busy || missing} onClick={simple}>
            {say("send")}
          </Button>
        )}
      </div>
    </div>
  );
}
