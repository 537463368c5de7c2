/** A failed call of this view; what was refused because of how the incident stands, in its words. */
import type { ApiProblem } from "../../api/problem";
import { ProblemMessage } from "../../components/Problem";
import { useWords, wordOr } from "./words";

export function Trouble(props: { problem: ApiProblem | null; retry?: () => void }) {
  const { problem, retry } = props;
  const say = useWords();
  if (!problem) return null;
  if (problem.status !== 409) {
    return <ProblemMessage problem={problem} {...(retry && { retry })} />;
  }
  return (
    <div className="problem" role="alert">
      <strong>{say("conflict.title")}</strong>
      <p>{wordOr(say, `conflict.${problem.code}`, say("conflict.stale"))}</p>
    </div>
  );
}
