/** Why a change was not made, in the reader's words where there are some. */
import type { ApiProblem } from "../../api/problem";
import { ProblemMessage } from "../../components/Problem";
import { known, useWords } from "./words";

export function Refusal(props: { problem: ApiProblem | null }) {
  const say = useWords();
  if (!props.problem) return null;
  const key = known(`refused.${props.problem.code}`);
  if (!key) return <ProblemMessage problem={props.problem} />;
  return (
    <p className="problem" role="alert">
      {say(key)}
    </p>
  );
}
