import { Cap } from "../../parts/Cap";
import type { KeyBinding } from "../widget";
import styles from "../widgets.module.css";
import { LOOKS, strokeOf } from "./lanes";
import marking from "./marking.module.css";

interface Props<Action> {
  bindings: readonly KeyBinding<Action>[];
  caps: readonly (string | null)[];
  isChosen: (action: Action) => boolean;
  /** Leaves out what makes no sense now: its key stays. */
  isShown?: (action: Action) => boolean;
  /** The colour that a label has where it is drawn. */
  colourOf?: (label: string) => string;
  /** The look that a label has in the text: colour and line. */
  lookOf?: (action: Action) => number | null;
  dispatch: (action: Action) => void;
}

/** What the keys do, as buttons for the mouse and for touch: the labels, and apart from them what else can be done. */
export function MarkButtons<Action extends object>({
  bindings,
  caps,
  isChosen,
  isShown,
  colourOf,
  lookOf,
  dispatch,
}: Props<Action>) {
  const shown = bindings
    .map((binding, place) => ({
      ...binding,
      cap: caps[place],
      named: labelIn(binding.action),
      look: lookOf?.(binding.action) ?? null,
    }))
    .filter(({ action }) => isShown?.(action) !== false);
  const groups = [
    { key: "labels", className: styles.chips, buttons: shown.filter(({ named }) => named !== null) },
    {
      key: "commands",
      className: `${styles.chips} ${styles.commands}`,
      buttons: shown.filter(({ named }) => named === null),
    },
  ];
  return groups.map(
    ({ key, className, buttons }) =>
      buttons.length > 0 && (
        <div key={key} className={className}>
          {buttons.map(({ action, label, cap, named, look }) => (
            <button
              key={label}
              type="button"
              className={look === null ? styles.plain : `${styles.plain} ${marking.tinted}`}
              data-look={look === null ? undefined : look % LOOKS}
              data-stroke={look === null ? undefined : strokeOf(look)}
              data-chosen={isChosen(action) || undefined}
              onClick={() => dispatch(action)}
            >
              {cap && <Cap>{cap}</Cap>}
              {colourOf && named !== null && <i style={{ background: colourOf(named) }} />}
              <span dir="auto">{label}</span>
            </button>
          ))}
        </div>
      ),
  );
}

/** The label or the type that an action gives, in whichever widget; null = it does something else. */
function labelIn(action: object): string | null {
  const given = Object.entries(action).find(([key]) => key === "label" || key === "mark" || key === "relate");
  return typeof given?.[1] === "string" ? given[1] : null;
}
