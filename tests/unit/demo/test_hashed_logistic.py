"""The small student learns, is deterministic, and knows its limits."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from labelwright.adapters.students import hashed_logistic
from labelwright.adapters.students.hashed_logistic import HashedLogistic
from labelwright.errors import InvalidValue

TEXTS = [f"{word} number {n}" for n in range(20) for word in ("splendid", "awful", "middling")]
OPTION = np.array([[n % 3, n % 3 == 0] for n in range(60)], dtype=np.int64)


def test_probabilities_are_probabilities_and_the_words_are_learned() -> None:
    labelled = list(range(30))
    found = HashedLogistic().label(TEXTS, labelled=labelled, options_LU=OPTION[:30], n_options=3)
    assert found.shape == (60, 2, 3)
    assert found.sum(axis=2) == pytest.approx(np.ones((60, 2)))
    assert (found.argmax(axis=2) == OPTION).all()


def test_it_gives_the_same_answer_twice() -> None:
    once, again = (
        HashedLogistic().label(TEXTS, labelled=list(range(9)), options_LU=OPTION[:9], n_options=3) for _ in range(2)
    )
    assert (once == again).all()


def test_a_unit_of_which_one_option_was_seen_gets_it_everywhere() -> None:
    found = HashedLogistic().label(TEXTS, labelled=[0], options_LU=np.array([[2]]), n_options=3)
    assert (found[:, 0, 2] == 1).all()


def test_nothing_labelled_is_refused() -> None:
    with pytest.raises(InvalidValue, match="nothing is labelled"):
        HashedLogistic().label(TEXTS, labelled=[], options_LU=np.zeros((0, 1), dtype=np.int64), n_options=2)


def test_any_text_will_do() -> None:
    texts = ["", "a", "é" * 5, "\ud800 lone", "日本語のレビュー", "<b>&amp;</b>", "x" * 100_000]
    labelled = list(range(7))
    options = np.array([[n % 2] for n in labelled])
    found = HashedLogistic().label(texts, labelled=labelled, options_LU=options, n_options=2)
    assert np.isfinite(found).all()


def test_it_finds_the_optimum_that_scikit_learn_finds() -> None:
    features = hashed_logistic._features(TEXTS, 1 << 15)
    target = OPTION[:, 0]
    theirs = LogisticRegression(C=10.0, max_iter=1000, tol=1e-8).fit(features, target).predict_proba(features)
    mine = HashedLogistic(most_steps=1000).label(TEXTS, labelled=list(range(60)), options_LU=OPTION[:, :1], n_options=3)
    assert mine[:, 0] == pytest.approx(theirs, abs=2e-3)
