/** Every grant of the organisation, and what can be done with one. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { useSession } from "../../app/session";
import { Check, SelectField, TextField } from "../../components/fields";
import { Modal } from "../../components/Modal";
import { ProblemMessage } from "../../components/Problem";
import type { Reading } from "./Access";
import { found } from "./access";
import type { Change, Grant, Person } from "./calls";
import { EffectiveDrawer } from "./Effective";
import { GrantCard } from "./GrantCard";
import { GrantDialog } from "./GrantDialog";
import { Preview } from "./Preview";
import { useRoleTitle, useWords } from "./words";

type Opened = { what: "new" } | { what: "change" | "remove"; grant: Grant } | null;

function RemoveDialog(props: Reading & { grant: Grant; onClose: () => void }) {
  const { calls, again, grant, onClose } = props;
  const say = useWords();
  const { busy, problem, act } = useAct();
  const changes: Change[] = [{ change: "remove", grant: grant.id }];
  const remove = async () => {
    if (!(await act(() => calls.removeGrant(grant.id, grant.version)))) return;
    again();
    onClose();
  };
  return (
    <Modal
      kind="dialog"
      isOpen
      onClose={onClose}
      title={say("grants.remove_title")}
      note={grant.holder.name}
      actions={
        <Button appearance="primary" disabled={busy} onClick={() => void remove()}>
          {say("grants.remove")}
        </Button>
      }
    >
      {problem && <ProblemMessage problem={problem} />}
      <Preview calls={calls} changes={changes} />
    </Modal>
  );
}

/** Choosing whose access to look at. */
function WhySee(props: { people: Person[]; onChoose: (person: Person) => void }) {
  const { people, onChoose } = props;
  const say = useWords();
  const options = people
    .map(({ person, name }) => ({ value: person, label: name }))
    .sort((one, other) => one.label.localeCompare(other.label));
  return (
    <SelectField
      label={say("effective.person")}
      value=""
      options={[{ value: "", label: say("form.choose") }, ...options]}
      onChange={(id) => {
        const chosen = people.find(({ person }) => person === id);
        if (chosen) onChoose(chosen);
      }}
    />
  );
}

export function Grants(props: Reading) {
  const { calls, round } = props;
  const say = useWords();
  const roleTitle = useRoleTitle();
  const { count } = useFormats();
  const { may } = useSession();
  const [sought, setSought] = useState("");
  const [partners, setPartners] = useState(false);
  const [opened, setOpened] = useState<Opened>(null);
  const [seen, setSeen] = useState<{ person: string; name: string } | null>(null);
  const { data, problem, retry } = useCall("access grants", calls.grants, round);
  const people = useCall("access people", calls.people, round).data?.people ?? [];
  const title = (grant: Grant) => roleTitle(grant.role, grant.role_title);
  const wanted = (data?.grants ?? []).filter(({ role }) => !partners || role === "managing_partner");
  const shown = found(wanted, sought, title);
  const close = () => setOpened(null);
  return (
    <section className="stack" aria-label={say("section.grants")}>
      <div className="access-bar">
        <TextField type="search" label={say("grants.search")} value={sought} onChange={setSought} />
        <WhySee people={people} onChoose={setSeen} />
        {may("access.manage") && (
          <Button appearance="primary" onClick={() => setOpened({ what: "new" })}>
            {say("grants.new")}
          </Button>
        )}
      </div>
      <Check checked={partners} onChange={setPartners}>
        {say("grants.partners_only")}
      </Check>
      {partners && <p className="quiet">{say("grants.partners_about")}</p>}
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      {data && (
        <p className="spoken" role="status">
          {`${say("section.grants")}: ${count(shown.length)}`}
        </p>
      )}
      {data && shown.length === 0 && (
        <div className="empty">
          <p>{say(partners && !sought ? "grants.partners_none" : "grants.none")}</p>
        </div>
      )}
      <ul className="cards">
        {shown.map((grant) => (
          <GrantCard
            key={grant.id}
            grant={grant}
            onChange={() => setOpened({ what: "change", grant })}
            onRemove={() => setOpened({ what: "remove", grant })}
            onSee={() => setSeen({ person: grant.holder.id, name: grant.holder.name })}
          />
        ))}
      </ul>
      {opened?.what === "new" && <GrantDialog {...props} people={people} grant={null} onClose={close} />}
      {opened?.what === "change" && (
        <GrantDialog {...props} people={people} grant={opened.grant} onClose={close} />
      )}
      {opened?.what === "remove" && <RemoveDialog {...props} grant={opened.grant} onClose={close} />}
      {seen && <EffectiveDrawer calls={calls} {...seen} onClose={() => setSeen(null)} />}
    </section>
  );
}
