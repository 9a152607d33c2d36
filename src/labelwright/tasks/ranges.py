"""Mark ranges of time in a sound, a film or a series of measurements, each with a label."""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.answer_schema import list_of_objects, one_label
from labelwright.tasks.edit_distance import edit_distance
from labelwright.tasks.label_list import (
    Label,
    LabelledMarks,
    describe_labels,
    label_list_schema,
    label_names,
    read_labels,
)
from labelwright.tasks.matching import Overlaps, joined, matched_distance
from labelwright.tasks.protocol import Ballots, Posterior, Shown
from labelwright.tasks.read_settings import list_of, object_of, read_one_of, read_share, read_text
from labelwright.tasks.read_settings import shown as in_short
from labelwright.tasks.regions import NO, YES, ballots_of
from labelwright.tasks.series import MOST_FPS, extent_of, read_fps

DIGITS = 6
"""Times are kept to a millionth of a second: finer than a sample of sound."""
MOST_RANGES = 2_000
LONGEST_TEXT = 10_000
FARTHEST = 1e12
UNITS = ("seconds", "samples")
OVERLAPS = ("any", "labels", "none")
"""any: ranges may share time.  labels: not two of one label.  none: no two."""
TRANSCRIPTS = ("none", "optional", "required")
_SLIP = 2e-6


class Range(NamedTuple):
    """A stretch of time, its end exclusive; text: what is said in it, where the question asks for that."""

    start: float
    end: float
    label: str
    text: str = ""


