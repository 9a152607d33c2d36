"""Which task types there are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from labelwright import tasks
from labelwright.domain.canonical import Json
from labelwright.domain.project import Question
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.protocol import Relabels, Task, TaskType


@cache
def task_types() -> Mapping[str, TaskType]:
    """Give every task type by its namespaced name. A module of this package with a `TASK_TYPE` is one."""
    found: dict[str, TaskType] = {}
    for module in iter_modules(tasks.__path__):
        task_type: TaskType | None = getattr(import_module(f"{tasks.__name__}.{module.name}"), "TASK_TYPE", None)
        if task_type is not None:
            found[task_type.name] = task_type
    return found


def task_type(name: str) -> TaskType:
    """Find a task type by its name or its alias. Raises InvalidValue with the nearest choice."""
    types = task_types()
    if name in types:
        return types[name]
    by_alias = {task_type.alias: task_type for task_type in types.values()}
    if name in by_alias:
        return by_alias[name]
    raise InvalidValue("type", f"there is no task type {name!r}", did_you_mean(name, by_alias))


def relabels(name: str) -> Relabels | None:
    """Give a task type whose labels can be renamed, merged and split; None when its values name none."""
    kind = task_type(name)
    return kind if isinstance(kind, Relabels) else None


def bind(question: Question) -> Task[object]:
    """Give the task of a question: its type with the question's settings. Raises InvalidValue."""
    return _bind(question.type, _Frozen(question.settings))


class _Frozen(dict[str, Json]):
    """Settings as a key of the cache: questions are bound once, not once per answer."""

    def __init__(self, settings: Mapping[str, Json]) -> None:
        super().__init__(settings)
        self._key = repr(sorted(settings.items()))

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and self._key == other._key


@cache
def _bind(name: str, settings: _Frozen) -> Task[object]:
    return task_type(name).bind(settings)
