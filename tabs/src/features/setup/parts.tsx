/** Parts that several steps share. */
import { Button } from "@fluentui/react-components";
import { useEffect, useRef, type FormEvent, type ReactNode } from "react";
import { useFormats } from "../../app/messages";
import { useSecondsUntil } from "./useNow";
import { useWords } from "./words";

/** Gives the focus to a heading when what had it went away as `opened` became true. */
export function useFocusOn(opened: boolean) {
  const heading = useRef<HTMLHeadingElement>(null);
  const was = useRef(opened);
  useEffect(() => {
    const lost = document.activeElement === document.body;
    if (opened && !was.current && lost) heading.current?.focus();
    was.current = opened;
  }, [opened]);
  return heading;
}

/** A form that sends with Enter too. */
export function Form(props: { onSend: () => void; label: string; children: ReactNode }) {
  const send = (event: FormEvent) => {
    event.preventDefault();
    props.onSend();
  };
  return (
    <form className="setup-form" aria-label={props.label} noValidate onSubmit={send}>
      {props.children}
    </form>
  );
}

/** A button that waits until it may be used again, and says how long. */
export function WaitingButton(props: {
  after: string | null;
  disabled: boolean;
  primary: boolean;
  children: ReactNode;
}) {
  const { after, disabled, primary, children } = props;
  const say = useWords();
  const { duration } = useFormats();
  const left = useSecondsUntil(after);
  return (
    <>
      <Button
        type="submit"
        appearance={primary ? "primary" : "secondary"}
        disabledFocusable={disabled || left > 0}
      >
        {children}
      </Button>
      {left > 0 && <span className="quiet">{say("wait.left", { left: duration(left) })}</span>}
    </>
  );
}

/** Until when attempts are refused; nothing while they are not. */
export function Locked(props: { until: string | null }) {
  const say = useWords();
  const { dateTime } = useFormats();
  const left = useSecondsUntil(props.until);
  if (!props.until || left === 0) return null;
  return (
    <p className="problem" role="alert">
      {say("locked", { at: dateTime(props.until) })}
    </p>
  );
}