@dataclass(frozen=True)
class RangesTask:
    """Every cluster of ranges that mean the same thing is a unit, yes or no; its edges are the medians of theirs.

    `distance` is 1 − the mean overlap in time (intersection over union) of the best one-to-one matching of equal
    labels, over the larger number of ranges; with transcripts, an overlap counts as far as the two texts are alike.
    same: from which overlap on two people's ranges mean the same thing.
    models_read: the field that tells a model when what happens: the series, or a transcript with times.
    """

    labels: tuple[Label, ...]
    unit: str = "seconds"
    overlap: str = "any"
    min_length: float = 0.0
    transcript: str = "none"
    same: float = 0.5
    field: str | None = None
    models_read: str | None = None
    tolerance: float = 0.0
    name: str = "labelwright/ranges"

    @cached_property
    def _index(self) -> Mapping[str, int]:
        return {label.value: place for place, label in enumerate(self.labels)}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return label_names(self.labels)

    @property
    def _keys(self) -> tuple[str, ...]:
        return ("start", "end", "label") if self.transcript == "none" else ("start", "end", "label", "text")

    def parse(self, raw: object) -> tuple[Range, ...]:
        return self._read(raw, {label: label for label in self._index})

    def _read(self, raw: object, names: Mapping[str, str]) -> tuple[Range, ...]:
        stated = list_of(raw, "ranges", most=MOST_RANGES)
        found = [self._read_range(one, names, f"[{place}]") for place, one in enumerate(stated)]
        ordered = self._in_order(found)
        self._check_apart(ordered)
        return ordered

    def _read_range(self, raw: object, names: Mapping[str, str], path: str) -> Range:
        given = object_of(raw, self._keys, path, "range")
        start, end = (self._time(given[side], f"{path}.{side}") for side in ("start", "end"))
        if start >= end:
            hint = "; `end` is behind the last moment that belongs to it"
            raise InvalidValue(path, f"a range from {start:g} to {end:g} has no length", hint)
        if end - start < self.min_length - _SLIP:
            problem = f"a range from {start:g} to {end:g} is shorter than {self.min_length:g}"
            raise InvalidValue(path, problem, f"; this question has min_length: {self.min_length:g}")
        label = given["label"]
        if not isinstance(label, str) or label not in names:
            hint = did_you_mean(label, self._index)
            raise InvalidValue(f"{path}.label", f"label {in_short(label)} is not in the schema", hint)
        return Range(start, end, names[label], self._text(given.get("text", ""), f"{path}.text"))

    def _time(self, raw: object, path: str) -> float:
        if isinstance(raw, bool) or not isinstance(raw, int | float) or not -FARTHEST <= raw <= FARTHEST:
            raise InvalidValue(path, f"{in_short(raw)} is no time", "; a number is needed")
        if self.unit == "samples":
            if raw != int(raw) or raw < 0:
                raise InvalidValue(path, f"{in_short(raw)} is no sample", "; whole numbers count samples from 0")
            return int(raw)
        return round(float(raw), DIGITS) + 0.0

    def _text(self, raw: object, path: str) -> str:
        if not isinstance(raw, str) or len(raw) > LONGEST_TEXT:
            hint = f"; a text of at most {LONGEST_TEXT:,} characters is needed"
            raise InvalidValue(path, f"{in_short(raw)} is no transcript", hint)
        text = raw.strip()
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InvalidValue(path, "the text holds half a character", "; remove it") from error
        if not text and self.transcript == "required":
            raise InvalidValue(path, "this range has no transcript", "; write what is said in it")
        return text

    def _in_order(self, ranges: Collection[Range]) -> tuple[Range, ...]:
        return tuple(sorted(ranges, key=lambda one: (one.start, one.end, self._index[one.label], one.text)))

    def _check_apart(self, ordered: Sequence[Range]) -> None:
        seen: set[tuple[float, float, str]] = set()
        until: dict[str, Range] = {}
        for one in ordered:
            if one[:3] in seen:
                raise InvalidValue("", f"range {_said(one)} is there twice", "; remove one")
            seen.add(one[:3])
            if self.overlap == "any":
                continue
            lane = one.label if self.overlap == "labels" else ""
            before = until.get(lane)
            if before is not None and before.end > one.start:
                hint = f"; this question has overlap: {self.overlap}"
                raise InvalidValue("", f"ranges {_said(before)} and {_said(one)} overlap", hint)
            until[lane] = one

    def check_item(self, value: tuple[Range, ...], content: Mapping[str, Json]) -> None:
        """Nothing lies outside the series; a recording begins at 0, and its length is known where it is played."""
        found = (extent_of(content.get(name), in_samples=self.unit == "samples") for name in self._fields(content))
        low, high = next((extent for extent in found if extent is not None), (0.0, math.inf))
        for place, one in enumerate(value):
            if one.start < low - _SLIP or one.end > high + _SLIP:
                until = f" to {high:g}" if high < math.inf else ""
                raise InvalidValue(f"[{place}]", f"range {_said(one)} reaches beyond {low:g}{until}")

    def _fields(self, content: Mapping[str, Json]) -> Collection[str]:
        return content if self.field is None else [self.field]

    def dump(self, value: tuple[Range, ...]) -> Json:
        return [dict(zip(self._keys, one, strict=False)) for one in value]

    def answer_schema(self) -> dict[str, Json]:
        number = {"type": "integer" if self.unit == "samples" else "number"}
        properties: dict[str, Json] = {
            "start": {**number},
            "end": {**number},
            "label": one_label(self.labels),
        }
        if self.transcript != "none":
            properties["text"] = {"type": "string"}
        return list_of_objects(properties)

    def out_of_reach(self, shown: Shown) -> str | None:
        """Say why a model cannot answer this from what it is shown; None where it can."""
        field = self.models_read or self.field
        if field is None:
            return (
                None if any(text.strip() for text in shown.texts.values()) else "it is shown nothing with times in it"
            )
        if shown.texts.get(field, "").strip():
            return None
        return f"it is not shown {field!r}: models here read series and transcripts with times, and hear nothing"

    def read_answer(self, raw: object, shown: Shown) -> tuple[Range, ...]:
        why = self.out_of_reach(shown)
        if why is not None:
            raise InvalidValue("", f"a model cannot answer this: {why}", "; name what it can read in `models_read`")
        return self._read(raw, self._names)

    def write_answer(self, value: tuple[Range, ...], shown: Shown) -> Json:
        return self.dump(value)

    def describe(self) -> str:
        apart = {
            "any": "",
            "labels": " Ranges of one label must not overlap.",
            "none": " Ranges must not overlap.",
        }[self.overlap]
        field = self.models_read or self.field
        where = f" in `{field}`" if field else ""
        keys = ", ".join(f'"{key}"' for key in self._keys)
        times = (
            "counted in samples from 0, end exclusive"
            if self.unit == "samples"
            else "in seconds, or in the field's own time, from the beginning to the end"
        )
        least = f" A range is at least {self.min_length:g} long." if self.min_length else ""
        said = '; "text" is what is said in the range' if self.transcript != "none" else ""
        return (
            f"Mark every range of time{where} that one of these labels applies to (an empty list when there is none):\n"
            f"{describe_labels(self.labels)}\n"
            f"The answer is a list of {{{keys}}}; start and end are {times}{said}.{apart}{least}"
        )

    def decompose(self, values: Sequence[tuple[Range, ...]]) -> Ballots:
        return ballots_of(joined_ranges(values, self.same), len(values))

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> tuple[Range, ...]:
        pairs = zip(cast("Sequence[Sequence[Range]]", ballots.meaning), posterior, strict=True)
        weights: dict[tuple[float, float, str], tuple[float, Range]] = {}
        for members, p in pairs:
            if float(p[YES]) > float(p[NO]):
                one = self._median(members)
                weights[one[:3]] = max(weights.get(one[:3], (0.0, one)), (float(p[YES]), one))
        lanes: dict[str, list[tuple[float, Range]]] = {}
        for weight, one in weights.values():
            lanes.setdefault(one.label if self.overlap == "labels" else "", []).append((weight, one))
        if self.overlap == "any":
            return self._in_order([one for _, one in weights.values()])
        return self._in_order([one for lane in lanes.values() for one in heaviest(lane)])

    def _median(self, members: Sequence[Range]) -> Range:
        start, end = np.median(np.array([one[:2] for one in members], dtype=float), axis=0).tolist()
        if self.unit == "samples":
            start, end = math.floor(start), math.floor(end)
        texts = Counter(one.text for one in members)
        text = min(texts, key=lambda one: (-texts[one], sum(edit_distance(one, m.text) for m in members), one))
        return Range(_kept(start), _kept(end), members[0].label, text)

    def distance(self, a: tuple[Range, ...], b: tuple[Range, ...]) -> float:
        if a == b:
            return 0.0
        first, second = sorted((a, b))
        overlaps = overlaps_of(first, second)
        if self.transcript != "none":
            for i, j in np.argwhere(overlaps > 0).tolist():
                overlaps[i, j] *= _alike(first[i].text, second[j].text)
        return matched_distance(overlaps)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


