/** What went to a system, waits or was given up. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { ProblemMessage } from "../../components/Problem";
import type { Calls, Forward, Receiver } from "./calls";
import { known, useWords } from "./words";

const STATUS = "status_";

function Row(props: { row: Forward }) {
  const { row } = props;
  const say = useWords();
  const { dateTime } = useFormats();
  const { trouble } = row;
  const word = known(`trouble.${trouble}`);
  const told = trouble.startsWith(STATUS)
    ? say("trouble_status", { status: trouble.slice(STATUS.length) })
    : word
      ? say(word)
      : trouble;
  const next = row.due_at && row.attempts > 0 ? say("next_try", { at: dateTime(row.due_at) }) : "";
  return (
    <tr>
      <td>
        {row.reference ? say("line", { reference: row.reference, entry: row.entry }) : say("trial")}
      </td>
      <td>
        {say(`stage.${row.stage}`)}
        {trouble && <span className="quiet"> {told}</span>}
      </td>
      <td className="cell-number">{row.attempts}</td>
      <td>
        {dateTime(row.ended_at ?? row.created_at)} <span className="quiet">{next}</span>
      </td>
    </tr>
  );
}

export function ReceiverLog(props: { calls: Calls; one: Receiver; round: number }) {
  const { calls, one } = props;
  const say = useWords();
  const [own, setOwn] = useState(0);
  const [older, setOlder] = useState<{ rows: Forward[]; next: string | null } | null>(null);
  const [again, setAgain] = useState<number | null>(null);
  const { busy, problem: failed, act } = useAct();
  const round = props.round + own;
  const { data, problem, retry } = useCall(
    `forwards ${one.id}`,
    (signal) => calls.log(one, "", signal),
    round,
  );
  const first = data?.forwards ?? [];
  const rows = [...first, ...(older?.rows ?? []).filter(({ id }) => !first.some((row) => row.id === id))];
  const next = older ? older.next : (data?.next ?? null);
  const reread = () => {
    setOlder(null);
    setOwn((count) => count + 1);
  };
  const readOn = (cursor: string) =>
    act(async () => {
      const page = await calls.log(one, cursor, new AbortController().signal);
      setOlder({ rows: [...(older?.rows ?? []), ...page.forwards], next: page.next });
    });
  const sendAgain = () =>
    act(async () => {
      setAgain((await calls.again(one)).count);
      reread();
    });
  const trouble = problem ?? failed;
  return (
    <details>
      <summary>{say("log")}</summary>
      <div className="stack">
        {trouble && <ProblemMessage problem={trouble} {...(problem && { retry })} />}
        {data && rows.length === 0 && <p>{say("log_none")}</p>}
        {rows.length > 0 && (
          <div className="table-scroll" tabIndex={0} role="region" aria-label={say("log")}>
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{say("what")}</th>
                  <th scope="col">{say("stage")}</th>
                  <th scope="col" className="cell-number">
                    {say("tries")}
                  </th>
                  <th scope="col">{say("when")}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <Row key={row.id} row={row} />
                ))}
              </tbody>
            </table>
          </div>
        )}
        <div className="alert-actions">
          <Button size="small" disabled={busy} onClick={reread}>
            {say("log_refresh")}
          </Button>
          {next && (
            <Button size="small" disabled={busy} onClick={() => void readOn(next)}>
              {say("log_more")}
            </Button>
          )}
          {rows.some(({ stage }) => stage === "dead") && (
            <Button size="small" disabled={busy} onClick={() => void sendAgain()}>
              {say("again")}
            </Button>
          )}
        </div>
        {again !== null && <p role="status">{say("again_done", { count: again })}</p>}
      </div>
    </details>
  );
}
