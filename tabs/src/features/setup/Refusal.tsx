/** Why a change was not made, in the reader's words, with what to do now. */
import type { ApiProblem } from "../../api/problem";
import { ProblemMessage } from "../../components/Problem";
import { known, useWords } from "./words";

export function Refusal(props: { problem: ApiProblem | null }) {
  const { problem } = props;
  const say = useWords();
  if (!problem) return null;
  const fields = Object.keys(problem.fields).map((field) => known(`wrong.${field}`));
  const key = known(`refused.${problem.code}`) ?? fields.find((field) => field !== null);
  if (!key) return <ProblemMessage problem={problem} />;
  return (
    <p className="problem" role="alert">
      {say(key)}
    </p>
  );
}
