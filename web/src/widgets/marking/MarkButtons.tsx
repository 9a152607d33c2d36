import { Cap } from "../../parts/Cap";
import type { KeyBinding } from "../widget";
import styles from "../widgets.module.css";

interface Props<Action> {
  bindings: readonly KeyBinding<Action>[];
  caps: readonly (string | null)[];
  isChosen: (action: Action) => boolean;
  /** Leaves out what makes no sense now: its key stays. */
  isShown?: (action: Action) => boolean;
  dispatch: (action: Action) => void;
}

/** What the keys do, as buttons for the mouse and for touch. */
export function MarkButtons<Action>({ bindings, caps, isChosen, isShown, dispatch }: Props<Action>) {
  return (
    <div className={styles.chips}>
      {bindings.map((binding, place) =>
        isShown?.(binding.action) === false ? null : (
          <button
            key={binding.label}
            type="button"
            className={styles.plain}
            data-chosen={isChosen(binding.action) || undefined}
            onClick={() => dispatch(binding.action)}
          >
            {caps[place] && <Cap>{caps[place]}</Cap>} <span dir="auto">{binding.label}</span>
          </button>
        ),
      )}
    </div>
  );
}
