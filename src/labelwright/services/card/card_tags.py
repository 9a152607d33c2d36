"""Where items may have several labels: how often each is given wrongly, and how often it is missed."""

from __future__ import annotations

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.services.card.card_classes import Classes
from labelwright.services.card.card_evidence import CardEvidence
from labelwright.services.card.card_figures import Bools, TrueShares


def tag_errors(e: CardEvidence, classes: Classes, said: Bools) -> list[Json]:
    """Give, per label, the two ways to be wrong; each interval holds by itself.

    given_wrongly: of the items to which the model gave the label, the share to which it does not belong.  missed: of
    the others with an answer of the model, the share to which it does. null where too little was drawn to tell.
    said: (N, C) what the model says.
    """
    n = len(e.item)
    drawn, record = classes.spread(e.truth, n), classes.spread(e.record, n)
    answered = e.in_pool & e.has_label
    rows: list[Json] = []
    for code, label in enumerate(classes.labels):
        found: dict[str, Json] = {"label": label}
        for name, part in (("given_wrongly", answered & said[:, code]), ("missed", answered & ~said[:, code])):
            at = np.flatnonzero(part)
            shares = TrueShares(e, at, drawn[at], record[at])
            true = None if shares.says_nothing else shares.of(code)
            found[name] = None if true is None else _of_the_mistake(true, is_given=name == "given_wrongly")
            found[f"n_{'given' if name == 'given_wrongly' else 'not_given'}"] = len(at)
        rows.append(found)
    return rows


def _of_the_mistake(true: dict[str, Json], *, is_given: bool) -> dict[str, Json]:
    """Turn "it belongs" into "it is wrong", for items that were given the label."""
    if not is_given:
        return true
    share, low, high = (float(str(true[end])) for end in ("share", "low", "high"))
    return {"share": 1 - share, "low": 1 - high, "high": 1 - low}
