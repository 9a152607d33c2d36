/** One document, seen as YAML and as a form: every edit of the form is an edit of the text, and comments stay. */

import { type Document, isMap, isScalar, isSeq, parseDocument, Scalar, YAMLSeq } from "yaml";

export interface FormLabel {
  value: string;
  title: string;
  description: string;
}

export interface FormQuestion {
  name: string;
  type: string;
  title: string;
  help: string;
  /** null: the type has no list of labels, or it is written in a way the form does not show. */
  labels: FormLabel[] | null;
}

export interface FormView {
  instruction: string;
  targetError: string;
  suggestions: string;
  reviewVotes: string;
  questions: FormQuestion[];
}

export type Path = readonly (string | number)[];

/** Read a document for the form; null while it is no YAML with a list of questions. */
export function formOf(text: string): FormView | null {
  const document = parsed(text);
  if (document === null) {
    return null;
  }
  const questions = document.get("questions");
  if (!isSeq(questions)) {
    return null;
  }
  return {
    instruction: said(document, ["instruction"]),
    targetError: said(document, ["policy", "target_error"]),
    suggestions: said(document, ["policy", "suggestions"]),
    reviewVotes: said(document, ["policy", "review_votes"]),
    questions: questions.items.map((_, place) => ({
      name: said(document, ["questions", place, "name"]),
      type: said(document, ["questions", place, "type"]) || "classification",
      title: said(document, ["questions", place, "title"]),
      help: said(document, ["questions", place, "help"]),
      labels: labelsIn(document, place),
    })),
  };
}

/** Set what stands at a path; an empty text takes it out. */
export function changed(text: string, path: Path, value: string | number): string {
  return edited(text, (document) => {
    if (value === "") {
      document.deleteIn(path);
    } else {
      document.setIn(path, quoted(value));
    }
  });
}

/** Change a label; it stays a bare name where nothing else is said of it. */
export function labelChanged(
  text: string,
  question: number,
  place: number,
  change: Partial<FormLabel>,
): string {
  return edited(text, (document) => {
    const path = ["questions", question, "labels", place];
    const node = document.getIn(path, true);
    if (isMap(node)) {
      for (const [key, value] of Object.entries(change)) {
        if (value === "" && key !== "value") {
          node.delete(key);
        } else {
          node.set(key, quoted(value));
        }
      }
      return;
    }
    const label = { value: said(document, path), ...change };
    const kept = Object.entries(label).filter(([key, value]) => key === "value" || value !== "");
    const written = Object.fromEntries(kept.map(([key, value]) => [key, quoted(value)]));
    document.setIn(path, kept.length === 1 ? quoted(label.value) : document.createNode(written));
  });
}

export function labelAdded(text: string, question: number, value: string): string {
  return edited(text, (document) => {
    const path = ["questions", question, "labels"];
    if (isSeq(document.getIn(path, true))) {
      document.addIn(path, quoted(value));
    } else {
      document.setIn(path, document.createNode([quoted(value)]));
    }
  });
}

export function questionAdded(text: string, name: string): string {
  return edited(text, (document) =>
    document.addIn(
      ["questions"],
      document.createNode({ name, type: "classification", labels: ["one", "other"] }),
    ),
  );
}

/** Take an entry out of a list. */
export function removed(text: string, path: Path): string {
  return edited(text, (document) => void document.deleteIn(path));
}

/** Move an entry of a list one place up (-1) or down (1); its comments go with it. */
export function moved(text: string, list: Path, place: number, by: -1 | 1): string {
  return edited(text, (document) => {
    const items = document.getIn(list, true);
    if (isSeq(items) && items.items[place + by] !== undefined) {
      const [entry] = items.items.splice(place, 1);
      items.items.splice(place + by, 0, entry);
    }
  });
}

/** Show an item to the models as an example. */
export function exampleAdded(text: string, item: string): string {
  return edited(text, (document) => {
    const items = document.getIn(["examples", "items"], true);
    const known = isSeq(items) ? items.items.map((one) => String(isScalar(one) ? one.value : one)) : [];
    if (known.includes(item)) {
      return;
    }
    const list = new YAMLSeq();
    list.items = [...known, item].map(idOf);
    list.flow = true;
    document.setIn(["examples", "choose"], "fixed");
    document.setIn(["examples", "items"], list);
  });
}

/** A name that no question has. */
export function freeName(view: FormView): string {
  const taken = new Set(view.questions.map(({ name }) => name));
  let place = taken.size + 1;
  while (taken.has(`question_${place}`)) {
    place += 1;
  }
  return `question_${place}`;
}

function labelsIn(document: Document, question: number): FormLabel[] | null {
  const path = ["questions", question, "labels"];
  const labels = document.getIn(path, true);
  if (!isSeq(labels) || !labels.items.every((one) => isScalar(one) || isMap(one))) {
    return null;
  }
  return labels.items.map((one, place) => {
    const here = [...path, place];
    return isMap(one)
      ? {
          value: said(document, [...here, "value"]),
          title: said(document, [...here, "title"]),
          description: said(document, [...here, "description"]),
        }
      : { value: said(document, here), title: "", description: "" };
  });
}

/** What is written there, as it is written: `007` is no seven. */
function said(document: Document, path: Path): string {
  const node = document.getIn(path, true);
  return isScalar(node) && node.value !== null ? String(node.value) : "";
}

function edited(text: string, edit: (document: Document) => void): string {
  const document = parsed(text);
  if (document === null) {
    return text;
  }
  edit(document);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** Every plain value is the text it is written as, so that no edit elsewhere rewrites `007` or `0.10`. */
function parsed(text: string): Document | null {
  const document = parseDocument(text, { schema: "failsafe", customTags: ["null"], uniqueKeys: true });
  return document.errors.length === 0 && isMap(document.contents) ? document : null;
}

/** An item's id is a text, whatever it looks like. */
function idOf(id: string): Scalar {
  const scalar = new Scalar(id);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

/** A text as a value: in quotes where YAML would read something else, such as `no` or `12`. */
function quoted(value: string | number): Scalar {
  const scalar = new Scalar(String(value));
  if (typeof value === "string" && LOOKS_LIKE_MORE.test(value)) {
    scalar.type = Scalar.QUOTE_DOUBLE;
  }
  return scalar;
}

const LOOKS_LIKE_MORE = /^(y|yes|n|no|true|false|on|off|null|~|=|<<|[-+.]?[0-9].*|[-+]?\.(inf|nan))$/i;
