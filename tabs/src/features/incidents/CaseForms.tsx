/** What responders do with an incident: each form makes one change of it. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useCall } from "../../api/useCall";
import { useSession } from "../../app/session";
import { AreaField, Check, SelectField, TextField } from "../../components/fields";
import { Attach, pasting, useAttached } from "./Attachments";
import type { Handling } from "./Case";
import type { Detail, Kind, State, Task } from "./calls";
import { CATEGORIES, IMPACTS, SEVERITIES } from "./incidents";
import { useWords } from "./words";

const LONGEST = 4000;

/** The steps that may follow now, with what the reporter is told besides. */
export function Steps(props: Handling) {
  const { calls, detail, busy, change } = props;
  const say = useWords();
  const [text, setText] = useState("");
  const { steps, row } = detail;
  const go = async (state: State) => {
    const done = await change((id, version) => calls.step(id, version, { state, text: text.trim() }));
    if (done) setText("");
  };
  const reopens = row.state === "resolved" || row.state === "closed";
  if (steps.length === 0) return <p className="quiet">{say("step.none")}</p>;
  return (
    <div className="stack incidents-act">
      <AreaField label={say("step.text")} rows={2} maxLength={LONGEST} value={text} onChange={setText} />
      <div className="alert-actions">
        {steps.map((state) => (
          <Button key={state} disabled={busy} onClick={() => void go(state)}>
            {say(reopens && state === "investigating" ? "step.reopen" : `step.${state}`)}
          </Button>
        ))}
      </div>
    </div>
  );
}

export function Rating(props: Handling) {
  const { calls, detail, busy, change } = props;
  const { category, severity, impact } = detail.row;
  const say = useWords();
  const rate = (said: Partial<Pick<Detail["row"], "category" | "severity" | "impact">>) => {
    if (busy) return;
    void change((id, version) => calls.rate(id, version, { category, severity, impact, ...said }));
  };
  return (
    <div className="incidents-fields incidents-act">
      <SelectField
        label={say("field.category")}
        value={category}
        options={CATEGORIES.map((value) => ({ value, label: say(`category.${value}`) }))}
        onChange={(value) => rate({ category: value })}
      />
      <SelectField
        label={say("field.severity")}
        value={severity}
        options={SEVERITIES.map((value) => ({ value, label: say(`severity.${value}`) }))}
        onChange={(value) => rate({ severity: value })}
      />
      <SelectField
        label={say("field.impact")}
        value={impact}
        options={IMPACTS.map((value) => ({ value, label: say(`impact.${value}`) }))}
        onChange={(value) => rate({ impact: value })}
      />
      <SelectField<Kind>
        label={say("field.kind")}
        value={detail.row.kind}
        options={(["incident", "inquiry"] as const).map((value) => ({ value, label: say(`kind.${value}`) }))}
        onChange={(kind) => {
          if (!busy) void change((id, version) => calls.convert(id, version, kind));
        }}
      />
    </div>
  );
}

/** Who handles it: one leads, others help, others are told. */
export function People(props: Handling) {
  const { calls, detail, busy, change } = props;
  const say = useWords();
  const { me } = useSession();
  const people = useCall("incident terms", calls.terms).data?.people ?? [];
  const lead = detail.row.lead ?? "";
  const ids = (list: Detail["responders"]) => list.map(({ id }) => id);
  const now = { lead, responders: ids(detail.responders), watchers: ids(detail.watchers) };
  const assign = (said: Partial<typeof now>) => {
    if (busy) return;
    void change((id, version) => calls.assign(id, version, { ...now, ...said }));
  };
  const known = people.some(({ id }) => id === lead);
  const choices = lead && !known ? [...people, { id: lead, name: detail.row.lead_name ?? "" }] : people;
  const toggled = (name: "responders" | "watchers", id: string, on: boolean) =>
    assign({ [name]: on ? [...now[name], id] : now[name].filter((one) => one !== id) });
  return (
    <>
      <p className="incidents-print">
        {say("people.lead")}: {lead ? detail.row.lead_name || say("who.unknown") : say("people.nobody")}
      </p>
      {(["responders", "watchers"] as const).map(
        (name) =>
          detail[name].length > 0 && (
            <p key={name} className="incidents-print">
              {say(`people.${name}`)}: {detail[name].map((one) => one.name || say("who.unknown")).join(", ")}
            </p>
          ),
      )}
      <div className="incidents-act stack">
        <SelectField
          label={say("people.lead")}
          value={lead}
          options={[
            { value: "", label: say("people.nobody") },
            ...choices.map(({ id, name }) => ({ value: id, label: name || say("who.unknown") })),
          ]}
          onChange={(value) => assign({ lead: value })}
        />
        {lead !== me.person && (
          <div className="alert-actions">
            <Button disabled={busy} onClick={() => assign({ lead: me.person })}>
              {say("people.take")}
            </Button>
          </div>
        )}
        {(["responders", "watchers"] as const).map((name) => (
          <fieldset key={name} className="plain">
            <legend className="field-label">{say(`people.${name}`)}</legend>
            {people.map(({ id, name: who }) => (
              <Check
                key={id}
                checked={now[name].includes(id)}
                onChange={(on) => toggled(name, id, on)}
              >
                {who || say("who.unknown")}
              </Check>
            ))}
          </fieldset>
        ))}
      </div>
    </>
  );
}

