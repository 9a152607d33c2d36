"""Look at the labels more than once without losing the promise."""

from collections.abc import Sequence

from labelwright.errors import InvalidValue


def look_deltas(n_looks: int, delta: float) -> tuple[float, ...]:
    """Split δ over looks declared beforehand: δ alone for one look, δ/2, δ/4, … for several.

    The sum never exceeds δ, so that by the union bound the promise holds whichever look certifies first, and a further
    look may be added later.

    >>> look_deltas(1, 0.05), look_deltas(3, 0.08)
    ((0.05,), (0.04, 0.02, 0.01))
    """
    if n_looks < 1:
        raise InvalidValue("looks", f"at least one look is needed, got {n_looks}")
    return (delta,) if n_looks == 1 else tuple(delta / 2 ** (look + 1) for look in range(n_looks))


def look_number(sizes: Sequence[int], n_labels: int) -> int:
    """Give which declared look (0-based) `n_labels` labels reach; raises InvalidValue when they fit none."""
    for number, size in enumerate(sizes):
        if n_labels == size:
            return number
    stated = ", ".join(str(size) for size in sizes)
    raise InvalidValue("looks", f"{n_labels} labels are not one of the sizes fixed beforehand ({stated})")


def question_delta(delta: float, n_questions: int) -> float:
    """δ/Q for each of Q questions certified together (Bonferroni)."""
    if n_questions < 1:
        raise InvalidValue("questions", f"at least one question is needed, got {n_questions}")
    return delta / n_questions
