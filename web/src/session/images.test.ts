import { expect, test } from "vitest";
import { entry } from "../testing";
import { createImageShelf, imagesIn } from "./images";

const RED = "data:image/png;base64,AAAA";
const OWN = "/api/v1/projects/reviews/media/cat.jpg";

function showing(id: string, ...images: string[]) {
  const plain = entry(id);
  return { ...plain, item: { ...plain.item, content: { text: "words", images } } };
}

test("images are found wherever they are in an item; another's address is never fetched", () => {
  const { item } = showing("a", RED, OWN, "https://example.org/spy.png", "//example.org/spy.png", "/logout");
  expect(imagesIn(item)).toEqual([RED, OWN]);
});

test("each image is decoded once, before its turn, and let go of with its item", () => {
  const decoded: string[] = [];
  const shelf = createImageShelf((address) => decoded.push(address));
  shelf([showing("a", RED), showing("b", OWN)]);
  shelf([showing("b", OWN)]);
  expect(decoded).toEqual([RED, OWN]);
  shelf([showing("a", RED)]);
  expect(decoded).toEqual([RED, OWN, RED]);
});
