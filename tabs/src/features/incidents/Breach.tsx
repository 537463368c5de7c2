/** A breach of personal data: when it became known, whom to tell until when, and the decision. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useFormats } from "../../app/messages";
import { useSession } from "../../app/session";
import { AreaField, TextField } from "../../components/fields";
import type { Handling } from "./Case";
import type { NoticeDecision } from "./calls";
import { instantOf, localTime } from "./incidents";
import { Trouble } from "./Trouble";
import { useWords } from "./words";

function Awareness(props: Handling) {
  const { calls, busy, change } = props;
  const say = useWords();
  const { time_zone: zone } = useSession().me.organization;
  const [aware, setAware] = useState(() => localTime(Date.now(), zone));
  return (
    <div className="incidents-act incidents-bar">
      <TextField
        type="datetime-local"
        label={say("breach.aware")}
        hint={zone}
        max={localTime(Date.now(), zone)}
        value={aware}
        onChange={setAware}
      />
      <Button
        disabled={busy || !aware}
        onClick={() =>
          void change((id, version) => calls.breach(id, version, instantOf(aware, zone)))
        }
      >
        {say("breach.start")}
      </Button>
    </div>
  );
}

/** The notification as it is drafted; people complete it. */
function Notification(props: Handling) {
  const { calls, detail } = props;
  const say = useWords();
  const [draft, setDraft] = useState("");
  const { busy, problem, act } = useAct();
  const fetch = () =>
    act(async () => setDraft((await calls.notification(detail.row.id)).text));
  return (
    <>
      <Trouble problem={problem} />
      <Button className="incidents-act" disabled={busy} onClick={() => void fetch()}>
        {say("breach.draft")}
      </Button>
      {draft && (
        <pre className="incidents-text incidents-draft" tabIndex={0} aria-label={say("breach.draft")}>
          {draft}
        </pre>
      )}
    </>
  );
}

export function BreachForm(props: Handling) {
  const { calls, detail, busy, change } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const [reason, setReason] = useState("");
  const { breach } = detail;
  if (!breach) {
    return (
      <>
        <p className="quiet">{say("breach.about")}</p>
        <Awareness {...props} />
      </>
    );
  }
  const decide = async (decision: NoticeDecision) => {
    const body = { decision, reason: reason.trim() };
    if (await change((id, version) => calls.decide(id, version, body))) setReason("");
  };
  return (
    <>
      <p>{say("breach.known", { at: dateTime(breach.aware_at) })}</p>
      <p>
        {breach.authority}, {breach.law}
      </p>
      <Clocks {...props} />
      {breach.decision ? (
        <p>
          <strong>{say(`decision.${breach.decision}`)}</strong>{" "}
          {say("breach.decided", {
            who: breach.decided_by ?? say("who.unknown"),
            at: breach.decided_at ? dateTime(breach.decided_at) : "",
          })}
          <span className="incidents-text"> {breach.reason}</span>
        </p>
      ) : (
        <p>{say("breach.undecided")}</p>
      )}
      <div className="stack incidents-act">
        <AreaField
          label={say("breach.reason")}
          rows={2}
          maxLength={4000}
          value={reason}
          onChange={setReason}
        />
        <div className="alert-actions">
          {(["notify", "no_notice"] as const).map((decision) => (
            <Button
              key={decision}
              disabled={busy || !reason.trim()}
              onClick={() => void decide(decision)}
            >
              {say(`breach.${decision}`)}
            </Button>
          ))}
        </div>
      </div>
      <Notification {...props} />
    </>
  );
}

/** The clocks of the breach alone. */
function Clocks(props: Handling) {
  const say = useWords();
  const { dateTime } = useFormats();
  const { clocks } = props.detail.row;
  return (
    <ul>
      {clocks
        .filter(({ due }) => due === "authority" || due === "contract")
        .map(({ due, at, standing }) => (
          <li key={due} className={`incidents-${standing}`}>
            {say(`due.${due}`)}: {say(`standing.${standing}` as "standing.met", { at: dateTime(at) })}
          </li>
        ))}
    </ul>
  );
}
