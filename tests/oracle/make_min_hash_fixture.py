"""Write fixtures/datasketch.json with datasketch itself, run by hand in an environment of its own.

    python -m venv sketch && sketch/bin/pip install datasketch
    sketch/bin/python tests/oracle/make_min_hash_fixture.py

Runs are given as the 32-bit numbers they are hashed to, so that the sketch alone is compared.
"""

import importlib
import importlib.metadata
import json
import random
from pathlib import Path
from typing import Any

FIXTURE = Path(__file__).parent / "fixtures" / "datasketch.json"
N_SETS = 60
N_PLACES = 128


def sets() -> list[list[int]]:
    """Sets of numbers, every second one a copy of the one before with some members changed; one set is empty."""
    rng = random.Random(3)
    found: list[list[int]] = []
    for number in range(N_SETS - 1):
        if number % 2 == 0:
            members = {rng.randrange(1 << 32) for _ in range(rng.choice([1, 5, 40, 200]))}
        else:
            before = found[-1]
            kept = rng.sample(before, max(1, round(len(before) * rng.choice([0.5, 0.85, 0.95, 1.0]))))
            members = set(kept) | {rng.randrange(1 << 32) for _ in range(rng.choice([0, 1, 4]))}
        found.append(sorted(members))
    return [*found, []]


def main() -> None:
    """Write the fixture."""
    datasketch = importlib.import_module("datasketch")
    members = sets()
    sketches: list[Any] = []
    for one in members:
        sketch = datasketch.MinHash(num_perm=N_PLACES, seed=1, hashfunc=int, scheme="affine32")
        sketch.update_batch(one)
        sketches.append(sketch)
    factor, offset = sketches[0].permutations
    lsh = datasketch.MinHashLSH(threshold=0.8, num_perm=N_PLACES, params=(21, 6))
    for number, sketch in enumerate(sketches[:-1]):
        lsh.insert(str(number), sketch)
    pairs = sorted(
        {
            (number, int(other))
            for number, s in enumerate(sketches[:-1])
            for other in lsh.query(s)
            if number < int(other)
        }
    )
    FIXTURE.write_text(
        json.dumps(
            {
                "made_by": f"datasketch {importlib.metadata.version('datasketch')}, scheme affine32",
                "factor": [int(value) for value in factor],
                "offset": [int(value) for value in offset],
                "sets": members,
                "sketches": [[int(value) for value in sketch.hashvalues] for sketch in sketches],
                "jaccard": [[a, b, sketches[a].jaccard(sketches[b])] for a, b in pairs],
            }
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
