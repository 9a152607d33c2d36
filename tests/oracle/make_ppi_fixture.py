"""Write fixtures/ppi_python.json with the authors' own package, run by hand in an environment of its own.

    python -m venv ppi && ppi/bin/pip install ppi-python
    ppi/bin/python tests/oracle/make_ppi_fixture.py

λ is always stated: without it version 0.2.3 calls itself and forgets `alternative`.  λ itself is also recorded.
"""

import importlib
import importlib.metadata
import json
from pathlib import Path
from typing import Any

FIXTURE = Path(__file__).parent / "fixtures" / "ppi_python.json"
# labels, other items, prevalence, noise of the prediction
CASES = [(50, 400, 0.3, 0.2), (200, 1_000, 0.02, 0.1), (120, 150, 0.5, 0.6), (80, 4_000, 0.9, 0.05), (30, 90, 0.2, 2.0)]


def draw(seed: int, case: tuple[int, int, float, float]) -> tuple[Any, Any]:
    """Labels and soft predictions of all items; the labelled come first."""
    import numpy as np

    n, others, prevalence, noise = case
    rng = np.random.default_rng(seed)
    label = (rng.random(n + others) < prevalence).astype(float)
    predicted = np.clip(label + noise * rng.standard_normal(n + others), 0, 1).round(4)
    return label, predicted


def main() -> None:
    """Write the fixture."""
    ppi = importlib.import_module("ppi_py")
    inner = importlib.import_module("ppi_py.ppi")
    cases: list[dict[str, Any]] = []
    for seed, case in enumerate(CASES):
        import numpy as np

        label, predicted = draw(seed, case)
        y, f, others = label[: case[0]], predicted[: case[0]], predicted[case[0] :]
        lambdas = {}
        for power in (0.0, 0.35, 1.0):
            value = float(np.squeeze(ppi.ppi_mean_pointestimate(y, f, others, lam=power)))
            low, high = (float(np.squeeze(end)) for end in ppi.ppi_mean_ci(y, f, others, alpha=0.1, lam=power))
            lambdas[str(power)] = {"value": value, "low": low, "high": high}
        tuned = inner._calc_lam_glm(y - y.mean(), f - y.mean(), others - y.mean(), np.eye(1), clip=True)
        cases.append(
            {"seed": seed, "label": y.astype(int).tolist(), "predicted": f.tolist(), "others": others.tolist()}
        )
        cases[-1] |= {"at": lambdas, "tuned": float(tuned)}
    stored = {
        "made_by": f"ppi-python {importlib.metadata.version('ppi-python')}, by make_ppi_fixture.py; 90% intervals",
        "cases": cases,
    }
    FIXTURE.write_text(json.dumps(stored) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
