/** The dialog of an alert's fields, and the buttons that open it: for a new one, for a change. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { asProblem, ApiProblem } from "../../api/problem";
import type { Alert, NewAlert } from "../../api/types";
import { useCall } from "../../api/useCall";
import { useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { Modal } from "../../components/Modal";
import { ProblemMessage } from "../../components/Problem";
import { AlertForm } from "./AlertForm";
import { EMPTY, toAlert, toDraft, wrongFields, type Draft } from "./alerts";

/** Whether the service refused because the alert is another by now, or gone. */
function tellsOfChange({ status, code }: ApiProblem): boolean {
  return status === 404 || code === "conflict";
}

function AlertDialog(props: {
  begin: Draft;
  title: string;
  note: string;
  action: string;
  isNew: boolean;
  isOpen: boolean;
  save: (alert: NewAlert) => Promise<unknown>;
  /** `saved` is whether the list is another by now. */
  onClose: (saved: boolean) => void;
}) {
  const { begin, title, note, action, isNew, isOpen, save, onClose } = props;
  const { t } = useLanguage();
  const { api } = useSession();
  const [draft, setDraft] = useState(begin);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const queues = useCall(isOpen ? "queue-choices" : null, api.queueChoices);
  const wrong = wrongFields(draft);
  const isStale = !isNew && problem !== null && tellsOfChange(problem);
  const close = () => {
    setTried(false);
    setProblem(null);
    onClose(isStale);
  };
  const submit = async () => {
    setTried(true);
    if (Object.keys(wrong).length > 0) return;
    setBusy(true);
    try {
      await save(toAlert(draft));
      onClose(true);
    } catch (thrown) {
      const told = asProblem(thrown);
      if (told instanceof ApiProblem) setProblem(told);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      kind="dialog"
      isOpen={isOpen}
      onClose={close}
      title={title}
      note={note}
      actions={
        <Button appearance="primary" disabled={busy || isStale} onClick={() => void submit()}>
          {action}
        </Button>
      }
    >
      {problem && !isStale && <ProblemMessage problem={problem} retry={() => void submit()} />}
      {isStale && (
        <p className="field-error" role="alert">
          {t("alerts.changed_meanwhile")}
        </p>
      )}
      <AlertForm
        draft={draft}
        onDraft={setDraft}
        queues={queues.data?.queues ?? []}
        wrong={tried ? wrong : {}}
      />
    </Modal>
  );
}

export function NewAlertButton(props: { onMade: () => void }) {
  const { t } = useLanguage();
  const { api } = useSession();
  const [isOpen, setOpen] = useState(false);
  const [count, setCount] = useState(0);
  const close = (saved: boolean) => {
    setOpen(false);
    if (!saved) return;
    setCount(count + 1);
    props.onMade();
  };
  return (
    <>
      <Button appearance="primary" onClick={() => setOpen(true)}>
        {t("alerts.new")}
      </Button>
      <AlertDialog
        key={count}
        begin={EMPTY}
        title={t("alerts.new")}
        note={t("alerts.new_note")}
        action={t("alerts.create")}
        isNew
        isOpen={isOpen}
        save={api.createAlert}
        onClose={close}
      />
    </>
  );
}

export function ChangeAlertButton(props: { alert: Alert; onChanged: () => void }) {
  const { alert, onChanged } = props;
  const { t } = useLanguage();
  const { api } = useSession();
  const [isOpen, setOpen] = useState(false);
  const [round, setRound] = useState(0);
  const open = () => {
    setRound(round + 1);
    setOpen(true);
  };
  const close = (saved: boolean) => {
    setOpen(false);
    if (saved) onChanged();
  };
  return (
    <>
      <Button size="small" appearance="subtle" onClick={open}>
        {t("alerts.change")}
      </Button>
      <AlertDialog
        key={round}
        begin={toDraft(alert)}
        title={t("alerts.change_title")}
        note={t("alerts.change_note")}
        action={t("alerts.save")}
        isNew={false}
        isOpen={isOpen}
        save={(body) => api.changeAlert(alert.id, alert.version, body)}
        onClose={close}
      />
    </>
  );
}
