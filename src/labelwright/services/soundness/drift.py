"""Whether new items are like those that were there, and whether the certificate speaks of them; kept as a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project
from labelwright.errors import NotReady
from labelwright.ports.embedder import Embedder
from labelwright.ports.storage import Storage, Views
from labelwright.ports.world import World
from labelwright.services.models.show_item import item_text
from labelwright.services.projects.kept_results import keep_result
from labelwright.services.projects.project_of import project_of
from labelwright.services.soundness.drift_labels import (
    LabelFindings,
    compare_labels,
    findings_of,
    labels_json,
    with_corrected,
)
from labelwright.services.soundness.drift_sides import Sides, sides
from labelwright.services.soundness.drift_tests import (
    FEWEST,
    MOST_TEXTS,
    Finding,
    enough_shuffles,
    label_shares,
    text_findings,
    together,
)
from labelwright.services.soundness.drift_words import certificate_words, drift_words
from labelwright.services.soundness.newest_looks import DRIFT

_SEED = 23
_TESTS_EACH = 8
"""Tests of a comparison with one question: length, wording twice, and up to five of labels."""


def find_drift(
    project_id: ProjectId,
    *,
    storage: Storage,
    world: World,
    embedder: Embedder,
    since: str | None = None,
    batch: str | None = None,
) -> dict[str, Json]:
    """Compare batches of items, and what was said of them; keep and give the report.

    since, batch: see `drift_sides.sides`.  Appends: RunStarted and RunFinished of kind `drift`.
    Raises: NotReady, when there is nothing to compare, or too little; NotFound, for a run or field that is none.
    """
    with storage.reading() as views:
        project = project_of(views, project_id)
        report = _compared(views, project, embedder, since=since, batch=batch)
        n_items = views.item_count(project_id)
    parameters: dict[str, Json] = {
        "n_items": n_items,
        "since": since,
        "batch": batch,
        "embedder": embedder.name,
        "seed": [project.config.policy.seed, _SEED],
    }
    keep_result(storage, world, project_id, DRIFT, parameters=parameters, report=report)
    return {"at": world.timestamp(), **report}


def compare_texts(
    before: tuple[str, Sequence[str], Sequence[str] | None],
    after: tuple[str, Sequence[str], Sequence[str] | None],
    embedder: Embedder,
    *,
    seed: int = 1,
) -> dict[str, Json]:
    """Compare two lists of texts, and their labels where both have some; (name, texts, labels) each.

    Raises: NotReady, when a side has too few.
    """
    _check_enough(before[0], len(before[1]), after[0], len(after[1]))
    rng = np.random.default_rng([seed, _SEED])
    n_shuffles = enough_shuffles(_TESTS_EACH)
    texts = [_some(side[1], rng) for side in (before, after)]
    findings = text_findings(texts[0], texts[1], embedder, rng=rng, n_shuffles=n_shuffles)
    said = None
    if before[2] is not None and after[2] is not None:
        said = label_shares("labels", before[2], after[2], rng=rng, n_shuffles=n_shuffles)
    corrected = together([*findings, *([] if said is None else [said.finding])])
    if said is not None:
        said = replace(said, finding=corrected.pop())
    return _one(
        (before[0], after[0]),
        (len(before[1]), len(after[1])),
        corrected,
        {"label": LabelFindings(None, None, said, None, None)} if said is not None else {},
    )


def _compared(
    views: Views, project: Project, embedder: Embedder, *, since: str | None, batch: str | None
) -> dict[str, Json]:
    pairs = sides(views, project, since=since, batch=batch)
    if len(pairs) == 1:
        one = pairs[0]
        _check_enough(one.names[0], len(one.before), one.names[1], len(one.after))
    pairs = [pair for pair in pairs if min(len(pair.before), len(pair.after)) >= FEWEST]
    if not pairs:
        raise NotReady(f"no two batches have {FEWEST} items each; there is too little to compare")
    n_questions = len(project.config.schema.questions)
    n_shuffles = enough_shuffles(len(pairs) * (3 + (_TESTS_EACH - 3) * n_questions))
    rng = np.random.default_rng([project.config.policy.seed, _SEED])
    inputs = [
        text_findings(*_texts(views, project, pair, rng), embedder, rng=rng, n_shuffles=n_shuffles) for pair in pairs
    ]
    labels = [
        {
            str(question.name): compare_labels(views, project, question, pair, rng=rng, n_shuffles=n_shuffles)
            for question in project.config.schema.questions
        }
        for pair in pairs
    ]
    # Whether people changed has nothing to do with batches: it is tested once.
    labels[1:] = [
        {name: replace(one, people_over_time=None) for name, one in of_pair.items()} for of_pair in labels[1:]
    ]
    every = [one for of_pair in inputs for one in of_pair]
    every += [one for of_pair in labels for of_question in of_pair.values() for one in findings_of(of_question)]
    corrected = iter(together(every))
    inputs = [[next(corrected) for _ in of_pair] for of_pair in inputs]
    labels = [{name: with_corrected(one, corrected) for name, one in of_pair.items()} for of_pair in labels]
    certificate = _certificate(views, project)
    told = [
        _one(pair.names, (len(pair.before), len(pair.after)), mine, said)
        for pair, mine, said in zip(pairs, inputs, labels, strict=True)
    ]
    # What rings loudest stands first in the report; all are in `comparisons`.
    first = max(told, key=lambda one: (bool(one["drifted"]), _loudness(one)))
    sentence = str(first["sentence"]) + (f" {certificate['sentence']}" if certificate is not None else "")
    return {
        **first,
        "sentence": sentence,
        "certificate": certificate,
        "comparisons": cast("list[Json]", told),
    }


def _one(
    names: tuple[str, str], n: tuple[int, int], inputs: Sequence[Finding], labels: Mapping[str, LabelFindings]
) -> dict[str, Json]:
    """Write one comparison."""
    by_question: dict[str, Json] = {name: labels_json(one) for name, one in labels.items()}
    ringing = [one for of_question in labels.values() for one in findings_of(of_question) if one.drifted]
    drifted = any(one.drifted for one in inputs) or bool(ringing)
    return {
        "before": names[0],
        "after": names[1],
        "n_before": n[0],
        "n_after": n[1],
        "inputs": [one.as_json() for one in inputs],
        "labels": by_question,
        "drifted": drifted,
        "sentence": drift_words(names, n, inputs, {name: findings_of(one) for name, one in labels.items()}),
    }


def _loudness(told: Mapping[str, Json]) -> float:
    """Give how well new is told from old: p-values cannot say which of two plain differences is the plainer."""
    inputs = cast("list[dict[str, Json]]", told["inputs"])
    return next((cast("float", one["value"]) for one in inputs if one["test"] == "classifier"), 0.0)


def _check_enough(before: str, n_before: int, after: str, n_after: int) -> None:
    for name, n in ((before, n_before), (after, n_after)):
        if n < FEWEST:
            raise NotReady(f"{name}: {n} items are too few to see a drift by; {FEWEST} are needed on either side")


def _some(texts: Sequence[str], rng: np.random.Generator) -> list[str]:
    if len(texts) <= MOST_TEXTS:
        return list(texts)
    return [texts[int(at)] for at in np.sort(rng.choice(len(texts), MOST_TEXTS, replace=False))]


def _texts(views: Views, project: Project, pair: Sides, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    found: list[list[str]] = []
    for keys in (pair.before, pair.after):
        some = keys if len(keys) <= MOST_TEXTS else np.sort(rng.choice(keys, MOST_TEXTS, replace=False))
        items = views.items_by_key(project.id, [int(key) for key in some])
        found.append([item_text(project.config, item.content) for item in items])
    return found[0], found[1]


def _certificate(views: Views, project: Project) -> dict[str, Json] | None:
    """Say of how many items the newest sample, and so any certificate, does not speak; None where there is none."""
    plan = views.plan(project.id)
    if plan is None:
        return None
    frozen = cast("Mapping[str, Json]", plan["frozen"])
    issued = views.certificates(project.id)
    is_issued = any(one["plan"] == plan["plan"] for one in issued.values())
    keys = views.item_keys(project.id)
    n_outside = int(np.count_nonzero(keys > cast("int", frozen["last_item"])))
    n_pool = cast("int", frozen["n_pool"])
    return {
        "is_issued": is_issued,
        "n_pool": n_pool,
        "n_outside": n_outside,
        "covers_all": n_outside == 0,
        "sentence": certificate_words(n_pool, n_outside, is_issued=is_issued),
    }
