/** A button with a small panel below it; Escape, a click elsewhere or focus elsewhere closes it. */
import { Button } from "@fluentui/react-components";
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";

export interface PanelProps {
  /** What the button shows. */
  text: ReactNode;
  /** Names the panel. */
  label: string;
  /** Names the button where its text is not enough. */
  buttonLabel?: string;
  className?: string;
  size?: "small" | "medium";
  onOpen?: () => void;
  children: ReactNode;
}

const MARGIN = 12;

/** Pixels to move a box so that it ends inside the window. */
export function shift(left: number, right: number, width: number): number {
  const overflow = Math.max(0, right + MARGIN - width);
  return -Math.min(overflow, Math.max(0, left - MARGIN));
}

export function Panel(props: PanelProps) {
  const { text, label, buttonLabel, className = "", size = "medium", onOpen, children } = props;
  const [isOpen, setOpen] = useState(false);
  const anchor = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const leave = (event: Event) => {
      if (!anchor.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    document.addEventListener("focusin", leave);
    return () => {
      document.removeEventListener("pointerdown", leave);
      document.removeEventListener("focusin", leave);
    };
  }, [isOpen]);
  useLayoutEffect(() => {
    const box = panel.current;
    if (!isOpen || !box) return;
    // What the panel holds may still be on its way: it is placed again when it grows.
    const place = () => {
      box.style.marginLeft = "0";
      const { left, right } = box.getBoundingClientRect();
      box.style.marginLeft = `${shift(left, right, window.innerWidth)}px`;
    };
    place();
    box.focus();
    const growth = new ResizeObserver(place);
    growth.observe(box);
    return () => growth.disconnect();
  }, [isOpen]);
  return (
    <div
      ref={anchor}
      className="panel-anchor"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isOpen) return;
        // The panel alone closes, not the dialog it may stand in.
        event.preventDefault();
        event.stopPropagation();
        setOpen(false);
        anchor.current?.querySelector("button")?.focus();
      }}
    >
      <Button
        size={size}
        className={className}
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        aria-label={buttonLabel}
        onClick={() => {
          if (!isOpen) onOpen?.();
          setOpen(!isOpen);
        }}
      >
        {text}
      </Button>
      {isOpen && (
        <div ref={panel} className="panel" role="dialog" aria-label={label} tabIndex={-1}>
          {children}
        </div>
      )}
    </div>
  );
}
