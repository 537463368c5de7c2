/** A metric in a table: opens its contacts where the reader may see them, else says its reason. */
import { memo } from "react";
import type { Metric } from "../api/types";
import { useFormats, useLanguage } from "../app/messages";
import { readMetric } from "./metric";
import { Tip } from "./Tip";

export const MetricCell = memo(function MetricCell(props: {
  metric: Metric | undefined;
  /** What the figure is of, for screen readers: "Answered, Billing". */
  name: string;
  onOpen?: (() => void) | undefined;
}) {
  const { metric, name, onOpen } = props;
  const { t } = useLanguage();
  const reading = readMetric(metric, useFormats(), t);
  const mark = reading.state === "partial" && <span className="partial-mark" aria-hidden="true" />;
  const body =
    onOpen && metric?.value ? (
      <button
        type="button"
        className="cell-link"
        onClick={onOpen}
      >
        <span aria-hidden="true">{reading.text}</span>
        <span className="spoken">{`${name}: ${reading.spoken}. ${t("figure.show_contacts")}`}</span>
        {mark}
      </button>
    ) : reading.note ? (
      <span className="cell-text" tabIndex={0} role="img" aria-label={`${name}: ${reading.spoken}`}>
        {reading.text}
        {mark}
      </span>
    ) : (
      <span>{reading.text}</span>
    );
  if (!reading.note) return body;
  return <Tip content={reading.note}>{body}</Tip>;
});
