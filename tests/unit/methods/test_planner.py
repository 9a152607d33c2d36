import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.methods.routing import (
    critical_errors,
    default_calibration_size,
    power,
    size_for_errors,
    size_for_power,
    start_size,
    zero_error_size,
)

# Fewest accepted labels whose exact 95% upper bound stays at or under the target with 0, 1, 2, 3, 5 and 10 errors.
CLOPPER_PEARSON = {
    0.01: [299, 473, 628, 773, 1049, 1693],
    0.02: [149, 236, 313, 386, 523, 845],
    0.03: [99, 157, 208, 257, 348, 562],
    0.05: [59, 93, 124, 153, 208, 336],
    0.10: [29, 46, 61, 76, 103, 167],
}
# Accepted labels for 90% power when the true error is a quarter, a half, three quarters of the target.
POWER = {
    0.01: [913, 2550, 12131],
    0.02: [456, 1273, 6083],
    0.03: [303, 849, 4014],
    0.05: [181, 506, 2384],
    0.10: [89, 239, 1096],
    0.15: [59, 150, 699],
}


@pytest.mark.parametrize("target", CLOPPER_PEARSON)
def test_the_planner_gives_the_known_sizes_for_a_number_of_errors(target: float) -> None:
    assert [size_for_errors(k, target, 0.05) for k in (0, 1, 2, 3, 5, 10)] == CLOPPER_PEARSON[target]


@pytest.mark.parametrize("target", POWER)
def test_the_planner_gives_the_known_sizes_for_power(target: float) -> None:
    found = [size_for_power(true_error=share * target, target_error=target, delta=0.05) for share in (0.25, 0.5, 0.75)]
    # The known sizes were found on a grid; these are the very fewest, so at most 3.5% below.
    assert found == pytest.approx(POWER[target], rel=0.035)
    assert all(ours <= known for ours, known in zip(found, POWER[target], strict=True))


def test_the_start_is_three_times_the_zero_error_size() -> None:
    assert (start_size(0.05, 0.05), start_size(0.1, 0.05)) == (177, 87)


def test_a_small_pool_gives_a_third_and_a_large_one_three_hundred() -> None:
    assert [default_calibration_size(n) for n in (2, 265, 900, 1_000_000)] == [0, 88, 300, 300]


@given(st.integers(1, 2_000), st.sampled_from([0.01, 0.05, 0.1, 0.3]))
def test_the_critical_number_is_the_last_that_certifies(n: int, target: float) -> None:
    k = critical_errors(n, target, 0.05)
    assert (k >= 0) == (n >= zero_error_size(target, 0.05))
    if k >= 0:
        assert size_for_errors(k, target, 0.05) <= n < size_for_errors(k + 1, target, 0.05)


def test_power_rises_with_labels_and_falls_with_the_error() -> None:
    assert power(20, true_error=0.0, target_error=0.1, delta=0.05) == 0.0
    assert power(29, true_error=0.0, target_error=0.1, delta=0.05) == 1.0
    assert power(600, true_error=0.05, target_error=0.1, delta=0.05) > power(
        300, true_error=0.07, target_error=0.1, delta=0.05
    )


def test_no_size_exists_for_a_true_error_at_the_target() -> None:
    with pytest.raises(InvalidValue, match="must be below the target"):
        size_for_power(true_error=0.1, target_error=0.1, delta=0.05)
