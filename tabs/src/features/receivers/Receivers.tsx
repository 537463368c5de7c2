/** Systems outside that hear of incidents: which, how they are told, and what went to them. */
import { Button } from "@fluentui/react-components";
import { useMemo, useState } from "react";
import type { ApiProblem } from "../../api/problem";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { useSession } from "../../app/session";
import { ProblemMessage } from "../../components/Problem";
import { receiverCalls, type Calls, type Receiver } from "./calls";
import { ReceiverForm } from "./ReceiverForm";
import { ReceiverLog } from "./ReceiverLog";
import { known, useWords } from "./words";

/** Changes something; true when it was changed. What is there is read again either way. */
export type Change = (change: () => Promise<unknown>) => Promise<boolean>;

/** Why something was not done; what is wrong with a field stands beside the field. */
function Refusal(props: { problem: ApiProblem | null }) {
  const { problem } = props;
  const say = useWords();
  if (!problem || Object.keys(problem.fields).length > 0) return null;
  const key = known(`refused.${problem.code}`);
  if (!key) return <ProblemMessage problem={problem} />;
  return (
    <p className="problem" role="alert">
      {say(key)}
    </p>
  );
}

/** A secret, this once. */
function Secret(props: { of: Receiver; onDone: () => void }) {
  const { of, onDone } = props;
  const say = useWords();
  const [copied, setCopied] = useState(false);
  const copy = () =>
    void navigator.clipboard.writeText(of.secret ?? "").then(
      () => setCopied(true),
      () => setCopied(false),
    );
  const title = say("secret_title", { name: of.name });
  return (
    <section className="card stack" aria-label={title}>
      <h3>{title}</h3>
      <p>{say("secret_about")}</p>
      <p>
        <code className="mono incidents-text">{of.secret}</code>
      </p>
      <div className="alert-actions">
        <Button appearance="primary" onClick={copy}>
          <span role="status">{say(copied ? "secret_copied" : "secret_copy")}</span>
        </Button>
        <Button onClick={onDone}>{say("secret_done")}</Button>
      </div>
    </section>
  );
}

interface CardProps {
  calls: Calls;
  one: Receiver;
  round: number;
  busy: boolean;
  change: Change;
  onSecret: (of: Receiver) => void;
}

function Facts(props: { one: Receiver }) {
  const { one } = props;
  const say = useWords();
  return (
    <>
      <p className="badges">
        <span className="badge">{say(`way.${one.way}`)}</span>
        <span className="badge">{say(`format.${one.format}`)}</span>
        <span className={`badge ${one.standing === "refused" ? "incidents-late" : ""}`}>
          {say(`standing.${one.standing}`)}
        </span>
      </p>
      <p className="mono incidents-text">{one.target}</p>
      <p className={one.content === "texts" ? "" : "quiet"}>{say(`content.${one.content}`)}</p>
    </>
  );
}

/** The secrets of a webhook: a new one, and the end of the one before. */
function Secrets(props: CardProps) {
  const { calls, one, busy, change, onSecret } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  if (one.way !== "webhook") return null;
  return (
    <>
      <div className="alert-actions">
        <Button
          size="small"
          disabled={busy}
          onClick={() => void change(async () => onSecret(await calls.rotate(one)))}
        >
          {say("rotate")}
        </Button>
        {one.former_until && (
          <Button size="small" disabled={busy} onClick={() => void change(() => calls.endFormer(one))}>
            {say("former_end")}
          </Button>
        )}
      </div>
      <p className="quiet">
        {one.former_until ? say("former", { at: dateTime(one.former_until) }) : say("rotate_about")}
      </p>
    </>
  );
}

function Card(props: CardProps) {
  const { calls, one, busy, change, round } = props;
  const say = useWords();
  const [editing, setEditing] = useState(false);
  const [sure, setSure] = useState(false);
  const [tried, setTried] = useState(0);
  const remove = () => (sure ? void change(() => calls.remove(one)) : setSure(true));
  const tryOut = async () => {
    if (await change(() => calls.tryOut(one))) setTried((count) => count + 1);
  };
  if (editing) {
    return (
      <ReceiverForm
        title={one.name}
        one={one}
        onCancel={() => setEditing(false)}
        onSend={async (body) => {
          await calls.change(one, body);
          setEditing(false);
          await change(async () => undefined);
        }}
      />
    );
  }
  return (
    <section className="card stack" aria-label={one.name}>
      <h3>{one.name}</h3>
      <Facts one={one} />
      <div className="alert-actions">
        <Button size="small" disabled={busy} onClick={() => setEditing(true)}>
          {say("change")}
        </Button>
        <Button size="small" disabled={busy} onClick={() => void tryOut()}>
          {say("try_out")}
        </Button>
        <Button size="small" appearance={sure ? "primary" : "secondary"} disabled={busy} onClick={remove}>
          {say(sure ? "remove_sure" : "remove")}
        </Button>
      </div>
      <Secrets {...props} />
      <ReceiverLog calls={calls} one={one} round={round + tried} />
    </section>
  );
}

export function Receivers(props: { round: number }) {
  const say = useWords();
  const { api } = useSession();
  const calls = useMemo(() => receiverCalls(api), [api]);
  const [own, setOwn] = useState(0);
  const round = props.round + own;
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<Receiver | null>(null);
  const { busy, problem: failed, act } = useAct();
  const { data, problem, retry } = useCall("incident receivers", calls.all, round);
  const change: Change = async (call) => {
    const done = await act(call);
    setOwn((count) => count + 1);
    return done;
  };
  return (
    <div className="stack incidents-form">
      <p className="lead">{say("about")}</p>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      <Refusal problem={failed} />
      {secret && <Secret of={secret} onDone={() => setSecret(null)} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data?.receivers.length === 0 && !adding && <p>{say("none")}</p>}
      {data?.receivers.map((one) => (
        <Card
          key={one.id}
          calls={calls}
          one={one}
          round={round}
          busy={busy}
          change={change}
          onSecret={setSecret}
        />
      ))}
      {adding ? (
        <ReceiverForm
          title={say("add_title")}
          onCancel={() => setAdding(false)}
          onSend={async (body) => {
            const made = await calls.add(body);
            setAdding(false);
            if (made.secret) setSecret(made);
            await change(async () => undefined);
          }}
        />
      ) : (
        data && (
          <div>
            <Button
              appearance="primary"
              disabled={busy || data.receivers.length >= data.most}
              onClick={() => setAdding(true)}
            >
              {say("add")}
            </Button>
          </div>
        )
      )}
      <p className="quiet">{say("proof")}</p>
    </div>
  );
}
