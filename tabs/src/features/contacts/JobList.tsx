/** The files of the dialog on their way, each with its progress or its report. */
import { useFormats, useLanguage } from "../../app/messages";
import { ProblemMessage } from "../../components/Problem";
import { isOver, type Job } from "./imports";
import { Report } from "./Report";

function Progress(props: { job: Job }) {
  const { job } = props;
  const { t } = useLanguage();
  const { percent } = useFormats();
  const reading = job.status !== null;
  const share = reading ? (job.status?.progress ?? 0) : job.sent;
  const text = reading
    ? t("import.reading", { share: percent(share * 100) })
    : job.sent > 0
      ? t("import.sending", { share: percent(share * 100) })
      : t("import.waiting");
  return (
    <>
      <p className="quiet">{text}</p>
      <progress className="progress" value={share} max={1} aria-label={job.file.name} />
    </>
  );
}

export function JobList(props: { jobs: Job[] }) {
  return (
    <ul className="jobs" aria-live="polite">
      {props.jobs.map((job) => (
        <li key={job.id}>
          <strong>{job.file.name}</strong>
          {job.problem ? (
            <ProblemMessage problem={job.problem} />
          ) : job.status && isOver(job.status) ? (
            <Report status={job.status} />
          ) : (
            <Progress job={job} />
          )}
        </li>
      ))}
    </ul>
  );
}
