/** The button for a new alert and its dialog. */
import { Button } from "@fluentui/react-components";
import { useState } from "react";
import { asProblem, ApiProblem } from "../../api/problem";
import { useCall } from "../../api/useCall";
import { useLanguage } from "../../app/messages";
import { useSession } from "../../app/session";
import { Modal } from "../../components/Modal";
import { ProblemMessage } from "../../components/Problem";
import { AlertForm } from "./AlertForm";
import { EMPTY, toAlert, wrongFields } from "./alerts";

export function NewAlertButton(props: { onMade: () => void }) {
  const { t } = useLanguage();
  const { api } = useSession();
  const [isOpen, setOpen] = useState(false);
  const [draft, setDraft] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const queues = useCall(isOpen ? "queue-choices" : null, api.queueChoices);
  const wrong = wrongFields(draft);
  const close = () => {
    setOpen(false);
    setTried(false);
    setProblem(null);
  };
  const make = async () => {
    setTried(true);
    if (Object.keys(wrong).length > 0) return;
    setBusy(true);
    try {
      await api.createAlert(toAlert(draft));
      setDraft(EMPTY);
      close();
      props.onMade();
    } catch (thrown) {
      const told = asProblem(thrown);
      if (told instanceof ApiProblem) setProblem(told);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button appearance="primary" onClick={() => setOpen(true)}>
        {t("alerts.new")}
      </Button>
      <Modal
        kind="dialog"
        isOpen={isOpen}
        onClose={close}
        title={t("alerts.new")}
        note={t("alerts.new_note")}
        actions={
          <Button appearance="primary" disabled={busy} onClick={() => void make()}>
            {t("alerts.create")}
          </Button>
        }
      >
        {problem && <ProblemMessage problem={problem} retry={() => void make()} />}
        <AlertForm
          draft={draft}
          onDraft={setDraft}
          queues={queues.data?.queues ?? []}
          wrong={tried ? wrong : {}}
        />
      </Modal>
    </>
  );
}
