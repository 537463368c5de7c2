/** A representative's appeal. */
import { Button } from "@fluentui/react-components";
import { useState, type FormEvent } from "react";
import { useAct } from "../../api/useAct";
import { useSession } from "../../app/session";
import { AreaField } from "../../components/fields";
import { standingCalls, type Standing } from "./calls";
import { Refusal } from "./Refusal";
import { useWords } from "./words";

const SHORTEST = 3;

export function AppealForm(props: { standing: Standing; again: () => void }) {
  const { standing, again } = props;
  const say = useWords();
  const { api } = useSession();
  const { busy, problem, act } = useAct();
  const [text, setText] = useState("");
  const [tried, setTried] = useState(false);
  const said = text.trim().length >= SHORTEST;
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!said) return;
    const { version } = standing;
    await act(() => standingCalls(api).appeal({ version, text: text.trim() }));
    again();
  };
  return (
    <form
      className="standing-form"
      aria-label={say("appeal.title")}
      noValidate
      onSubmit={(event) => void send(event)}
    >
      <AreaField
        label={say("appeal.text")}
        hint={say("appeal.about")}
        error={tried && !said ? say("appeal.missing") : undefined}
        rows={5}
        maxLength={2000}
        value={text}
        onChange={setText}
      />
      <Refusal problem={problem} />
      <Button type="submit" appearance="primary" disabled={busy}>
        {say("appeal.send")}
      </Button>
    </form>
  );
}
