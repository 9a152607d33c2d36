"""Say which of two is better, if they are not alike, by how much and in which respect if that is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.answer_schema import one_label, strict_object
from labelwright.tasks.label_list import (
    Label,
    describe_labels,
    json_text,
    label_list_schema,
    label_names,
    read_labels,
)
from labelwright.tasks.protocol import MAIN_LABELS, Ballots, Labels, Posterior, Shown
from labelwright.tasks.read_settings import check_known, list_of, object_of, read_text, shown
from labelwright.tasks.renaming import RENAME_ONLY, FlatLabels, labels_at

Side: TypeAlias = str
Value: TypeAlias = tuple[Side, str | None]
"""The side, and how strongly: None for a tie, and where strength is not asked."""
_BOTH = 2
_KEYS = ("choice", "strength")
_SIDES: list[Json] = ["A", "B"]
_TIE, _CRITERIA = "tie", "criteria"
_OF_A_SIDE = (MAIN_LABELS, _TIE)


@dataclass(frozen=True)
class PreferenceTask:
    """One unit: the first side, the tie, the second side, in this order; with strengths, a scale from end to end.

    labels: the two sides, and the tie as the third where it is allowed.  strengths: from slight to strong.
    A value is the side's label, or {choice, strength} where strengths are asked.
    """

    labels: tuple[Label, ...]
    strengths: tuple[str, ...] = ()
    tolerance: float = 0.0
    name: str = "labelwright/preference"

    @cached_property
    def scale(self) -> tuple[Value, ...]:
        """Give every value there is, from the first side's strongest to the second's."""
        first, second, *tie = (label.value for label in self.labels)
        middle: list[Value] = [(one, None) for one in tie]
        if not self.strengths:
            return ((first, None), *middle, (second, None))
        before = [(first, how) for how in reversed(self.strengths)]
        return (*before, *middle, *((second, how) for how in self.strengths))

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return label_names(self.labels)

    def parse(self, raw: object) -> Value:
        if not self.strengths:
            return self._side(raw, ""), None
        given = object_of(raw, _KEYS, "", "preference")
        side = self._side(given["choice"], ".choice")
        how = given["strength"]
        if (side, None) in self.scale:
            if how is not None:
                raise InvalidValue(".strength", f"{shown(how)} is given for {side!r}", "; it has no strength: null")
            return side, None
        if not isinstance(how, str) or how not in self.strengths:
            raise InvalidValue(".strength", f"{shown(how)} is no strength", did_you_mean(how, self.strengths))
        return side, how

    def _side(self, raw: object, path: str) -> Side:
        sides = [label.value for label in self.labels]
        if not isinstance(raw, str) or raw not in sides:
            raise InvalidValue(path, f"{shown(raw)} is not in the schema", did_you_mean(raw, sides))
        return raw

    def check_item(self, value: Value, content: Mapping[str, Json]) -> None:
        """Either side may win on any item."""

    def dump(self, value: Value) -> Json:
        side, how = value
        return {"choice": side, "strength": how} if self.strengths else side

    def answer_schema(self) -> dict[str, Json]:
        side = one_label(self.labels)
        if not self.strengths:
            return side
        how: dict[str, Json] = {"type": "string", "enum": list(self.strengths)}
        return strict_object({"choice": side, "strength": {"anyOf": [how, {"type": "null"}]}})

    def read_answer(self, raw: object, shown: Shown) -> Value:
        if isinstance(raw, str):
            return self.parse(self._names.get(raw, raw))
        if isinstance(raw, dict):
            given = cast("dict[str, object]", raw)
            side = given.get("choice")
            if isinstance(side, str):
                return self.parse({**given, "choice": self._names.get(side, side)})
        return self.parse(cast("object", raw))

    def write_answer(self, value: Value, shown: Shown) -> Json:
        return self.dump(value)

    def describe(self) -> str:
        told = "Say which is better:\n" + describe_labels(self.labels)
        if not self.strengths:
            return told
        tie = f"; null for {json_text(self.labels[_BOTH].value)}" if len(self.labels) > _BOTH else ""
        how = ", ".join(json_text(one) for one in self.strengths)
        return f'{told}\nThe answer is {{"choice", "strength"}}. "strength" says by how much: one of {how}{tie}.'

    def decompose(self, values: Sequence[Value]) -> Ballots:
        place = {value: at for at, value in enumerate(self.scale)}
        options = [place[value] for value in values]
        n = len(values)
        return Ballots([0] * n, list(range(n)), options, 1, len(self.scale), is_ordered=bool(self.strengths))

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> Value:
        """Give the likeliest side; with strengths the middle of the scale's weights."""
        weights = np.asarray(posterior[0], dtype=float)
        if not self.strengths or weights.max() - weights.min() < 1e-12:
            return self.scale[int(np.argmax(weights))]
        total = np.cumsum(weights)
        return self.scale[int(np.argmax(total >= total[-1] / 2 - 1e-12))]

    def distance(self, a: Value, b: Value) -> float:
        """Give the way between them as a share of the scale: 1 from one end to the other, less to a tie."""
        return abs(self.scale.index(a) - self.scale.index(b)) / (len(self.scale) - 1)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None if self.strengths else {label.value: label.value for label in self.labels}


