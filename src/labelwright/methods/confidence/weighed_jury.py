"""A jury of models: a panel led by the model that people agreed with most, whose likeliest option is the label."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.errors import InvalidValue
from labelwright.methods.confidence.panel import Panel, fit_panel
from labelwright.methods.confidence.panel_design import PanelSignals

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class WeighedJury:
    """leader: the column of the model that people agreed with most, with which the panel was fitted first."""

    leader: int
    panel: Panel

    def posterior(self, signals: PanelSignals) -> Floats:
        """(N, K) probability of each option; nan where no model gave a valid label."""
        return self.panel.posterior(signals.led_by(self.leader))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON: names, scaling and weights."""
        return {"kind": "weighed jury", "version": 1, "leader": self.leader, "panel": self.panel.to_json()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "WeighedJury":
        """Read what `to_json` wrote.  Raises: InvalidValue, when it is something else or of another version."""
        if stored.get("kind") != "weighed jury" or stored.get("version") != 1:
            raise InvalidValue(
                "",
                f"was fitted by another version: {stored.get('kind')!r}, {stored.get('version')!r}",
                "; learn again: labelwright combine --refit",
            )
        return cls(int(stored["leader"]), Panel.from_json(stored["panel"]))


@dataclass(frozen=True, eq=False, slots=True)
class WeighedJuryFit:
    """jury: fitted on all labels.  cross_fitted: (n, K) posteriors of the labelled items by folds without them."""

    jury: WeighedJury
    cross_fitted: Floats


def fit_weighed_jury(
    signals: PanelSignals, index: ArrayLike, truth: ArrayLike, *, rng: np.random.Generator, n_folds: int = 5
) -> WeighedJuryFit:
    """Fit a panel to people's labels of a random sample, whichever model comes first in the signals.

    Arguments as for `fit_panel`. For several yes/no units (multi-label), fit each unit.
    These labels must never be used to certify a threshold on the jury's confidence (A4P, 4).
    """
    labelled, true = np.asarray(index, dtype=np.int64), np.asarray(truth, dtype=np.int64)
    # No valid vote is not right.
    leader = int((np.asarray(signals.votes, dtype=np.int64)[labelled] == true[:, None]).sum(axis=0).argmax())
    fit = fit_panel(signals.led_by(leader), labelled, true, rng=rng, n_folds=n_folds)
    return WeighedJuryFit(WeighedJury(leader, fit.panel), fit.cross_fitted)
