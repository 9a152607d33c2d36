/** The browser's database (IndexedDB), as far as the page needs it: one store of writes that wait. */

import type { Outgoing } from "../domain/outgoing";

/** box: whose they are, and for which project. */
export interface WaitingRecord {
  box: string;
  key: string;
  outgoing: Outgoing;
}

export type Change = { put: WaitingRecord } | { remove: [box: string, key: string] };

const NAME = "labelwright";
const STORE = "outgoing";
const VERSION = 1;
/** Some browsers never answer where they forbid it. */
const PATIENCE_MS = 3_000;

/** Rejects where the browser forbids it, or does not answer in time. */
export function openDatabase(factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(NAME, VERSION);
    const late = setTimeout(() => reject(new Error("the database does not open")), PATIENCE_MS);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: ["box", "key"] });
    };
    request.onerror = () => {
      clearTimeout(late);
      reject(request.error);
    };
    request.onsuccess = () => {
      clearTimeout(late);
      const database = request.result;
      // A later version of the page, in another tab, is not held up.
      database.onversionchange = () => database.close();
      resolve(database);
    };
  });
}

export function recordsOf(database: IDBDatabase, box: string): Promise<Outgoing[]> {
  return new Promise((resolve, reject) => {
    const all = IDBKeyRange.bound([box], [box, []]);
    const request = database.transaction(STORE).objectStore(STORE).getAll(all);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => resolve((request.result as WaitingRecord[]).map((one) => one.outgoing));
  });
}

/** Resolves when it is on disk. Changes are done in the order in which they were asked for. */
export function write(database: IDBDatabase, change: Change): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    const store = transaction.objectStore(STORE);
    if ("put" in change) {
      store.put(change.put);
    } else {
      store.delete(change.remove);
    }
    // Said at once, and not when the request has answered: a page that is closed by then is no loss.
    transaction.commit();
  });
}
