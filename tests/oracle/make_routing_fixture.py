"""Write fixtures/routing.json with MAPIE's own risk control, run by hand in an environment of its own.

    python -m venv oracle && oracle/bin/pip install mapie==1.6.0 scikit-learn
    oracle/bin/python tests/oracle/make_routing_fixture.py

Each case is a labelled sample whose losses are known at every threshold, from the surest down: p-values by Hoeffding
and Bentkus, the fixed sequence over them, and conformal risk control's corrected risk.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

FIXTURE = Path(__file__).parent / "fixtures" / "routing.json"
TARGETS, DELTA = (0.05, 0.1, 0.2), 0.05


def case(seed: int, n: int, levels: int) -> dict[str, Any]:
    """Draw scores of few levels and graded losses, and have MAPIE judge every threshold."""
    from mapie.risk_control.fwer_control import control_fwer  # pyright: ignore[reportMissingImports]
    from mapie.risk_control.methods import (  # pyright: ignore[reportMissingImports]
        compute_hoeffding_bentkus_p_value,
        get_r_hat_plus,
    )

    draw = np.random.default_rng(seed)
    score = draw.integers(1, levels + 1, n)
    loss = np.where(draw.random(n) < 0.35 - 0.3 * score / levels, draw.random(n), 0.0).round(3)
    thresholds = np.sort(np.unique(score))[::-1]
    above = score[:, None] >= thresholds
    n_above = above.sum(axis=0)
    mean = (loss[:, None] * above).sum(axis=0) / n_above
    p_values = compute_hoeffding_bentkus_p_value(mean, n_above, np.array(TARGETS))
    # An item that is not accepted loses nothing: the risk that conformal control limits.
    _, corrected = get_r_hat_plus(loss[:, None] * above, thresholds, "crc", None, None, None)
    return {
        "score": score.tolist(),
        "loss": loss.tolist(),
        "thresholds": thresholds.tolist(),
        "targets": TARGETS,
        "hoeffding_bentkus": p_values.tolist(),
        "fixed_sequence": [control_fwer(p, DELTA, "fixed_sequence").tolist() for p in p_values.T],
        "conformal_risk": corrected.tolist(),
    }


def main() -> None:
    """Write the fixture."""
    stored = {
        "made_by": "MAPIE 1.6.0, by make_routing_fixture.py",
        "cases": [case(seed, n, levels) for seed, (n, levels) in enumerate([(300, 8), (700, 20), (150, 4)])],
    }
    FIXTURE.write_text(json.dumps(stored) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
