/** Why somebody can see something: all they may, each with the grants that cause it. */
import { useCall } from "../../api/useCall";
import { useLanguage } from "../../app/messages";
import { Modal } from "../../components/Modal";
import { ProblemMessage } from "../../components/Problem";
import type { Calls, Effective, Grant, Reached } from "./calls";
import { useRoleTitle, useWords, wordOr } from "./words";

const PARTS = [
  ["permissions", "effective.permissions", "permission"],
  ["boards", "scope.boards", "board"],
  ["queues", "scope.queues", null],
  ["channels", "scope.channels", "channel"],
  ["details", "scope.details", "detail"],
] as const;

function Part(props: { title: string; words: string | null; reached: Reached[]; grants: Grant[] }) {
  const { title, words, reached, grants } = props;
  const say = useWords();
  const { named } = useLanguage();
  const roleTitle = useRoleTitle();
  const name = (one: Reached) => {
    if (words === "channel") return named(`channel.${one.id}`, one.title);
    return words ? wordOr(say, `${words}.${one.id}`, one.title) : one.title;
  };
  const cause = (id: string) => {
    const grant = grants.find((one) => one.id === id);
    if (!grant) return id;
    const role = roleTitle(grant.role, grant.role_title);
    return grant.holder.kind === "group" ? `${role} (${grant.holder.name})` : role;
  };
  return (
    <section>
      <h3>{title}</h3>
      {reached.length === 0 && <p className="quiet">{say("effective.nothing")}</p>}
      <ul className="access-reached">
        {reached.map((one) => (
          <li key={one.id}>
            {name(one)}{" "}
            <span className="quiet">
              {say("effective.because", { grants: [...new Set(one.because.map(cause))].join(", ") })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function All(props: { effective: Effective }) {
  const { effective } = props;
  const say = useWords();
  return (
    <>
      {effective.blind && <p className="badge">{say("effective.blind")}</p>}
      {PARTS.map(([part, title, words]) => (
        <Part
          key={part}
          title={say(title)}
          words={words}
          reached={effective[part]}
          grants={effective.grants}
        />
      ))}
    </>
  );
}

export function EffectiveDrawer(props: {
  calls: Calls;
  person: string;
  name: string;
  onClose: () => void;
}) {
  const { calls, person, name, onClose } = props;
  const say = useWords();
  const { data, problem, retry } = useCall(`effective ${person}`, (signal) =>
    calls.effective(person, signal),
  );
  return (
    <Modal kind="drawer" isOpen onClose={onClose} title={say("effective.title", { name })}>
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && <All effective={data} />}
    </Modal>
  );
}
