"""What every task type must do. A plug-in's tests subclass `TaskTypeSuite` and say what its values are.

```python
class TestStars(TaskTypeSuite):
    task_type = stars.TASK_TYPE
    settings = {"most": 5}
    values = st.integers(1, 5)
    refused = (0, 6, "five", None)
    refused_settings = ({"most": 0}, {})
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwright.domain.canonical import Json, canonical_json
from labelwright.errors import InvalidValue
from labelwright.tasks.protocol import Ballots, Posterior, Task

# Every task type's tests run the same inherited methods, each on an instance of its own: that is the point here.
inherited = settings(deadline=None, suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow])


class TaskTypeSuite:
    """The rules of `tasks.protocol`, tried on the values that `values` draws."""

    task_type: ClassVar[Any]
    """A `TaskType`. (Its tasks take values of their own type, which `Task[object]` cannot say.)"""
    settings: ClassVar[Mapping[str, Json]]
    values: ClassVar[st.SearchStrategy[Any]]
    """Raw JSON values that `parse` accepts."""
    refused: ClassVar[Sequence[object]]
    """Raw JSON values that `parse` refuses."""
    refused_settings: ClassVar[Sequence[Mapping[str, Json]]]

    @property
    def task(self) -> Task[Any]:
        """Give the task under trial."""
        return self.task_type.bind(self.settings)

    def draw(self, data: st.DataObject) -> Any:  # noqa: ANN401  a value of any task type
        """Draw a parsed value."""
        return self.task.parse(data.draw(self.values))

    # ---------------------------------------------------------------- names and settings

    def test_its_name_is_namespaced_and_its_alias_is_a_word(self) -> None:
        space, _, name = self.task_type.name.partition("/")
        assert space
        assert name
        assert self.task_type.alias
        assert self.task_type.alias == self.task_type.alias.lower().strip()
        assert "/" not in self.task_type.alias
        assert self.task.name == self.task_type.name

    def test_its_settings_are_described_and_nothing_else_is_let_in(self) -> None:
        schema = self.task_type.settings_schema()
        assert schema["type"] == "object"
        assert schema["additionalProperties"] is False
        assert canonical_json(schema)
        with pytest.raises(InvalidValue, match="nonsense"):
            self.task_type.bind({**self.settings, "nonsense": 1})

    def test_settings_that_cannot_be_are_refused(self) -> None:
        assert self.refused_settings
        for refused in self.refused_settings:
            with pytest.raises(InvalidValue):
                self.task_type.bind(refused)

    # ---------------------------------------------------------------- values

    @inherited
    @given(data=st.data())
    def test_a_value_is_read_written_and_read_again_the_same(self, data: st.DataObject) -> None:
        value = self.draw(data)
        written = self.task.dump(value)
        assert self.task.parse(written) == value
        assert canonical_json(self.task.dump(self.task.parse(written))) == canonical_json(written)

    def test_M4_what_is_not_a_value_is_refused_and_never_coerced(self) -> None:
        assert self.refused
        for raw in self.refused:
            with pytest.raises(InvalidValue) as caught:
                self.task.parse(raw)
            assert caught.value.problem

    @inherited
    @given(data=st.data())
    def test_distance_is_a_distance(self, data: st.DataObject) -> None:
        a, b = self.draw(data), self.draw(data)
        distance = self.task.distance(a, b)
        assert 0.0 <= distance <= 1.0
        assert distance == self.task.distance(b, a)
        same = canonical_json(self.task.dump(a)) == canonical_json(self.task.dump(b))
        assert (distance == 0.0) == same, "0 if and only if they are the same label"

    # ---------------------------------------------------------------- unpicking and putting together

    @inherited
    @given(data=st.data())
    def test_ballots_are_in_range_and_say_who_voted(self, data: st.DataObject) -> None:
        values = [self.draw(data) for _ in range(data.draw(st.integers(0, 4)))]
        ballots = self.task.decompose(values)
        assert len(ballots.unit) == len(ballots.annotator) == len(ballots.option)
        assert ballots.n_options >= 1
        assert all(0 <= unit < ballots.n_units for unit in ballots.unit)
        assert all(0 <= option < ballots.n_options for option in ballots.option)
        assert all(0 <= voter < len(values) for voter in ballots.annotator)
        votes = set(zip(ballots.unit, ballots.annotator, strict=True))
        assert len(votes) == len(ballots.unit), "one vote per annotator and unit"

    @inherited
    @given(data=st.data())
    def test_what_all_agree_on_is_put_together_again(self, data: st.DataObject) -> None:
        value = self.draw(data)
        ballots = self.task.decompose([value] * data.draw(st.integers(1, 3)))
        assert self.task.compose(shares(ballots)) == value

    @inherited
    @given(data=st.data())
    def test_two_against_one_win(self, data: st.DataObject) -> None:
        value, other = self.draw(data), self.draw(data)
        assert self.task.compose(shares(self.task.decompose([other, value, value]))) == value

    @inherited
    @given(data=st.data())
    def test_the_order_of_annotators_does_not_matter(self, data: st.DataObject) -> None:
        values = [self.draw(data) for _ in range(3)]
        once = self.task.compose(shares(self.task.decompose(values)))
        assert self.task.compose(shares(self.task.decompose(values[::-1]))) == once

    @inherited
    @given(data=st.data())
    def test_a_tie_goes_to_the_first_option(self, data: st.DataObject) -> None:
        ballots = self.task.decompose([self.draw(data)])
        even: list[Posterior] = [np.full(ballots.n_options, 1 / ballots.n_options) for _ in range(ballots.n_units)]
        first: list[Posterior] = [np.eye(ballots.n_options)[0] for _ in range(ballots.n_units)]
        assert self.task.compose(even) == self.task.compose(first)

    # ---------------------------------------------------------------- for models

    def test_its_answer_has_a_schema_and_words(self) -> None:
        schema = self.task.answer_schema()
        assert "type" in schema
        assert canonical_json(schema)
        assert self.task.describe().strip()

    def test_labels_that_are_spelled_in_an_answer_are_values(self) -> None:
        spelled = self.task.logprob_labels()
        for label, text in (spelled or {}).items():
            assert text
            assert self.task.dump(self.task.parse(label)) == label


def shares(ballots: Ballots) -> list[Posterior]:
    """Give each unit's share of votes per option: the plainest posterior there is."""
    votes = np.zeros((ballots.n_units, ballots.n_options))
    np.add.at(votes, (np.array(ballots.unit, dtype=int), np.array(ballots.option, dtype=int)), 1)
    return [row / row.sum() for row in votes]
