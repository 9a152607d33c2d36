"""Say whether a score could ever certify a target, or whether labelling more with it is money lost."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from labelwright.methods.calibration.metrics import Auroc, auroc
from labelwright.methods.routing.certify import Certification, threshold_grid
from labelwright.methods.routing.planner import NextStep, next_step


class Outlook(StrEnum):
    """What to expect of a score at one target."""

    CERTIFIED = "certified"
    MORE_LABELS = "more labels"
    NEVER = "not with this score"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outlook, the sentence to print, and the estimate behind it."""

    outlook: Outlook
    sentence: str
    ranking: Auroc
    step: NextStep | None


def verdict(
    certification: Certification,
    score: ArrayLike,
    calibrated_index: ArrayLike,
    wrong: ArrayLike,
    *,
    delta_of_all: float | None = None,
) -> Verdict:
    """Judge a certification: certified, worth more labels, or not with this score.

    "Not with this score" when on the calibration sample no threshold at all, not even one chosen with hindsight, leaves
    an error under the target that the pool is large enough to prove.  The ranking power explains why.

    delta_of_all: of all looks together, where this is one of several: the confidence that may be stated is theirs.
    """
    index = np.asarray(calibrated_index, dtype=np.int64)
    ranking = auroc(np.asarray(score, dtype=np.float64)[index], ~np.asarray(wrong, dtype=np.bool_))
    counts = certification.counts
    tested = threshold_grid(counts.n_pool)  # between them more labels would try nothing
    step = next_step(
        n_pool_at=counts.n_pool[tested],
        n_calibrated_at=counts.n_calibrated[tested],
        n_wrong_at=counts.n_wrong[tested],
        n_pool=certification.n_pool,
        n_calibration=certification.n_calibration,
        target_error=certification.target_error,
        delta=certification.delta,
        above=int(np.count_nonzero(tested <= certification.last_rejected)) - 1,
        open_pool=certification.is_open_pool,
    )
    if certification.is_certified:
        return Verdict(Outlook.CERTIFIED, _certified_sentence(certification, delta_of_all), ranking, step)
    if step is not None:
        more = (
            f"{certification.n_calibration} labels do not suffice: about {step.n_more_labels} more would probably "
            f"certify {step.expected_coverage:.0%} (an estimate)"
        )
        return Verdict(Outlook.MORE_LABELS, more, ranking, step)
    return Verdict(Outlook.NEVER, f"not with this score: {_why_never(ranking, certification)}", ranking, None)


def _certified_sentence(certification: Certification, delta_of_all: float | None) -> str:
    delta = certification.delta if delta_of_all is None else delta_of_all
    return (
        f"{certification.n_accepted} of {certification.n_pool - certification.n_calibration} unlabelled items "
        f"({certification.coverage:.0%}) may be accepted: at most {100 * certification.target_error:.6g}% "
        f"of them are wrong, at {100 * (1 - delta):.6g}% confidence"
    )


def _why_never(ranking: Auroc, certification: Certification) -> str:
    if np.isnan(ranking.value):
        counts = certification.counts
        if len(counts.threshold) and counts.n_calibrated[-1] and counts.n_wrong[-1] == counts.n_calibrated[-1]:
            return "every labelled item with a score is wrong"
        return certification.reason or "its ranking of errors cannot be measured"
    if len(certification.counts.threshold) == 1:
        return "all labels have the same score, so all are accepted or none; a score must tell sure from unsure"
    figure = f"AUROC {ranking.value:.2f}".replace("0.", ".", 1)
    if ranking.value < 0.6:
        return f"it ranks errors hardly better than chance ({figure})"
    if ranking.low <= 0.5:
        return f"on these labels its ranking of errors cannot be told from chance ({figure}, {ranking.n_wrong} wrong)"
    if ranking.value < 0.7:
        return f"it ranks errors only moderately ({figure}), and too many are wrong even where it is surest"
    return f"it ranks errors well ({figure}), yet proving so low an error would take more labels than it saves"
