/** What the reader's organisation tells its people, and the reader's word that they have read it. */
import { Button } from "@fluentui/react-components";
import { useMemo, useState } from "react";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats, useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { ProblemMessage } from "../../components/Problem";
import { informingCalls, textFor, type Notice as Edition } from "./calls";
import { useWords } from "./words";
import "../policies/policies.css";
import "./informing.css";

/** An edition in the reader's language. */
export function NoticeBody(props: { notice: Edition }) {
  const { notice } = props;
  const say = useWords();
  const { locale } = useLanguage();
  const { day } = useFormats();
  const said = textFor(notice, locale);
  if (!said) return null;
  return (
    <>
      <h3 lang={said.language}>{said.title}</h3>
      <p className="quiet">{say("edition", { number: notice.number, at: day(notice.published_at) })}</p>
      <div className="notice-text" lang={said.language}>
        {said.text}
      </div>
    </>
  );
}

export function Notice(props: { onConfirmed: () => void }) {
  const say = useWords();
  const { dateTime } = useFormats();
  const { api } = useSession();
  const calls = useMemo(() => informingCalls(api), [api]);
  const [round, setRound] = useState(0);
  const { data, problem, retry } = useCall("notice", calls.own, round);
  const { busy, problem: refused, act } = useAct();
  const notice = data?.notice;
  const confirm = async () => {
    if (!notice) return;
    const { number, text_hash } = notice;
    if (await act(() => calls.confirm({ number, text_hash }))) props.onConfirmed();
    setRound((count) => count + 1);
  };
  return (
    <section className="stack" aria-label={say("title")}>
      <h2>{say("title")}</h2>
      <p className="lead">{say("about")}</p>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && !notice && <p>{say("none")}</p>}
      {data && notice && (
        <article className="card notice-card">
          <NoticeBody notice={notice} />
          {refused?.status === 409 && <p role="alert">{say("conflict")}</p>}
          {refused && refused.status !== 409 && <ProblemMessage problem={refused} />}
          {data.waits && (
            <>
              <p className="quiet">{say("ask")}</p>
              <Button appearance="primary" disabled={busy} onClick={() => void confirm()}>
                {say("confirm")}
              </Button>
            </>
          )}
          <p role="status">
            {data.confirmed_at && say("confirmed", { at: dateTime(data.confirmed_at) })}
          </p>
          {!data.waits && !data.confirmed_at && <p className="quiet">{say("not_asked")}</p>}
        </article>
      )}
    </section>
  );
}

/** Says over every view that the notice waits for the reader. `round` grows when it may not. */
export function NoticeBanner(props: { round: number; onRead: () => void }) {
  const say = useWords();
  const { api } = useSession();
  const calls = useMemo(() => informingCalls(api), [api]);
  const { data } = useCall("notice", calls.own, props.round);
  if (!data?.waits) return null;
  return (
    <div className="policy-banner" role="status">
      <p>{say(data.required ? "banner.required" : "banner.waits")}</p>
      <Button size="small" onClick={props.onRead}>
        {say("banner.read")}
      </Button>
    </div>
  );
}