@dataclass(frozen=True)
class CriteriaTask:
    """A preference for each of several criteria; a value is one per criterion, in their order.

    `distance` is the mean over the criteria. one: the preference that each of them is.
    """

    criteria: tuple[Label, ...]
    one: PreferenceTask
    tolerance: float = 0.0
    name: str = "labelwright/preference"

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(label.value for label in self.criteria)

    def parse(self, raw: object) -> tuple[Value, ...]:
        given = object_of(raw, self._names, "", "preference by criteria")
        return tuple(self._each(name, lambda name=name: self.one.parse(given[name])) for name in self._names)

    def _each(self, name: str, read: Callable[[], Value]) -> Value:
        try:
            return read()
        except InvalidValue as error:
            raise InvalidValue(f".{name}{error.path}", error.problem, error.hint) from None

    def check_item(self, value: tuple[Value, ...], content: Mapping[str, Json]) -> None:
        """Either side may win on any item."""

    def dump(self, value: tuple[Value, ...]) -> Json:
        return {name: self.one.dump(one) for name, one in zip(self._names, value, strict=True)}

    def answer_schema(self) -> dict[str, Json]:
        return strict_object({name: self.one.answer_schema() for name in self._names})

    def read_answer(self, raw: object, shown: Shown) -> tuple[Value, ...]:
        given = object_of(raw, self._names, "", "preference by criteria")
        return tuple(
            self._each(name, lambda name=name: self.one.read_answer(given[name], shown)) for name in self._names
        )

    def write_answer(self, value: tuple[Value, ...], shown: Shown) -> Json:
        return self.dump(value)

    def describe(self) -> str:
        return (
            f"{self.one.describe()}\nDo so for each of these criteria, each under its name:\n"
            f"{describe_labels(self.criteria)}"
        )

    def decompose(self, values: Sequence[tuple[Value, ...]]) -> Ballots:
        place = {value: at for at, value in enumerate(self.one.scale)}
        n = len(self.criteria)
        return Ballots(
            unit=[unit for _ in values for unit in range(n)],
            annotator=[voter for voter in range(len(values)) for _ in range(n)],
            option=[place[one] for value in values for one in value],
            n_units=n,
            n_options=len(self.one.scale),
            is_ordered=bool(self.one.strengths),
        )

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> tuple[Value, ...]:
        return tuple(self.one.compose([weights], ballots) for weights in posterior)

    def distance(self, a: tuple[Value, ...], b: tuple[Value, ...]) -> float:
        return sum(self.one.distance(x, y) for x, y in zip(a, b, strict=True)) / len(self.criteria)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


