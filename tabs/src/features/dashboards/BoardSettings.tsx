/** Teams' set-up page of a channel tab: which queue, or which shared view, the board shows. */
import { useEffect, useRef, useState } from "react";
import { useCall } from "../../api/useCall";
import { useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { Check } from "../../components/fields";
import { ProblemMessage } from "../../components/Problem";
import type { Shown } from "../../teams/host";

interface Choice extends Shown {
  name: string;
}

export function BoardSettings(props: Shown) {
  const { api, host } = useSession();
  const { t } = useLanguage();
  const [chosen, setChosen] = useState(props.queue ?? props.view ?? "");
  const queues = useCall("queues", api.queueChoices);
  const views = useCall("views", api.views);
  const choices: Choice[] = [
    { queue: null, view: null, name: t("board.all") },
    ...(queues.data?.queues ?? []).map(({ queue, name }) => ({ queue, view: null, name })),
    // A view of one's own would be an empty board for everybody else.
    ...(views.data?.views ?? [])
      .filter(({ shared_with }) => shared_with)
      .map(({ id, title }) => ({ queue: null, view: id, name: title })),
  ];
  const idOf = ({ queue, view }: Shown) => queue ?? view ?? "";
  const choice = choices.find((one) => idOf(one) === chosen);
  const { name = t("board.all"), queue = props.queue, view = props.view } = choice ?? {};
  const settings = useRef({ queue, view, name: "" });
  settings.current = { queue, view, name: t("board.name", { queue: name }) };
  useEffect(() => host.onSave(() => settings.current), [host]);
  const problem = queues.problem ?? views.problem;
  return (
    <main className="page">
      <h1 id="board-question">{t("board.settings")}</h1>
      <p className="lead">{t("board.settings_body")}</p>
      {problem && <ProblemMessage problem={problem} retry={queues.problem ? queues.retry : views.retry} />}
      {!queues.data && !problem && <div className="skeleton skeleton-block" />}
      {queues.data && (
        <div role="radiogroup" aria-labelledby="board-question" className="choices">
          {choices.map((one) => (
            <Check
              key={idOf(one)}
              type="radio"
              name="queue"
              checked={chosen === idOf(one)}
              onChange={() => setChosen(idOf(one))}
            >
              {one.view ? t("board.view", { view: one.name }) : one.name}
            </Check>
          ))}
        </div>
      )}
    </main>
  );
}
