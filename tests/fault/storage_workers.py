"""Processes for the storage's fault tests: `python storage_workers.py PATH`.

Reads commands, one a line, and forks a child for each (so that imports are paid once):
`write ROUND` answers items of that round for ever and prints `ack ID` after each acknowledged answer;
`claim NAME` claims and fills slots until there are none and prints `took ENTRY ITEM` after each.
Each child prints `pid N` first; `gone N` is printed when it has ended, `failed N` when it has failed.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

from labelwright.adapters.storage import open_storage
from labelwright.domain.ids import AnnotatorId
from labelwright.domain.queue import Lease
from labelwright.ports.storage import Storage, Transaction
from labelwright.testing.storage_build import PROJECT, PROVENANCE, answer

IN_FLIGHT = 6


def tell(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def write(storage: Storage, in_round: int) -> None:
    number, waiting = 0, []
    while True:
        number += 1

        def work(transaction: Transaction, n: int = number) -> str:
            id = f"{in_round}-{n}"
            name = "ann" if n % 2 else "bob"
            item = (n - 1) % 400 // 2 + 1
            transaction.append([answer(transaction, item, name, id=id, in_round=1000 * in_round + n)], PROVENANCE)
            return id

        waiting.append(storage.submit(work))
        if len(waiting) == IN_FLIGHT:
            tell(f"ack {waiting.pop(0).result()}")


def claim(storage: Storage, name: str) -> None:
    who = AnnotatorId(f"id-{name}")
    while leases := storage.write(lambda t: t.claim(PROJECT, who, now=1000.0, lease_seconds=600.0)):

        def work(transaction: Transaction, lease: Lease = leases[0]) -> bool:
            id = f"{name}-{lease.entry}"
            transaction.append([answer(transaction, lease.item, name, id=id)], PROVENANCE)
            return transaction.finish_entry(lease.entry, lease.fence, who, f"of-{id}")

        if storage.write(work):
            tell(f"took {leases[0].entry} {leases[0].item}")


def main(path: Path) -> None:
    for line in sys.stdin:
        verb, argument = line.split()
        if verb == "wait":
            os.wait()
            continue
        child = os.fork()
        if child == 0:
            tell(f"pid {os.getpid()}")
            try:
                storage = open_storage(path)
                if verb == "write":
                    write(storage, int(argument))
                else:
                    claim(storage, argument)
                storage.close()
            except BaseException:  # noqa: BLE001  the test hears of it, whatever it is
                traceback.print_exc()
                tell(f"failed {os.getpid()}")
                os._exit(1)
            tell(f"gone {os.getpid()}")
            os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
