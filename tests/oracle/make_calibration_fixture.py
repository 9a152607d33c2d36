"""Write fixtures/calibration.json with other people's packages, run by hand in an environment of its own.

    python -m venv oracle && oracle/bin/pip install scikit-learn betacal==1.1.0 venn-abers==1.5.4 mapie==1.6.0
    oracle/bin/pip install --no-deps netcal==1.4.0
    oracle/bin/python tests/oracle/make_calibration_fixture.py

netcal imports torch and others for methods that are not asked here: empty stand-ins let the rest load.  betacal's
logistic regression runs with a tighter stop, as its default one ends at the fourth digit.
"""

import importlib.machinery
import json
import sys
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np

FIXTURE = Path(__file__).parent / "fixtures" / "calibration.json"
# labels, decimals of the confidence (None = no ties)
CASES = [(450, None), (400, 1), (900, 2), (60, 1)]
MISSING = ("torch", "gpytorch", "pyro", "tikzplotlib", "matplotlib", "tensorboard", "tqdm", "tabulate")


class StandIns(MetaPathFinder, Loader):
    """Give an empty module for each package that is imported but not used."""

    def find_spec(self, name: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        """Find those that are missing."""
        return (
            importlib.machinery.ModuleSpec(name, self, is_package=True)
            if name.split(".", maxsplit=1)[0] in MISSING
            else None
        )

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Any:  # noqa: ANN401
        """Make one that has everything."""
        module = MagicMock(name=spec.name)
        module.__path__, module.__spec__, module.__name__, module.dtype = [], spec, spec.name, complex
        return module

    def exec_module(self, module: object) -> None:
        """Run nothing."""


def case(seed: int, n: int, decimals: int | None) -> dict[str, Any]:
    """Run one case through every package."""
    import betacal.beta_calibration as betacal  # pyright: ignore[reportMissingImports]
    from mapie.classification import SplitConformalClassifier  # pyright: ignore[reportMissingImports]
    from netcal.binning import HistogramBinning  # pyright: ignore[reportMissingImports]
    from netcal.metrics import ECE  # pyright: ignore[reportMissingImports]
    from sklearn.linear_model import LogisticRegression
    from venn_abers.venn_abers import VennAbers  # pyright: ignore[reportMissingImports]

    draw = np.random.default_rng(seed)
    p = draw.uniform(0.03, 0.97, n)
    p = p if decimals is None else np.clip(p.round(decimals), 0.05, 0.95)
    right = draw.random(n) < p**1.5
    asked = draw.uniform(0.02, 0.98, 40)
    asked = np.concatenate([asked, p[:20]])
    betacal.LogisticRegression = partial(LogisticRegression, tol=1e-12, max_iter=10_000)
    beta = betacal._BetaCal().fit(p, right.astype(int)).predict(asked)
    venn_abers = VennAbers()
    venn_abers.fit(np.column_stack([1 - p, p]), right.astype(int))
    merged, interval = venn_abers.predict_proba(np.column_stack([1 - asked, asked]))
    by_mass: dict[str, Any] = {}
    if decimals is None:  # edges that coincide stop it
        histogram = HistogramBinning(bins=9, equal_intervals=False).fit(p, right.astype(int))
        by_mass = {
            "netcal_histogram": histogram._bin_map.ravel().tolist(),
            "netcal_ece_mass": float(ECE(15, equal_intervals=False).measure(p, right.astype(int))),
        }
    sets = conformal_sets(SplitConformalClassifier, draw)
    return {
        "confidence": p.tolist(),
        "correct": right.tolist(),
        "asked": asked.tolist(),
        "betacal": beta.tolist(),
        "venn_abers_interval": np.asarray(interval).tolist(),
        "venn_abers": np.asarray(merged)[:, 1].tolist(),
        "netcal_ece_width": float(ECE(15).measure(p, right.astype(int))),
        **by_mass,
        **sets,
    }


def conformal_sets(split_conformal: Any, draw: np.random.Generator) -> dict[str, Any]:  # noqa: ANN401
    """Ask MAPIE for prediction sets over four options.

    Its adaptive scores take off a random share of the option's own mass.  Here the share is 1, as ours is without rng.
    """
    from mapie.conformity_scores.sets import aps  # pyright: ignore[reportMissingImports]
    from sklearn.base import BaseEstimator, ClassifierMixin

    class Given(ClassifierMixin, BaseEstimator):
        """A model whose probabilities are its features."""

        def fit(self, features: np.ndarray, truth: np.ndarray) -> "Given":
            self.classes_, self.fitted_ = np.arange(4), True
            return self

        def predict_proba(self, features: np.ndarray) -> np.ndarray:
            return features

        def predict(self, features: np.ndarray) -> np.ndarray:
            return features.argmax(axis=1)

    probability = draw.dirichlet(np.full(4, 0.4), 260)
    truth = np.array([draw.choice(4, p=row) for row in probability])
    found: dict[str, Any] = {}
    aps.check_random_state = lambda _: SimpleNamespace(uniform=lambda size: np.full(size, 1.0))
    for score in ("lac", "aps"):
        model = split_conformal(
            estimator=Given().fit(probability, truth), confidence_level=0.8, prefit=True, conformity_score=score
        )
        model.conformalize(probability[:200], truth[:200])
        more = {"include_last_label": True} if score == "aps" else {}
        _, included = model.predict_set(probability[200:], conformity_score_params=more)
        found[f"mapie_{score}"] = np.asarray(included)[:, :, 0].tolist()
    return {"probability": probability.tolist(), "truth": truth.tolist(), **found}


def main() -> None:
    """Write the fixture."""
    sys.meta_path.insert(0, StandIns())
    np.random.seed(0)  # noqa: NPY002 - netcal adds noise where bins' edges coincide
    stored = {
        "made_by": "betacal 1.1.0, venn-abers 1.5.4, netcal 1.4.0, MAPIE 1.6.0, by make_calibration_fixture.py",
        "cases": [case(seed, n, decimals) for seed, (n, decimals) in enumerate(CASES)],
    }
    FIXTURE.write_text(json.dumps(stored) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
