import { Button, Modal } from "@mantine/core";
import { useEffect, useEffectEvent, useState } from "react";
import type { Project } from "../../api/types";
import { chordOf, isOnlyModifier, refusalOf } from "../../keys/chord";
import { capOf } from "../../keys/layout";
import { type Holder, holderOf, isChanged, isSame, nameOf } from "../../keys/rebind";
import { type KeyRow, tableOf } from "../../keys/table";
import type { OwnKeys } from "../../keys/useKeys";
import { t } from "../../words/words";
import { Cap } from "../Cap";
import styles from "./KeysDialog.module.css";

interface Props {
  project: Project;
  keys: OwnKeys;
  onClose: () => void;
}

/** What the dialog is about just now: waiting for a key, or asking whether two may change places. */
type Asked = { for: KeyRow; refused: string | null } | { for: KeyRow; chord: string; holder: Holder };

/** Choose what to change, press its new key. */
export default function KeysDialog({ project, keys, onClose }: Props) {
  const [asked, ask] = useState<Asked | null>(null);
  const [said, say] = useState("");
  const isListening = asked !== null && !("chord" in asked);
  useNextKey(isListening, (event) => {
    if (asked === null || event.code === "Tab") {
      ask(null);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isOnlyModifier(event.code)) {
      return;
    }
    if (event.code === "Escape") {
      ask(null);
      return;
    }
    const row = asked.for;
    const refused = refusalOf(event, row.target.kind === "command" ? row.target.command : null);
    if (refused !== null) {
      ask({ for: row, refused });
      return;
    }
    const chord = chordOf(event);
    const holder = holderOf(keys, chord);
    if (holder !== null && !isSame(holder.target, row.target)) {
      ask({ for: row, chord, holder });
      return;
    }
    take(row, chord);
  });

  function take(row: KeyRow, chord: string): void {
    keys.rebind(row.target, chord);
    say(`${row.label}: ${capOf(chord, keys.layout)}`);
    leave(row);
  }

  /** Back to the button that was pressed, for those who go by Tab. */
  function leave(row: KeyRow): void {
    ask(null);
    window.setTimeout(() => document.getElementById(idOf(row))?.focus());
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={t("Keys")}
      size="lg"
      closeOnEscape={!isListening}
      closeButtonProps={{ "aria-label": t("Close") }}
    >
      <p className={styles.lead}>{t("Choose what to change, then press its new key.")}</p>
      <div className={styles.columns}>
        {tableOf(project, keys, keys.layout).map(({ title, rows }) => (
          <section key={title}>
            <h3>
              <bdi>{title}</bdi>
            </h3>
            <ul>
              {rows.map((row) => (
                <li key={nameOf(row.target)}>
                  <div className={styles.row}>
                    <button
                      type="button"
                      id={idOf(row)}
                      className={styles.change}
                      aria-pressed={asked !== null && isSame(asked.for.target, row.target)}
                      onClick={() => ask({ for: row, refused: null })}
                    >
                      <span dir="auto">{row.label}</span>
                      <span className={styles.caps}>
                        {(row.caps.length > 0 ? row.caps : ["–"]).map((cap) => (
                          <Cap key={cap} isSpoken>
                            {cap}
                          </Cap>
                        ))}
                      </span>
                    </button>
                    {isChanged(keys.choices, row.target) && (
                      <button
                        type="button"
                        className={styles.reset}
                        aria-label={t("Reset the key of {{label}}", { label: row.label })}
                        title={t("Back to its own key")}
                        onClick={() => {
                          keys.reset(row.target);
                          leave(row);
                        }}
                      >
                        ↺
                      </button>
                    )}
                  </div>
                  {asked !== null && isSame(asked.for.target, row.target) && (
                    <Asking
                      asked={asked}
                      capOfChord={(chord) => capOf(chord, keys.layout)}
                      onTake={(chord) => take(row, chord)}
                      onLeave={() => leave(row)}
                    />
                  )}
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <p role="status" className="for-ears">
        {said}
      </p>
      <div className={styles.foot}>
        <p>
          {t(
            "Keys of the page hold in every project, keys of answers in this one. They are kept in this browser, under your name.",
          )}
        </p>
        <Button variant="default" onClick={keys.resetAll}>
          {t("Reset all")}
        </Button>
      </div>
    </Modal>
  );
}

interface AskingProps {
  asked: Asked;
  capOfChord: (chord: string) => string;
  onTake: (chord: string) => void;
  onLeave: () => void;
}

function Asking({ asked, capOfChord, onTake, onLeave }: AskingProps) {
  if (!("chord" in asked)) {
    return (
      <div className={styles.asking}>
        {asked.refused !== null && <p role="alert">⚠ {asked.refused}</p>}
        <p role="status">{t("Press the new key, or Escape to leave it as it is.")}</p>
      </div>
    );
  }
  const { chord, holder } = asked;
  return (
    <div className={styles.asking}>
      <p role="alert">
        <Cap isSpoken>{capOfChord(chord)}</Cap> {t("is the key of")} <b dir="auto">{holder.label}</b>.
      </p>
      <Button size="compact-sm" data-autofocus autoFocus onClick={() => onTake(chord)}>
        {t("Swap the two")}
      </Button>{" "}
      <Button size="compact-sm" variant="default" onClick={onLeave}>
        {t("Leave it")}
      </Button>
    </div>
  );
}

function idOf(row: KeyRow): string {
  return t("key of {{target}}", { target: nameOf(row.target) });
}

/** Take the next key presses before anything else on the page sees them. */
function useNextKey(isListening: boolean, onKey: (event: KeyboardEvent) => void): void {
  const take = useEffectEvent(onKey);
  useEffect(() => {
    if (!isListening) {
      return;
    }
    const listener = (event: KeyboardEvent) => take(event);
    window.addEventListener("keydown", listener, { capture: true });
    return () => window.removeEventListener("keydown", listener, { capture: true });
  }, [isListening]);
}
