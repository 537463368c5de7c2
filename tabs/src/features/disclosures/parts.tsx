/** Parts that the forms of the register share. */
import type { ApiProblem } from "../../api/problem";
import { ProblemMessage } from "../../components/Problem";
import { Check } from "../../components/fields";
import { useWords } from "./words";
import { words, type Word } from "./words.en";

/** A choice of several, each once. */
export function Choices<T extends string>(props: {
  label: string;
  of: readonly T[];
  chosen: T[];
  name: (one: T) => string;
  onChange: (chosen: T[]) => void;
}) {
  const { label, of, chosen, name, onChange } = props;
  return (
    <fieldset className="plain">
      <legend className="field-label">{label}</legend>
      {of.map((one) => (
        <Check
          key={one}
          checked={chosen.includes(one)}
          onChange={(on) => onChange(on ? [...chosen, one] : chosen.filter((other) => other !== one))}
        >
          {name(one)}
        </Check>
      ))}
    </fieldset>
  );
}

/** Why an entry was not made, in the reader's words where there are some. */
export function Refusal(props: { problem: ApiProblem | null }) {
  const { problem } = props;
  const say = useWords();
  if (!problem) return null;
  const keys = [
    `refused.${problem.code}`,
    ...Object.keys(problem.fields).map((field) => `wrong.${field.split(".").at(-1) ?? ""}`),
  ];
  const key = keys.find((one): one is Word => one in words);
  if (!key) return <ProblemMessage problem={problem} />;
  return (
    <p className="problem" role="alert">
      {say(key)}
    </p>
  );
}
