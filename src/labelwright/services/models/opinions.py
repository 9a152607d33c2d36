"""Second opinions on every item: of a student of the models and of similar items, and of a student of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.methods.acquisition.nearest_items import nearest_items
from labelwright.methods.acquisition.same_text import same_text
from labelwright.methods.confidence.unlabelled import folds_of_texts, nearby_options, plurality
from labelwright.ports.embedder import Vectors
from labelwright.ports.student import Options, Student

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

_FOLDS = 5
_MOST_TAUGHT = 2_000
_MOST_SEARCHED = 5_000
_NEIGHBOURS = 10
_ASKED = 50_000
_SEED = 11
FEWEST_TAUGHT = 2
"""Options that people's labels must show before a student can be taught by them."""
_DOUBT = 0.05
"""Weight of the options' plain shares in what the taught student says: it never rules an option out."""


def opinions(
    votes_NM: Ints, n_options: int, *, texts: Sequence[str], vectors: Vectors, student: Student
) -> Mapping[str, Floats]:
    """Give (N, K) probabilities of each option by name; nothing where half of the texts or more repeat others.

    student: taught what most models say of the other items, it says what it expects here: where it is surprised, the
    models depart from their own habit.  neighbours: what the models say of the ten most similar items.
    No person's label is seen, so that both may serve any certificate.
    Source: Northcutt, Jiang & Chuang (2021), JAIR 70, confident learning, for the first.
    """
    same = same_text(texts)
    if len(np.unique(same)) <= len(texts) // 2:
        return {}
    return {
        "student": _student(votes_NM, n_options, texts, same, student),
        "neighbours": _neighbours(votes_NM, n_options, vectors, same),
    }


def taught_opinion(
    texts: Sequence[str], labelled: Ints, truth: Ints, n_options: int, *, student: Student
) -> Mapping[str, Floats]:
    """Give (N, K) what a student whom people's labels taught expects by the words; nothing as for `opinions`.

    labelled, truth: (n,) positions that people labelled, and their options. Of a labelled item it says what it would
    without that item and its copies, so that a panel may be fitted to these labels beside it (stacked generalisation).
    Source: Wolpert (1992), Neural Networks 5.
    """
    same = same_text(texts)
    if len(np.unique(same)) <= len(texts) // 2 or len(np.unique(truth)) < FEWEST_TAUGHT:
        return {}
    fold = folds_of_texts(same[labelled], _FOLDS, rng=np.random.default_rng(_SEED))

    def lesson(taught: NDArray[np.bool_], asked: Sequence[str]) -> Floats:
        shown = [*(texts[int(at)] for at in labelled[taught]), *asked]
        learnt = cast("Options", truth[taught][:, None])
        said = student.label(shown, labelled=range(len(learnt)), options_LU=learnt, n_options=n_options)
        shares = (np.bincount(learnt[:, 0], minlength=n_options) + 0.5) / (len(learnt) + 0.5 * n_options)
        return (1 - _DOUBT) * said[len(learnt) :, 0] + _DOUBT * shares

    whole: NDArray[np.bool_] = np.ones(len(labelled), dtype=np.bool_)
    # A student takes the same lesson from the same labels, so that few texts at a time are held.
    found = np.concatenate([lesson(whole, texts[at : at + _ASKED]) for at in range(0, len(texts), _ASKED)])
    for number in range(_FOLDS):
        out = fold == number
        if np.any(out) and not np.all(out):
            found[labelled[out]] = lesson(~out, [texts[int(at)] for at in labelled[out]])
    return {"taught": found}


def _student(votes: Ints, n_options: int, texts: Sequence[str], same: Ints, student: Student) -> Floats:
    rng = np.random.default_rng(_SEED)
    fold = folds_of_texts(same, _FOLDS, rng=rng)
    said = plurality(votes, n_options)
    found = np.full((len(texts), n_options), 1 / n_options)
    for number in range(_FOLDS):
        inside, out = np.flatnonzero((fold != number) & (said >= 0)), np.flatnonzero(fold == number)
        if not len(inside) or not len(out):
            continue
        taught = np.sort(rng.permutation(inside)[:_MOST_TAUGHT])
        shown = [texts[int(at)] for at in np.concatenate([taught, out])]
        options = cast("Options", said[taught][:, None])
        found[out] = student.label(shown, labelled=range(len(taught)), options_LU=options, n_options=n_options)[
            len(taught) :, 0
        ]
    return found


def _neighbours(votes: Ints, n_options: int, vectors: Vectors, same: Ints) -> Floats:
    item: Ints = np.arange(len(votes), dtype=np.int64)
    searched = np.sort(np.random.default_rng(_SEED).permutation(item)[:_MOST_SEARCHED])
    found = nearest_items(
        vectors,
        vectors[searched],
        k=_NEIGHBOURS,
        query_item=item,
        pool_item=searched,
        query_text=same,
        pool_text=same[searched],
    )
    return nearby_options(votes[searched], n_options, found)
