"""What a task type is: annotations unpicked into ballots on small categorical questions, and put together again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

import numpy as np

from labelwright.domain.canonical import Json

Floats: TypeAlias = np.ndarray[tuple[int], np.dtype[np.float64]]
Posterior: TypeAlias = Floats

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Ballots:
    """Votes of one item as integer columns of equal length V.

    unit, annotator, option: (V,) int; unit < n_units, annotator indexes the values they came from, option < n_options.
    option_space: `shared` when an option means the same on every item (confusion matrices apply), else `local`.
    is_ordered: options stand on a scale, so that the middle of the votes says more than the most frequent one.
    meaning: of a local type, what its units or options are on this item; its own `compose` alone reads it.
    """

    unit: Sequence[int]
    annotator: Sequence[int]
    option: Sequence[int]
    n_units: int
    n_options: int
    option_space: Literal["shared", "local"] = "shared"
    is_ordered: bool = False
    meaning: Sequence[object] = ()


def _same_place(_field: str, start: int, end: int) -> tuple[int, int]:
    return start, end


@dataclass(frozen=True, slots=True)
class Shown:
    """What a model was shown of an item, for answers that point into it.

    texts: per content field, as the model saw it (cut, or with personal data replaced).
    origin: (field, start, end) in that text -> (start, end) in the item's own text; code points, end exclusive.
    """

    texts: Mapping[str, str]
    origin: Callable[[str, int, int], tuple[int, int]] = _same_place


class Task(Protocol[V]):
    """A task type with its settings bound: all that the rest of the house may ask about one question's values."""

    name: str

    @property
    def tolerance(self) -> float:
        """Give the largest `distance` to the people's answer that a certificate counts as right; 0 = exact."""
        ...

    def parse(self, raw: object) -> V:
        """Read a JSON value. Raises InvalidValue(path, problem, hint); never coerces in silence."""
        ...

    def check_item(self, value: V, content: Mapping[str, Json]) -> None:
        """Hold a value against the item it is about. Raises InvalidValue, when it points to what is not there."""
        ...

    def dump(self, value: V) -> Json:
        """Write a value as JSON: the inverse of `parse`, and canonical (equal values, equal JSON)."""
        ...

    def answer_schema(self) -> dict[str, Json]:
        """Give the JSON schema an LLM's answer must fit (OpenAI's strict subset)."""
        ...

    def read_answer(self, raw: object, shown: Shown) -> V:
        """Read an LLM's answer, which may be in another form than `parse` takes (quotes instead of offsets).

        Raises InvalidValue; never coerces in silence.
        """
        ...

    def write_answer(self, value: V, shown: Shown) -> Json:
        """Write a value as an LLM should have answered it: what demonstrations show."""
        ...

    def describe(self) -> str:
        """Say in words what an answer is, for the prompt."""
        ...

    def decompose(self, values: Sequence[V]) -> Ballots:
        """Unpick the annotations of one item into votes."""
        ...

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> V:
        """Put a value together from one posterior over options per unit of these ballots; ties go to the first."""
        ...

    def distance(self, a: V, b: V) -> float:
        """Give how far apart two values are, in [0, 1]; 0 iff they are the same label."""
        ...

    def logprob_labels(self) -> Mapping[str, str] | None:
        """Give label -> the text that spells it in the answer, where one label alone is the answer; else None."""
        ...


@runtime_checkable
class NeedsToSee(Protocol):
    """A task that not every model can answer from texts: ranges of a recording that it cannot hear."""

    def out_of_reach(self, shown: Shown) -> str | None:
        """Say why a model cannot answer from what it is shown; None where it can."""
        ...


@runtime_checkable
class HasPlaces(Protocol):
    """A task whose answer is a path through places: a condition may name any place on it."""

    def check_place(self, name: str) -> None:
        """Make sure that a name, or the path to it as one text, means one place.  Raises InvalidValue."""
        ...


class TaskType(Protocol):
    """A kind of question. A module of `tasks/` has one, and the registry lists it."""

    name: str
    """Namespaced identifier."""
    alias: str
    """The short word project.yaml uses."""

    def bind(self, settings: Mapping[str, Json]) -> Task[object]:
        """Check the settings and give the task. Raises InvalidValue."""
        ...

    def settings_schema(self) -> dict[str, Json]:
        """Give the JSON schema of the settings, for forms and documentation."""
        ...


LabelEdit: TypeAlias = Literal["rename", "merge", "split"]


class Labels(Protocol):
    """One list (or tree) of labels of a question's settings, as it is written there."""

    @property
    def names(self) -> tuple[str, ...]:
        """Give the labels' names, in their order."""
        ...

    @property
    def written(self) -> tuple[Json, ...]:
        """Give the list as the settings have it."""
        ...

    @property
    def edits(self) -> tuple[LabelEdit, ...]:
        """Say what may be done with them: the two sides of a comparison cannot become one."""
        ...

    def changed(self, edit: LabelEdit, old: Sequence[str], new: Sequence[str]) -> list[Json]:
        """Give the list after an edit. Raises InvalidValue, with what to do instead."""
        ...

    def restored(self, edit: LabelEdit, old: Sequence[str], new: Sequence[str], before: Sequence[Json]) -> list[Json]:
        """Give the list with an edit taken back and all else kept.  before: the list as it stood then.

        Raises InvalidValue, when the labels that the edit made are not there any more.
        """
        ...


MAIN_LABELS = "labels"
"""The list that is meant where none is named."""


@runtime_checkable
class Relabels(Protocol):
    """What a task type also has whose values name labels of its settings: they can be renamed, merged and split.

    A question may have several lists of them (of marks and of relations); `among` says which one is meant.
    """

    def label_lists(self, settings: Mapping[str, Json]) -> Mapping[str, Labels]:
        """Give every list of labels by its name, the main one first."""
        ...

    def with_labels(
        self, settings: Mapping[str, Json], among: str, written: Sequence[Json], moved: Mapping[str, Sequence[str]]
    ) -> dict[str, Json]:
        """Give the settings with a list in place of the one there.

        moved: label -> what it becomes, for settings that name labels too.
        """
        ...

    def relabel(self, value: Json, names: Mapping[str, str], among: str = MAIN_LABELS) -> Json:
        """Write a stored value with other names, old -> new; what becomes the same is there once."""
        ...

    def labels_in(self, value: Json, among: str = MAIN_LABELS) -> frozenset[str]:
        """Give the labels of a list that a stored value names."""
        ...
