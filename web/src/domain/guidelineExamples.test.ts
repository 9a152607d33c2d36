import { describe, expect, it } from "vitest";
import { withExample } from "./guidelineExamples";

const item = (text: string, labels: Record<string, unknown> = { tone: "good" }) =>
  ({ id: "1", content: { text }, labels, why_not: null }) as Parameters<typeof withExample>[1];

describe("an item as an example in the guideline", () => {
  it("stands under one heading, with its label", () => {
    const once = withExample("# Guideline\n", item("Great phone"), ["text"]);
    expect(once).toBe("# Guideline\n\n## Examples\n\n- **good**: “Great phone”\n");
    expect(withExample(once, item("Bad phone", {}), ["text"]).match(/## Examples/g)).toHaveLength(1);
  });

  it("is text, whatever it looks like", () => {
    const text = withExample("", item("<img src=x onerror=alert(1)> [a](javascript:b) **x**"), ["text"]);
    expect(text).toContain("\\<img src=x onerror=alert(1)\\>");
    expect(text).toContain("\\[a\\](javascript:b)");
  });
});
