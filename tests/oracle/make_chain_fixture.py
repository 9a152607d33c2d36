"""Write fixtures/chain_ensembles_0_1_0.json with the authors' own package, run by hand in an environment of its own.

The package wants torch, transformers and langchain for its links; its simulation needs pandas, scikit-learn and tqdm:

    python -m venv chain && chain/bin/pip install pandas scikit-learn tqdm
    chain/bin/pip install --no-deps chain-ensembles==0.1.0
    chain/bin/python tests/oracle/make_chain_fixture.py
"""

import importlib.util
import json
from pathlib import Path
from typing import Any

FIXTURE = Path(__file__).parent / "fixtures" / "chain_ensembles_0_1_0.json"
# items, links, decimals kept (None = no ties), share without confidence
CASES = [
    (30, 3, None, 0.0),
    (31, 3, None, 0.0),
    (40, 2, None, 0.0),
    (53, 4, None, 0.0),
    (60, 3, 1, 0.0),
    (45, 2, 1, 0.0),
    (64, 4, 1, 0.0),
    (50, 3, 2, 0.1),
    (47, 3, 1, 0.1),
    (24, 1, 1, 0.0),
]


def simulation() -> Any:  # noqa: ANN401 - the package has no types
    """Load the package's simulation alone; None where the package, or what it needs, is absent."""
    package = importlib.util.find_spec("chain_ensembles")
    needed = ("pandas", "sklearn", "tqdm")
    if package is None or any(importlib.util.find_spec(name) is None for name in needed):
        return None
    folder = (package.submodule_search_locations or [""])[0]
    spec = importlib.util.spec_from_file_location("chain_sim", Path(folder) / "chain_sim.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(package: Any, seed: int, case: tuple[int, int, int | None, float]) -> dict[str, Any]:  # noqa: ANN401
    """Run one case through the package."""
    import numpy as np
    import pandas as pd  # pyright: ignore[reportMissingImports]

    n, links, decimals, missing = case
    draw = np.random.default_rng(seed)
    confidence = draw.gamma(2, 2, (n, links))
    confidence = confidence if decimals is None else confidence.round(decimals)
    if decimals == 1:
        confidence = np.minimum(confidence, 4.0)
    gone = draw.random((n, links)) < missing
    gone[:, -1] = False  # the package loses items without confidence at the last link
    confidence = np.where(gone, np.nan, confidence)
    truth = draw.integers(0, 3, n)
    label = np.where(draw.random((n, links)) < 0.7, truth[:, None], draw.integers(0, 3, (n, links)))
    frames = [
        pd.DataFrame({"truth": truth, "conf_score": confidence[:, j], "pred_label": label[:, j]}) for j in range(links)
    ]
    final, about = package.chain_dataframes(frames, "truth")
    back = package.backward_pass(final, links).sort_index()
    thresholds = [about[f"link_{j}_threshold"] for j in range(links)]
    return {
        "seed": seed,
        "confidence": [[None if np.isnan(v) else float(v) for v in row] for row in confidence],
        "label": label.tolist(),
        "kept_by": back["link"].tolist(),
        "backward_source": back["backward_label_link_src"].tolist(),
        "backward_label": [int(v) for v in back["backward_label"]],
        "threshold": [None if np.isnan(t) else float(t) for t in thresholds],
    }


def main() -> None:
    """Write the fixture."""
    package = simulation()
    if package is None:
        raise SystemExit("chain-ensembles is not installed here; the top of this file says how")
    stored = {
        "made_by": "chain-ensembles 0.1.0, chain_sim.chain_dataframes and backward_pass, by make_chain_fixture.py",
        "cases": [run(package, seed, case) for seed, case in enumerate(CASES)],
    }
    FIXTURE.write_text(json.dumps(stored) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
