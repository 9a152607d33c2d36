"""Choose exactly one label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.label_list import (
    Label,
    OneLabel,
    check_display,
    describe_labels,
    label_names,
    labels_schema,
    read_labels,
)
from labelwright.tasks.protocol import Ballots, Posterior, Shown


@dataclass(frozen=True)
class ClassificationTask:
    """One unit, K options; a value is the label's text."""

    labels: tuple[Label, ...]
    tolerance: float = 0.0
    name: str = "labelwright/classification"

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {label.value: i for i, label in enumerate(self.labels)})
        object.__setattr__(self, "_names", label_names(self.labels))

    @property
    def index(self) -> Mapping[str, int]:
        """Give label -> its place in the schema."""
        return self.__dict__["_index"]

    def parse(self, raw: object) -> str:
        if not isinstance(raw, str):
            raise InvalidValue("", f"{raw!r} is not a label", "; one label, as text, is needed")
        if raw not in self.index:
            raise InvalidValue("", f"label {raw!r} is not in the schema", did_you_mean(raw, self.index))
        return raw

    def dump(self, value: str) -> Json:
        return value

    def check_item(self, value: str, content: Mapping[str, Json]) -> None:
        """Any label may be any item's."""

    def answer_schema(self) -> dict[str, Json]:
        return {"type": "string", "enum": [label.value for label in self.labels]}

    def read_answer(self, raw: object, shown: Shown) -> str:
        return self.parse(self.__dict__["_names"].get(raw, raw) if isinstance(raw, str) else raw)

    def write_answer(self, value: str, shown: Shown) -> Json:
        return self.dump(value)

    def describe(self) -> str:
        return "Choose exactly one of these labels:\n" + describe_labels(self.labels)

    def decompose(self, values: Sequence[str]) -> Ballots:
        options = [self.index[value] for value in values]
        return Ballots([0] * len(values), list(range(len(values))), options, 1, len(self.labels))

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots | None = None) -> str:
        return self.labels[int(np.argmax(posterior[0]))].value

    def distance(self, a: str, b: str) -> float:
        return 0.0 if a == b else 1.0

    def logprob_labels(self) -> Mapping[str, str] | None:
        return {label.value: label.value for label in self.labels}


DISPLAYS = ("list", "search", "cards")
"""How the page shows it. `cards`: one label at a time, to accept or reject. Absent: by the number of labels."""


class Classification(OneLabel):
    """The task type."""

    name = "labelwright/classification"
    alias = "classification"

    def bind(self, settings: Mapping[str, Json]) -> ClassificationTask:
        check_display(settings, DISPLAYS)
        return ClassificationTask(read_labels(settings, at_least=2, others=("display",)))

    def settings_schema(self) -> dict[str, Json]:
        return labels_schema(2, displays=DISPLAYS)


TASK_TYPE = Classification()
