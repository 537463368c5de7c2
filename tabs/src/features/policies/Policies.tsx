/** Every policy: what is in force, what is coming, and what the reader said to it. */
import { Button } from "@fluentui/react-components";
import { useMemo, useState } from "react";
import { useCall } from "../../api/useCall";
import { useFormats, useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { ProblemMessage } from "../../components/Problem";
import { policyCalls, summaryFor, type Policy } from "./calls";
import { PolicyDrawer } from "./PolicyDrawer";
import { useWords } from "./words";
import "./policies.css";

function PolicyCard(props: { policy: Policy; onRead: () => void }) {
  const { policy, onRead } = props;
  const say = useWords();
  const { day, dateTime } = useFormats();
  const { locale } = useLanguage();
  const { current, coming, accept_by: by } = policy;
  const state = policy.read_only ? say("read_only") : by ? say("accept_by", { at: day(by) }) : say("accepted");
  const review = { at: day(policy.review_due) };
  return (
    <li className="card">
      <h3>{policy.title}</h3>
      <p>
        <span className="badge policy-badge">{state}</span>
      </p>
      <p>{say("in_force", { number: current.number, at: day(current.effective_at) })}</p>
      {coming && (
        <>
          <p>{say("coming", { number: coming.number, at: day(coming.effective_at) })}</p>
          <p>{say("changes", { summary: summaryFor(coming, locale) })}</p>
        </>
      )}
      {policy.decisions.map((one) => (
        <p className="quiet" key={`${one.number} ${one.at}`}>
          {say(`own.${one.decision}`, {
            number: one.number,
            at: dateTime(one.at),
            request: one.support_request ?? "",
          })}
        </p>
      ))}
      <p className="quiet">{say(policy.review_overdue ? "overdue" : "review", review)}</p>
      <Button
        appearance={policy.read_only || by ? "primary" : "secondary"}
        aria-label={`${say("read")}: ${policy.title}`}
        onClick={onRead}
      >
        {say("read")}
      </Button>
    </li>
  );
}

export function Policies() {
  const say = useWords();
  const { api } = useSession();
  const calls = useMemo(() => policyCalls(api), [api]);
  const [round, setRound] = useState(0);
  const [reads, setReads] = useState<string | null>(null);
  const { data, problem, retry } = useCall("policies", calls.all, round);
  const read = data?.policies.find((one) => one.id === reads);
  const close = () => setReads(null);
  return (
    <section className="stack" aria-label={say("title")}>
      <h2>{say("title")}</h2>
      <p className="lead">{say("about")}</p>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      <ul className="cards">
        {data?.policies.map((one) => (
          <PolicyCard key={one.id} policy={one} onRead={() => setReads(one.id)} />
        ))}
      </ul>
      {data?.support && <p>{say("support", { support: data.support })}</p>}
      {read && (
        <PolicyDrawer
          calls={calls}
          policy={read}
          onClose={close}
          onSaid={() => {
            close();
            setRound((count) => count + 1);
          }}
        />
      )}
    </section>
  );
}
