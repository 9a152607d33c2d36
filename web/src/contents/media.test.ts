import { expect, test } from "vitest";
import { entry } from "../testing";
import { mediaOf, mediumOf } from "./media";

const SCAN = { url: "/api/v1/projects/reviews/media/l?field=scan&place=0", type: "image/png" };

function showing(content: Record<string, unknown>, media = {}) {
  return { ...entry("a").item, content, media };
}

test("a file of the workspace is fetched from this server, a data URL from the item itself", () => {
  expect(mediumOf(showing({ scan: "media/scan.png" }, { scan: [SCAN] }), "scan")).toEqual(SCAN);
  const sound = "data:audio/wav;base64,AAAA";
  expect(mediumOf(showing({ sound }), "sound")).toEqual({ url: sound, type: "audio/wav" });
});

test("a list keeps its order, with a gap for what is no file", () => {
  const item = showing({ scans: ["a remark", "media/scan.png"] }, { scans: [null, SCAN] });
  expect(mediaOf(item, "scans")).toEqual([null, SCAN]);
});

test("another machine's link, active content and anything else are no media", () => {
  for (const value of [
    "https://example.org/spy.png",
    "//example.org/spy.png",
    "data:text/html,<script>alert(1)</script>",
    "javascript:alert(1)",
    "blob:https://example.org/1",
    7,
    null,
    { url: "media/scan.png" },
  ]) {
    expect(mediumOf(showing({ field: value }), "field")).toBeNull();
  }
  expect(mediumOf(showing({}), "absent")).toBeNull();
});
