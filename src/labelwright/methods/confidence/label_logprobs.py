"""Probabilities of labels from the log-probabilities of answer tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special


@dataclass(frozen=True, eq=False, slots=True)
class LabelProbabilities:
    """What the answer tokens say about the labels.

    probability: (K,) summing to 1, nan when unknown.  off_label_mass: what went to tokens that are no label; above .1
    the answer format is in doubt.  censored: labels absent from the list, set to half of its smallest entry.
    """

    probability: NDArray[np.float64]
    off_label_mass: float
    censored: tuple[str, ...]


def label_probabilities(logprobs: Mapping[str, float] | None, labels: Sequence[str]) -> LabelProbabilities:
    """Restrict token log-probabilities to the labels and renormalise: p(c) = exp lp_c / Σ exp lp_c'.

    logprobs: natural logs by token; " A" and "A" are one label and are summed.  None or empty = unknown.
    """
    unknown = LabelProbabilities(np.full(len(labels), np.nan), float("nan"), ())
    if not logprobs:
        return unknown
    found: dict[str, list[float]] = {label: [] for label in labels}
    for token, value in logprobs.items():
        label = token if token in found else token.strip()
        if label in found:
            found[label].append(value)
    if not any(found.values()):
        return unknown
    floor = min(logprobs.values()) - log(2)
    log_p = np.array([special.logsumexp(values) if values else floor for values in found.values()])
    on_label = sum(float(np.exp(special.logsumexp(values))) for values in found.values() if values)
    missing = tuple(label for label, values in found.items() if not values)
    return LabelProbabilities(special.softmax(log_p), max(0.0, 1.0 - on_label), missing)


def sequence_probabilities(log_p_NK: ArrayLike, n_tokens_K: ArrayLike | None = None) -> NDArray[np.float64]:
    """(N, K) probabilities of labels of several tokens, from the summed log-probability of each label's own tokens.

    nan = censored (it was not among the listed): half of the row's smallest known entry stands for it; a row without
    any known entry is nan.  n_tokens_K: divide by each label's length first, since long labels are improbable by length
    alone.

    >>> sequence_probabilities([np.log([0.6, 0.2]).tolist() + [np.nan]]).round(3).tolist()
    [[0.667, 0.222, 0.111]]
    """
    log_p = np.atleast_2d(np.asarray(log_p_NK, dtype=np.float64))
    if n_tokens_K is not None:
        log_p = log_p / np.asarray(n_tokens_K, dtype=np.float64)
    is_known = ~np.isnan(log_p)
    floor = np.where(is_known, log_p, np.inf).min(axis=1, keepdims=True, initial=np.inf) - log(2)
    filled = np.where(is_known, log_p, floor)
    has_any = np.any(is_known, axis=1, keepdims=True)
    return np.where(has_any, special.softmax(np.where(has_any, filled, 0.0), axis=1), np.nan)
