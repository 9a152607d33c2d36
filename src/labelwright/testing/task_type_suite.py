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

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwright.domain.canonical import Json, canonical_json
from labelwright.errors import InvalidValue
from labelwright.tasks.protocol import Ballots, Posterior, Relabels, Shown, Task
from labelwright.tasks.tree import SEPARATOR
from labelwright.testing.answer_schemas import assert_fits, assert_strict

# Every task type's tests run the same inherited methods, each on an instance of its own: that is the point here.
inherited = settings(deadline=None, suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow])
fewer = settings(inherited, max_examples=30)


_WORDS = st.one_of(
    st.sampled_from(["label", "start", "end", "quote", "before", "x", "y", "width", "height", "spans", "head", "tail"]),
    st.text(max_size=5),
)
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, -1, 1, 2**63, 10**400, 0.5, 1e308, float("nan"), float("inf"), -0.0]),
    st.sampled_from(["\ud800", "\0", "x" * 9999]),
    st.integers(),
    st.floats(),
    _WORDS,
)
HOSTILE: st.SearchStrategy[object] = st.recursive(
    _LEAVES,
    lambda parts: st.one_of(st.lists(parts, max_size=4), st.dictionaries(_WORDS, parts, max_size=6)),
    max_leaves=12,
)
"""What JSON can say that nobody should: huge numbers, NaN, lone surrogates, wrong shapes under the right names."""


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
    shown: ClassVar[Shown] = Shown({"text": "Ada met Bo in Rome, and Ada left 🦊."})
    """What a model saw when it answered; the `values` are about it."""

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
    def test_its_labels_can_be_renamed_and_renamed_back(self, data: st.DataObject) -> None:
        """Where it has labels to rename (`tasks.protocol.Relabels`): one after the other, in each of its lists."""
        kind = self.task_type
        if not isinstance(kind, Relabels):
            return
        written = self.task.dump(self.draw(data))
        lists = kind.label_lists(self.settings)
        assert lists
        among = data.draw(st.sampled_from([name for name, one in lists.items() if one.names]))
        settings, value, back = dict(self.settings), written, list[tuple[str, str]]()
        for old in reversed(lists[among].names):
            new = old + "'"
            labels = kind.label_lists(settings)[among]
            assert old in labels.names
            settings = kind.with_labels(settings, among, labels.changed("rename", [old], [new]), {old: (new,)})
            said = kind.labels_in(value, among)
            value = kind.relabel(value, {old: new}, among)
            assert kind.labels_in(value, among) == {_renamed(label, old, new) for label in said}
            back.append((new, old))
        assert not kind.labels_in(value, among) & set(lists[among].names)
        other = self.task_type.bind(settings)
        assert canonical_json(other.dump(other.parse(value))) == canonical_json(value)
        for new, old in reversed(back):
            value = kind.relabel(value, {new: old}, among)
        assert canonical_json(value) == canonical_json(written)

    @inherited
    @given(data=st.data())
    def test_its_labels_can_be_merged_and_the_list_is_put_back(self, data: st.DataObject) -> None:
        """Where it has labels to merge: what was one of them is the one that they become, or nothing else is."""
        kind = self.task_type
        if not isinstance(kind, Relabels):
            return
        lists = {name: one for name, one in kind.label_lists(self.settings).items() if len(one.names) > 1}
        if not lists:
            return
        among = data.draw(st.sampled_from(sorted(lists)))
        labels = lists[among]
        old = data.draw(st.lists(st.sampled_from(labels.names), min_size=2, max_size=2, unique=True))
        into = data.draw(st.sampled_from([*old, "all of them"]))
        try:
            merged = labels.changed("merge", old, [into])
            settings = kind.with_labels(self.settings, among, merged, {**dict.fromkeys(old, (into,)), into: (into,)})
            self.task_type.bind(settings)
        except InvalidValue:
            return
        value = kind.relabel(self.task.dump(self.draw(data)), dict.fromkeys(old, into), among)
        assert not kind.labels_in(value, among) & (set(old) - {into})
        after = kind.label_lists(settings)[among]
        assert after.restored("merge", old, [into], labels.written) == list(labels.written)

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
        assert self.task.compose(shares(ballots), ballots) == value

    @inherited
    @given(data=st.data())
    def test_two_against_one_win(self, data: st.DataObject) -> None:
        value, other = self.draw(data), self.draw(data)
        ballots = self.task.decompose([other, value, value])
        assert self.task.compose(shares(ballots), ballots) == value

    @inherited
    @given(data=st.data())
    def test_the_order_of_annotators_does_not_matter(self, data: st.DataObject) -> None:
        values = [self.draw(data) for _ in range(3)]
        ballots, turned = self.task.decompose(values), self.task.decompose(values[::-1])
        assert self.task.compose(shares(turned), turned) == self.task.compose(shares(ballots), ballots)

    @fewer
    @given(data=st.data())
    def test_whatever_the_votes_what_is_put_together_is_a_value(self, data: st.DataObject) -> None:
        ballots = self.task.decompose([self.draw(data) for _ in range(data.draw(st.integers(1, 4)))])
        chance = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
        posterior: list[Posterior] = [chance.dirichlet(np.ones(ballots.n_options)) for _ in range(ballots.n_units)]
        value = self.task.compose(posterior, ballots)
        written = self.task.dump(value)
        assert self.task.parse(written) == value
        assert canonical_json(written)

    @inherited
    @given(data=st.data())
    def test_a_tie_goes_to_the_first_option(self, data: st.DataObject) -> None:
        ballots = self.task.decompose([self.draw(data)])
        even: list[Posterior] = [np.full(ballots.n_options, 1 / ballots.n_options) for _ in range(ballots.n_units)]
        first: list[Posterior] = [np.eye(ballots.n_options)[0] for _ in range(ballots.n_units)]
        assert self.task.compose(even, ballots) == self.task.compose(first, ballots)

    # ---------------------------------------------------------------- for models

    @inherited
    @given(data=st.data())
    def test_an_answer_written_for_a_model_is_read_as_the_value_again(self, data: st.DataObject) -> None:
        value = self.draw(data)
        written = self.task.write_answer(value, self.shown)
        assert canonical_json(written)
        assert self.task.read_answer(json.loads(canonical_json(written)), self.shown) == value
        assert_fits(json.loads(canonical_json(written)), self.task.answer_schema())

    @inherited
    @given(raw=HOSTILE)
    def test_M4_a_hostile_answer_is_read_whole_or_refused_with_a_reason(self, raw: object) -> None:
        for value in (_read_or_refused(lambda: self.task.parse(raw)), self._answered(raw)):
            if isinstance(value, InvalidValue):
                assert value.problem
                assert str(value).encode()
            else:
                assert self.task.parse(self.task.dump(value)) == value
                assert canonical_json(self.task.dump(value))

    def _answered(self, raw: object) -> object:
        return _read_or_refused(lambda: self.task.read_answer(raw, self.shown))

    def test_its_answer_schema_stays_in_the_strict_subset(self) -> None:
        """OpenAI's strict mode: closed objects, every key required, no lengths and no limits."""
        assert_strict(self.task.answer_schema())

    def test_the_tolerance_is_a_distance_and_exact_unless_it_is_set(self) -> None:
        assert 0.0 <= self.task.tolerance < 1.0

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


def _renamed(label: str, old: str, new: str) -> str:
    """Rename a label, or a path that leads through it."""
    return new + label[len(old) :] if label == old or label.startswith(old + SEPARATOR) else label


def _read_or_refused(read: Callable[[], object]) -> object:
    try:
        return read()
    except InvalidValue as refused:
        return refused


def shares(ballots: Ballots) -> list[Posterior]:
    """Give each unit's share of votes per option: the plainest posterior there is."""
    votes = np.zeros((ballots.n_units, ballots.n_options))
    np.add.at(votes, (np.array(ballots.unit, dtype=int), np.array(ballots.option, dtype=int)), 1)
    return [row / row.sum() for row in votes]
