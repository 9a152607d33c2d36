"""Labels in words: what each is called, in which order they are listed, and the letters that may stand for them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from random import Random
from typing import Any, cast

from labelwright.tasks.label_list import Label, json_text
from labelwright.tasks.protocol import Task


def labels_of(task: Task[object]) -> tuple[Label, ...]:
    """Give the labels a task chooses among, in the schema's order; none where it has none."""
    found: object = getattr(task, "labels", None)
    if not isinstance(found, tuple):
        return ()
    labels = cast("tuple[object, ...]", found)
    return cast("tuple[Label, ...]", labels) if all(isinstance(label, Label) for label in labels) else ()


def shuffled(task: Task[object], seed: int) -> Task[object]:
    """List a task's labels in another order; seed 0, and a task in which their order says something, leave it as it is.

    Only to describe it: what is read and written keeps the schema's order.
    """
    labels = labels_of(task)
    if seed == 0 or len(labels) < 2 or not dataclasses.is_dataclass(task):
        return task
    order = list(labels)
    Random(seed).shuffle(order)
    listed = cast("Task[object]", dataclasses.replace(cast("Any", task), labels=tuple(order)))
    says_the_same = sorted(listed.describe().splitlines()) == sorted(task.describe().splitlines())
    return listed if says_the_same else task


def lettered(labels: Sequence[Label], letters: Sequence[str]) -> str:
    """List labels behind their letters, each with its name, its other names, and when it applies."""
    return "\n".join(f"- {json_text(letter)}: {in_words(label)}" for letter, label in zip(letters, labels, strict=True))


def in_words(label: Label) -> str:
    """Say a label in words: its value, its title where that is another, its aliases, its description."""
    called = json_text(label.value)
    others = _other_names(label)
    if others:
        called += " (" + ", ".join(json_text(name) for name in others) + ")"
    return f"{called}: {label.description}" if label.description else called


def other_names(task: Task[object]) -> str:
    """Say what labels are also called, a line each; nothing where each has one name."""
    named = [(label, _other_names(label)) for label in labels_of(task)]
    return "\n".join(
        f"- {json_text(label.value)}: {', '.join(json_text(name) for name in names)}" for label, names in named if names
    )


def _other_names(label: Label) -> list[str]:
    title = [label.title] if label.title != label.value else []
    return [*title, *(alias for alias in label.aliases if alias not in (label.value, label.title))]
