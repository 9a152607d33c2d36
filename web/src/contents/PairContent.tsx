import { lazy, Suspense, useRef, useState } from "react";
import { t } from "../words/words";
import type { ContentProps } from "./content";
import { JsonContent } from "./JsonContent";
import type { Differences, Piece } from "./pair";
import styles from "./pair.module.css";
import { type Side, sidesOf } from "./sides";

const MarkdownText = lazy(() => import("./MarkdownText").then((file) => ({ default: file.MarkdownText })));

/** What is looked at: the texts, their differences, or that these cannot be told. */
type Look = "texts" | Differences | "too long";

/** Two fields with `beside:`, or `as: pair`: side by side, scrolled together. Settings: `markdown`. */
export default function PairContent({ value, title, beside, settings }: ContentProps) {
  const [look, setLook] = useState<Look>("texts");
  const frames = useRef<(HTMLElement | null)[]>([null, null]);
  const leads = useRef<number | null>(null);
  const sides = sidesOf(value, title, beside);
  if (sides === null) {
    return <JsonContent value={value} />;
  }
  const texts = sides.map((side) => (typeof side.value === "string" ? side.value : null));
  const canDiffer = texts.every((text) => text !== null);

  function compare(): void {
    import("./pair").then(
      ({ differences }) => setLook(differences(texts[0] ?? "", texts[1] ?? "") ?? "too long"),
      // Without a connection the texts stay as they are; the button fetches it again.
      () => {},
    );
  }

  /** The other side goes to the same share of its length; its own scrolling is not followed back. */
  function follow(place: number): void {
    const [from, to] = [frames.current[place], frames.current[1 - place]];
    if (leads.current !== place || !from || !to) {
      return;
    }
    const share = from.scrollTop / Math.max(1, from.scrollHeight - from.clientHeight);
    to.scrollTop = share * (to.scrollHeight - to.clientHeight);
  }

  return (
    <div className={styles.pair}>
      {canDiffer && (
        <div className={styles.tools}>
          <button
            type="button"
            className={styles.button}
            aria-pressed={look !== "texts"}
            onClick={() => (look === "texts" ? compare() : setLook("texts"))}
          >
            {t("Show differences")}
          </button>
          {look === "too long" && <span role="status">{t("These are too long to be compared here.")}</span>}
        </div>
      )}
      <div className={styles.sides}>
        {sides.map((side, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: there are two, and they never move
          <section key={place} className={styles.side} aria-label={side.title}>
            <h2 className={styles.heading} dir="auto">
              {side.title}
            </h2>
            {/* biome-ignore lint/a11y/noStaticElementInteractions: only to know which side is scrolled by hand */}
            <div
              className={styles.frame}
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
              tabIndex={0}
              ref={(frame) => {
                frames.current[place] = frame;
              }}
              onPointerEnter={() => (leads.current = place)}
              onTouchStart={() => (leads.current = place)}
              onFocus={() => (leads.current = place)}
              onScroll={() => follow(place)}
            >
              <Shown
                side={side}
                pieces={typeof look === "object" ? (place === 0 ? look.left : look.right) : null}
                isMarkdown={settings.markdown === true}
              />
            </div>
          </section>
        ))}
      </div>
    </div>
  );
}

function Shown({ side, pieces, isMarkdown }: { side: Side; pieces: Piece[] | null; isMarkdown: boolean }) {
  if (typeof side.value === "object") {
    return <JsonContent value={side.value} />;
  }
  const text = String(side.value);
  if (isMarkdown && pieces === null) {
    return (
      <Suspense fallback={<p className={styles.text}>{text}</p>}>
        <MarkdownText text={text} isMain={false} isFramed={false} name={side.title} />
      </Suspense>
    );
  }
  return (
    <p className={styles.text} dir="auto">
      {pieces === null
        ? text
        : pieces.map((piece, place) =>
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces never move
            piece.differs ? <mark key={place}>{piece.text}</mark> : <span key={place}>{piece.text}</span>,
          )}
    </p>
  );
}
