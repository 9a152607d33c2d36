/** A text with line numbers, colours and the place of a problem: YAML or Markdown. */

import { markdown } from "@codemirror/lang-markdown";
import { yaml } from "@codemirror/lang-yaml";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";
import { basicSetup } from "codemirror";
import { getNonce } from "get-nonce";
import { useEffect, useEffectEvent, useRef } from "react";
import styles from "./editor.module.css";

export interface LineProblem {
  line: number | null;
  text: string;
}

interface Props {
  value: string;
  onChange: (value: string) => void;
  language: "yaml" | "markdown";
  /** What it is, for screen readers. */
  label: string;
  problem?: LineProblem | null;
}

export default function CodeEditor({ value, onChange, language, label, problem = null }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const written = useRef(value);
  const tell = useEffectEvent((text: string) => onChange(text));
  useEffect(() => {
    if (host.current === null) {
      return;
    }
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: written.current,
        extensions: [
          EditorView.cspNonce.of(getNonce() ?? ""),
          basicSetup,
          language === "yaml" ? yaml() : markdown(),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label, dir: "auto", tabindex: "0" }),
          LOOKS,
          PROBLEM,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) {
              written.current = update.state.doc.toString();
              tell(written.current);
            }
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
  }, [language, label]);
  useEffect(() => {
    // A change that came from elsewhere (the form, an older version) replaces what differs, and undo takes it back.
    if (view.current !== null && value !== written.current) {
      written.current = value;
      view.current.dispatch({ changes: difference(view.current.state.doc.toString(), value) });
    }
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: setProblem.of(problem) });
  }, [problem]);
  return <div ref={host} className={styles.code} data-language={language} />;
}

/** The one stretch in which two texts differ, so that the cursor stays where it is. */
function difference(before: string, after: string): { from: number; to: number; insert: string } {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) {
    start += 1;
  }
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) {
    end += 1;
  }
  return { from: start, to: before.length - end, insert: after.slice(start, after.length - end) };
}

const setProblem = StateEffect.define<LineProblem | null>();

const PROBLEM = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(setProblem)) {
        next = marksOf(effect.value, transaction.state);
      }
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function marksOf(problem: LineProblem | null, state: EditorState): DecorationSet {
  if (problem === null || problem.line === null) {
    return Decoration.none;
  }
  const line = state.doc.line(Math.max(1, Math.min(problem.line, state.doc.lines)));
  return Decoration.set([
    Decoration.line({ class: "cm-wrong" }).range(line.from),
    Decoration.widget({ widget: new Said(problem.text), block: true, side: 1 }).range(line.to),
  ]);
}

/** What is wrong, below its line. */
class Said extends WidgetType {
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
  }

  override eq(other: Said): boolean {
    return other.text === this.text;
  }

  override toDOM(): HTMLElement {
    const said = document.createElement("div");
    said.className = "cm-said";
    said.textContent = `⚠ ${this.text}`;
    // The same words are announced beside the editor.
    said.setAttribute("aria-hidden", "true");
    return said;
  }
}

const LOOKS = EditorView.theme({
  "&": { fontSize: "13.5px", backgroundColor: "var(--card)", color: "var(--ink)" },
  "&.cm-focused": { outline: "3px solid var(--focus)" },
  ".cm-scroller": { maxHeight: "60vh", fontFamily: "ui-monospace, monospace", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": {
    backgroundColor: "var(--card)",
    color: "var(--faint)",
    borderInlineEnd: "1px solid var(--line)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": {
    backgroundColor: "color-mix(in srgb, var(--accent-soft) 45%, transparent)",
  },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--suggestion-edge)",
  },
  ".cm-line span": { color: "inherit" },
  ".cm-wrong": { backgroundColor: "var(--warn-soft)" },
  ".cm-said": { padding: "2px 10px 4px", color: "var(--bad)", fontSize: "13px", whiteSpace: "pre-wrap" },
});
