import { Button } from "@mantine/core";
import { COMMANDS, type Command } from "../keys/commands";
import { capOf } from "../keys/layout";
import styles from "./ActionBar.module.css";
import { Cap } from "./Cap";

interface Props {
  commands: Record<Command, () => void>;
  canUndo: boolean;
  hasSuggestions: boolean;
}

/** The page's own verbs, each with its key. */
export function ActionBar({ commands, canUndo, hasSuggestions }: Props) {
  const verb = (command: Command, words: string, isDisabled = false) => (
    <button
      type="button"
      className={command === "help" ? styles.rare : undefined}
      onClick={commands[command]}
      disabled={isDisabled}
    >
      <Cap>{keyOf(command)}</Cap> {words}
    </button>
  );
  return (
    <footer className={styles.bar}>
      {verb("undo", "undo last", !canUndo)}
      {verb("skip", "skip")}
      {hasSuggestions && verb("accept", "take suggestions")}
      {hasSuggestions && verb("suggestions", "hide / show")}
      {verb("help", "all keys")}
      <Button className={styles.submit} onClick={commands.submit}>
        Submit <Cap>Enter</Cap>
      </Button>
    </footer>
  );
}

function keyOf(command: Command): string {
  const found = COMMANDS.find((one) => one.command === command);
  return found?.needsShift ? "?" : capOf(found?.codes[0] ?? "", null);
}
