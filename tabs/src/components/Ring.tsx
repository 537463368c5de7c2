/** A share as a ring; the value is said in text beside or inside it. */
import type { ReactNode } from "react";

const RADIUS = 52;
const LENGTH = 2 * Math.PI * RADIUS;

export function Ring(props: { percent: number | null; children: ReactNode }) {
  const share = Math.min(100, Math.max(0, props.percent ?? 0)) / 100;
  return (
    <div className="ring">
      <svg viewBox="0 0 120 120" aria-hidden="true">
        <circle className="ring-track" cx="60" cy="60" r={RADIUS} />
        {share > 0 && (
          <circle
            className="ring-share"
            cx="60"
            cy="60"
            r={RADIUS}
            strokeDasharray={`${share * LENGTH} ${LENGTH}`}
            transform="rotate(-90 60 60)"
          />
        )}
      </svg>
      <div className="ring-text">{props.children}</div>
    </div>
  );
}
