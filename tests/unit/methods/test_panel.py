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


def test_the_draws_lie_around_maxima_a_posteriori_and_each_scale_has_as_many_as_its_evidence_is_worth() -> None:
    signals, gold = jury(60, seed=1)
    rows = np.arange(60)
    panel = fit_panel(signals, rows, gold, rng=np.random.default_rng(0)).panel
    layout = layout_of(signals, rows, gold)
    design, (mean, precision) = design_of(signals, layout), layout.prior
    by_option = np.array([kind in ("share option", "vote option") for kind in layout.kinds])
    maxima, evidence = [], []
    for scale in (0.25, 1.0, 4.0):
        tight = np.append(precision * np.where(by_option, scale, 1.0), 1.0)

        def loss(free: np.ndarray, tight: np.ndarray = tight) -> float:
            away, factor = free[:-1], free[-1]
            score = design @ (away + factor * mean)
            surprise = special.logsumexp(score, axis=1) - score[rows, gold]
            return float(surprise.sum() + 0.5 * np.sum(tight * np.append(away, factor - 1) ** 2))

        def slope(free: np.ndarray, tight: np.ndarray = tight) -> np.ndarray:
            whole = np.concatenate([design, (design @ mean)[:, :, None]], axis=2)
            p = special.softmax(whole @ free, axis=1)
            expected = np.einsum("nk,nkp->p", p, whole) - whole[rows, gold].sum(axis=0)
            return expected + tight * (free - np.append(np.zeros(len(mean)), 1.0))

        start = np.append(np.zeros(len(mean)), 1.0)
        found = optimize.minimize(loss, start, jac=slope, method="BFGS", options={"gtol": 1e-7}).x
        step = 1e-4 * np.eye(len(found))
        curvature = np.array([(slope(found + at) - slope(found - at)) / 2e-4 for at in step])
        evidence.append(0.5 * np.log(tight).sum() - 0.5 * np.linalg.slogdet(curvature)[1] - loss(found))
        maxima.append(found[:-1] + found[-1] * mean)
    share = special.softmax(evidence)
    pairs = np.floor(20 * share)
    pairs[np.argsort(pairs - 20 * share)[: int(20 - pairs.sum())]] += 1
    assert len(panel.weights) == 40
    assert panel.weights.mean(axis=0) == pytest.approx(pairs / 20 @ np.array(maxima), abs=2e-3)


def test_the_draws_draw_together_as_labels_come() -> None:
    signals, gold = jury(900, seed=11, n_options=2, n_voters=2)

    def spread(n: int) -> np.ndarray:
        panel = fit_panel(signals, np.arange(n), gold[:n], rng=np.random.default_rng(0)).panel
        return panel.weights.std(axis=0)

    few, many = spread(40), spread(800)
    kinds = np.array(layout_of(signals, np.arange(800), gold[:800]).kinds)
    assert many[kinds == "confidence"].max() < 0.5 * few[: len(kinds)][kinds == "confidence"].max()


def test_what_few_labels_leave_open_makes_no_option_sure() -> None:
    """The mean over draws lies nearer to evens than one best guess of the weights does, the more so with few labels."""
    signals, gold = jury(1_200, seed=12, n_options=2)

    def too_sure(n: int) -> float:
        panel = fit_panel(signals, np.arange(n), gold[:n], rng=np.random.default_rng(0)).panel
        guess = Panel(panel.layout, panel.weights.mean(axis=0)[None], n)
        averaged = Panel(panel.layout, panel.weights, n)
        rest = signals.rows(np.arange(800, 1_200))
        return float((guess.posterior(rest).max(axis=1) - averaged.posterior(rest).max(axis=1)).mean())

    assert too_sure(20) > too_sure(800) > 0


def test_which_option_a_models_vote_means_is_learnt() -> None:
    rng = np.random.default_rng(8)
    gold = rng.integers(0, 3, 1_000)
    swapped = np.array([0, 2, 1])[gold]  # it takes the second for the third, and the third for the second
    votes = np.where(rng.random((1_000, 3)) < 0.8, swapped[:, None], rng.integers(0, 3, (1_000, 3)))
    signals = PanelSignals(votes, 3)
    panel = fit_panel(signals, np.arange(150), gold[:150], rng=rng).panel
    found = panel.posterior(signals)[150:].argmax(axis=1)
    assert (found == gold[150:]).mean() > 0.85
    assert (votes[150:, 0] == gold[150:]).mean() < 0.5


def test_the_confidence_of_every_model_is_heard() -> None:
    rng = np.random.default_rng(9)
    gold = rng.integers(0, 2, 1_500)
    sure = rng.random((1_500, 3))
    votes = np.where(rng.random((1_500, 3)) < 0.5 + 0.5 * sure, gold[:, None], 1 - gold[:, None])
    rows = np.arange(200)

    def right(confidence: np.ndarray) -> float:
        signals = PanelSignals(votes, 2, {"verbalised": confidence})
        panel = fit_panel(signals, rows, gold[rows], rng=np.random.default_rng(0)).panel
        return float((panel.posterior(signals)[200:].argmax(axis=1) == gold[200:]).mean())

    assert right(sure) > right(sure[:, 0]) + 0.02  # the others', beside the first model's alone


def test_an_opinion_about_the_same_items_can_be_added_and_a_model_put_first() -> None:
    signals, _ = jury(40, seed=10)
    opinion = np.full((40, 3), 1 / 3)
    more = signals.and_opinions({"taught": opinion}).led_by(2)
    assert list(more.opinions) == ["taught"]
    assert np.array_equal(np.asarray(more.votes)[:, 0], np.asarray(signals.votes)[:, 2])
    assert np.array_equal(more.confidence("verbalised")[:, 1], np.asarray(signals.confidences["verbalised"]))
    assert np.isnan(more.confidence("verbalised")[:, 0]).all()


def test_few_labels_move_the_weights_less_than_many() -> None:
    signals, gold = jury(900, seed=2)
    untaught = untaught_panel(signals).weights[0]

    def moved(n: int) -> float:
        fit = fit_panel(signals, np.arange(n), gold[:n], rng=np.random.default_rng(0))
        return float(np.abs(fit.panel.weights.mean(axis=0)[: len(untaught)] - untaught).max())

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
    before = {**untaught_panel(whole).to_json(), "version": 1}
    for later in ("others", "seen", "by_share", "top"):
        del before[later]
    before["weights"] = before["weights"][0]
    assert np.array_equal(Panel.from_json(before).posterior(whole), untaught_panel(whole).posterior(whole))
    with pytest.raises(InvalidValue, match="no panel of version 1 or 2"):
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
