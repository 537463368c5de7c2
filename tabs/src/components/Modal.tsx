/**
 * A modal over the page: a dialog in the middle or a drawer at the end. The browser's own
 * `<dialog>` keeps the focus inside, closes on Escape and gives the focus back.
 */
import { Button } from "@fluentui/react-components";
import { useEffect, useId, useRef, type ReactNode } from "react";
import { useLanguage } from "../app/messages";

export interface ModalProps {
  kind: "dialog" | "drawer";
  isOpen: boolean;
  onClose: () => void;
  title: string;
  note?: ReactNode;
  /** Buttons at the foot, before none: the head always has "close". */
  actions?: ReactNode;
  children: ReactNode;
}

export function Modal(props: ModalProps) {
  const { kind, isOpen, onClose, title, note, actions, children } = props;
  const { t } = useLanguage();
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = box.current;
    if (isOpen && !dialog?.open) dialog?.showModal();
    if (!isOpen && dialog?.open) dialog.close();
  }, [isOpen]);
  return (
    <dialog
      ref={box}
      className={`modal modal-${kind}`}
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => event.target === box.current && onClose()}
    >
      {isOpen && (
        <div className="modal-box">
          <header className="modal-head">
            <div>
              <h2 id={id}>{title}</h2>
              {note && <p className="quiet">{note}</p>}
            </div>
            <Button appearance="subtle" onClick={onClose}>
              {t("close")}
            </Button>
          </header>
          <div className="modal-body">{children}</div>
          {actions && <footer className="modal-foot">{actions}</footer>}
        </div>
      )}
    </dialog>
  );
}
