"""The right answers that models are compared by, kept apart from the labels that certify and from the examples.

Looking at labels to choose a prompt spends them (A4P, 6): the labels of a sample that certifies now are left out unless
that is asked for, and then it is written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.errors import InvalidInput, NotReady, did_you_mean
from labelwright.ports.storage import Views
from labelwright.services.comparing.evaluate_variants import Variant, Wishes
from labelwright.services.models.demonstrations import reserved_items
from labelwright.services.people.consensus import consensus, readable
from labelwright.tasks.registry import bind

_SEED = 13
_COMPARED = 2_000
"""Ids looked at for a similar one."""


@dataclass(frozen=True, slots=True)
class StatedGold:
    """Right answers from a file. values: question -> item id -> label, canonical."""

    source: str
    sha256: str
    values: Mapping[str, Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class Gold:
    """What is compared with. values: question -> item key -> label.  items: keys, ascending.

    apart: keys that are no examples: the gold, and what certifies.
    n_unknown: ids of the file that are no items.  n_tied: people did not agree.  n_reserved: left out, since they
    certify.  n_spent: looked at though they certify.  n_left: not drawn, or examples themselves.
    """

    source: str
    sha256: str | None
    values: Mapping[str, Mapping[int, Json]]
    items: tuple[int, ...]
    apart: frozenset[int]
    n_unknown: int = 0
    n_tied: int = 0
    n_reserved: int = 0
    n_spent: int = 0
    n_left: int = 0

    def remarks(self) -> list[str]:
        """Say what was left out, and why."""
        said: list[str] = []
        if self.n_unknown:
            said.append(f"{self.n_unknown:,} ids of {self.source} are no items of this project: left out")
        if self.n_tied:
            said.append(f"people do not agree on {self.n_tied:,} items: left out")
        if self.n_reserved:
            said.append(
                f"{self.n_reserved:,} items of the sample that certifies are left out, so that it stays unseen "
                "(--spend-calibration looks at them)"
            )
        if self.n_spent:
            said.append(
                f"{self.n_spent:,} labels of the sample that certifies were looked at: whatever is chosen by them must "
                "be certified by a new sample (this is in the ledger)"
            )
        if self.n_left:
            said.append(f"{self.n_left:,} more items with gold were not looked at")
        return said


def gold_of(
    views: Views, project: Project, wishes: Wishes, chosen: Sequence[Variant], stated: StatedGold | None
) -> Gold:
    """Give the gold: of a file, else what people said blind of random samples.

    People's labels serve as examples too: where a variant wants some, a random half of theirs is gold and the rest is
    left for that, unless a limit says how many are gold.
    Raises: NotReady, when there is no gold that may be used; InvalidInput, when none of a file's ids is an item's.
    """
    n_tied = n_unknown = 0
    if stated is None:
        values, n_tied = _by_people(views, project)
        source = "people's blind labels"
    else:
        values, n_unknown = _by_file(views, project, stated)
        source = stated.source
    everything = {key for labels in values.values() for key in labels}
    reserved = reserved_items(views, project)
    n_reserved = len(everything & reserved)
    usable = everything if wishes.spends_calibration else everything - reserved
    usable -= _fixed_examples(views, chosen)
    if not usable:
        raise NotReady(_why_none(n_reserved, stated))
    limit = wishes.limit
    if limit is None and stated is None and any(v.project.config.examples.choose != "none" for v in chosen):
        limit = max(1, len(usable) // 2)
    items = sorted(usable)
    if limit is not None and limit < len(items):
        rng = np.random.default_rng([project.config.policy.seed, _SEED])
        items = sorted(rng.permutation(np.array(items, dtype=np.int64))[:limit].tolist())
    kept = frozenset(items)
    return Gold(
        source=source,
        sha256=None if stated is None else stated.sha256,
        values={name: {key: label for key, label in labels.items() if key in kept} for name, labels in values.items()},
        items=tuple(items),
        apart=kept | reserved,
        n_unknown=n_unknown,
        n_tied=n_tied,
        n_reserved=0 if wishes.spends_calibration else n_reserved,
        n_spent=len(kept & reserved),
        n_left=len(everything) - len(kept) - (0 if wishes.spends_calibration else n_reserved),
    )


def _by_people(views: Views, project: Project) -> tuple[dict[str, dict[int, Json]], int]:
    """Give what people who saw no suggestion say of random samples, and on how many items they do not agree."""
    values: dict[str, dict[int, Json]] = {}
    tied: set[int] = set()
    for question in project.config.schema.questions:
        task = bind(question)
        blind = [
            a
            for a in views.annotations(project.id, question=question.name)
            if a.purpose in ("calibration", "audit") and a.is_blind
        ]
        values[question.name] = labels = {}
        for item, said in consensus(task, readable(task, blind)).items():
            if said.is_tied:
                tied.add(int(item))
            else:
                labels[int(item)] = said.value
    return values, len(tied)


def _by_file(views: Views, project: Project, stated: StatedGold) -> tuple[dict[str, dict[int, Json]], int]:
    keys = {str(id): key for key, id in views.item_ids(project.id).items()}
    wanted = {id for labels in stated.values.values() for id in labels}
    unknown = wanted - keys.keys()
    if not wanted:
        raise InvalidInput(f"{stated.source} holds no label")
    if len(unknown) == len(wanted):
        one = min(unknown)
        hint = did_you_mean(one, islice(keys, _COMPARED)) if keys else "; run first: labelwright import FILE"
        raise InvalidInput(f"{stated.source}: none of its {len(wanted):,} ids is an item's, such as {one!r}{hint}")
    values = {
        name: {keys[id]: label for id, label in labels.items() if id in keys} for name, labels in stated.values.items()
    }
    return values, len(unknown)


def _fixed_examples(views: Views, chosen: Sequence[Variant]) -> set[int]:
    """Give the items that stand in a prompt whatever is asked: no variant is judged by them."""
    names = {
        name for v in chosen if v.project.config.examples.choose == "fixed" for name in v.project.config.examples.items
    }
    return {key for key, id in views.item_ids(chosen[0].project.id).items() if str(id) in names} if names else set()


def _why_none(n_reserved: int, stated: StatedGold | None) -> str:
    if n_reserved:
        return (
            f"all {n_reserved:,} items with gold belong to the sample that certifies; comparing by them spends them: "
            "name a file of other gold, or say --spend-calibration and certify with a new sample afterwards"
        )
    if stated is None:
        return (
            "people have labelled no random sample yet (labelwright calibrate draws one); or name a file of gold: "
            "labelwright evaluate gold.jsonl"
        )
    return f"{stated.source} leaves no item to compare by"
