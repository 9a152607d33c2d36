/** Pictures of regions over an image. */

import styles from "./imaging.module.css";
import type { Spot } from "./view";

interface OutlineProps {
  /** In thousandths of the window. */
  points: readonly Spot[];
  colour: string;
  isChosen?: boolean;
  isPlain?: boolean;
  isOpen?: boolean;
}

export function Outline({ points, colour, isChosen = false, isPlain = false, isOpen = false }: OutlineProps) {
  const path = points.map(({ x, y }) => `${x},${y}`).join(" ");
  const Kind = isOpen ? "polyline" : "polygon";
  return (
    <>
      <Kind className={styles.halo} points={path} />
      <Kind
        className={styles.shape}
        points={path}
        stroke={colour}
        fill={isOpen ? "none" : colour}
        data-chosen={isChosen || undefined}
        data-plain={isPlain || undefined}
      />
    </>
  );
}

interface HandleProps {
  at: Spot;
  isRound?: boolean;
  isChosen?: boolean;
  isSmall?: boolean;
  colour?: string;
  isHollow?: boolean;
}

export function Handle({ at, isRound, isChosen, isSmall, colour, isHollow }: HandleProps) {
  return (
    <span
      className={styles.handle}
      data-round={isRound || undefined}
      data-chosen={isChosen || undefined}
      data-small={isSmall || undefined}
      style={{
        left: `${at.x / 10}%`,
        top: `${at.y / 10}%`,
        ...(colour && (isHollow ? { borderColor: colour } : { background: colour, borderColor: "#fff" })),
      }}
    />
  );
}

/** A region's name at its upper left corner. */
export function Name({ at, colour, children }: { at: Spot; colour: string; children: string }) {
  return (
    <span
      className={styles.name}
      dir="auto"
      style={{ left: `${Math.max(at.x, 0) / 10}%`, top: `${Math.max(at.y, 0) / 10}%`, background: colour }}
    >
      {children}
    </span>
  );
}
