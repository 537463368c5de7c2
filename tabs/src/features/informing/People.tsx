/** People informed: who has confirmed the notice, who is asked, publishing another edition. */
import { Button } from "@fluentui/react-components";
import { useMemo, useState, type FormEvent } from "react";
import { useAct, type Acting } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { useSession } from "../../app/session";
import { AreaField, Check, TextField } from "../../components/fields";
import { ProblemMessage } from "../../components/Problem";
import { informingCalls, written, type Calls, type Coverage, type Language, type Notices } from "./calls";
import { NoticeBody } from "./Notice";
import { useWords } from "./words";
import "./informing.css";

const LANGUAGES: Language[] = ["en", "de"];
const LONGEST_TITLE = 120;
const LONGEST_TEXT = 4000;
const AUDIENCES = ["agents", "everyone"] as const;

interface Section {
  calls: Calls;
  notices: Notices;
  again: () => void;
}

function Failed(props: { acting: Acting }) {
  const { problem } = props.acting;
  const say = useWords();
  if (problem?.status === 409) return <p role="alert">{say("conflict")}</p>;
  return problem && <ProblemMessage problem={problem} />;
}

function CoverageSection(props: { coverage: Coverage }) {
  const { confirmed, total, percent, reason, people } = props.coverage;
  const say = useWords();
  const { percent: share, dateTime } = useFormats();
  return (
    <section className="card stack">
      <h3>{say("coverage.title")}</h3>
      {reason && <p>{say(`coverage.${reason}`)}</p>}
      {percent !== null && (
        <>
          <p className="coverage-share">{share(percent)}</p>
          <progress className="coverage-bar" max={total} value={confirmed} aria-label={say("coverage.title")} />
          <p>{say("coverage.of", { confirmed, total })}</p>
        </>
      )}
      <p className="quiet">{say("coverage.known")}</p>
      {!reason && !people && <p className="quiet">{say("coverage.unnamed")}</p>}
      {!reason && people && (
        <div className="table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{say("list.person")}</th>
                <th scope="col">{say("list.state")}</th>
                <th scope="col">{say("list.asked")}</th>
              </tr>
            </thead>
            <tbody>
              {people.map((one) => (
                <tr key={one.person}>
                  <td className="cell-name">{one.name || one.person}</td>
                  <td>
                    {one.confirmed_at && one.way
                      ? say(`list.way.${one.way}`, { at: dateTime(one.confirmed_at) })
                      : say("list.no")}
                  </td>
                  <td>
                    {one.asked_at
                      ? say("list.times", { count: one.asks, at: dateTime(one.asked_at) })
                      : say("list.never")}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function TermsForm(props: Section) {
  const { calls, notices, again } = props;
  const say = useWords();
  const acting = useAct();
  const [audience, setAudience] = useState(notices.audience);
  const [required, setRequired] = useState(notices.required);
  const [saved, setSaved] = useState(false);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const body = { version: notices.version, audience, required };
    setSaved(await acting.act(() => calls.setTerms(body)));
    again();
  };
  return (
    <form className="notice-form" aria-label={say("terms.title")} onSubmit={(event) => void send(event)}>
      <div role="radiogroup" aria-label={say("terms.title")}>
        {AUDIENCES.map((one) => (
          <Check
            key={one}
            type="radio"
            name="audience"
            checked={audience === one}
            disabled={!notices.may_change}
            onChange={() => setAudience(one)}
          >
            {say(`terms.${one}`)}
          </Check>
        ))}
      </div>
      <Check checked={required} disabled={!notices.may_change} onChange={setRequired}>
        {say("terms.required")}
      </Check>
      <Failed acting={acting} />
      {notices.may_change && (
        <Button type="submit" disabled={acting.busy}>
          {say("terms.save")}
        </Button>
      )}
      <p className="quiet" role="status">
        {saved && say("terms.saved")}
      </p>
    </form>
  );
}

function PublishForm(props: Section) {
  const { calls, notices, again } = props;
  const say = useWords();
  const acting = useAct();
  const newest = notices.editions[0];
  const [texts, setTexts] = useState(() =>
    LANGUAGES.map((language) => {
      const known = newest?.texts.find((one) => one.language === language);
      if (newest) return known ?? { language, title: "", text: "" };
      return { language, title: say(`draft.${language}.title`), text: say(`draft.${language}.text`) };
    }),
  );
  const [tried, setTried] = useState(false);
  const change = (language: Language, to: { title?: string; text?: string }) =>
    setTexts((was) => was.map((one) => (one.language === language ? { ...one, ...to } : one)));
  const said = written(texts);
  const isWhole = said.length > 0 && said.every(({ title, text }) => title && text);
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!isWhole) return;
    await acting.act(() => calls.publish({ version: notices.version, texts: said }));
    again();
  };
  return (
    <form className="notice-form" aria-label={say("publish.title")} onSubmit={(event) => void send(event)}>
      <p className="quiet">{say("publish.about")}</p>
      <div className="notice-languages">
        {texts.map(({ language, title, text }) => (
          <fieldset key={language}>
            <legend>{say(`publish.${language}`)}</legend>
            <TextField
              label={say("publish.heading")}
              maxLength={LONGEST_TITLE}
              value={title}
              onChange={(next) => change(language, { title: next })}
            />
            <AreaField
              label={say("publish.text")}
              hint={say("publish.limit")}
              rows={9}
              maxLength={LONGEST_TEXT}
              value={text}
              onChange={(next) => change(language, { text: next })}
            />
          </fieldset>
        ))}
      </div>
      {tried && !isWhole && (
        <p className="field-error" role="alert">
          {say("publish.missing")}
        </p>
      )}
      <Failed acting={acting} />
      <Button type="submit" appearance="primary" disabled={acting.busy}>
        {say("publish.send")}
      </Button>
    </form>
  );
}

export function People() {
  const say = useWords();
  const { api } = useSession();
  const calls = useMemo(() => informingCalls(api), [api]);
  const [round, setRound] = useState(0);
  const { data, problem, retry } = useCall("notices", calls.notices, round);
  const { data: coverage, problem: uncounted, retry: recount } = useCall("coverage", calls.coverage, round);
  const again = () => setRound((count) => count + 1);
  if (problem) return <ProblemMessage problem={problem} retry={retry} />;
  if (!data) return <div className="skeleton skeleton-block" />;
  const section = { calls, notices: data, again };
  const newest = data.editions[0];
  return (
    <div className="stack">
      <p>{say("people.about")}</p>
      {uncounted && <ProblemMessage problem={uncounted} retry={recount} />}
      {coverage && <CoverageSection coverage={coverage} />}
      <section className="card stack">
        <h3>{say("terms.title")}</h3>
        <TermsForm {...section} key={`${data.audience} ${data.required}`} />
      </section>
      <section className="card stack">
        <h3>{say("publish.title")}</h3>
        <p role="status">{newest && say("publish.sent", { number: newest.number })}</p>
        {data.may_change ? (
          <PublishForm {...section} key={newest?.number ?? 0} />
        ) : (
          <p>{say("publish.administrator")}</p>
        )}
      </section>
      {data.editions.length > 0 && (
        <section className="card stack">
          <h3>{say("editions.title")}</h3>
          <ol className="setup-history notice-editions">
            {data.editions.map((one) => (
              <li key={one.number}>
                <NoticeBody notice={one} />
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  );
}
