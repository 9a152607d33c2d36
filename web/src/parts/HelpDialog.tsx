import { Modal } from "@mantine/core";
import type { Project } from "../api/types";
import type { Keymap } from "../keys/bindings";
import { COMMANDS } from "../keys/commands";
import { capOf } from "../keys/layout";
import { Cap } from "./Cap";
import styles from "./HelpDialog.module.css";

interface Props {
  project: Project;
  keymap: Keymap;
  onClose: () => void;
}

/** Every key there is, from the tables that the keyboard itself reads. */
export default function HelpDialog({ project, keymap, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title="All keys" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <div className={styles.columns}>
        {project.questions.map((question) => (
          <Keys
            key={question.name}
            title={question.title || question.name}
            keys={(keymap.byQuestion.get(question.name) ?? []).map((key) => [[key.cap ?? "–"], key.label])}
          />
        ))}
        <Keys
          title="The page"
          keys={COMMANDS.map(({ codes, needsShift, label }) => [
            needsShift ? ["?"] : codes.map((code) => capOf(code, null)),
            label,
          ])}
        />
      </div>
      <p className={styles.note}>
        Keys go by their place on the keyboard, so they stay put on every layout. Tab and the arrow keys reach
        everything as well. Shortcuts of single keys can be switched off in the menu under your name.
      </p>
    </Modal>
  );
}

function Keys({ title, keys }: { title: string; keys: (readonly [readonly string[], string])[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {keys.map(([caps, label]) => (
          <div key={label}>
            <dt>
              {caps.map((cap) => (
                <Cap key={cap} isSpoken>
                  {cap}
                </Cap>
              ))}
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
