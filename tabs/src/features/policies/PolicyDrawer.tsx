/** A policy to read: version by version, against an older one, and the reader's word to it. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats, useLanguage } from "../../app/messages";
import { SelectField, TextField } from "../../components/fields";
import { Modal } from "../../components/Modal";
import { ProblemMessage } from "../../components/Problem";
import { isOpen, summaryFor, waiting, type Calls, type Policy, type PolicyText } from "./calls";
import { useWords } from "./words";

const SHORTEST_WHY = 3;

function Text(props: { text: PolicyText }) {
  const { text } = props;
  const say = useWords();
  if (!text.diff) {
    return (
      <div className="policy-text" lang="en">
        {text.text}
      </div>
    );
  }
  return (
    <div className="policy-text">
      {text.diff.map((line, at) => {
        if (line.change === "same") return <p key={at} lang="en">{line.text}</p>;
        const Marked = line.change === "added" ? "ins" : "del";
        return (
          <p key={at}>
            <Marked>
              <strong>{say(line.change)}</strong>
              <span lang="en">{line.text}</span>
            </Marked>
          </p>
        );
      })}
    </div>
  );
}

function Word(props: { calls: Calls; text: PolicyText; onSaid: () => void }) {
  const { calls, text, onSaid } = props;
  const say = useWords();
  const { busy, problem, act } = useAct();
  const [declines, setDeclines] = useState(false);
  const [why, setWhy] = useState("");
  const [tried, setTried] = useState(false);
  const said = why.trim().length >= SHORTEST_WHY;
  const { id, number, text_hash } = text;
  const send = async (change: () => Promise<unknown>) => {
    if (await act(change)) onSaid();
  };
  const decline = () => {
    if (!declines) return setDeclines(true);
    setTried(true);
    if (said) void send(() => calls.decline(id, { number, why: why.trim() }));
  };
  return (
    <div className="form">
      {problem?.status === 409 && <p role="alert">{say("refused.conflict")}</p>}
      {problem && problem.status !== 409 && <ProblemMessage problem={problem} />}
      {declines && (
        <TextField
          required
          maxLength={500}
          label={say("decline.why")}
          hint={say("decline.about")}
          error={tried && !said ? say("decline.missing") : undefined}
          value={why}
          onChange={setWhy}
        />
      )}
      <div className="alert-actions">
        <Button
          appearance="primary"
          disabled={busy}
          onClick={() => void send(() => calls.accept(id, { number, text_hash }))}
        >
          {say("accept", { number })}
        </Button>
        <Button disabled={busy} onClick={decline}>
          {say("decline")}
        </Button>
      </div>
    </div>
  );
}

export function PolicyDrawer(props: {
  calls: Calls;
  policy: Policy;
  onClose: () => void;
  onSaid: () => void;
}) {
  const { calls, policy, onClose, onSaid } = props;
  const say = useWords();
  const { day } = useFormats();
  const { locale } = useLanguage();
  const [number, setNumber] = useState(() => waiting(policy));
  const [other, setOther] = useState("");
  const { data, problem, retry } = useCall(
    `policy ${policy.id} ${number} ${other}`,
    (signal) => calls.text(policy.id, number, Number(other) || null, signal),
  );
  const versions = policy.versions.map((one) => ({
    value: String(one.number),
    label: say("version_at", { number: one.number, at: day(one.effective_at) }),
  }));
  const shown = policy.versions.find((one) => one.number === number);
  const older = versions.filter((one) => Number(one.value) < number);
  return (
    <Modal kind="drawer" isOpen onClose={onClose} title={policy.title}>
      {versions.length > 1 && (
        <div className="filters">
          <SelectField
            label={say("version")}
            value={String(number)}
            options={versions}
            onChange={(next) => {
              setNumber(Number(next));
              setOther("");
            }}
          />
          <SelectField
            label={say("compare")}
            value={other}
            options={[{ value: "", label: say("compare_none") }, ...older]}
            onChange={setOther}
          />
        </div>
      )}
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && (
        <>
          <p className="quiet">{say("binding")}</p>
          {shown && <p>{say("changes", { summary: summaryFor(shown, locale) })}</p>}
          <Text text={data} />
          <p className="quiet mono policy-hash">{say("hash", { hash: data.text_hash })}</p>
          {data.number === number && isOpen(policy, number) && (
            <Word key={number} calls={calls} text={data} onSaid={onSaid} />
          )}
        </>
      )}
    </Modal>
  );
}
