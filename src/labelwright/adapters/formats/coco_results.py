"""COCO's results: what a detector found, [{image_id, category_id, bbox, score}], as one answer for each image."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import orjson

from labelwright.adapters.formats.coco import read_coco, takes_regions
from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.project import Question
from labelwright.errors import InvalidFile, InvalidInput, InvalidValue
from labelwright.tasks.registry import bind, task_type

LEAST = 0.5
"""Below this score a region is left out, unless something else is asked for."""


@dataclass(frozen=True, slots=True)
class FoundInImage:
    """A detector's answer about one item.

    confidence: how sure it is of the whole answer: of the weakest region that is kept, or of leaving the strongest of
    the others out, whichever is less; None where it said nothing of the image at all.
    """

    item: str
    value: Json
    confidence: float | None
    n_left_out: int


@dataclass(frozen=True, slots=True)
class CocoResults:
    """All of a file's answers.  sha256: of both files and the limit."""

    name: str
    sha256: str
    answers: tuple[FoundInImage, ...]


def asked_about_images(questions: Sequence[Question], name: str | None) -> Question:
    """Give the question that results answer: the one named, or the only one.  Raises: InvalidInput."""
    able = [one for one in questions if takes_regions(task_type(one.type).alias)]
    if name is None and len(able) == 1:
        return able[0]
    found = next((one for one in able if one.name == name), None)
    if found is None:
        named = [str(one.name) for one in able]
        problem = (
            "which question do they answer?" if name is None else f"question {name!r} asks for no regions of images"
        )
        hint = f"; name one of {', '.join(named)}" if named else "; no question of this project does"
        raise InvalidInput(f"--question: {problem}{hint}")
    return found


def read_coco_results(file: Path, of: Path, question: Question, *, least: float = LEAST) -> CocoResults:
    """Read results about the images and categories of a COCO file.

    of: the file with `images` and `categories` that the ids belong to, such as an export's coco.json.
    Raises: InvalidFile, with the entry: no such image or category, a score that is none, a shape that is none.
    """
    results, frame = _bytes(file), _bytes(of)
    stated = _results(file, results)
    try:
        told: dict[str, Any] = orjson.loads(frame)
        images: dict[Any, Mapping[str, Any]] = {one["id"]: one for one in told["images"]}
        names = {one["id"] for one in told["categories"]}
    except (orjson.JSONDecodeError, KeyError, TypeError) as problem:
        hint = "; an object with images and categories is needed"
        raise InvalidFile(of, f"this is not COCO's JSON ({problem})", hint=hint) from None
    kept: list[dict[str, Any]] = []
    sure: dict[Any, list[float]] = {}
    left_out: dict[Any, int] = dict.fromkeys(images, 0)
    for place, one in enumerate(stated):
        score = _score(file, place, one)
        image = one.get("image_id")
        if image not in images or one.get("category_id") not in names:
            what = "image_id" if image not in images else "category_id"
            raise InvalidFile(file, f"[{place}]: {what} {one.get(what)!r} is none of {of.name}")
        sure.setdefault(image, []).append(score if score >= least else 1 - score)
        if score >= least:
            kept.append({**one, "question": question.name, "place": place})
        else:
            left_out[image] += 1
    kept.sort(key=lambda one: -one["score"])
    whole = {**told, "annotations": kept}
    return CocoResults(
        file.name,
        sha256(sha256(results).digest() + sha256(frame).digest() + canonical_json(least)).hexdigest(),
        tuple(_answers(file, of, whole, kept, asked=question, sure=sure, left_out=left_out)),
    )


def _answers(
    file: Path,
    of: Path,
    whole: Mapping[str, Any],
    kept: list[dict[str, Any]],
    *,
    asked: Question,
    sure: Mapping[Any, list[float]],
    left_out: Mapping[Any, int],
) -> list[FoundInImage]:
    task, kind = bind(asked), task_type(asked.type).alias
    try:
        rows = read_coco(orjson.dumps(whole).decode(), {asked.name: kind})
    except InvalidValue as problem:
        place = problem.path.removeprefix("annotations[").removesuffix("]")
        entry = f"[{kept[int(place)]['place']}]" if place.isdigit() else problem.path
        raise InvalidFile(file, f"{entry}: {problem.problem}", hint=problem.hint) from None
    found: dict[str, FoundInImage] = {}
    for image, row in zip(whole["images"], rows, strict=True):
        regions = cast("list[Json]", row.get(asked.name, []))
        # Detectors say the same place twice; a value has it once.
        once = list({canonical_json(one): one for one in regions}.values())
        try:
            value = task.dump(task.parse(once))
        except InvalidValue as problem:
            raise InvalidFile(file, f"image {image['id']!r}: {problem}") from None
        scores = sure.get(image["id"])
        item = str(row["id"])
        if item in found:
            raise InvalidFile(of, f"two images are of the item {item!r}", hint="; give each an item_id of its own")
        found[item] = FoundInImage(item, value, min(scores) if scores else None, left_out[image["id"]])
    return list(found.values())


def _bytes(file: Path) -> bytes:
    if not file.is_file():
        raise InvalidFile(file, "there is no such file")
    return file.read_bytes()


def _results(file: Path, text: bytes) -> list[dict[str, Any]]:
    try:
        stated: object = orjson.loads(text)
    except orjson.JSONDecodeError as problem:
        raise InvalidFile(file, f"is not valid JSON ({problem.msg})", line=problem.lineno) from None
    if isinstance(stated, list):
        entries = cast("list[object]", stated)
        if all(isinstance(one, dict) for one in entries):
            return cast("list[dict[str, Any]]", entries)
    hint = "; a list of {image_id, category_id, bbox, score} is needed"
    raise InvalidFile(file, "these are not COCO's results", hint=hint)


def _score(file: Path, place: int, one: Mapping[str, Any]) -> float:
    score = one.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score) or not 0 <= score <= 1:
        raise InvalidFile(file, f"[{place}]: score is {score!r}", hint="; a number from 0 to 1 is needed")
    return float(score)
