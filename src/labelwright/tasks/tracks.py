"""Follow things through a film: labelled boxes with key frames, the frames between them interpolated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.tasks.answer_schema import list_of_objects, one_label
from labelwright.tasks.label_list import Label, LabelledMarks, describe_labels, label_names, read_labels
from labelwright.tasks.protocol import Ballots, Posterior, Shown
from labelwright.tasks.read_settings import list_of, object_of, read_share, read_text
from labelwright.tasks.read_settings import shown as in_short
from labelwright.tasks.regions import (
    DIGITS,
    ballots_of,
    checked_once,
    clusters_of,
    drawn,
    matched_distance,
    medoid,
    read_coordinate,
    read_label,
    read_same,
    regions_schema,
)
from labelwright.tasks.series import MOST_FPS, read_fps

MOST_TRACKS = 100
MOST_KEYFRAMES = 5_000
LAST_FRAME = 1_000_000
MOST_COMPARED = 2_000
"""Longer tracks are compared in this many frames, evenly chosen: a day of film must not take a day."""
_SIDES = ("x", "y", "width", "height")
_KEYS = ("frame", *_SIDES, "outside")

Corners: TypeAlias = "np.ndarray[tuple[int, int], np.dtype[np.float64]]"
Flags: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.bool_]]"
Frames: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.int64]]"


class Keyframe(NamedTuple):
    """Where the thing is in a frame, as shares of the picture; outside: from here on it is not in sight."""

    frame: int
    x: float
    y: float
    width: float
    height: float
    outside: bool = False


class Track(NamedTuple):
    """One thing, from its first key frame to its last."""

    keyframes: tuple[Keyframe, ...]
    label: str

    def at(self, frames: Frames) -> tuple[Corners, Flags]:
        """Give left, top, right and bottom in these frames, (N, 4), and whether it is in sight, (N,)."""
        keys = np.array([key.frame for key in self.keyframes])
        boxes = np.array([(key.x, key.y, key.x + key.width, key.y + key.height) for key in self.keyframes])
        corners = np.column_stack([np.interp(frames, keys, boxes[:, side]) for side in range(4)])
        last = np.searchsorted(keys, frames, side="right") - 1
        hidden = np.array([key.outside for key in self.keyframes])
        return corners, (last >= 0) & (frames <= keys[-1]) & ~hidden[np.maximum(last, 0)]


@dataclass(frozen=True)
class TracksTask:
    """Every cluster of tracks that mean the same thing is a unit, yes or no.

    A track is interpolated linearly between its key frames, and is nowhere before the first and after the last.
    `distance` is 1 − the mean likeness of the best one-to-one matching of equal labels, over the larger number of
    tracks; likeness is the mean overlap (intersection over union) over the frames in which either is in sight.
    same: from which likeness on two people's tracks mean the same thing.
    """

    labels: tuple[Label, ...]
    fps: float = 25.0
    same: float = 0.5
    field: str | None = None
    models_read: str | None = None
    tolerance: float = 0.0
    name: str = "labelwright/tracks"

    @cached_property
    def _index(self) -> Mapping[str, int]:
        return {label.value: place for place, label in enumerate(self.labels)}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return label_names(self.labels)

    def parse(self, raw: object) -> tuple[Track, ...]:
        return self._read(raw, {label: label for label in self._index})

    def _read(self, raw: object, names: Mapping[str, str]) -> tuple[Track, ...]:
        stated = list_of(raw, "tracks", most=MOST_TRACKS)
        tracks = [self._read_track(one, names, f"[{place}]") for place, one in enumerate(stated)]
        return self._in_order(checked_once(tracks, "track"))

    def _read_track(self, raw: object, names: Mapping[str, str], path: str) -> Track:
        given = object_of(raw, ("label", "keyframes"), path, "track")
        label = read_label(given["label"], self._index, f"{path}.label", names=names)
        stated = list_of(given["keyframes"], "key frames", path=f"{path}.keyframes", most=MOST_KEYFRAMES)
        keyframes = [_read_keyframe(one, f"{path}.keyframes[{place}]") for place, one in enumerate(stated)]
        for before, after in pairwise(keyframes):
            if after.frame <= before.frame:
                problem = f"frame {after.frame} does not come after frame {before.frame}"
                raise InvalidValue(f"{path}.keyframes", problem, "; give each frame once, in order")
        if not keyframes or keyframes[0].outside:
            raise InvalidValue(
                f"{path}.keyframes", "the track does not begin in sight", "; its first key frame is a box"
            )
        return Track(tuple(keyframes), label)

    def _in_order(self, tracks: set[Track]) -> tuple[Track, ...]:
        return tuple(sorted(tracks, key=lambda track: (track.keyframes, self._index[track.label])))

    def check_item(self, value: tuple[Track, ...], content: Mapping[str, Json]) -> None:
        """How many frames a film has is known where it is played."""

    def dump(self, value: tuple[Track, ...]) -> Json:
        return [{"label": track.label, "keyframes": [_dumped(key) for key in track.keyframes]} for track in value]

    def answer_schema(self) -> dict[str, Json]:
        of: dict[str, Json] = {"frame": {"type": "integer"}, **{side: {"type": "number"} for side in _SIDES}}
        of["outside"] = {"type": "boolean"}
        return list_of_objects({"label": one_label(self.labels), "keyframes": list_of_objects(of)})

    def out_of_reach(self, shown: Shown) -> str | None:
        """Say why a model cannot answer this from what it is shown; None where it can."""
        if self.models_read is not None and shown.texts.get(self.models_read, "").strip():
            return None
        return "models here see no films; name a field that says where things are, frame by frame, in `models_read`"

    def read_answer(self, raw: object, shown: Shown) -> tuple[Track, ...]:
        why = self.out_of_reach(shown)
        if why is not None:
            raise InvalidValue("", f"a model cannot answer this: {why}")
        return self._read(raw, self._names)

    def write_answer(self, value: tuple[Track, ...], shown: Shown) -> Json:
        return [{"label": track.label, "keyframes": [key._asdict() for key in track.keyframes]} for track in value]

    def describe(self) -> str:
        where = f" that `{self.models_read}` tells of" if self.models_read else ""
        return (
            f"Follow everything{where} that one of these labels applies to (an empty list when there is nothing):\n"
            f"{describe_labels(self.labels)}\n"
            'The answer is a list of {"label", "keyframes"}; a key frame is {"frame", "x", "y", "width", "height", '
            f'"outside"}}: frames count from 0 ({self.fps:g} a second), places are shares of the picture from its '
            "upper left corner, and `outside` is true from the frame on in which the thing is no longer in sight. "
            "Between key frames the box moves evenly."
        )

    def decompose(self, values: Sequence[tuple[Track, ...]]) -> Ballots:
        return ballots_of(clusters_of(values, likeness, same=self.same), len(values))

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> tuple[Track, ...]:
        clusters = cast("Sequence[Sequence[Track]]", ballots.meaning)
        return self._in_order({_together(members) for members in drawn(posterior, clusters)})

    def distance(self, a: tuple[Track, ...], b: tuple[Track, ...]) -> float:
        return matched_distance(a, b, likeness)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


def likeness(a: Track, b: Track) -> float:
    """Give the mean overlap of two tracks over the frames in which either is in sight, in [0, 1]."""
    first = min(a.keyframes[0].frame, b.keyframes[0].frame)
    last = max(a.keyframes[-1].frame, b.keyframes[-1].frame)
    if a.keyframes[-1].frame < b.keyframes[0].frame or b.keyframes[-1].frame < a.keyframes[0].frame:
        return 0.0
    n = min(last - first + 1, MOST_COMPARED)
    frames: Frames = np.unique(np.linspace(first, last, n).round().astype(np.int64))
    (one, sees_one), (other, sees_other) = a.at(frames), b.at(frames)
    either = sees_one | sees_other
    low, high = np.maximum(one[:, :2], other[:, :2]), np.minimum(one[:, 2:], other[:, 2:])
    shared = np.prod(np.clip(high - low, 0.0, None), axis=1)
    areas = [np.prod(corners[:, 2:] - corners[:, :2], axis=1) for corners in (one, other)]
    overlap = np.where(sees_one & sees_other, shared / (areas[0] + areas[1] - shared), 0.0)
    return min(float(overlap[either].mean()), 1.0) if either.any() else 0.0


def _together(members: Sequence[Track]) -> Track:
    """Give the track most like all, at its own key frames, each the median of those who see the thing there."""
    middle = medoid(members, likeness)
    if len(members) == 1:
        return middle
    frames: Frames = np.array([key.frame for key in middle.keyframes])
    seen = [track.at(frames) for track in members]
    keyframes: list[Keyframe] = []
    for place, key in enumerate(middle.keyframes):
        there = [corners[place] for corners, in_sight in seen if in_sight[place]]
        votes = 2 * len(there) - len(members)
        outside = key.outside if votes == 0 else votes < 0
        if outside:
            if keyframes:
                keyframes.append(key._replace(outside=True))
            continue
        left, top, right, bottom = cast("list[float]", np.median(np.array(there), axis=0).tolist())
        keyframes.append(_keyframe(key.frame, (left, top, right, bottom), outside=False, path=""))
    return Track(tuple(keyframes), middle.label) if keyframes else middle


def _read_keyframe(raw: object, path: str) -> Keyframe:
    stated = {"outside": False, **cast("dict[Any, Any]", raw)} if isinstance(raw, dict) else raw
    given = object_of(stated, _KEYS, path, "key frame")
    frame, outside = given["frame"], given["outside"]
    if isinstance(frame, bool) or not isinstance(frame, int) or not 0 <= frame <= LAST_FRAME:
        hint = f"; a whole number from 0 to {LAST_FRAME:,} is needed"
        raise InvalidValue(f"{path}.frame", f"{in_short(frame)} is no frame", hint)
    if not isinstance(outside, bool):
        raise InvalidValue(f"{path}.outside", f"outside is {in_short(outside)}", "; true or false is needed")
    x, y, width, height = (read_coordinate(given[side], 1.0, f"{path}.{side}") for side in _SIDES)
    return _keyframe(frame, (x, y, x + width, y + height), outside=outside, path=path)


def _keyframe(frame: int, corners: tuple[float, float, float, float], *, outside: bool, path: str) -> Keyframe:
    left, top, right, bottom = (round(corner, DIGITS) for corner in corners)
    if right > 1 or bottom > 1:
        raise InvalidValue(path, "the box reaches beyond the picture", "; x + width and y + height are at most 1")
    if left >= right or top >= bottom:
        raise InvalidValue(path, "the box has no width or no height", "; give it some")
    return Keyframe(frame, left, top, round(right - left, DIGITS), round(bottom - top, DIGITS), outside)


def _dumped(key: Keyframe) -> dict[str, Json]:
    plain: dict[str, Json] = {**key._asdict()}
    if not key.outside:
        del plain["outside"]
    return plain


class Tracks(LabelledMarks):
    """The task type."""

    name = "labelwright/tracks"
    alias = "tracks"

    def bind(self, settings: Mapping[str, Json]) -> TracksTask:
        labels = read_labels(settings, at_least=1, others=("fps", "same", "field", "models_read", "tolerance"))
        fps = read_fps(settings)
        if fps is None:
            hint = "; say how many pictures a second the films have, such as fps: 25"
            raise InvalidValue("fps", "key frames are counted, and fps is not given", hint)
        return TracksTask(
            labels,
            fps,
            read_same(settings, "tracks"),
            read_text(settings, "field"),
            read_text(settings, "models_read"),
            read_share(settings, "tolerance", 0.0),
        )

    def settings_schema(self) -> dict[str, Json]:
        return regions_schema(
            {
                "fps": {"type": "number", "exclusiveMinimum": 0, "maximum": MOST_FPS},
                "models_read": {"type": "string"},
            },
            required=("labels", "fps"),
        )


TASK_TYPE = Tracks()
