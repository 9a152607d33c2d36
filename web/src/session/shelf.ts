/** Where writes wait for the server: the browser's database, else its simple storage, else this tab's memory.
 *
 * Every write is a record of its own, so two tabs never overwrite each other's. Keeping is asked for at once and told
 * nobody when it is done; what the database has not confirmed when a page is left goes into the simple storage, which
 * is written before the page is gone, and the next page moves it back.
 */

import type { Outgoing } from "../domain/outgoing";
import { openDatabase, recordsOf, write } from "./database";

export type ShelfKind = "database" | "storage" | "memory";

export interface Shelf {
  kind(): ShelfKind;
  /** What was there when it was opened, oldest first. */
  found: readonly Outgoing[];
  keep(outgoing: Outgoing): void;
  drop(key: string): void;
  /** The page may be gone in a moment. */
  leave(): void;
  /** Called when a worse place has to do from now on. */
  onWorse(listener: () => void): void;
}

type SimpleStorage = Pick<Storage, "length" | "key" | "getItem" | "setItem" | "removeItem">;

/** prefix: separates projects and people. factory: undefined where the browser has no database. */
export async function openShelf(
  factory: IDBFactory | undefined,
  storage: SimpleStorage | null,
  prefix: string,
): Promise<Shelf> {
  try {
    if (factory !== undefined) {
      return await databaseShelf(await openDatabase(factory), storage, prefix);
    }
  } catch {
    // Forbidden, damaged, or held up by another version of the page: the simple storage has to do.
  }
  return storageShelf(storage, prefix);
}

/** A shelf in the simple storage; where that is null, full or forbidden, in memory. */
export function storageShelf(storage: SimpleStorage | null, prefix: string): Shelf {
  let kind: ShelfKind = storage !== null && takes(storage, prefix) ? "storage" : "memory";
  let worse = () => {};
  return {
    kind: () => kind,
    found: storage === null ? [] : inOrder([...leftIn(storage, prefix).values()]),
    keep(outgoing) {
      if (kind === "storage" && !keptIn(storage, prefix, outgoing)) {
        kind = "memory"; // it waits in the outbox's own line
        worse();
      }
    },
    drop: (key) => dropFrom(storage, prefix, key),
    leave() {},
    onWorse(listener) {
      worse = listener;
    },
  };
}

async function databaseShelf(
  database: IDBDatabase,
  storage: SimpleStorage | null,
  prefix: string,
): Promise<Shelf> {
  let kind: ShelfKind = "database";
  let worse = () => {};
  const unconfirmed = new Map<string, Outgoing>();
  const records = new Map((await recordsOf(database, prefix)).map((one) => [one.key, one]));
  const moved = storage === null ? new Map<string, Outgoing>() : leftIn(storage, prefix);
  for (const outgoing of moved.values()) {
    records.set(outgoing.key, outgoing);
    await write(database, { put: { box: prefix, key: outgoing.key, outgoing } });
    dropFrom(storage, prefix, outgoing.key);
  }

  function keepWithoutDatabase(outgoing: Outgoing): void {
    kind = keptIn(storage, prefix, outgoing) ? "storage" : "memory";
    worse();
  }

  return {
    kind: () => kind,
    found: inOrder([...records.values()]),
    keep(outgoing) {
      unconfirmed.set(outgoing.key, outgoing);
      write(database, { put: { box: prefix, key: outgoing.key, outgoing } }).then(
        () => unconfirmed.get(outgoing.key) === outgoing && unconfirmed.delete(outgoing.key),
        // Dropped meanwhile: it has arrived, and need not be kept.
        () => unconfirmed.get(outgoing.key) === outgoing && keepWithoutDatabase(outgoing),
      );
    },
    drop(key) {
      unconfirmed.delete(key);
      dropFrom(storage, prefix, key);
      // A record that stays is sent once more, under its key: harmless.
      write(database, { remove: [prefix, key] }).catch(() => {});
    },
    leave() {
      for (const outgoing of unconfirmed.values()) {
        keptIn(storage, prefix, outgoing);
      }
    },
    onWorse(listener) {
      worse = listener;
    },
  };
}

function takes(storage: SimpleStorage, prefix: string): boolean {
  try {
    storage.setItem(`${prefix}?`, "");
    storage.removeItem(`${prefix}?`);
    return true;
  } catch {
    return false;
  }
}

function keptIn(storage: SimpleStorage | null, prefix: string, outgoing: Outgoing): boolean {
  try {
    storage?.setItem(prefix + outgoing.key, JSON.stringify(outgoing));
    return storage !== null;
  } catch {
    return false;
  }
}

function dropFrom(storage: SimpleStorage | null, prefix: string, key: string): void {
  try {
    storage?.removeItem(prefix + key);
  } catch {
    // What cannot be written cannot be left over either.
  }
}

function leftIn(storage: SimpleStorage, prefix: string): Map<string, Outgoing> {
  const names = Array.from({ length: storage.length }, (_, place) => storage.key(place));
  const found = names
    .filter((name): name is string => name?.startsWith(prefix) ?? false)
    .flatMap((name) => {
      try {
        const outgoing = JSON.parse(storage.getItem(name) ?? "") as Outgoing;
        return [[outgoing.key, outgoing] as const];
      } catch {
        return [];
      }
    });
  return new Map(found);
}

function inOrder(line: readonly Outgoing[]): Outgoing[] {
  return line.toSorted((a, b) => a.place - b.place);
}
