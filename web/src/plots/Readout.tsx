import { type PointerEvent, useState } from "react";
import styles from "./plots.module.css";
import { FRAME } from "./scale";

export interface Spot {
  /** Where it is drawn, in the frame's pixels. */
  x: number;
  y: number;
  words: string;
}

/** Under the pointer, the nearest point with its numbers. The table below the picture has the same for keyboards. */
export function Readout({ spots }: { spots: readonly Spot[] }) {
  const [at, setAt] = useState<Spot | null>(null);
  const { width, height, left, right, top, bottom } = FRAME;
  const look = (event: PointerEvent<SVGRectElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = left + ((event.clientX - box.left) / (box.width || 1)) * (width - left - right);
    setAt(nearest(spots, x));
  };
  const isRight = at !== null && at.x > width / 2;
  return (
    <g>
      {at !== null && (
        <g className={styles.readout}>
          <path d={`M${at.x} ${top}V${height - bottom}`} />
          <circle cx={at.x} cy={at.y} r={4.5} />
          <text
            x={isRight ? at.x - 8 : at.x + 8}
            y={height - bottom - 9}
            textAnchor={isRight ? "end" : "start"}
          >
            {at.words}
          </text>
        </g>
      )}
      <rect
        x={left}
        y={top}
        width={width - left - right}
        height={height - top - bottom}
        fill="transparent"
        onPointerMove={look}
        onPointerDown={look}
        onPointerLeave={() => setAt(null)}
      />
    </g>
  );
}

/** The spot whose x is nearest; null without any. */
export function nearest(spots: readonly Spot[], x: number): Spot | null {
  let best: Spot | null = null;
  for (const spot of spots) {
    if (best === null || Math.abs(spot.x - x) < Math.abs(best.x - x)) {
      best = spot;
    }
  }
  return best;
}
