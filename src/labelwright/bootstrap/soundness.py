"""What looks at the data itself, with files and embedders: drift, near copies, and what a model knows by heart."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from labelwright.adapters.formats.text_table import TextTable
    from labelwright.domain.canonical import Json
    from labelwright.domain.ids import ProjectId
    from labelwright.domain.project import Project
    from labelwright.methods.duplicates.shingles import Runs
    from labelwright.ports.storage import Storage
    from labelwright.ports.world import World
    from labelwright.services.soundness.duplicates import Duplicates
    from labelwright.services.soundness.memorisation import MemorisationForecast
    from labelwright.services.soundness.memorisation_report import MemorisationReport

_TEXT, _LABEL, _ID = "text", "label", "id"


def drift(
    project: ProjectId, *, storage: Storage, world: World, since: str | None = None, batch: str | None = None
) -> dict[str, Json]:
    """Compare batches of a project's items."""
    from labelwright.adapters.embedders import HashedEmbedder
    from labelwright.services.soundness.drift import find_drift

    return find_drift(project, storage=storage, world=world, embedder=HashedEmbedder(), since=since, batch=batch)


def drift_of_files(old: Path, new: Path, *, text: str | None = None, label: str | None = None) -> dict[str, Json]:
    """Compare two plain files."""
    from labelwright.adapters.embedders import HashedEmbedder
    from labelwright.adapters.formats.text_table import read_text_table
    from labelwright.services.soundness.drift import compare_texts

    sides: list[tuple[str, list[str], list[str] | None]] = []
    for file, name in zip((old, new), _names((old, new)), strict=True):
        table = read_text_table(file)
        labels = _labels(table, label)
        given = None if labels is None else [one for one in labels if one is not None]
        sides.append((name, _texts(table, text), given or None))
    return compare_texts(sides[0], sides[1], HashedEmbedder())


def duplicates(
    project: Project,
    *,
    storage: Storage,
    world: World,
    field: str = "split",
    runs: Runs = "characters",
    gold: Path | None = None,
) -> Duplicates:
    """Look for near copies among a project's items."""
    from labelwright.adapters.embedders import HashedEmbedder
    from labelwright.adapters.formats.gold_file import read_gold
    from labelwright.services.soundness.duplicates import find_duplicates

    measuring: dict[str, frozenset[str]] = {}
    if gold is not None:
        read = read_gold(gold, project.config.schema.questions)
        measuring[read.name] = frozenset(id for labels in read.values.values() for id in labels)
    return find_duplicates(
        project.id,
        storage=storage,
        world=world,
        embedder=HashedEmbedder(),
        field=field,
        runs=runs,
        gold=measuring,
    )


def duplicates_in_files(
    files: Sequence[Path],
    *,
    text: str | None = None,
    label: str | None = None,
    id: str | None = None,
    field: str = "split",
    runs: Runs = "characters",
) -> Duplicates:
    """Look for near copies in plain files; of several files each is a side of its own, else the column `field`."""
    from labelwright.adapters.embedders import HashedEmbedder
    from labelwright.adapters.formats.text_table import read_text_table
    from labelwright.errors import InvalidInput
    from labelwright.services.soundness.corpus import SPLIT, Corpus
    from labelwright.services.soundness.duplicates import duplicates_in

    if len(files) > 1 and field != SPLIT:
        raise InvalidInput("--field names the sides within one file; of several files each is a side")
    ids: list[str] = []
    texts: list[str] = []
    labels: list[str | None] = []
    side: list[str | None] = []
    for file, name in zip(files, _names(files), strict=True):
        table = read_text_table(file)
        found = _texts(table, text)
        texts += found
        labels += _labels(table, label) or [None] * len(found)
        where = f"{name}:" if len(files) > 1 else ""
        named = table.column(id, option="--id") if id is not None else table.columns.get(_ID)
        ids += [
            f"{where}line {line}" if named is None or named[at] is None else f"{where}{named[at]}"
            for at, line in enumerate(table.lines)
        ]
        if len(files) > 1:
            side += [name] * len(found)
        else:
            is_there = field in table.columns or field != SPLIT
            column = table.column(field, option="--field") if is_there else [None] * len(found)
            side += [None if one is None else str(one) for one in column]
    known = {_LABEL: labels} if any(one is not None for one in labels) else {}
    corpus = Corpus(np.arange(len(texts), dtype=np.int64), ids, texts, known, side)
    return duplicates_in(corpus, HashedEmbedder(), runs=runs)


