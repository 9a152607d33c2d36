import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from labelwright.methods.routing import certify, draw_samples, oracle, rehearse


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.1, 0.2, 0.3]))
def test_a_rehearsal_decides_as_the_certificate_does(seed: int, target: float) -> None:
    rng = np.random.default_rng(seed)
    score = np.round(rng.random(400), int(rng.integers(0, 3)))
    score[rng.random(400) < 0.1] = np.nan
    wrong = rng.random(400) < 0.4 * (1 - np.nan_to_num(score))
    samples = draw_samples(400, 130, n_draws=8, rng=rng)
    together = rehearse(score, wrong, samples, target_error=target)
    for s, sample in enumerate(samples):
        alone = certify(score, sample, wrong[sample], target_error=target)
        assert together.is_certified[s] == alone.is_certified
        assert together.n_accepted[s] == alone.n_accepted
        assert together.n_accepted_wrong[s] == wrong[alone.accepted].sum()


def test_a_rehearsal_without_any_score_certifies_nothing() -> None:
    samples = draw_samples(50, 10, n_draws=3, rng=np.random.default_rng(1))
    assert not rehearse(np.full(50, np.nan), np.zeros(50, dtype=bool), samples, target_error=0.3).is_certified.any()


def test_the_oracle_takes_the_lowest_threshold_that_keeps_the_target() -> None:
    # from the top: 0/2, 1/4, 1/6 wrong: at most 20% holds at 2 and again at 6
    score = np.array([3, 3, 2, 2, 1, 1])
    wrong = np.array([0, 0, 1, 0, 0, 0], dtype=bool)
    assert oracle(score, wrong, target_error=0.2).coverage == 1.0
    assert oracle(score, wrong, target_error=0.1).coverage == 2 / 6
    assert oracle(score, ~wrong, target_error=0.1).threshold is None


def test_samples_hold_no_item_twice() -> None:
    samples = draw_samples(20, 20, n_draws=4, rng=np.random.default_rng(0))
    assert all(sorted(row.tolist()) == list(range(20)) for row in samples)
