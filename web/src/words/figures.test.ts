import { afterEach, describe, expect, it } from "vitest";
import { number, share } from "../domain/report";
import { percent } from "../parts/desk/suggestedWords";
import { decimal, percentage, upTo } from "./figures";
import { speak, t } from "./words";

afterEach(() => speak("en"));

describe("figures", () => {
  it("are written as before in English", () => {
    expect([share(0.05), share(0.005), share(0.1234), share(null)]).toEqual(["5%", "0.5%", "12.3%", "–"]);
    expect([decimal(1234.5, 2), upTo(0.25, 3), number(0.5), percentage(0.071, 1, 0)]).toEqual([
      "1234.50",
      "0.25",
      "0.50",
      "7.1%",
    ]);
    expect([percent(0.999), percent(0.001), percent(0.71)]).toEqual([">\u00a099%", "<\u00a01%", "71%"]);
  });

  it("have the comma and the space of German", async () => {
    await speak("de");
    expect([share(0.05), share(0.005)]).toEqual(["5\u00a0%", "0,5\u00a0%"]);
    expect([decimal(1.5, 2), percent(0.71)]).toEqual(["1,50", "71\u00a0%"]);
    expect(t("{{low}} to {{high}}", { low: 0.5, high: 2 })).toMatch(/0,5 .* 2/);
  });

  it("have the digits that the server writes in Arabic", async () => {
    await speak("ar");
    expect(share(0.123).replace(/[\u200e\u200f\u061c]/g, "")).toBe("12.3%");
  });
});
