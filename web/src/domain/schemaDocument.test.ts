import { describe, expect, it } from "vitest";
import {
  changed,
  exampleAdded,
  formOf,
  freeName,
  labelAdded,
  labelChanged,
  moved,
  questionAdded,
  removed,
} from "./schemaDocument";

const FILE = `# What is labelled.
name: reviews
content_fields: [text]  # what is shown
questions:
  # the tone
  - name: tone
    labels: [good, "yes", 007]  # three
  - name: topics
    type: multilabel
    labels:
      - value: price
        title: The price  # as people read it
      - screen
`;

describe("a document as a form", () => {
  it("shows what is written, as it is written", () => {
    const view = formOf(FILE);
    expect(view?.questions.map(({ name, type }) => [name, type])).toEqual([
      ["tone", "classification"],
      ["topics", "multilabel"],
    ]);
    expect(view?.questions[0]?.labels?.map(({ value }) => value)).toEqual(["good", "yes", "007"]);
    expect(view?.questions[1]?.labels?.[0]).toEqual({ value: "price", title: "The price", description: "" });
  });

  it("is none while the text is no YAML", () => {
    expect(formOf("questions: [")).toBeNull();
    expect(formOf("questions: 3")).toBeNull();
    expect(changed("questions: [", ["name"], "x")).toBe("questions: [");
  });

  it("keeps every comment through every edit", () => {
    const edits = [
      changed(FILE, ["questions", 0, "title"], "The tone"),
      labelChanged(FILE, 0, 0, { title: "Good" }),
      labelAdded(FILE, 1, "battery"),
      questionAdded(FILE, "more"),
      moved(FILE, ["questions", 1, "labels"], 0, 1),
      exampleAdded(FILE, "0001"),
    ];
    for (const text of edits) {
      for (const comment of [
        "# What is labelled.",
        "# what is shown",
        "# the tone",
        "# three",
        "# as people read it",
      ]) {
        expect(text).toContain(comment);
      }
    }
  });

  it("keeps a label a bare name until more is said of it", () => {
    expect(labelChanged(FILE, 1, 1, { value: "display" })).toContain("- display\n");
    const titled = labelChanged(FILE, 1, 1, { title: "The screen" });
    expect(formOf(titled)?.questions[1]?.labels?.[1]).toEqual({
      value: "screen",
      title: "The screen",
      description: "",
    });
    expect(labelChanged(titled, 1, 1, { title: "" })).not.toContain("The screen");
  });

  it("writes labels that YAML takes for something else in quotes", () => {
    expect(labelAdded(FILE, 1, "no")).toContain('- "no"');
    expect(formOf(labelAdded(FILE, 1, "12"))?.questions[1]?.labels?.[2]?.value).toBe("12");
  });

  it("leaves what it does not touch as it is written", () => {
    const file = 'name: x\nmodels:\nbudget: 0.10\nquestions:\n  - name: tone\n    labels: [007, "no"]\n';
    expect(changed(file, ["instruction"], "")).toBe(file);
    expect(changed(file, ["questions", 0, "title"], "off")).toBe(`${file}    title: "off"\n`);
  });

  it("moves, removes and names", () => {
    expect(formOf(moved(FILE, ["questions"], 1, -1))?.questions.map(({ name }) => name)).toEqual([
      "topics",
      "tone",
    ]);
    expect(moved(FILE, ["questions"], 0, -1)).toBe(changed(FILE, ["instruction"], ""));
    expect(formOf(removed(FILE, ["questions", 0]))?.questions).toHaveLength(1);
    const view = formOf(FILE);
    expect(view && freeName(view)).toBe("question_3");
  });

  it("takes an item as an example once", () => {
    const once = exampleAdded(FILE, "0001");
    expect(once).toContain('examples:\n  choose: fixed\n  items: ["0001"]');
    expect(exampleAdded(once, "0001")).toBe(once);
  });
});
