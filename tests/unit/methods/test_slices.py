"""Slices: what is found, what is not, and how the tests behave where nothing is to be found."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from labelwright.errors import InvalidValue
from labelwright.methods.slices import (
    Account,
    Bands,
    Basis,
    Field,
    Tagged,
    Words,
    basis_of,
    benjamini_hochberg,
    benjamini_yekutieli,
    confirmation,
    find_clusters,
    find_slices,
    fresh_answers_needed,
    language_of,
    script_of,
    slice_tests,
)
from labelwright.methods.slices.cells import find_cells
from labelwright.methods.slices.flips import fit_flips, residual_flips


def field(name: str, code: np.ndarray, *, handicap: float = 1.0) -> Field:
    return Field(name, code, tuple(f"v{value}" for value in range(int(code.max()) + 1)), handicap)


def test_the_test_of_one_slice_is_fishers() -> None:
    rng = np.random.default_rng(2)
    member = rng.random((6, 300)) < 0.3
    wrong = rng.random(300) < 0.2
    found = slice_tests(member, wrong, rng=rng, n_permutations=0)
    for row, p in zip(member, found.p, strict=True):
        table = [[(row & wrong).sum(), (row & ~wrong).sum()], [(~row & wrong).sum(), (~row & ~wrong).sum()]]
        assert p == pytest.approx(stats.fisher_exact(np.array(table), alternative="greater").pvalue)


def test_equal_weights_of_any_size_are_the_exact_test_and_weights_undo_oversampling() -> None:
    rng = np.random.default_rng(3)
    member, wrong = rng.random((3, 200)) < 0.3, rng.random(200) < 0.2
    plain = slice_tests(member, wrong, rng=np.random.default_rng(1), n_permutations=99)
    same = slice_tests(member, wrong, rng=np.random.default_rng(1), inclusion=np.full(200, 0.25), n_permutations=99)
    assert np.array_equal(plain.p, same.p)
    assert np.array_equal(plain.q, same.q)
    # 10 wrong of 50 with weight 4, 10 of 50 with weight 1: (40 + 10) / (200 + 50)
    member, wrong = np.zeros((1, 300), dtype=bool), np.zeros(300, dtype=bool)
    member[0, :100] = True
    wrong[:10] = wrong[50:70] = True
    inclusion = np.r_[np.full(50, 0.25), np.full(250, 1.0)]
    found = slice_tests(member, wrong, rng=rng, inclusion=inclusion, n_permutations=99)
    assert found.error[0] == pytest.approx((4 * 10 + 20) / (4 * 50 + 50))


def test_small_slices_and_those_hardly_worse_are_never_told() -> None:
    rng = np.random.default_rng(4)
    wrong = np.arange(400) % 5 == 0
    member = np.zeros((2, 400), dtype=bool)
    member[0, :19] = True
    member[1, :200] = True
    found = slice_tests(member, wrong, rng=rng)
    assert found.q.tolist() == [1.0, 1.0]
    with pytest.raises(InvalidValue, match="above 0 and up to 1"):
        slice_tests(member, wrong, rng=rng, inclusion=np.zeros(400))


@pytest.mark.parametrize("is_weighted", [False, True])
def test_where_nothing_is_to_be_found_something_is_found_no_more_often_than_promised(is_weighted: bool) -> None:
    """Slices overlap and repeat one another; q = .2, so that few draws tell."""
    any_found = 0
    repetitions = 40 if is_weighted else 120
    for seed in range(repetitions):
        rng = np.random.default_rng([5, seed])
        n = 300
        first = rng.integers(0, 6, n)
        fields = [
            field("a", first),
            field("b", np.where(rng.random(n) < 0.8, first // 2, rng.integers(0, 3, n))),
            field("c", rng.integers(0, 5, n)),
        ]
        inclusion = np.where(rng.random(n) < 0.5, 0.2, 0.6) if is_weighted else None
        wrong = rng.random(n) < 0.2
        any_found += bool(find_slices(fields, wrong, rng=rng, inclusion=inclusion, q=0.2, n_permutations=99).findings)
    # a fifth at most, and 2.6 standard errors of a binomial
    assert any_found <= repetitions * 0.2 + 2.6 * np.sqrt(repetitions * 0.2 * 0.8)
    assert any_found >= 1  # nor is it so careful that it would find nothing


def test_a_slice_is_told_once_and_what_it_explains_is_named_beside_it() -> None:
    rng = np.random.default_rng(6)
    n = 1_200
    source = rng.integers(0, 12, n)
    brand = np.where(rng.random(n) < 0.9, source // 2, rng.integers(0, 6, n))
    wrong = rng.random(n) < np.where(source == 3, 0.6, 0.08)
    found = find_slices([field("source", source), field("brand", brand)], wrong, rng=rng, n_permutations=299)
    assert [one.name for one in found.findings] == ["source = v3"]
    assert any("brand = v1" in name for name in found.findings[0].others)


def test_where_two_fields_meet_the_pair_is_told_and_not_its_parents() -> None:
    rng = np.random.default_rng(7)
    n = 2_000
    a, b = rng.integers(0, 3, n), rng.integers(0, 3, n)
    wrong = rng.random(n) < np.where((a == 1) & (b == 2), 0.5, 0.1)
    found = find_slices([field("a", a), field("b", b)], wrong, rng=rng, n_permutations=299)
    assert [one.name for one in found.findings] == ["a = v1 and b = v2"]


def test_a_single_confusion_shows_where_errors_as_a_whole_do_not() -> None:
    rng = np.random.default_rng(8)
    n = 3_000
    where = rng.integers(0, 4, n)
    said = rng.choice(["bug", "praise", "other"], n, p=[0.4, 0.4, 0.2])
    truth = said.copy()
    slip = rng.random(n)
    truth[(said == "bug") & (slip < 0.1)] = "other"
    here = where == 2  # where the praise is always right, and what is called a bug is praise instead
    truth[(said == "bug") & here & (slip > 0.88)] = "praise"
    truth[(said == "praise") & ~here & (slip < 0.12)] = "other"
    wrong = said != truth
    found = find_slices(
        [field("w", where)], wrong, rng=rng, said=said.tolist(), truth=truth.tolist(), n_permutations=599
    )
    cells = [(one.name, one.cell) for one in found.findings if one.is_of_cell]
    assert ("w = v2", ("bug", "praise")) in cells


def test_of_several_labels_the_one_that_is_missed_in_a_slice_is_told_and_the_one_given_wrongly() -> None:
    rng = np.random.default_rng(4)
    n = 1_500
    source = rng.integers(0, 5, n)
    truth = rng.random((n, 3)) < [0.5, 0.4, 0.3]
    said = truth.copy()
    said[(source == 1) & truth[:, 0] & (rng.random(n) < 0.6), 0] = False  # "price" is missed in what came by fax
    said[(source == 3) & ~truth[:, 2] & (rng.random(n) < 0.3), 2] = True  # "screen" is seen everywhere in letters
    said ^= rng.random((n, 3)) < 0.01
    wrong = (said != truth).any(axis=1)
    sources = Field("source", source, ("mail", "fax", "web", "letter", "phone"))
    tagged = Tagged(("price", "case", "screen"), said, truth, wrong)
    found = find_slices([sources], wrong, rng=rng, confusable=tagged, n_permutations=299).findings
    told = {(one.name, one.cell) for one in found}
    assert ("source = fax", ("", "price")) in told
    assert ("source = letter", ("screen", "")) in told
    assert {name for name, _ in told} == {"source = fax", "source = letter"}
    # By itself, too, where errors as a whole are everywhere alike.
    wrong[:] = rng.random(n) < 0.4
    cells, n_pairs = find_cells(
        [sources],
        [((0, code),) for code in range(5)],
        np.array([source == code for code in range(5)]),
        Tagged(("price", "case", "screen"), said, truth, wrong),
        q=0.1,
        rng=rng,
        n_permutations=1_999,
        min_support=20,
        min_ratio=1.5,
    )
    assert n_pairs > 0
    assert all(one.is_of_cell for one in cells)
    told = {(one.name, one.cell) for one in cells}
    assert told >= {("source = fax", ("", "price")), ("source = letter", ("screen", ""))}


def test_a_confusion_that_could_not_be_plainer_is_found_at_any_usual_rate_however_many_share_it() -> None:
    rng = np.random.default_rng(4)
    n, names = 1_200, [f"l{at}" for at in range(12)]
    said = rng.integers(0, 12, n)
    truth = np.where(rng.random(n) < 0.3, (said + 1) % 12, said)  # as often everywhere,
    fax = rng.random(n) < 0.4
    truth = np.where(said == 3, np.where(fax, 4, 3), truth)  # but for one, that is always so by fax and never else
    search = find_slices(
        [field("source", fax.astype(np.int64))],
        said != truth,
        rng=rng,
        said=[names[at] for at in said],
        truth=[names[at] for at in truth],
        q=0.02,
    )
    assert ("l3", "l4") in {one.cell for one in search.findings if one.is_of_cell}


TENTH = Basis(n=2_000, n_wrong=210, rest_n=1_940, rest_wrong=194, n_looked=300)
"""A tenth of the audited outside the slice is wrong."""


def test_a_finding_is_borne_out_refuted_or_left_open() -> None:
    assert confirmation(0, 0, TENTH).verdict is None
    assert confirmation(30, 12, TENTH).verdict is True
    assert confirmation(30, 12, TENTH, delta=0.05 / 10_000_000).verdict is None
    assert confirmation(120, 9, TENTH).verdict is False
    assert confirmation(19, 0, Basis(1_000, 300, 980, 294)).verdict is None  # too few to refute


def test_answers_that_are_missing_speak_against_either_verdict() -> None:
    assert confirmation(30, 9, TENTH).verdict is True
    assert confirmation(30, 9, TENTH, n_missing=30).verdict is None  # right, all thirty, for all anybody knows
    assert confirmation(120, 9, TENTH, n_missing=15).verdict is None  # wrong, all fifteen


def test_items_that_could_not_be_drawn_keep_a_finding_from_being_refuted() -> None:
    assert confirmation(120, 9, TENTH, left_out=0.02).verdict is False
    assert confirmation(120, 9, TENTH, left_out=0.1).verdict is None  # wrong, all of them, for all anybody knows
    assert confirmation(120, 0, TENTH, left_out=1.0).verdict is None


def test_fresh_answers_are_held_against_all_audited_ones_by_fishers_test() -> None:
    basis = Basis(n=300, n_wrong=30, rest_n=275, rest_wrong=21, n_looked=100)
    for n, n_wrong in ((40, 0), (40, 7), (40, 12), (25, 25)):
        expected = stats.hypergeom.sf(n_wrong - 1, 300 + n, 30 + n_wrong, n)
        assert confirmation(n, n_wrong, basis).p_worse == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("n_audited", "size", "error"), [(60, 20, 0.1), (120, 60, 0.1), (300, 25, 0.1), (500, 25, 0.05)]
)
def test_the_pick_of_many_slices_that_are_none_is_confirmed_no_more_often_than_its_level(
    n_audited: int, size: int, error: float
) -> None:
    """Outside the most striking slice the audit is kinder than the truth: fresh answers are not held against that."""
    rng, level = np.random.default_rng(7), 0.025
    total = rng.binomial(n_audited, error, 60_000)
    inside = rng.hypergeometric(total, n_audited - total, size)
    striking = np.flatnonzero(stats.hypergeom.sf(inside - 1, n_audited, total, size) < 0.005)[:250]
    told = by_the_rest_alone = 0
    for at in striking:
        rest = (total[at] - inside[at]) / (n_audited - size)
        basis = Basis(n_audited, int(total[at]), n_audited - size, int(total[at] - inside[at]), 200)
        n_wrong = int(rng.binomial(60, error))  # as wrong as everywhere
        told += confirmation(60, n_wrong, basis, delta=level).verdict is True
        by_the_rest_alone += bool(stats.binom.sf(n_wrong - 1, 60, rest) <= level and n_wrong / 60 >= 1.5 * rest)
    n = len(striking)
    assert n > 100
    assert told / n <= level + 3 * (level * (1 - level) / n) ** 0.5
    assert by_the_rest_alone / n > 2 * level  # what taking the rest at its word comes to


def test_as_many_fresh_answers_are_asked_for_as_settle_it_and_none_are_promised_to() -> None:
    rng = np.random.default_rng(3)
    for basis, error in ((TENTH, 0.3), (Basis(3_000, 500, 1_350, 90, 600), 0.25)):
        needed = fresh_answers_needed(error, basis, delta=0.025)
        assert needed is not None
        settled = [
            confirmation(needed, int(k), basis, delta=0.025).verdict is True for k in rng.binomial(needed, error, 1_000)
        ]
        assert np.mean(settled) == pytest.approx(0.82, abs=0.06)
    assert fresh_answers_needed(0.16, Basis(60, 5, 28, 0, 2)) is None


def test_what_fresh_answers_are_held_against_counts_weighed_answers_for_what_they_are_worth() -> None:
    inside, wrong = np.arange(100) < 20, np.arange(100) % 10 == 0
    assert basis_of(inside, wrong) == Basis(100, 10, 80, 8)
    even = basis_of(inside, wrong, inclusion=np.full(100, 0.3))
    assert (even.n, even.n_wrong, even.rest_n, even.rest_wrong) == pytest.approx((100, 10, 80, 8))
    uneven = basis_of(inside, wrong, inclusion=np.where(np.arange(100) % 2, 0.9, 0.1))
    assert uneven.n < 100
    assert uneven.n_wrong / uneven.n == pytest.approx(10 / 0.1 / (50 / 0.1 + 50 / 0.9))


@given(st.lists(st.integers(1, 6), max_size=200))
def test_however_many_confirmations_there_are_their_levels_add_up_to_no_more_than_the_project_has(
    runs: list[int],
) -> None:
    account, spent = Account(), 0.0
    for n_due in runs:
        level = account.level(n_due)
        assert 0 < level <= account.delta / 2
        spent += n_due * level
        account = account.after(n_due)
        assert account.spent == pytest.approx(spent)
    assert spent < account.delta


def test_confirming_again_and_again_confirms_nothing_false_more_often_than_promised() -> None:
    """A hundred findings that are none, tested one after the other, the same error inside as outside: any confirmed?"""
    rng, n_runs = np.random.default_rng(5), 400
    ever = alone = 0
    basis = Basis(3_000, 450, 2_900, 435, 300)

    @cache
    def is_confirmed(n_wrong: int, level: float) -> bool:
        return confirmation(60, n_wrong, basis, delta=level).verdict is True

    for _ in range(n_runs):
        account, told, plain = Account(), False, False
        for n_wrong in rng.binomial(60, 0.15, 100):
            told |= is_confirmed(int(n_wrong), account.level(1))
            plain |= is_confirmed(int(n_wrong), 0.05)
            account = account.after(1)
        ever, alone = ever + told, alone + plain
    assert ever / n_runs <= 0.05 + 3 * (0.05 * 0.95 / n_runs) ** 0.5
    assert alone / n_runs > 0.5  # what a full 5% each time comes to


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_yekutieli_is_never_kinder_than_hochberg_and_both_keep_the_order(p: list[float]) -> None:
    first, second = benjamini_hochberg(p), benjamini_yekutieli(p)
    assert np.all(second >= first)
    assert np.all(first >= np.array(p) - 1e-12)
    assert np.all(np.diff(first[np.argsort(p, kind="stable")]) >= -1e-12)
    assert np.allclose(first, stats.false_discovery_control(p, method="bh"))
    assert np.allclose(second, stats.false_discovery_control(p, method="by"))


def test_clusters_are_the_same_again_and_named_by_their_words() -> None:
    texts = [f"the parcel {n} came late" for n in range(60)] + [f"battery of camera {n} died" for n in range(60)]
    vectors = np.zeros((120, 4), dtype=np.float32)
    vectors[:60, 0] = vectors[60:, 1] = 1.0
    vectors += np.random.default_rng(1).normal(0, 0.05, vectors.shape).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = find_clusters(vectors, texts, 2, rng=np.random.default_rng(1))
    again = find_clusters(vectors, texts, 2, rng=np.random.default_rng(1))
    assert np.array_equal(found.centre, again.centre)
    assert found.names() == again.names()
    assert {frozenset(words) for words in found.words} == {
        frozenset({"parcel", "late", "came", "the"}),
        frozenset({"battery", "camera", "died"}),
    }
    assert found.assign(np.zeros((1, 4))).tolist() == [-1]  # nothing to read


def test_bands_keep_equal_numbers_together_and_words_their_order() -> None:
    bands = Bands.fitted("stars", [1, 1, 1, 1, 1, 2, 3, 4])
    assert bands.field([1, 4, np.nan]).code.tolist() == [0, len(bands.edges), -1]
    assert Bands.fitted("none", [np.nan]).field([3.0]).values == ("any",)
    words = Words.fitted("source", ["b", "a", "b", None])
    assert words.values == ("b", "a")
    assert words.field(["a", "new", None]).code.tolist() == [1, -1, -1]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("El paquete llegó tarde y no se lo que pasó con la caja", "Spanish"),
        ("Le colis est arrivé en retard et nous ne savons pas pourquoi", "French"),
        ("これは良い製品です", "Japanese"),
        ("مرحبا بكم", None),
        ("Screen XG-900 OK", None),
    ],
)
def test_a_language_is_told_or_left_open(text: str, language: str | None) -> None:
    assert language_of(text) == language
    assert script_of("…") is None


def test_what_is_left_keeps_its_bound() -> None:
    """Over draws, more than the target flips among what is left in no more than δ of them (and 3 standard errors)."""
    broken = bounded = 0
    repetitions = 200
    for seed in range(repetitions):
        rng = np.random.default_rng([9, seed])
        n = 1_300
        x = rng.standard_normal(n)
        flips = rng.random(n) < 1 / (1 + np.exp(-(2.5 * x - 3.5)))
        test = np.sort(rng.permutation(n)[:300])
        found = residual_flips(1 / (1 + np.exp(-(2 * x - 3))), test, flips[test], target=0.05)
        bounded += found.is_bounded
        broken += bool(found.is_bounded and flips[found.left].mean() > 0.05)
    assert bounded >= 0.6 * repetitions
    assert broken / repetitions <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / repetitions)


def test_who_flips_is_learnt() -> None:
    rng = np.random.default_rng(10)
    x = rng.standard_normal((400, 3))
    flips = rng.random(400) < 1 / (1 + np.exp(-(2.5 * x[:, 0] - 2)))
    model = fit_flips(x[:200], flips[:200], rng=rng)
    chance = model.predict(x[200:])
    assert np.corrcoef(chance, x[200:, 0])[0, 1] > 0.7
    assert chance.mean() == pytest.approx(flips[200:].mean(), abs=0.08)


def test_a_probe_without_flips_says_the_rate_alone() -> None:
    model = fit_flips(np.zeros((50, 2)), np.zeros(50, dtype=bool), rng=np.random.default_rng(1))
    assert model.predict(np.ones((3, 2))).tolist() == [0.5 / 51] * 3
    with pytest.raises(InvalidValue, match="no share between 0 and 1"):
        residual_flips(np.ones(9), [1], [False], target=1.5)
