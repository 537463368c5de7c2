/** Giving access or changing it: the form, then what it does, then saving. */
import { Button } from "@fluentui/react-components";
import { useCallback, useState } from "react";
import { useAct } from "../../api/useAct";
import { useCall } from "../../api/useCall";
import { useSession } from "../../app/session";
import { Modal } from "../../components/Modal";
import { ProblemMessage } from "../../components/Problem";
import type { Reading } from "./Access";
import { EMPTY, toChangedGrant, toDraft, toNewGrant, wrongFields } from "./access";
import type { Change, Grant, Person } from "./calls";
import { GrantForm } from "./GrantForm";
import { Preview } from "./Preview";
import { useWords } from "./words";

export function GrantDialog(
  props: Reading & { people: Person[]; grant: Grant | null; onClose: () => void },
) {
  const { calls, round, again, people, grant, onClose } = props;
  const say = useWords();
  const { time_zone: zone } = useSession().me.organization;
  const [draft, setDraft] = useState(() => (grant ? toDraft(grant, zone) : EMPTY));
  const [tried, setTried] = useState(false);
  const [previewed, setPreviewed] = useState(false);
  const [saves, setSaves] = useState(false);
  const { busy, problem, act } = useAct();
  const roles = useCall("access roles", calls.roles, round).data?.roles ?? [];
  const wrong = wrongFields(draft, grant === null);
  const judged = useCallback((could: boolean) => setSaves(could), []);
  const change: Change = grant
    ? { change: "change", grant: grant.id, ...toChangedGrant(draft, zone, grant.version) }
    : { change: "grant", ...toNewGrant(draft, zone) };
  const preview = () => {
    setTried(true);
    setSaves(false);
    if (Object.keys(wrong).length === 0) setPreviewed(true);
  };
  const save = async () => {
    const done = await act(() =>
      grant
        ? calls.changeGrant(grant.id, toChangedGrant(draft, zone, grant.version))
        : calls.addGrant(toNewGrant(draft, zone)),
    );
    if (!done) return;
    again();
    onClose();
  };
  return (
    <Modal
      kind="dialog"
      isOpen
      onClose={onClose}
      title={grant ? say("form.change_title", { name: grant.holder.name }) : say("grants.new")}
      actions={
        previewed ? (
          <>
            <Button onClick={() => setPreviewed(false)}>{say("form.back")}</Button>
            <Button appearance="primary" disabled={busy || !saves} onClick={() => void save()}>
              {say("form.save")}
            </Button>
          </>
        ) : (
          <Button appearance="primary" onClick={preview}>
            {say("form.preview")}
          </Button>
        )
      }
    >
      {problem && <ProblemMessage problem={problem} />}
      {previewed ? (
        <Preview calls={calls} changes={[change]} onJudged={judged} />
      ) : (
        <GrantForm
          draft={draft}
          onDraft={setDraft}
          people={people}
          roles={roles.filter((one) => one.may_grant || one.id === grant?.role)}
          isNew={grant === null}
          wrong={tried ? wrong : {}}
        />
      )}
    </Modal>
  );
}
