"""Where a copy stands on both sides of a line that should keep things apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.errors import NotReady
from labelwright.methods.acquisition import NEAR_DUPLICATE
from labelwright.methods.duplicates import contained_share, normalised
from labelwright.ports.embedder import Embedder
from labelwright.ports.storage import Views
from labelwright.services.models.demonstrations import demonstrations, reserved_items
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.soundness.corpus import Corpus

Ints = NDArray[np.int64]

_CONTAINED = 0.8
_SHOWN = 10
MOST_SIDES = 12
"""Of more sides the largest are compared, each with each."""
_TESTING = frozenset({"test", "testing", "dev", "valid", "validation", "val", "eval", "evaluation", "holdout", "gold"})


@dataclass(frozen=True, slots=True)
class Leak:
    """between: the two sides.  n: things of the second side that repeat something of the first.

    examples: ids, (of the first side, of the second); of text within a prompt, the item's alone.
    """

    between: str
    n: int
    of: int
    examples: tuple[tuple[str, ...], ...]
    sentence: str

    def as_json(self) -> dict[str, Json]:
        """Give it for report and ledger; ids, no texts."""
        return {
            "between": self.between,
            "n": self.n,
            "of": self.of,
            "examples": [list(pair) for pair in self.examples],
            "sentence": self.sentence,
        }


def leaks_between_sides(corpus: Corpus, group: Ints) -> list[Leak]:
    """Look for copies on two sides of a split."""
    sizes: dict[str, int] = {}
    for side in corpus.side:
        if side is not None:
            sizes[side] = sizes.get(side, 0) + 1
    names = sorted(sizes, key=lambda name: (not _tests(name), -sizes[name]))[:MOST_SIDES]
    # What tests stands second, else what is smaller: the second side is the one that loses by a leak.
    names.sort(key=lambda name: (_tests(name), -sizes[name]))
    members = {name: [at for at, side in enumerate(corpus.side) if side == name] for name in names}
    found: list[Leak] = []
    for one, other in combinations(names, 2):
        pairs = _shared(corpus, group, members[one], members[other])
        if pairs:
            n, of = len(pairs), sizes[other]
            sentence = (
                f"{n:,} of the {of:,} items of {other!r} nearly repeat one of {one!r}: what learns from one side has "
                "seen them"
            )
            found.append(Leak(f"{one} and {other}", n, of, _examples(corpus, pairs), sentence))
    return found


def _tests(name: str) -> bool:
    """Whether a side's name, or that of its file or folder, says that it measures."""
    near = " ".join(PurePath(name.casefold()).parts[-2:])
    return not _TESTING.isdisjoint(re.split(r"[._ -]", near))


def leaks_into_gold(
    views: Views,
    project: Project,
    corpus: Corpus,
    group: Ints,
    embedder: Embedder,
    *,
    gold: Mapping[str, AbstractSet[str]],
) -> list[Leak]:
    """Look for what measures among what models are shown: examples, and the text of the prompt itself.

    gold: name -> ids of further items that measure, such as those of a gold file; the sample that certifies, with its
    audit, is always looked at.
    """
    reserved = reserved_items(views, project)
    measuring = {"the sample that certifies": [at for at, key in enumerate(corpus.key) if int(key) in reserved]}
    for name, ids in gold.items():
        measuring[name] = [at for at, id in enumerate(corpus.ids) if id in ids]
    examples = _examples_shown(views, project, embedder)
    shown = [at for at, key in enumerate(corpus.key) if int(key) in examples]
    prompt = project_prompt(project.config).static.content
    found: list[Leak] = []
    for name, places in measuring.items():
        apart = [at for at in shown if at not in set(places)]
        pairs = _shared(corpus, group, apart, places)
        if pairs:
            found.append(_example_leak(corpus, pairs, name, len(places), embedder))
        both = sorted(set(shown) & set(places))
        if both:
            n = len(both)
            sentence = f"{n:,} of the {len(places):,} items of {name} are themselves examples that models may be shown"
            found.append(Leak(f"examples and {name}", n, len(places), _ids(corpus, both), sentence))
        shares = contained_share([corpus.texts[at] for at in places], prompt)
        inside = [at for at, share in zip(places, shares, strict=True) if share >= _CONTAINED]
        if inside:
            n = len(inside)
            sentence = (
                f"{n:,} of the {len(places):,} items of {name} stand, nearly word by word, in the prompt's own text "
                "(guideline, instruction or questions): models are told about them"
            )
            found.append(Leak(f"prompt and {name}", n, len(places), _ids(corpus, inside), sentence))
    return found


def _example_leak(corpus: Corpus, pairs: Sequence[tuple[int, int]], name: str, of: int, embedder: Embedder) -> Leak:
    """Say how many of the copies would really be shown: an item's own near copies are kept out of its prompt."""
    first = embedder.embed([corpus.texts[one] for one, _ in pairs])
    second = embedder.embed([corpus.texts[other] for _, other in pairs])
    cosine = np.einsum("nd,nd->n", first, second)
    n_shown = sum(
        bool(near < NEAR_DUPLICATE) and normalised(corpus.texts[one]) != normalised(corpus.texts[other])
        for near, (one, other) in zip(cosine, pairs, strict=True)
    )
    sentence = (
        f"{len(pairs):,} of the {of:,} items of {name} nearly repeat an example that models may be shown; "
        f"{n_shown:,} of them are worded differently enough to be asked with that example in sight"
    )
    return Leak(f"examples and {name}", len(pairs), of, _examples(corpus, pairs), sentence)


def _examples_shown(views: Views, project: Project, embedder: Embedder) -> set[int]:
    if project.config.examples.choose == "none" or not project.config.models:
        return set()
    try:
        return {int(item.key) for item in demonstrations(views, project, embedder).items}
    except NotReady:
        return set()  # the named examples are not labelled yet: nothing is shown


def _shared(corpus: Corpus, group: Ints, first: Sequence[int], second: Sequence[int]) -> list[tuple[int, int]]:
    """Give (of the first, of the second) for everything of the second in a group with something of the first.

    Of several of the first, the one with the very same text, else the first.
    """
    by_group: dict[int, list[int]] = {}
    for at in first:
        by_group.setdefault(int(group[at]), []).append(at)
    found: list[tuple[int, int]] = []
    for at in second:
        others = by_group.get(int(group[at]))
        if others:
            text = corpus.texts[at]
            found.append((next((one for one in others if corpus.texts[one] == text), others[0]), at))
    return found


def _examples(corpus: Corpus, pairs: Sequence[tuple[int, int]]) -> tuple[tuple[str, ...], ...]:
    return tuple((corpus.ids[one], corpus.ids[other]) for one, other in pairs[:_SHOWN])


def _ids(corpus: Corpus, places: Sequence[int]) -> tuple[tuple[str, ...], ...]:
    return tuple((corpus.ids[at],) for at in places[:_SHOWN])
