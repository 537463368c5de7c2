/** One's own reports: where they stand, what was asked, and the answers. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { AreaField } from "../../components/fields";
import type { OwnReport } from "./calls";
import { Attach, pasting, useAttached } from "./Attachments";
import { Found, useLooking } from "./Found";
import type { Reading } from "./Incidents";
import { Thread, Written } from "./Thread";
import { Trouble } from "./Trouble";
import { useWords } from "./words";

function Badges(props: { report: OwnReport }) {
  const { state, asked, kind } = props.report;
  const say = useWords();
  return (
    <span className="badges">
      <span className="badge">{say(`state.${state}`)}</span>
      {kind === "inquiry" && <span className="badge">{say("kind_short.inquiry")}</span>}
      {asked && <span className="badge incidents-late">{say("own.asked")}</span>}
    </span>
  );
}

function AnswerForm(props: Reading & { id: string; asked: boolean }) {
  const { calls, again, id, asked } = props;
  const say = useWords();
  const [text, setText] = useState("");
  const looking = useLooking(calls);
  const attached = useAttached(calls);
  const { busy, problem, act } = useAct();
  const ready = !attached.busy && (text.trim() !== "" || attached.ids.length > 0);
  const send = () =>
    act(async () => {
      const what = text.trim();
      if (!(await looking.look({ what, affected: "", evidence: "" }))) return;
      await calls.answer(id, { text: what, keep: looking.keep, files: attached.ids });
      setText("");
      attached.begin([]);
      looking.forget();
      again();
    });
  return (
    <form
      className="stack"
      onPaste={pasting(attached)}
      aria-label={say(asked ? "own.answer" : "own.add")}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void send();
      }}
    >
      <AreaField
        label={say(asked ? "own.answer" : "own.add")}
        rows={3}
        maxLength={4000}
        value={text}
        onChange={setText}
      />
      <Attach attached={attached} />
      <Found looking={looking} />
      <Trouble problem={problem} />
      <Button type="submit" appearance="primary" disabled={busy || !ready}>
        {say("own.send")}
      </Button>
    </form>
  );
}

function OwnDetail(props: Reading & { id: string; onBack: () => void }) {
  const { calls, round, id, onBack } = props;
  const say = useWords();
  const { data, problem, retry } = useCall(
    `own report ${id}`,
    (signal) => calls.ownOne(id, signal),
    round,
  );
  return (
    <div className="stack">
      <Button onClick={onBack}>{say("own.back")}</Button>
      {problem && <Trouble problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && (
        <article className="card stack">
          <div className="card-head">
            <h3>
              {data.report.reference}: {say(`category.${data.report.category}`)}
            </h3>
            <Badges report={data.report} />
          </div>
          <p className="quiet">
            {say("receipt.code")}: <span className="mono">{data.report.code}</span>
          </p>
          <Written text={data.text} happenedAt={data.happened_at} />
          <h4>{say("own.thread")}</h4>
          <Thread entries={data.entries} files={data.files} calls={calls} own />
          {data.report.state === "closed" ? (
            <p className="quiet">{say("conflict.closed")}</p>
          ) : (
            <AnswerForm {...props} asked={data.report.asked} />
          )}
        </article>
      )}
    </div>
  );
}

export function OwnReports(
  props: Reading & { report: string | null; onOpen: (id: string | null) => void },
) {
  const { calls, round, report, onOpen } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const { data, problem, retry } = useCall(report ? null : "own reports", calls.own, round);
  if (report) return <OwnDetail key={report} {...props} id={report} onBack={() => onOpen(null)} />;
  return (
    <section className="stack" aria-label={say("section.own")}>
      {problem && <Trouble problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && data.reports.length === 0 && <p>{say("own.none")}</p>}
      <ul className="cards">
        {(data?.reports ?? []).map((one) => (
          <li key={one.id} className="card">
            <h3>
              <button type="button" className="link" onClick={() => onOpen(one.id)}>
                {one.reference}
              </button>{" "}
              {say(`category.${one.category}`)}
            </h3>
            <Badges report={one} />
            <p className="quiet">
              {say("own.times", { at: dateTime(one.reported_at), changed: dateTime(one.changed_at) })}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