export function Tasks(props: Handling) {
  const { calls, detail, busy, change } = props;
  const say = useWords();
  const [text, setText] = useState("");
  const { tasks } = detail;
  const set = (next: Task[]) => change((id, version) => calls.tasks(id, version, next));
  const add = async () => {
    if (await set([...tasks, { text: text.trim(), done: false, owner: "" }])) setText("");
  };
  return (
    <>
      {tasks.map((task, index) => (
        <Check
          key={index}
          checked={task.done}
          onChange={(done) => {
            if (!busy) void set(tasks.map((one, at) => (at === index ? { ...one, done } : one)));
          }}
        >
          {task.text}
        </Check>
      ))}
      <form
        className="incidents-act incidents-bar"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) void add();
        }}
      >
        <TextField label={say("task.new")} value={text} onChange={setText} />
        <Button type="submit" disabled={busy || !text.trim() || text.length > 500}>
          {say("task.add")}
        </Button>
      </form>
    </>
  );
}

type WordKind = "note" | "message" | "question";

/** Something said: with one kind it is plain what; with more there is a button for each. */
export function Say(props: Handling & { kinds: WordKind[]; label: string }) {
  const { calls, busy, change, kinds, label } = props;
  const say = useWords();
  const [text, setText] = useState("");
  const attached = useAttached(calls);
  const tell = async (kind: WordKind) => {
    const said = { kind, text: text.trim(), files: attached.ids };
    if (!(await change((id, version) => calls.say(id, version, said)))) return;
    setText("");
    attached.begin([]);
  };
  return (
    <div className="stack incidents-act" onPaste={pasting(attached)}>
      <AreaField label={label} rows={2} maxLength={LONGEST} value={text} onChange={setText} />
      <Attach attached={attached} />
      <div className="alert-actions">
        {kinds.map((kind) => (
          <Button key={kind} disabled={busy || attached.busy || !text.trim()} onClick={() => void tell(kind)}>
            {say(`word.send_${kind}`)}
          </Button>
        ))}
      </div>
    </div>
  );
}

/** The id of a reference such as SR-000012 or 12; null for anything else. */
export function idOf(reference: string): string | null {
  const digits = /^(?:SR-?)?0*(\d{1,8})$/i.exec(reference.trim())?.[1];
  return digits ? digits.padStart(8, "0") : null;
}

export function Links(props: Handling & { onOpen: (id: string) => void }) {
  const { calls, detail, busy, change, onOpen } = props;
  const say = useWords();
  const [text, setText] = useState("");
  const [sure, setSure] = useState(false);
  const other = idOf(text);
  const link = async (merge: boolean) => {
    if (!other) return;
    setSure(false);
    if (await change((id, version) => calls.link(id, version, { other, merge }))) setText("");
  };
  return (
    <>
      <ul className="badges">
        {detail.linked.map((id) => (
          <li key={id}>
            <button type="button" className="link" onClick={() => onOpen(id)}>
              SR-{id.slice(-6)}
            </button>
          </li>
        ))}
      </ul>
      <div className="incidents-act incidents-bar">
        <TextField
          label={say("link.other")}
          value={text}
          onChange={(value) => {
            setText(value);
            setSure(false);
          }}
        />
        <Button disabled={busy || !other} onClick={() => void link(false)}>
          {say("link.link")}
        </Button>
        <Button disabled={busy || !other} onClick={() => (sure ? void link(true) : setSure(true))}>
          {say(sure ? "link.merge_sure" : "link.merge")}
        </Button>
      </div>
    </>
  );
}