class Preference:
    """The task type."""

    name = "labelwright/preference"
    alias = "preference"

    def label_lists(self, settings: Mapping[str, Json]) -> Mapping[str, Labels]:
        """Sides, the tie and criteria have names only; strengths can be merged and split too."""
        sides = labels_at({MAIN_LABELS: _SIDES, **settings}, MAIN_LABELS, RENAME_ONLY)
        tie = settings.get(_TIE)
        more: dict[str, Labels] = {_TIE: FlatLabels(() if tie is None else (tie,), RENAME_ONLY)}
        more |= {"strengths": labels_at(settings, "strengths"), _CRITERIA: labels_at(settings, _CRITERIA, RENAME_ONLY)}
        return {MAIN_LABELS: sides, **{key: labels for key, labels in more.items() if labels.names}}

    def with_labels(
        self, settings: Mapping[str, Json], among: str, written: Sequence[Json], moved: Mapping[str, Sequence[str]]
    ) -> dict[str, Json]:
        return {**settings, among: written[0] if among == _TIE else list(written)}

    def relabel(self, value: Json, names: Mapping[str, str], among: str = MAIN_LABELS) -> Json:
        if not isinstance(value, Mapping):
            return names.get(value, value) if isinstance(value, str) and among in _OF_A_SIDE else value
        if among == _CRITERIA:
            return {names.get(criterion, criterion): one for criterion, one in value.items()}
        if set(value) != set(_KEYS):
            return {criterion: self.relabel(one, names, among) for criterion, one in value.items()}
        key = _KEYS[0] if among in _OF_A_SIDE else _KEYS[1]
        stated = value[key]
        return {**value, key: names.get(stated, stated) if isinstance(stated, str) else stated}

    def labels_in(self, value: Json, among: str = MAIN_LABELS) -> frozenset[str]:
        if not isinstance(value, Mapping):
            return frozenset({value} if isinstance(value, str) and among in _OF_A_SIDE else ())
        if among == _CRITERIA:
            return frozenset(value)
        if set(value) != set(_KEYS):
            return frozenset[str]().union(*(self.labels_in(one, among) for one in value.values()))
        stated = value[_KEYS[0] if among in _OF_A_SIDE else _KEYS[1]]
        return frozenset({stated} if isinstance(stated, str) else ())

    def bind(self, settings: Mapping[str, Json]) -> PreferenceTask | CriteriaTask:
        check_known(settings, ("labels", "tie", "strengths", "criteria"))
        stated = settings.get("labels", _SIDES)
        if isinstance(stated, Sequence) and not isinstance(stated, str) and len(stated) != _BOTH:
            raise InvalidValue(
                "labels", f"{len(stated)} labels are given", "; name the two sides, and the tie as `tie`"
            )
        tie = read_text(settings, "tie")
        sides = list(stated) if isinstance(stated, Sequence) and not isinstance(stated, str) else stated
        # The tie is read as a label beside the sides, so that it cannot have a name of theirs.
        both = [*sides, tie] if isinstance(sides, list) and tie is not None else sides
        labels = read_labels({"labels": both}, at_least=2)
        one = PreferenceTask(labels, _strengths(settings))
        if settings.get("criteria") is None:
            return one
        criteria = read_labels({"criteria": settings["criteria"]}, at_least=1, key="criteria")
        for place, label in enumerate(criteria):
            if label.value in _KEYS:
                raise InvalidValue(f"criteria[{place}]", f"{label.value!r} is kept for values", "; name it otherwise")
        return CriteriaTask(criteria, one)

    def settings_schema(self) -> dict[str, Json]:
        return {
            "type": "object",
            "properties": {
                "labels": {**label_list_schema(2), "maxItems": 2},
                "tie": {"type": "string"},
                "strengths": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 10},
                "criteria": label_list_schema(1),
            },
            "additionalProperties": False,
        }


def _strengths(settings: Mapping[str, Json]) -> tuple[str, ...]:
    raw = settings.get("strengths")
    if raw is None:
        return ()
    found = list_of(raw, "strengths", path="strengths", most=10)
    words = [one for one in found if isinstance(one, str) and one.strip()]
    if len(words) != len(found) or len(set(words)) != len(words) or len(words) < 2:
        hint = ", such as strengths: [slightly, clearly, much]"
        raise InvalidValue("strengths", f"{shown(raw)} is no list of two or more words from slight to strong", hint)
    return tuple(words)


TASK_TYPE = Preference()
