/** A failed call in plain words, with the way on and the number to report. */
import { Button } from "@fluentui/react-components";
import type { ApiProblem } from "../api/problem";
import type { MessageKey } from "../app/messages/en";
import { useLanguage, type Translate } from "../app/messages";

const KNOWN = [0, 401, 403, 404, 422, 429];

/** One sentence on what happened. The service's own detail wins where it is about the request. */
export function problemText(t: Translate, problem: ApiProblem): string {
  if (problem.status === 422 && problem.detail) {
    const fields = Object.entries(problem.fields).map(([name, said]) => `${name}: ${said}`);
    return [problem.detail, ...fields].join(" ");
  }
  if (problem.status === 403 && problem.detail) return problem.detail;
  if (problem.status === 413 && problem.detail) return problem.detail;
  const key = KNOWN.includes(problem.status) ? String(problem.status) : "other";
  return t(`problem.${key}` as MessageKey);
}

export function ProblemMessage(props: { problem: ApiProblem; retry?: () => void }) {
  const { problem, retry } = props;
  const { t } = useLanguage();
  // Something to do before figures, which the banner above leads to, is no failure.
  if (problem.code === "notice-first") return <p className="empty">{t("problem.notice")}</p>;
  return (
    <div className="problem" role="alert">
      <strong>{t("problem.title")}</strong>
      <p>{problemText(t, problem)}</p>
      {problem.correlationId && problem.status !== 403 && (
        <p className="quiet mono">{t("problem.correlation", { id: problem.correlationId })}</p>
      )}
      {retry && problem.status !== 403 && <Button onClick={retry}>{t("retry")}</Button>}
    </div>
  );
}