def write_split(file: Path, found: Duplicates, sides: Sequence[str], *, field: str = "split") -> None:
    """Write `id`, the side and the group of every text, as CSV or JSON lines by the file's name."""
    import orjson

    from labelwright.adapters.formats.text_table import write_csv, write_whole
    from labelwright.errors import InvalidFile

    ids = found.corpus.ids
    groups = [ids[int(at)] for at in found.copies.group]
    ending = (Path(file.stem) if file.suffix == ".gz" else file).suffix.lower()
    if ending == ".csv":
        write_csv(file, ["id", field, "group"], zip(ids, sides, groups, strict=True))
    elif ending in (".jsonl", ".ndjson") and file.suffix != ".gz":
        rows = zip(ids, sides, groups, strict=True)
        lines = [orjson.dumps({"id": id, field: side, "group": group}) + b"\n" for id, side, group in rows]
        write_whole(file, b"".join(lines))
    else:
        raise InvalidFile(file, "does not say what it is to be", hint="; name it .csv or .jsonl")


def memorisation(
    project: Project,
    folder: Path,
    *,
    storage: Storage,
    world: World,
    model: str | None = None,
    limit: int = 50,
    dataset: str | None = None,
    gold: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> MemorisationReport:
    """Probe what a model knows by heart; Ctrl-C lets the calls in flight finish and be kept."""
    from labelwright.adapters.execution.signals import draining_on_signals
    from labelwright.bootstrap import check_models
    from labelwright.bootstrap.models import surroundings
    from labelwright.services.soundness.memorisation import probe_memorisation

    check_models(project.config)
    with draining_on_signals(threading.Event()) as stop:
        around = surroundings(project, folder, storage=storage, world=world, stop=stop)
        return probe_memorisation(
            project, around, model=model, limit=limit, dataset=dataset, gold=_gold(project, gold), progress=progress
        )


def foresee_memorisation(
    project: Project,
    folder: Path,
    *,
    storage: Storage,
    world: World,
    model: str | None = None,
    limit: int = 50,
    dataset: str | None = None,
    gold: Path | None = None,
) -> MemorisationForecast:
    """Say what the probe would ask and cost. Nothing is sent."""
    from labelwright.bootstrap import check_models
    from labelwright.bootstrap.models import surroundings
    from labelwright.services.soundness.memorisation import foresee_memorisation as look

    check_models(project.config)
    around = surroundings(project, folder, storage=storage, world=world, stop=threading.Event())
    return look(project, around, model=model, limit=limit, dataset=dataset, gold=_gold(project, gold))


def _gold(project: Project, file: Path | None) -> Mapping[str, Mapping[str, Json]] | None:
    from labelwright.adapters.formats.gold_file import read_gold

    return None if file is None else read_gold(file, project.config.schema.questions).values


def _names(files: Sequence[Path]) -> list[str]:
    """Name files so that each is another: by their own names, or by the paths where two have one name.

    Raises: InvalidInput, when one file is named twice.
    """
    from labelwright.errors import InvalidInput

    for at, file in enumerate(files):
        if file.resolve() in [other.resolve() for other in files[:at]]:
            raise InvalidInput(f"{file} is named twice: there is nothing to compare a file with itself for")
    names = [file.name for file in files]
    return names if len(set(names)) == len(names) else [str(file) for file in files]


def _texts(table: TextTable, column: str | None) -> list[str]:
    cells = table.column(column or _TEXT, option="--text" if column else "")
    return ["" if cell is None else str(cell) for cell in cells]


def _labels(table: TextTable, column: str | None) -> list[str | None] | None:
    if column is None and _LABEL not in table.columns:
        return None
    cells = table.column(column or _LABEL, option="--label" if column else "")
    return [None if cell is None else str(cell) for cell in cells]
