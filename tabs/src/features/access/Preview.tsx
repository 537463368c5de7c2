/** Who gains and who loses what, before anything is saved. */
import { useEffect } from "react";
import { useCall } from "../../api/useCall";
import { ProblemMessage } from "../../components/Problem";
import type { Calls, Change, Gained } from "./calls";
import { useWords } from "./words";

const PARTS = ["permissions", "boards", "queues", "channels", "details"] as const;

function Part(props: { kind: "gains" | "loses"; what: Gained }) {
  const { kind, what } = props;
  const say = useWords();
  const parts = PARTS.filter((one) => what[one].length > 0);
  if (parts.length === 0) return null;
  return (
    <div className={`access-${kind}`}>
      <strong>{say(`preview.${kind}`)}</strong>
      <ul>
        {parts.map((one) => (
          <li key={one}>
            {one === "permissions" ? say("preview.permissions") : say(`scope.${one}`)}:{" "}
            {what[one].join(", ")}
          </li>
        ))}
      </ul>
    </div>
  );
}

export function Preview(props: {
  calls: Calls;
  changes: Change[];
  /** Hears whether the change could be saved. */
  onJudged?: (saves: boolean) => void;
}) {
  const { calls, changes, onJudged } = props;
  const say = useWords();
  const { data, problem, retry } = useCall(JSON.stringify(changes), (signal) =>
    calls.simulate(changes, signal),
  );
  useEffect(() => {
    if (data) onJudged?.(data.refused === null);
  }, [data, onJudged]);
  if (problem) return <ProblemMessage problem={problem} retry={retry} />;
  if (!data) {
    return (
      <p className="quiet" role="status">
        {say("preview.working")}
      </p>
    );
  }
  return (
    <section className="access-preview" aria-live="polite">
      <h3>{say("preview.title")}</h3>
      {data.refused && (
        <p className="field-error" role="alert">
          {say("preview.refused", { reason: data.refused })}
        </p>
      )}
      {data.differences.length === 0 && <p>{say("preview.nothing")}</p>}
      <ul className="cards">
        {data.differences.map((one) => (
          <li key={`${one.kind} ${one.id}`} className="card">
            <h4 className="card-title">{one.name}</h4>
            <Part kind="gains" what={one.gains} />
            <Part kind="loses" what={one.loses} />
          </li>
        ))}
      </ul>
    </section>
  );
}
