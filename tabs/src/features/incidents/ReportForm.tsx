/** Reporting: what happened, what is masked of it, and the receipt. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats, useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { AreaField, SelectField, TextField } from "../../components/fields";
import { Attach, pasting, useAttached } from "./Attachments";
import type { OwnReport, Receipt } from "./calls";
import { useKeeping, useWaiting } from "./drafts";
import { Found, useLooking } from "./Found";
import type { Reading } from "./Incidents";
import {
  CATEGORIES,
  draftKey,
  EMPTY,
  IMPACTS,
  keepDraft,
  keptDraft,
  localTime,
  SEVERITIES,
  textsOf,
  toReport,
  type Draft,
} from "./incidents";
import { Trouble } from "./Trouble";
import { useWords } from "./words";

const LONGEST = 4000;

function ReceiptCard(props: { receipt: Receipt; onFollow: () => void; onNew: () => void }) {
  const { receipt, onFollow, onNew } = props;
  const say = useWords();
  return (
    <section className="card stack" role="status" aria-label={say("receipt.title")}>
      <h3>{say("receipt.title")}</h3>
      <dl className="counts">
        <div>
          <dt>{say("receipt.reference")}</dt>
          <dd>{receipt.reference}</dd>
        </div>
        <div>
          <dt>{say("receipt.code")}</dt>
          <dd className="mono">{receipt.code}</dd>
        </div>
      </dl>
      <p>{say("receipt.about")}</p>
      {receipt.masked > 0 && <p className="quiet">{say("receipt.masked", { count: receipt.masked })}</p>}
      <div className="alert-actions">
        <Button appearance="primary" onClick={onFollow}>
          {say("receipt.follow")}
        </Button>
        <Button onClick={onNew}>{say("receipt.new")}</Button>
      </div>
    </section>
  );
}

/** The fields that say of which sort it is. */
function Facts(props: { draft: Draft; set: (changes: Partial<Draft>) => void; similar: OwnReport[] }) {
  const { draft, set, similar } = props;
  const say = useWords();
  const { time_zone: zone } = useSession().me.organization;
  const named = <T extends string>(what: string, values: readonly T[]) =>
    values.map((value) => ({ value, label: say(`${what}.${value}` as Parameters<typeof say>[0]) }));
  return (
    <div className="incidents-fields">
      <SelectField
        label={say("field.kind")}
        value={draft.kind}
        options={named("kind", ["incident", "inquiry"] as const)}
        onChange={(kind) => set({ kind })}
      />
      <SelectField
        label={say("field.category")}
        value={draft.category}
        options={named("category", CATEGORIES)}
        onChange={(category) => set({ category, joins: "" })}
      />
      <SelectField
        label={say("field.severity")}
        value={draft.severity}
        options={named("severity", SEVERITIES)}
        onChange={(severity) => set({ severity })}
      />
      <SelectField
        label={say("field.impact")}
        value={draft.impact}
        options={named("impact", IMPACTS)}
        onChange={(impact) => set({ impact })}
      />
      <TextField
        type="datetime-local"
        label={say("field.happened")}
        hint={zone}
        value={draft.happened}
        max={localTime(Date.now(), zone)}
        onChange={(happened) => set({ happened })}
      />
      {similar.length > 0 && (
        <SelectField
          label={say("field.joins")}
          hint={say("joins.about")}
          value={draft.joins}
          options={[
            { value: "", label: say("joins.new") },
            ...similar.map(({ id, reference }) => ({
              value: id,
              label: say("joins.add", { reference }),
            })),
          ]}
          onChange={(joins) => set({ joins })}
        />
      )}
    </div>
  );
}

export function ReportForm(props: Reading & { onFollow: (id: string) => void }) {
  const { calls, round, again, onFollow } = props;
  const say = useWords();
  const { locale } = useLanguage();
  const { dateTime } = useFormats();
  const { me } = useSession();
  const key = draftKey(me.organization.code, me.person);
  const [draft, setDraft] = useState(() => keptDraft(key));
  const [tried, setTried] = useState(false);
  const [receipt, setReceipt] = useState<Receipt | null>(null);
  const looking = useLooking(calls);
  const { busy, problem, act, forget } = useAct();
  const attached = useAttached(calls);
  const waiting = useWaiting(calls, attached, (left) => {
    if (JSON.stringify(draft) === JSON.stringify(EMPTY)) change(left);
  });
  const kept = useKeeping(calls, draft, looking.keep, waiting.ready, me.organization.time_zone);
  const own = useCall("own reports", calls.own, round).data?.reports ?? [];
  const change = (next: Draft) => {
    setDraft(next);
    keepDraft(key, next);
  };
  const set = (changes: Partial<Draft>) => change({ ...draft, ...changes });
  const isOpen = ({ state }: OwnReport) => state !== "resolved" && state !== "closed";
  const similar = own.filter((one) => isOpen(one) && one.category === draft.category);
  const clear = () => {
    kept.stop();
    attached.begin([]);
    change(EMPTY);
    setTried(false);
    looking.forget();
    forget();
  };
  const startOver = () => {
    for (const id of attached.ids) attached.remove(id);
    clear();
    void calls.discardDraft().catch(() => undefined);
  };
  const send = async () => {
    setTried(true);
    if (!draft.what.trim()) return;
    await act(async () => {
      if (!(await looking.look(textsOf(draft)))) return;
      const joins = similar.some(({ id }) => id === draft.joins) ? draft.joins : "";
      const zone = me.organization.time_zone;
      const said = toReport({ ...draft, joins }, looking.keep, zone, locale);
      kept.stop();
      setReceipt(await calls.report({ ...said, files: attached.ids, of_draft: true }));
      clear();
      again();
    });
  };
  if (receipt) {
    return (
      <ReceiptCard
        receipt={receipt}
        onFollow={() => onFollow(receipt.id)}
        onNew={() => setReceipt(null)}
      />
    );
  }
  const text = (name: "what" | "affected" | "evidence", rows: number) => (
    <AreaField
      label={say(`field.${name}`)}
      hint={say(`hint.${name}`)}
      rows={rows}
      maxLength={LONGEST}
      value={draft[name]}
      error={name === "what" && tried && !draft.what.trim() ? say("wrong.what") : undefined}
      onChange={(value) => set({ [name]: value })}
    />
  );
  return (
    <form
      className="card stack incidents-form"
      aria-label={say("section.report")}
      noValidate
      onPaste={pasting(attached)}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p className="lead">{say("report.about")}</p>
      <Facts draft={draft} set={set} similar={similar} />
      {text("what", 5)}
      {text("affected", 2)}
      {text("evidence", 2)}
      <Attach attached={attached} />
      <Found looking={looking} />
      <Trouble problem={problem} />
      <div className="alert-actions">
        <Button type="submit" appearance="primary" disabled={busy || attached.busy}>
          {say(looking.findings.length > 0 ? "report.send_now" : "report.send")}
        </Button>
        <Button type="button" appearance="subtle" disabled={busy} onClick={startOver}>
          {say("report.clear")}
        </Button>
      </div>
      <p className="quiet" role="status">
        {kept.at && say("draft.kept", { at: dateTime(kept.at) })}
        {kept.masked > 0 && ` ${say("draft.masked", { count: kept.masked })}`}
      </p>
    </form>
  );
}
