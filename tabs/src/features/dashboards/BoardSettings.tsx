/** Teams' set-up page of a channel tab: which queue the board shows. */
import { useEffect, useRef, useState } from "react";
import { useCall } from "../../api/useCall";
import { useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { Check } from "../../components/fields";
import { ProblemMessage } from "../../components/Problem";

export function BoardSettings(props: { queue: string | null }) {
  const { api, host } = useSession();
  const { t } = useLanguage();
  const [queue, setQueue] = useState(props.queue ?? "");
  const { data, problem, retry } = useCall("queues", api.queueChoices);
  const all = t("board.all");
  const name = data?.queues.find((one) => one.queue === queue)?.name ?? all;
  const settings = useRef({ queue: queue || null, name: t("board.name", { queue: name }) });
  settings.current = { queue: queue || null, name: t("board.name", { queue: name }) };
  useEffect(() => host.onSave(() => settings.current), [host]);
  return (
    <main className="page">
      <h1 id="board-question">{t("board.settings")}</h1>
      <p className="lead">{t("board.settings_body")}</p>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && (
        <div role="radiogroup" aria-labelledby="board-question" className="choices">
          {[{ queue: "", name: all }, ...data.queues].map((one) => (
            <Check
              key={one.queue}
              type="radio"
              name="queue"
              checked={queue === one.queue}
              onChange={() => setQueue(one.queue)}
            >
              {one.name}
            </Check>
          ))}
        </div>
      )}
    </main>
  );
}
