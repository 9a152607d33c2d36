"""Choose any number of labels; none is an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.label_list import (
    Label,
    ManyLabels,
    check_display,
    describe_labels,
    label_names,
    labels_schema,
    read_labels,
)
from labelwright.tasks.protocol import Ballots, Posterior, Shown

_NO, _YES = 0, 1


@dataclass(frozen=True)
class MultilabelTask:
    """K units, each no or yes; a value is the set of labels, written in the schema's order.

    The certificate's loss is the exact set: `distance` is 0 or 1, so that a missing label is an error like any other.
    """

    labels: tuple[Label, ...]
    tolerance: float = 0.0
    name: str = "labelwright/multilabel"

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {label.value: i for i, label in enumerate(self.labels)})
        object.__setattr__(self, "_names", label_names(self.labels))

    @property
    def index(self) -> Mapping[str, int]:
        """Give label -> its place in the schema."""
        return self.__dict__["_index"]

    def parse(self, raw: object) -> tuple[str, ...]:
        if not isinstance(raw, list | tuple):
            raise InvalidValue("", f"{raw!r} is not a list of labels", "; a list is needed, [] for none")
        chosen: set[str] = set()
        for place, label in enumerate(cast("Sequence[object]", raw)):
            if not isinstance(label, str) or label not in self.index:
                raise InvalidValue(
                    f"[{place}]", f"label {label!r} is not in the schema", did_you_mean(label, self.index)
                )
            if label in chosen:
                raise InvalidValue(f"[{place}]", f"label {label!r} is there twice", "; remove one")
            chosen.add(label)
        return tuple(label.value for label in self.labels if label.value in chosen)

    def dump(self, value: tuple[str, ...]) -> Json:
        return list(value)

    def check_item(self, value: tuple[str, ...], content: Mapping[str, Json]) -> None:
        """Any label may be any item's."""

    def answer_schema(self) -> dict[str, Json]:
        return {"type": "array", "items": {"type": "string", "enum": [label.value for label in self.labels]}}

    def read_answer(self, raw: object, shown: Shown) -> tuple[str, ...]:
        if not isinstance(raw, list):
            return self.parse(raw)
        names: Mapping[str, str] = self.__dict__["_names"]
        stated = cast("list[object]", raw)
        return self.parse([names.get(one, one) if isinstance(one, str) else one for one in stated])

    def write_answer(self, value: tuple[str, ...], shown: Shown) -> Json:
        return self.dump(value)

    def describe(self) -> str:
        return "Choose every label that applies (an empty list when none does):\n" + describe_labels(self.labels)

    def decompose(self, values: Sequence[tuple[str, ...]]) -> Ballots:
        unit = [u for _ in values for u in range(len(self.labels))]
        annotator = [a for a in range(len(values)) for _ in self.labels]
        option = [_YES if label.value in value else _NO for value in values for label in self.labels]
        return Ballots(unit, annotator, option, len(self.labels), 2)

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots | None = None) -> tuple[str, ...]:
        pairs = zip(self.labels, posterior, strict=True)
        return tuple(label.value for label, p in pairs if float(p[_YES]) > float(p[_NO]))

    def distance(self, a: tuple[str, ...], b: tuple[str, ...]) -> float:
        return 0.0 if set(a) == set(b) else 1.0

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


DISPLAYS = ("list", "search", "cards")
"""How the page shows it. `cards`: one label at a time, to accept or reject. Absent: by the number of labels."""


class Multilabel(ManyLabels):
    """The task type."""

    name = "labelwright/multilabel"
    alias = "multilabel"

    def bind(self, settings: Mapping[str, Json]) -> MultilabelTask:
        check_display(settings, DISPLAYS)
        return MultilabelTask(read_labels(settings, at_least=1, others=("display",)))

    def settings_schema(self) -> dict[str, Json]:
        return labels_schema(1, displays=DISPLAYS)


TASK_TYPE = Multilabel()
