import { describe, expect, it } from "vitest";
import { directionOf, languageFor, speak, t } from "./words";

describe("the page's words", () => {
  it("says a sentence that nobody translated as it is", () => {
    expect(t("Save: all of it. Now")).toBe("Save: all of it. Now");
  });

  it("fills in what a sentence speaks of, as it is written", () => {
    expect(t("Item {{name}}", { name: "<b>" })).toBe("Item <b>");
  });

  it("keeps a date whole in a sentence that is read from the right", async () => {
    await speak("ar");
    expect(t("suggested: {{what}}", { what: "2024-05-14" })).toContain("\u20682024-05-14\u2069");
    await speak("en");
  });
});

describe("which language", () => {
  it("is the first of the browser's that there is, else English", () => {
    expect(languageFor("auto", ["fr-CA", "de-AT", "en"])).toBe("de");
    expect(languageFor("auto", ["fr"])).toBe("en");
    expect(languageFor("ar", ["de"])).toBe("ar");
  });

  it("is read from the right where it is written so", () => {
    expect([directionOf("ar"), directionOf("de")]).toEqual(["rtl", "ltr"]);
  });
});
