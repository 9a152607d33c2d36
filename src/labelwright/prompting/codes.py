"""Letters that stand for labels, where the labels' own first tokens would not tell them apart.

A label's log-probability is read from its tokens. Labels that begin with the same token (`not agree`, `not sure`) are
told apart only later, where what the model did not write is unseen. So they are put as A, B, C … and mapped back.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.prompting.verbalise import labels_of, lettered, shuffled
from labelwright.tasks.label_list import Label
from labelwright.tasks.protocol import Ballots, Posterior, Shown, Task

_ALIKE = 4
_FIRST_WORD = re.compile(r"[^\W_]+|\W|_")


def may_share_first_token(labels: Collection[str]) -> bool:
    """Tell whether two labels may begin with the same token.

    The rule, for want of each provider's tokenizer: their first words are equal, or begin with the same four
    characters; case counts.

    >>> may_share_first_token(["good", "bad"]), may_share_first_token(["not agree", "not sure"])
    (False, True)
    """
    beginnings = [_beginning(label) for label in labels]
    return len(set(beginnings)) < len(beginnings)


def _beginning(label: str) -> str:
    word = _FIRST_WORD.match(label)
    return label[:_ALIKE] if word is None else word[0][:_ALIKE]


def coded(task: Task[object], *, seed: int = 0) -> Task[object]:
    """Put letters in the place of a task's labels where they are needed, and there are enough; else leave it."""
    spelled = task.logprob_labels()
    if spelled is None or not may_share_first_token(spelled.values()):
        return task
    if len(spelled) > len(ascii_uppercase) or not set(ascii_uppercase).isdisjoint(spelled):
        return task  # no letter may be mistaken for a label
    known = {label.value: label for label in labels_of(shuffled(task, seed))}
    ordered = [name for name in known if name in spelled] + [name for name in spelled if name not in known]
    labels = tuple(known.get(name, Label(name, name, "")) for name in ordered)
    return CodedTask(task, labels)


@dataclass
class CodedTask:
    """A task whose labels a model names by letters. listed: in the order in which the prompt lists them.

    A label written out in full is taken too: it means the same.
    """

    inner: Task[object]
    listed: tuple[Label, ...]
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.inner.name

    @property
    def tolerance(self) -> float:
        return self.inner.tolerance

    @property
    def letters(self) -> Mapping[str, str]:
        """Give letter -> label."""
        return {ascii_uppercase[place]: label.value for place, label in enumerate(self.listed)}

    def parse(self, raw: object) -> object:
        return self.inner.parse(raw)

    def check_item(self, value: object, content: Mapping[str, Json]) -> None:
        self.inner.check_item(value, content)

    def dump(self, value: object) -> Json:
        return self.inner.dump(value)

    def answer_schema(self) -> dict[str, Json]:
        return {"type": "string", "enum": list(self.letters)}

    def read_answer(self, raw: object, shown: Shown) -> object:
        if isinstance(raw, str) and raw in self.letters:
            return self.inner.read_answer(self.letters[raw], shown)
        try:
            return self.inner.read_answer(raw, shown)
        except InvalidValue as problem:
            wanted = f"; answer with one of the letters {', '.join(self.letters)}"
            raise InvalidValue(problem.path, problem.problem, wanted) from None

    def write_answer(self, value: object, shown: Shown) -> Json:
        return self.recode(self.inner.write_answer(value, shown))

    def recode(self, answer: Json) -> Json:
        """Give the letter of a label as a model would have answered; anything else stays as it is."""
        letters = {label: letter for letter, label in self.letters.items()}
        return letters.get(answer, answer) if isinstance(answer, str) else answer

    def describe(self) -> str:
        return "Choose exactly one of these labels, and answer with its letter alone:\n" + lettered(
            self.listed, list(self.letters)
        )

    def decompose(self, values: Sequence[object]) -> Ballots:
        return self.inner.decompose(values)

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> object:
        return self.inner.compose(posterior, ballots)

    def distance(self, a: object, b: object) -> float:
        return self.inner.distance(a, b)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return {label: letter for letter, label in self.letters.items()}
