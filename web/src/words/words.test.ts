import { describe, expect, it } from "vitest";
import { t } from "./words";

describe("the page's words", () => {
  it("says a sentence that nobody translated as it is", () => {
    expect(t("Save: all of it. Now")).toBe("Save: all of it. Now");
  });

  it("fills in what a sentence speaks of, as it is written", () => {
    expect(t("Item {{name}}", { name: "<b>" })).toBe("Item <b>");
  });
});
