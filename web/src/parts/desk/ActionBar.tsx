import { Button } from "@mantine/core";
import type { Command } from "../../keys/commands";
import { t } from "../../words/words";
import { Cap } from "../Cap";
import styles from "./ActionBar.module.css";

interface Props {
  commands: Record<Command, () => void>;
  /** What is printed on a command's key. */
  capFor: (command: Command) => string;
  canUndo: boolean;
  canRedo: boolean;
  hasSuggestions: boolean;
  /** There is an assistant, and it may be asked about this item. */
  canAsk: boolean;
  /** Submitting shows what the model says first. */
  isHeldBack: boolean;
}

/** The page's own verbs, each with its key. */
export function ActionBar({ commands, capFor, canUndo, canRedo, hasSuggestions, canAsk, isHeldBack }: Props) {
  const verb = (command: Command, words: string, isDisabled = false) => (
    <button
      type="button"
      className={command === "help" ? styles.rare : undefined}
      onClick={commands[command]}
      disabled={isDisabled}
    >
      <Cap>{capFor(command)}</Cap> {words}
    </button>
  );
  return (
    <footer className={styles.bar}>
      <div className={styles.verbs}>
        {verb("undo", t("undo last"), !canUndo)}
        {canRedo && verb("redo", t("redo"))}
        {verb("skip", t("skip"))}
        {verb("flag", t("flag"))}
        {hasSuggestions && verb("accept", t("take suggestions"))}
        {hasSuggestions && verb("suggestions", t("hide / show"))}
        {canAsk && verb("assistant", t("ask"))}
        {verb("help", t("all keys"))}
      </div>
      <Button className={styles.submit} onClick={commands.submit}>
        {isHeldBack ? t("See what the model says") : t("Submit")} <Cap>{capFor("submit")}</Cap>
      </Button>
    </footer>
  );
}
