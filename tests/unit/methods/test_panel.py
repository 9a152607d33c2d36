"""A panel: all models and signals weighed together, from few labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from labelwright.errors import InvalidValue
from labelwright.methods.acquisition.nearest_items import Nearest
from labelwright.methods.calibration import auroc
from labelwright.methods.confidence import (
    Panel,
    PanelSignals,
    fit_panel,
    folds_of_texts,
    nearby_options,
    plurality,
    read_posterior,
    untaught_panel,
)
from labelwright.methods.confidence.panel_design import design_of, layout_of


def jury(n: int, *, seed: int, n_options: int = 3, n_voters: int = 5) -> tuple[PanelSignals, np.ndarray]:
    """Models that share hard items and lures; the first is the best, and states a confidence that knows a little."""
    rng = np.random.default_rng(seed)
    gold, hard = rng.integers(0, n_options, n), rng.normal(size=(n, 1))
    skill = np.array([2.0, *np.linspace(1.2, 0.2, n_voters - 1)])
    right = rng.random((n, n_voters)) < special.expit(skill - 1.5 * hard)
    lure = (gold + rng.integers(1, n_options, n)) % n_options
    votes = np.where(right, gold[:, None], lure[:, None])
    sure = np.clip(0.8 - 0.1 * hard[:, 0] + 0.1 * rng.normal(size=n), 0.02, 0.98)
    return PanelSignals(votes, n_options, {"verbalised": sure}), gold


def test_weights_are_the_maximum_a_posteriori() -> None:
    signals, gold = jury(60, seed=1)
    rows = np.arange(60)
    panel = fit_panel(signals, rows, gold, rng=np.random.default_rng(0)).panel
    layout = layout_of(signals)
    design, (mean, precision) = design_of(signals, layout), layout.prior

    def loss(weights: np.ndarray) -> float:
        score = design @ weights
        surprise = special.logsumexp(score, axis=1) - score[rows, gold]
        return float(surprise.sum() + 0.5 * np.sum(precision * (weights - mean) ** 2))

    found = optimize.minimize(loss, mean, method="BFGS", options={"gtol": 1e-6})
    assert panel.weights == pytest.approx(found.x, abs=1e-3)
    assert loss(panel.weights) <= found.fun + 1e-6


def test_few_labels_move_the_weights_less_than_many() -> None:
    signals, gold = jury(900, seed=2)
    untaught = untaught_panel(signals).weights

    def moved(n: int) -> float:
        fit = fit_panel(signals, np.arange(n), gold[:n], rng=np.random.default_rng(0))
        return float(np.abs(fit.panel.weights - untaught).max())

    assert moved(10) < moved(100) < moved(800)


def test_untaught_it_already_ranks_and_a_hundred_labels_do_better_than_counting_votes() -> None:
    signals, gold = jury(1_500, seed=3)
    votes = np.asarray(signals.votes)
    right = votes[:, 0] == gold
    agreement = (votes[:, 1:] == votes[:, :1]).mean(axis=1)
    before = untaught_panel(signals).read(signals, keep_first=True)
    assert auroc(before.probability, right).low > 0.55
    taught = fit_panel(signals, np.arange(100), gold[:100], rng=np.random.default_rng(0)).panel
    after = taught.read(signals, keep_first=True)
    out = slice(100, None)
    assert auroc(after.probability[out], right[out]).value > auroc(agreement[out], right[out]).value


def test_the_first_models_label_stands_unless_another_is_twice_as_likely() -> None:
    posterior = np.array([[0.4, 0.6], [0.3, 0.7], [0.3, 0.7], [np.nan, np.nan]])
    read = read_posterior(posterior, [0, 0, -1, -1])
    assert read.label.tolist() == [0, 1, 1, -1]
    assert read.probability[:3].tolist() == [0.4, 0.7, 0.7]
    kept = read_posterior(posterior, [0, 0, -1, -1], keep_first=True)
    assert kept.label.tolist() == [0, 0, -1, -1]
    assert kept.probability[:2].tolist() == [0.4, 0.3]
    assert np.isnan(kept.probability[2:]).all()


def test_an_item_without_any_vote_is_unknown() -> None:
    signals, gold = jury(80, seed=4)
    votes = np.asarray(signals.votes).copy()
    votes[5] = -1
    some = PanelSignals(votes, 3, signals.confidences)
    panel = fit_panel(some, np.arange(10, 60), gold[10:60], rng=np.random.default_rng(0)).panel
    read = panel.read(some)
    assert read.label[5] == -1
    assert np.isnan(read.probability[5])


def test_it_is_stored_and_read_again_whole() -> None:
    signals, gold = jury(80, seed=5)
    opinion = np.full((80, 3), 1 / 3)
    whole = PanelSignals(signals.votes, 3, signals.confidences, {"student": opinion}, {"log_length": np.arange(80.0)})
    panel = fit_panel(whole, np.arange(50), gold[:50], rng=np.random.default_rng(0)).panel
    again = Panel.from_json(panel.to_json())
    assert np.array_equal(again.posterior(whole), panel.posterior(whole))
    with pytest.raises(InvalidValue, match="no panel of version 1"):
        Panel.from_json({"kind": "jury", "version": 2})


def test_equal_items_get_equal_scores_whatever_stands_around_them() -> None:
    signals, gold = jury(300, seed=6)
    panel = fit_panel(signals, np.arange(50), gold[:50], rng=np.random.default_rng(0)).panel
    alone = panel.read(signals.rows(np.array([7])))
    assert alone.probability[0] == panel.read(signals).probability[7]


def test_what_cannot_be_learnt_from_is_refused() -> None:
    signals, gold = jury(40, seed=7)
    rng = np.random.default_rng(0)
    with pytest.raises(InvalidValue, match="truth"):
        fit_panel(signals, np.arange(3), np.array([0, 1, 9]), rng=rng)
    with pytest.raises(InvalidValue, match="votes"):
        fit_panel(PanelSignals(np.full((4, 2), 5), 3), np.arange(4), np.zeros(4, dtype=np.int64), rng=rng)
    with pytest.raises(InvalidValue, match="divide percentages by 100"):
        fit_panel(PanelSignals(signals.votes, 3, {"verbalised": np.full(40, 90.0)}), np.arange(40), gold, rng=rng)


def test_the_plurality_and_the_neighbours_votes() -> None:
    votes = np.array([[0, 1, 1], [0, 1, -1], [-1, -1, -1]])
    assert plurality(votes, 2).tolist() == [1, 0, -1]  # of equals the first model's
    nearest = Nearest(np.array([[0, -1], [-1, -1]]), np.zeros((2, 2)))
    share = nearby_options(votes, 2, nearest)
    # The pool votes 1/3 + 1/2 : 2/3 + 1/2 = 5 : 7. The one neighbour votes 1/3 : 2/3, and two more like the pool.
    assert share[0] == pytest.approx([(1 / 3 + 10 / 12) / 3, (2 / 3 + 14 / 12) / 3], abs=1e-4)
    assert share[1] == pytest.approx([5 / 12, 7 / 12], abs=1e-4)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60))
def test_equal_texts_share_a_fold(numbers: list[int]) -> None:
    same = np.unique(numbers, return_inverse=True)[1]
    fold = folds_of_texts(same, 3, rng=np.random.default_rng(1))
    assert all(len(set(fold[same == text].tolist())) == 1 for text in np.unique(same))
