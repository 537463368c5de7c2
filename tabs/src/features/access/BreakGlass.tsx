/** Partners who ask to see identities for a while, and what their customer says to it. */
import { Button } from "@fluentui/react-components";
import { useEffect, useRef, useState } from "react";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useAddress } from "../../app/address";
import { useFormats } from "../../app/messages";
import { useSession } from "../../app/session";
import { TextField } from "../../components/fields";
import { Modal } from "../../components/Modal";
import { ProblemMessage } from "../../components/Problem";
import type { Reading } from "./Access";
import type { BreakGlass } from "./calls";
import { useWords } from "./words";

const LEAST = 5;
const MOST = 480;

function AskButton(props: Reading) {
  const { calls, again } = props;
  const say = useWords();
  const [isOpen, setOpen] = useState(false);
  const [tried, setTried] = useState(false);
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState("60");
  const { busy, problem, act, forget } = useAct();
  const length = Number(minutes);
  const fits = Number.isInteger(length) && length >= LEAST && length <= MOST;
  const said = reason.trim().length >= 3;
  const close = () => {
    setOpen(false);
    setTried(false);
    forget();
  };
  const ask = async () => {
    setTried(true);
    if (!fits || !said) return;
    if (!(await act(() => calls.ask({ reason: reason.trim(), minutes: length })))) return;
    setReason("");
    close();
    again();
  };
  return (
    <>
      <Button appearance="primary" onClick={() => setOpen(true)}>
        {say("glass.ask")}
      </Button>
      <Modal
        kind="dialog"
        isOpen={isOpen}
        onClose={close}
        title={say("glass.ask")}
        note={say("glass.about")}
        actions={
          <Button appearance="primary" disabled={busy} onClick={() => void ask()}>
            {say("glass.send")}
          </Button>
        }
      >
        {problem && <ProblemMessage problem={problem} />}
        <div className="form">
          <TextField
            required
            label={say("form.reason")}
            error={tried && !said ? say("form.wrong.reason") : undefined}
            value={reason}
            onChange={setReason}
          />
          <TextField
            required
            type="number"
            min={LEAST}
            max={MOST}
            label={say("glass.minutes")}
            hint={say("glass.minutes_hint")}
            error={tried && !fits ? say("glass.wrong_minutes") : undefined}
            value={minutes}
            onChange={setMinutes}
          />
        </div>
      </Modal>
    </>
  );
}

function RequestCard(props: {
  request: BreakGlass;
  busy: boolean;
  /** Whether a link led to this one. */
  isMeant: boolean;
  onDecide: (approve: boolean) => void;
  onEnd: () => void;
}) {
  const { request, busy, isMeant, onDecide, onEnd } = props;
  const card = useRef<HTMLLIElement>(null);
  const say = useWords();
  const { dateTime, count } = useFormats();
  const asked = {
    name: request.name,
    at: dateTime(request.asked_at),
    minutes: count(request.minutes),
  };
  useEffect(() => {
    if (isMeant) card.current?.focus();
  }, [isMeant]);
  return (
    <li className={`card access-card${isMeant ? " access-meant" : ""}`} ref={card} tabIndex={isMeant ? -1 : undefined}>
      <div className="access-card-head">
        <h3>{say("glass.asked", asked)}</h3>
        <span className="badge">{say(`glass.state.${request.state}`)}</span>
      </div>
      <p>{request.reason}</p>
      <p className="quiet">
        {[request.decided_by, request.until && say("glass.until", { at: dateTime(request.until) })]
          .filter(Boolean)
          .join(", ")}
      </p>
      <div className="alert-actions">
        {request.may_decide && request.state === "asked" && (
          <>
            <Button size="small" appearance="primary" disabled={busy} onClick={() => onDecide(true)}>
              {say("glass.approve")}
            </Button>
            <Button size="small" disabled={busy} onClick={() => onDecide(false)}>
              {say("glass.refuse")}
            </Button>
          </>
        )}
        {request.may_end && request.state === "approved" && (
          <Button size="small" disabled={busy} onClick={onEnd}>
            {say("glass.end")}
          </Button>
        )}
      </div>
    </li>
  );
}

export function BreakGlassSection(props: Reading) {
  const { calls, round, again } = props;
  const say = useWords();
  const { me } = useSession();
  const [search] = useAddress();
  const { busy, problem: failed, act } = useAct();
  const { data, problem, retry } = useCall("break-glass", calls.breakGlass, round);
  const then = (change: () => Promise<unknown>) => void act(change).then(again);
  return (
    <section className="stack" aria-label={say("section.break-glass")}>
      <p className="quiet">{say("glass.about")}</p>
      {me.roles.includes("managing_partner") && (
        <div className="access-bar">
          <AskButton {...props} />
        </div>
      )}
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {failed && <ProblemMessage problem={failed} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data?.requests.length === 0 && (
        <div className="empty">
          <p>{say("glass.none")}</p>
        </div>
      )}
      <ul className="cards">
        {data?.requests.map((one) => (
          <RequestCard
            key={one.id}
            request={one}
            busy={busy}
            isMeant={one.id === search.get("request")}
            onDecide={(approve) =>
              then(() => calls.decide(one.id, { approve, version: one.version }))
            }
            onEnd={() => then(() => calls.end(one.id, one.version))}
          />
        ))}
      </ul>
    </section>
  );
}
