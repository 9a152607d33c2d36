import { expect, test, vi } from "vitest";
import type { Outgoing } from "../domain/outgoing";
import { memoryStorage } from "../testing";
import { openShelf, storageShelf } from "./shelf";

function submit(key: string, place: number): Outgoing {
  return { kind: "submit", key, place, lease: `lease-${key}`, answers: {}, seconds: 1, preview: key };
}

/** A browser that forbids its database, by throwing or by refusing. */
const forbidding = {
  open() {
    throw new DOMException("not here", "SecurityError");
  },
} as unknown as IDBFactory;

/** Storage that is full: what is there may be read. */
function fullStorage(): Storage {
  return {
    ...memoryStorage(),
    setItem() {
      throw new DOMException("full", "QuotaExceededError");
    },
  };
}

test("R7: where the database is forbidden, writes wait in the simple storage, and that is told", async () => {
  const storage = memoryStorage();
  const shelf = await openShelf(forbidding, storage, "box/");
  expect(shelf.kind()).toBe("storage");
  shelf.keep(submit("b", 2));
  shelf.keep(submit("a", 1));
  const again = await openShelf(undefined, storage, "box/");
  expect(again.found.map((one) => one.key)).toEqual(["a", "b"]);
  again.drop("a");
  expect(storageShelf(storage, "box/").found.map((one) => one.key)).toEqual(["b"]);
});

test("where nothing may be kept, memory has to do, and that is told", async () => {
  expect((await openShelf(forbidding, null, "box/")).kind()).toBe("memory");
  expect((await openShelf(undefined, fullStorage(), "box/")).kind()).toBe("memory");
});

test("storage that fills up while one works is told when it happens", () => {
  const storage = memoryStorage();
  const shelf = storageShelf(storage, "box/");
  const worse = vi.fn();
  shelf.onWorse(worse);
  storage.setItem = fullStorage().setItem;
  shelf.keep(submit("a", 1));
  expect(worse).toHaveBeenCalledOnce();
  expect(shelf.kind()).toBe("memory");
});

test("a browser that never answers does not hold up the page", async () => {
  vi.useFakeTimers();
  const silent = { open: () => ({}) } as unknown as IDBFactory;
  const opening = openShelf(silent, memoryStorage(), "box/");
  await vi.advanceTimersByTimeAsync(3_000);
  expect((await opening).kind()).toBe("storage");
  vi.useRealTimers();
});
