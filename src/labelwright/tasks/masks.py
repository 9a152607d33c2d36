"""Paint things in an image with a brush, each with a label: a bitmap per region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple, cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.tasks.answer_schema import list_of_objects, one_label
from labelwright.tasks.label_list import (
    Label,
    LabelledMarks,
    describe_labels,
    label_names,
    read_labels,
)
from labelwright.tasks.protocol import Ballots, Posterior, Shown
from labelwright.tasks.read_settings import list_of, object_of, read_share, read_text
from labelwright.tasks.read_settings import shown as in_short
from labelwright.tasks.regions import (
    ballots_of,
    checked_once,
    clusters_of,
    drawn,
    matched_distance,
    medoid,
    read_label,
    read_same,
    regions_schema,
)
from labelwright.tasks.run_lengths import (
    MOST_RUNS,
    MOST_SIDE,
    checked_counts,
    decode_counts,
    encode_counts,
    most_painted,
    run_overlap,
)

MOST_REGIONS = 500


class Mask(NamedTuple):
    """One region: its image's height and width in pixels, and COCO's run lengths as text."""

    height: int
    width: int
    counts: str
    label: str


@dataclass(frozen=True)
class MasksTask:
    """Every cluster of regions that mean the same thing is a unit, yes or no; its pixels are those most people painted.

    `distance` is 1 − the mean overlap (intersection over union, in pixels) of the best one-to-one matching of equal
    labels, over the larger number of regions.  same: from which overlap on two people's regions mean the same thing.
    """

    labels: tuple[Label, ...]
    same: float = 0.5
    field: str | None = None
    tolerance: float = 0.0
    name: str = "labelwright/masks"

    @cached_property
    def _index(self) -> Mapping[str, int]:
        return {label.value: place for place, label in enumerate(self.labels)}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return label_names(self.labels)

    def parse(self, raw: object) -> tuple[Mask, ...]:
        return self._read(raw, {})

    def _read(self, raw: object, names: Mapping[str, str]) -> tuple[Mask, ...]:
        found: list[Mask] = []
        for place, one in enumerate(list_of(raw, "regions", most=MOST_REGIONS)):
            path = f"[{place}]"
            given = object_of(one, ("label", "size", "counts"), path, "region")
            height, width = _size(given["size"], f"{path}.size")
            counts = _counts(given["counts"], height * width, path)
            found.append(
                Mask(height, width, counts, read_label(given["label"], self._index, f"{path}.label", names=names))
            )
        return self._in_order(checked_once(found, "region"))

    def _in_order(self, masks: set[Mask]) -> tuple[Mask, ...]:
        return tuple(sorted(masks, key=lambda one: (one[:3], self._index[one.label])))

    def check_item(self, value: tuple[Mask, ...], content: Mapping[str, Json]) -> None:
        """The pixels are those of whatever image there is; its size is not looked up."""

    def dump(self, value: tuple[Mask, ...]) -> Json:
        return [{"label": one.label, "size": [one.height, one.width], "counts": one.counts} for one in value]

    def answer_schema(self) -> dict[str, Json]:
        size: dict[str, Json] = {"type": "array", "items": {"type": "integer"}}
        return list_of_objects({"label": one_label(self.labels), "size": size, "counts": {"type": "string"}})

    def read_answer(self, raw: object, shown: Shown) -> tuple[Mask, ...]:
        return self._read(raw, self._names)

    def write_answer(self, value: tuple[Mask, ...], shown: Shown) -> Json:
        return self.dump(value)

    def describe(self) -> str:
        where = f" in the image `{self.field}`" if self.field else ""
        return (
            f"Give a mask for everything{where} that one of these labels applies to (an empty list when there is "
            f"nothing):\n{describe_labels(self.labels)}\n"
            'The answer is a list of {"label", "size", "counts"}: size is [height, width] of the image in pixels, '
            "counts is COCO's compressed run-length text of the mask (column by column)."
        )

    def decompose(self, values: Sequence[tuple[Mask, ...]]) -> Ballots:
        return ballots_of(clusters_of(values, overlap_of, same=self.same), len(values))

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> tuple[Mask, ...]:
        clusters = cast("Sequence[Sequence[Mask]]", ballots.meaning)
        return self._in_order({_together(members) for members in drawn(posterior, clusters)})

    def distance(self, a: tuple[Mask, ...], b: tuple[Mask, ...]) -> float:
        return matched_distance(a, b, overlap_of)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


def overlap_of(a: Mask, b: Mask) -> float:
    """Give the intersection over the union of two regions, in [0, 1]; of images of different sizes 0."""
    if a[:2] != b[:2]:
        return 0.0
    return run_overlap(_runs(a.counts), _runs(b.counts))


@lru_cache(maxsize=2048)
def _runs(counts: str) -> tuple[int, ...]:
    return tuple(decode_counts(counts))


def _size(raw: object, path: str) -> tuple[int, int]:
    sides = list_of(raw, "sides", path=path)
    if len(sides) != 2:
        raise InvalidValue(path, f"{in_short(sides)} is no size", "; [height, width] is needed")
    for side in sides:
        if isinstance(side, bool) or not isinstance(side, int) or not 1 <= side <= MOST_SIDE:
            problem = f"{in_short(side)} is no side of an image"
            raise InvalidValue(path, problem, f"; a whole number of pixels from 1 to {MOST_SIDE}")
    height, width = cast("list[int]", sides)
    return height, width


def _counts(raw: object, pixels: int, path: str) -> str:
    """Read either form of run lengths, and write the text."""
    try:
        counts = decode_counts(raw) if isinstance(raw, str) else _listed(raw)
        return encode_counts(checked_counts(counts, pixels))
    except InvalidValue as refused:
        raise InvalidValue(f"{path}.{refused.path}", refused.problem, refused.hint) from None


def _listed(raw: object) -> list[int]:
    stated = list_of(raw, "runs", path="counts", most=MOST_RUNS)
    for one in stated:
        if isinstance(one, bool) or not isinstance(one, int):
            raise InvalidValue("counts", f"{in_short(one)} is no run length", "; whole numbers are needed")
    return cast("list[int]", stated)


def _together(masks: Sequence[Mask]) -> Mask:
    """Give the pixels that more than half painted; of pictures that no such pixel joins, the most typical one."""
    first = masks[0]
    counts = most_painted([_runs(one.counts) for one in masks])
    return first._replace(counts=encode_counts(counts)) if len(counts) > 1 else medoid(masks, overlap_of)


class Masks(LabelledMarks):
    """The task type."""

    name = "labelwright/masks"
    alias = "masks"

    def bind(self, settings: Mapping[str, Json]) -> MasksTask:
        return MasksTask(
            read_labels(settings, at_least=1, others=("same", "field", "tolerance")),
            read_same(settings, "regions"),
            read_text(settings, "field"),
            read_share(settings, "tolerance", 0.0),
        )

    def settings_schema(self) -> dict[str, Json]:
        return regions_schema()


TASK_TYPE = Masks()
