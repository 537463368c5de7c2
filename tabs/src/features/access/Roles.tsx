/** The roles: built-in ones as they are, the organisation's own as it makes them. */
import { Button } from "@fluentui/react-components";
import { useCallback, useState } from "react";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useFormats } from "../../app/messages";
import { useSession } from "../../app/session";
import { Check, TextField } from "../../components/fields";
import { Modal } from "../../components/Modal";
import { ProblemMessage } from "../../components/Problem";
import type { Reading } from "./Access";
import type { Change, Role, RoleList } from "./calls";
import { Preview } from "./Preview";
import { useRoleTitle, useWords, wordOr } from "./words";

type Permission = Role["permissions"][number];

function RoleDialog(
  props: Reading & { role: Role | null; permissions: RoleList["permissions"]; onClose: () => void },
) {
  const { calls, again, role, permissions, onClose } = props;
  const say = useWords();
  const [title, setTitle] = useState(role?.title ?? "");
  const [chosen, setChosen] = useState<Permission[]>(role?.permissions ?? []);
  const [tried, setTried] = useState(false);
  const [previewed, setPreviewed] = useState(false);
  const [saves, setSaves] = useState(false);
  const { busy, problem, act } = useAct();
  const judged = useCallback((could: boolean) => setSaves(could), []);
  const named = title.trim() !== "";
  const body = { title: title.trim(), permissions: chosen };
  const save = async () => {
    setTried(true);
    if (!named) return;
    // Nobody holds a role that is new: there is nothing to look at before.
    if (role && !previewed) {
      setSaves(false);
      setPreviewed(true);
      return;
    }
    const change = () =>
      role ? calls.changeRole(role.id, { ...body, version: role.version }) : calls.addRole(body);
    if (!(await act(change))) return;
    again();
    onClose();
  };
  const toggle = (one: Permission) =>
    setChosen(chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]);
  const changes: Change[] = role ? [{ change: "role", role: role.id, permissions: chosen }] : [];
  return (
    <Modal
      kind="dialog"
      isOpen
      onClose={onClose}
      title={role ? say("roles.change_title", { title: role.title }) : say("roles.new")}
      actions={
        <>
          {previewed && <Button onClick={() => setPreviewed(false)}>{say("form.back")}</Button>}
          <Button
            appearance="primary"
            disabled={busy || (previewed && !saves)}
            onClick={() => void save()}
          >
            {say(role && !previewed ? "form.preview" : "form.save")}
          </Button>
        </>
      }
    >
      {problem && <ProblemMessage problem={problem} />}
      {previewed ? (
        <Preview calls={calls} changes={changes} onJudged={judged} />
      ) : (
        <div className="form">
          <TextField
            required
            label={say("roles.title")}
            error={tried && !named ? say("form.wrong.title") : undefined}
            value={title}
            onChange={setTitle}
          />
          <fieldset className="access-choice">
            <legend className="field-label">{say("roles.permissions")}</legend>
            {permissions
              .filter(({ grantable }) => grantable)
              .map(({ permission, title: otherwise }) => (
                <Check
                  key={permission}
                  checked={chosen.includes(permission)}
                  onChange={() => toggle(permission)}
                >
                  {wordOr(say, `permission.${permission}`, otherwise)}
                </Check>
              ))}
          </fieldset>
        </div>
      )}
    </Modal>
  );
}

function RoleCard(props: {
  role: Role;
  permissions: RoleList["permissions"];
  busy: boolean;
  onChange: () => void;
  onRemove: () => void;
}) {
  const { role, permissions, busy, onChange, onRemove } = props;
  const say = useWords();
  const roleTitle = useRoleTitle();
  const { count } = useFormats();
  const { may } = useSession();
  const [sure, setSure] = useState(false);
  const title = (one: string) =>
    wordOr(say, `permission.${one}`, permissions.find(({ permission }) => permission === one)?.title ?? one);
  return (
    <li className="card access-card">
      <div className="access-card-head">
        <h3>{roleTitle(role.id, role.title)}</h3>
        <span className="badge">{say(role.built_in ? "roles.built_in" : "roles.own")}</span>
        {role.blind && <span className="badge">{say("roles.blind")}</span>}
      </div>
      <p>
        {say("roles.permissions")}:{" "}
        {role.permissions.map(title).join(", ") || say("roles.nothing")}
      </p>
      <p className="quiet">{say("roles.grants", { count: count(role.grants) })}</p>
      {!role.built_in && may("access.manage") && (
        <div className="alert-actions">
          <Button size="small" disabled={busy} onClick={onChange}>
            {say("roles.change")}
          </Button>
          <Button
            size="small"
            appearance={sure ? "primary" : "subtle"}
            disabled={busy}
            onClick={() => {
              if (sure) onRemove();
              setSure(!sure);
            }}
          >
            {say(sure ? "roles.remove_sure" : "roles.remove")}
          </Button>
        </div>
      )}
    </li>
  );
}

export function Roles(props: Reading) {
  const { calls, round, again } = props;
  const say = useWords();
  const { may } = useSession();
  const [opened, setOpened] = useState<{ role: Role | null } | null>(null);
  const { busy, problem: failed, act } = useAct();
  const { data, problem, retry } = useCall("access roles", calls.roles, round);
  const remove = async (role: Role) => {
    if (await act(() => calls.removeRole(role.id, role.version))) again();
  };
  return (
    <section className="stack" aria-label={say("section.roles")}>
      <p className="quiet">{say("roles.about")}</p>
      {may("access.manage") && (
        <div className="access-bar">
          <Button appearance="primary" onClick={() => setOpened({ role: null })}>
            {say("roles.new")}
          </Button>
        </div>
      )}
      {problem && <ProblemMessage problem={problem} retry={retry} />}
      {failed && <ProblemMessage problem={failed} />}
      {!data && !problem && <div className="skeleton skeleton-block" />}
      <ul className="cards">
        {data?.roles.map((role) => (
          <RoleCard
            key={role.id}
            role={role}
            permissions={data.permissions}
            busy={busy}
            onChange={() => setOpened({ role })}
            onRemove={() => void remove(role)}
          />
        ))}
      </ul>
      {opened && data && (
        <RoleDialog
          {...props}
          role={opened.role}
          permissions={data.permissions}
          onClose={() => setOpened(null)}
        />
      )}
    </section>
  );
}
