import { expect, test } from "vitest";
import { entry } from "../testing";
import { createMediaShelf, mediaIn } from "./mediaShelf";

const RED = "data:image/png;base64,AAAA";
const OWN = "/api/v1/projects/reviews/media/lease?field=images&place=1";

function showing(id: string, ...images: string[]) {
  const plain = entry(id);
  const media = {
    images: images.map((one) => (one.startsWith("media/") ? { url: OWN, type: "image/jpeg" } : null)),
  };
  return { ...plain, item: { ...plain.item, content: { text: "words", images }, media } };
}

test("media are found wherever they are in an item; another's address is never fetched", () => {
  const { item } = showing(
    "a",
    RED,
    "media/cat.jpg",
    "https://example.org/spy.png",
    "//example.org/spy.png",
    "/logout",
  );
  expect(mediaIn(item).map((medium) => medium.url)).toEqual([RED, OWN]);
});

test("each medium is made ready once, before its turn, and let go of with its item", () => {
  const done: string[] = [];
  const shelf = createMediaShelf(({ url }) => {
    done.push(`+${url}`);
    return () => void done.push(`-${url}`);
  });
  shelf([showing("a", RED), showing("b", "media/cat.jpg")]);
  shelf([showing("b", "media/cat.jpg")]);
  expect(done).toEqual([`+${RED}`, `+${OWN}`, `-${RED}`]);
  shelf([showing("a", RED)]);
  expect(done.slice(3)).toEqual([`+${RED}`, `-${OWN}`]);
});
