/** A figure's course in the small: decoration beside the value, hidden from screen readers. */
import { memo } from "react";

const WIDTH = 96;
const HEIGHT = 24;

/** The path through the values; gaps where there is none. */
export function sparkPath(values: (number | null)[], width = WIDTH, height = HEIGHT): string {
  const known = values.filter((value) => value !== null);
  const top = Math.max(...known);
  const low = Math.min(0, ...known);
  const span = top - low || 1;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let pen = "M";
  const marks: string[] = [];
  values.forEach((value, index) => {
    if (value === null) {
      pen = "M";
      return;
    }
    const y = height - 1 - ((value - low) / span) * (height - 2);
    marks.push(`${pen}${(index * step).toFixed(1)} ${y.toFixed(1)}`);
    pen = "L";
  });
  return marks.join("");
}

export const Sparkline = memo(function Sparkline(props: { values: (number | null)[] }) {
  const { values } = props;
  if (values.filter((value) => value !== null).length < 2) return null;
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={sparkPath(values)} />
    </svg>
  );
});
