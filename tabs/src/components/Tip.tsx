/** A tooltip on hover and focus whose layer lies inside the page's main landmark. */
import { Tooltip } from "@fluentui/react-components";
import { createContext, useContext, useState, type ReactElement, type ReactNode } from "react";

const LayerContext = createContext<HTMLElement | null>(null);

/** The page's main content; tooltips of what is inside appear in it. */
export function Main(props: { className?: string; children: ReactNode }) {
  const { className = "page", children } = props;
  const [layer, setLayer] = useState<HTMLElement | null>(null);
  return (
    <main className={className}>
      <LayerContext value={layer}>{children}</LayerContext>
      <div ref={setLayer} />
    </main>
  );
}

export function Tip(props: { content: ReactNode; children: ReactElement }) {
  const { content, children } = props;
  const layer = useContext(LayerContext);
  return (
    <Tooltip
      content={{ children: content, className: "tip" }}
      relationship="description"
      mountNode={layer}
      withArrow
    >
      {children as never}
    </Tooltip>
  );
}