def overlaps_of(a: Sequence[Range], b: Sequence[Range]) -> Overlaps:
    """Give intersection over union in time for each two ranges of one label; 0 for others."""
    if not a or not b:
        return np.zeros((len(a), len(b)))
    (starts, ends), (others, until) = (np.array([one[:2] for one in side], dtype=float).T for side in (a, b))
    shared = np.minimum(ends[:, None], until[None]) - np.maximum(starts[:, None], others[None])
    shared = np.clip(shared, 0.0, None)
    union = (ends - starts)[:, None] + (until - others)[None] - shared
    labels = np.array([one.label for one in a], dtype=object)[:, None] == np.array(
        [one.label for one in b], dtype=object
    )
    return np.where(labels, np.minimum(shared / union, 1.0), 0.0)


def heaviest(lane: Sequence[tuple[float, Range]]) -> list[Range]:
    """Give the ranges without overlap whose weights add up to the most; of equals, the earlier ones.

    Source: weighted interval scheduling; Kleinberg & Tardos (2006), Algorithm Design, section 6.1.
    """
    ordered = sorted(lane, key=lambda pair: (pair[1].end, pair[1].start, pair[1].label, pair[1].text))
    ends = [one.end for _, one in ordered]
    best: list[tuple[float, int]] = [(0.0, 0)]  # the most by the first n ranges, and how many were open to the last
    for n, (weight, one) in enumerate(ordered):
        before = bisect.bisect_right(ends, one.start, hi=n)
        taken = best[before][0] + weight
        best.append((taken, before) if taken > best[n][0] else (best[n][0], -1))
    kept: list[Range] = []
    n = len(ordered)
    while n > 0:
        before = best[n][1]
        if before < 0:
            n -= 1
        else:
            kept.append(ordered[n - 1][1])
            n = before
    return kept


def joined_ranges(values: Sequence[Sequence[Range]], same: float) -> list[dict[int, Range]]:
    """Give the clusters of ranges that mean the same thing, as person -> range."""
    return [{a: values[a][i] for a, i in one.items()} for one in joined(values, overlaps_of, same=same)]


def _alike(a: str, b: str) -> float:
    return 1.0 - edit_distance(a, b) / max(len(a), len(b), 1)


def _kept(time: float) -> float:
    return time if isinstance(time, int) else round(time, DIGITS) + 0.0


def _said(one: Range) -> str:
    return f"{one.start:g}–{one.end:g} ({one.label!r})"


class Ranges(LabelledMarks):
    """The task type."""

    name = "labelwright/ranges"
    alias = "ranges"

    def bind(self, settings: Mapping[str, Json]) -> RangesTask:
        same = read_share(settings, "same", 0.5)
        if same == 0:
            raise InvalidValue("same", "same is 0", "; ranges that do not overlap cannot mean the same thing")
        least = settings.get("min_length", 0)
        if isinstance(least, bool) or not isinstance(least, int | float) or not 0 <= least < FARTHEST:
            raise InvalidValue("min_length", f"min_length is {least!r}", "; a length in the question's unit is needed")
        others = (
            "unit",
            "overlap",
            "min_length",
            "transcript",
            "same",
            "field",
            "models_read",
            "fps",
            "tolerance",
        )
        read_fps(settings)  # the page goes by it; values are times
        return RangesTask(
            labels=read_labels(settings, at_least=1, others=others),
            unit=read_one_of(settings, "unit", UNITS),
            overlap=read_one_of(settings, "overlap", OVERLAPS),
            min_length=float(least),
            transcript=read_one_of(settings, "transcript", TRANSCRIPTS),
            same=same,
            field=read_text(settings, "field"),
            models_read=read_text(settings, "models_read"),
            tolerance=read_share(settings, "tolerance", 0.0),
        )

    def settings_schema(self) -> dict[str, Json]:
        return {
            "type": "object",
            "properties": {
                "labels": label_list_schema(1),
                "field": {"type": "string"},
                "unit": {"enum": list(UNITS)},
                "overlap": {"enum": list(OVERLAPS)},
                "min_length": {"type": "number", "minimum": 0},
                "transcript": {"enum": list(TRANSCRIPTS)},
                "models_read": {"type": "string"},
                "fps": {"type": "number", "exclusiveMinimum": 0, "maximum": MOST_FPS},
                "same": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
                "tolerance": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
            },
            "required": ["labels"],
            "additionalProperties": False,
        }


TASK_TYPE = Ranges()
