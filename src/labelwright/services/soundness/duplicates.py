"""Items that nearly repeat one another: how many, where they leak, where their labels differ; kept as a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project
from labelwright.errors import NotReady
from labelwright.methods.duplicates import NearCopies, group_split
from labelwright.methods.duplicates.shingles import Runs
from labelwright.ports.embedder import Embedder
from labelwright.ports.storage import Storage, Views
from labelwright.ports.world import World
from labelwright.services.models.demonstrations import reserved_items
from labelwright.services.projects.kept_results import keep_result
from labelwright.services.projects.project_of import project_of
from labelwright.services.soundness.corpus import MOST_EMBEDDED, Corpus, corpus_of
from labelwright.services.soundness.leakage import MOST_SIDES, Leak, leaks_between_sides, leaks_into_gold
from labelwright.services.soundness.newest_looks import DUPLICATES

Ints = NDArray[np.int64]

_LARGEST = 20
_MEMBERS = 10
_SEED = 31


@dataclass(frozen=True, slots=True)
class Conflict:
    """A group of near copies whose labels of record differ. labels: of each of `items`; None = none yet.

    in_same_words: two of its items have the very same words and different labels.
    """

    question: str
    items: tuple[str, ...]
    labels: tuple[str | None, ...]
    in_same_words: bool


@dataclass(frozen=True, slots=True, eq=False)
class Duplicates:
    """What was found. n_groups: groups of at least two.  n_items: items in them.  n_same: repeat another's very words.

    sample: how many items of the sample that certifies have a copy elsewhere; None where there is no sample.
    """

    corpus: Corpus
    copies: NearCopies
    n_groups: int
    n_items: int
    n_same: int
    leaks: tuple[Leak, ...]
    conflicts: tuple[Conflict, ...]
    sample: tuple[int, int] | None

    def as_json(self, *, with_labels: bool) -> dict[str, Json]:
        """Give it for people; without labels for the ledger, from which nothing can be erased."""
        return {
            "n_texts": len(self.corpus.texts),
            "n_groups": self.n_groups,
            "n_items": self.n_items,
            "n_same": self.n_same,
            "by_vectors_too": len(self.corpus.texts) <= MOST_EMBEDDED,
            "largest": cast("list[Json]", self._largest()),
            "leaks": [one.as_json() for one in self.leaks],
            "n_conflicts": len(self.conflicts),
            "n_conflicts_in_same_words": sum(one.in_same_words for one in self.conflicts),
            "conflicts": [
                {"question": one.question, "items": list(one.items)}
                | ({"labels": cast("list[Json]", list(one.labels))} if with_labels else {})
                for one in (self.conflicts if with_labels else self.conflicts[:_LARGEST])
            ],
            "sample": None if self.sample is None else {"n": self.sample[0], "n_with_copies": self.sample[1]},
            "sentence": self.sentence,
        }

    @property
    def sentence(self) -> str:
        """Say it in words."""
        n = len(self.corpus.texts)
        if not self.n_groups:
            said = [f"None of the {n:,} texts nearly repeats another."]
        else:
            groups = "one group" if self.n_groups == 1 else f"{self.n_groups:,} groups"
            said = [f"{self.n_items:,} of the {n:,} texts nearly repeat another, in {groups}."]
            if self.n_same:
                said.append(f"Word by word, an earlier text is repeated {self.n_same:,} times.")
        said += [f"Leak: {one.sentence}." for one in self.leaks]
        n_sides = len({side for side in self.corpus.side if side is not None})
        if n_sides > MOST_SIDES:
            said.append(f"Only the {MOST_SIDES} largest of the {n_sides:,} sides were compared with one another.")
        if self.conflicts:
            n, n_same = len(self.conflicts), sum(one.in_same_words for one in self.conflicts)
            groups = "One group has" if n == 1 else f"{n:,} groups have"
            said.append(f"{groups} labels that differ.")
            if n_same:
                where = "There" if n == 1 else f"In {n_same:,} of them"
                said.append(f"{where} the very same words have two labels, of which one is likely wrong.")
            if n > n_same:
                said.append("Where copies differ in a word or two, look whether these decide.")
        if self.sample is not None and self.sample[1]:
            said.append(
                f"{self.sample[1]:,} of the {self.sample[0]:,} items that certify have a copy in the project. "
                "The certificate stands, since it speaks of this pool and its sample was drawn from it at random; of "
                "new items, without such copies, it says less than the sample's size suggests."
            )
        if any("certif" in one.between for one in self.leaks):
            said.append(
                "Expect a model to do worse on items it was shown no copy of; mend this before the next sample."
            )
        return " ".join(said)

    def _largest(self) -> list[dict[str, Json]]:
        groups, sizes = np.unique(self.copies.group, return_counts=True)
        order = np.argsort(-sizes, kind="stable")[:_LARGEST]
        found: list[dict[str, Json]] = []
        for at in order:
            if sizes[at] > 1:
                members = np.flatnonzero(self.copies.group == groups[at])
                found.append({"n": int(sizes[at]), "items": [self.corpus.ids[int(one)] for one in members[:_MEMBERS]]})
        return found


def find_duplicates(
    project_id: ProjectId,
    *,
    storage: Storage,
    world: World,
    embedder: Embedder,
    field: str = "split",
    runs: Runs = "characters",
    gold: Mapping[str, AbstractSet[str]] | None = None,
) -> Duplicates:
    """Look through a project's items; keep and give what was found.

    field: of the metadata, names the sides of a split.  gold: name -> ids of further items that measure.
    Appends: RunStarted and RunFinished of kind `duplicates`.  Raises: NotReady, when there are no items.
    """
    with storage.reading() as views:
        project = project_of(views, project_id)
        found = _looked_through(views, project, embedder, field=field, runs=runs, gold=gold or {})
    parameters: dict[str, Json] = {
        "n_items": len(found.corpus.texts),
        "field": field,
        "runs": runs,
        "embedder": embedder.name,
        "gold": sorted(gold or {}),
        "seed": project.config.policy.seed,
    }
    keep_result(storage, world, project_id, DUPLICATES, parameters=parameters, report=found.as_json(with_labels=False))
    return found


def duplicates_in(
    corpus: Corpus, embedder: Embedder, *, seed: int = 1, runs: Runs = "characters", leaks: Sequence[Leak] = ()
) -> Duplicates:
    """Look through any texts."""
    return _found(corpus, corpus.near_copies(embedder, seed=seed, runs=runs), leaks, None)


def split_of(found: Duplicates, *, test_share: float, seed: int, question: str | None = None) -> list[str]:
    """Give each text `train` or `test`, so that no near copy stands on the other side, and labels in their shares.

    question: by whose labels; None = the first that has some.
    """
    labels = found.corpus.labels
    if question is None:
        question = next((name for name, column in labels.items() if any(one is not None for one in column)), None)
    codes: Ints | None = None
    if question is not None:
        known: dict[str, int] = {}
        codes = np.array(
            [-1 if one is None else known.setdefault(one, len(known)) for one in labels[question]], dtype=np.int64
        )
    is_test = group_split(
        found.copies.group, test_share=test_share, rng=np.random.default_rng([seed, _SEED]), label_N=codes
    )
    return ["test" if one else "train" for one in is_test]


def _looked_through(
    views: Views,
    project: Project,
    embedder: Embedder,
    *,
    field: str,
    runs: Runs,
    gold: Mapping[str, AbstractSet[str]],
) -> Duplicates:
    corpus = corpus_of(views, project, field=field)
    if not corpus.texts:
        raise NotReady(f"project {project.name!r} has no items yet; run: labelwright import FILE")
    copies = corpus.near_copies(embedder, seed=project.config.policy.seed, runs=runs)
    leaks = leaks_into_gold(views, project, corpus, copies.group, embedder, gold=gold)
    reserved = reserved_items(views, project)
    sample = None
    if reserved:
        sizes = np.bincount(copies.group, minlength=len(corpus.texts))
        in_sample = np.isin(corpus.key, list(reserved))
        sample = int(in_sample.sum()), int((sizes[copies.group][in_sample] > 1).sum())
    return _found(corpus, copies, leaks, sample)


def _found(corpus: Corpus, copies: NearCopies, leaks: Sequence[Leak], sample: tuple[int, int] | None) -> Duplicates:
    sizes = np.bincount(copies.group, minlength=len(corpus.texts))
    return Duplicates(
        corpus=corpus,
        copies=copies,
        n_groups=int((sizes > 1).sum()),
        n_items=int(sizes[sizes > 1].sum()),
        n_same=int((copies.same != np.arange(len(corpus.texts))).sum()),
        leaks=(*leaks_between_sides(corpus, copies.group), *leaks),
        conflicts=tuple(_conflicts(corpus, copies)),
        sample=sample,
    )


def _conflicts(corpus: Corpus, copies: NearCopies) -> list[Conflict]:
    members: dict[int, list[int]] = {}
    for at, one in enumerate(copies.group.tolist()):
        members.setdefault(one, []).append(at)
    found: list[Conflict] = []
    for question, labels in corpus.labels.items():
        for places in members.values():
            said = {labels[at] for at in places if labels[at] is not None}
            if len(said) > 1:
                ids, given = [corpus.ids[at] for at in places], [labels[at] for at in places]
                pairs = {(int(copies.same[at]), labels[at]) for at in places if labels[at] is not None}
                in_same_words = len(pairs) > len({words for words, _ in pairs})
                found.append(Conflict(question, tuple(ids), tuple(given), in_same_words))
    return found
