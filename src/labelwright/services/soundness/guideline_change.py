"""A changed guideline or prompt: which old labels does it touch?  A probe is labelled anew; the rest is foreseen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.ids import RunId
from labelwright.domain.project import Project, Question
from labelwright.errors import NotReady
from labelwright.events import RunFinished, RunStarted
from labelwright.methods.estimation import strata_of, stratified_draw
from labelwright.methods.slices.flips import Residual, fit_flips, residual_flips
from labelwright.ports.storage import Views
from labelwright.services.comparing.evaluate_gold import Gold
from labelwright.services.comparing.evaluate_run import Said, run_variant
from labelwright.services.comparing.evaluate_variants import Variant
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.models.show_item import item_text
from labelwright.services.models.surroundings import Surroundings
from labelwright.services.people.by_themselves import individual
from labelwright.tasks.registry import bind

PROBE: Final = "recheck"
"""The kind of run under which a probe is kept: its items, which of them flip, and what follows."""
DEFAULT_PROBE = 200
DEFAULT_TARGET = 0.05
_FEWEST = 40
_READ = 2_000
_SEED = 37


@dataclass(frozen=True, slots=True, eq=False)
class OldLabels:
    """Labels of one question made under an earlier guideline or prompt; arrays of length N, by ascending key.

    value: what the model said then.  prediction: its number.  confidence: nan = unknown.
    by_people: people labelled the item, all of them under an earlier guideline.  accepted: it was accepted unseen.
    """

    question: Question
    item: NDArray[np.int64]
    value: list[Json]
    confidence: NDArray[np.float64]
    by_people: NDArray[np.bool_]
    accepted: NDArray[np.bool_]

    def counts(self) -> dict[str, Json]:
        """Count them by who made them."""
        return {
            "n_labels": len(self.item),
            "n_people": int(self.by_people.sum()),
            "n_accepted": int((self.accepted & ~self.by_people).sum()),
            "n_other": int((~self.accepted & ~self.by_people).sum()),
        }


def old_labels(views: Views, project: Project, question: Question) -> OldLabels:
    """Gather the labels that were made before the guideline or prompt in force.

    They are those of items whose newest answer of the first model is by another prompt: an item that was asked again
    already needs no foresight.
    """
    model, prompt_hash = project.config.asked_models[0].model, project_prompt(project.config).hash
    columns = views.predictions(project.id, question.name, model)
    fresh = np.isin(columns.item, views.predicted_items(project.id, model, prompt_hash, question.name))
    valid = np.array([status == "valid" for status in columns.status], dtype=np.bool_)
    rows = np.flatnonzero(~fresh & valid)
    item = columns.item[rows]
    newest: dict[int, int] = {}
    for one in individual(views.annotations(project.id, question=question.name)):
        newest[int(one.item)] = max(newest.get(int(one.item), 0), one.guideline_version)
    version = project.config.guideline.version
    done = np.array([newest.get(int(key), 0) >= version and int(key) in newest for key in item], dtype=np.bool_)
    routes = {int(d.item): d.route for d in views.decisions(project.id, question.name)}
    kept = ~done
    return OldLabels(
        question=question,
        item=item[kept],
        value=[columns.value[row] for row in rows[kept].tolist()],
        confidence=columns.confidence[rows[kept]],
        by_people=np.array([int(key) in newest for key in item[kept]], dtype=np.bool_),
        accepted=np.array([routes.get(int(key)) in ("accept", "audit") for key in item[kept]], dtype=np.bool_),
    )


def survey(views: Views, project: Project) -> dict[str, Json]:
    """Say which labels are old, and whether a probe of this change was made. Nothing is asked.

    Raises: NotReady, when the project names no model.
    """
    _check(project)
    kept = newest_probe(views, project)
    return {
        "guideline_version": project.config.guideline.version,
        "prompt_hash": project_prompt(project.config).hash,
        "questions": {
            question.name: old_labels(views, project, question).counts() for question in project.config.schema.questions
        },
        "probe": None if kept is None else cast("Json", kept),
    }


def newest_probe(views: Views, project: Project) -> dict[str, Json] | None:
    """Give the newest probe of the guideline and prompt in force; None when there is none."""
    wanted = project_prompt(project.config).hash
    found = [
        run
        for run in views.runs(project.id)
        if run.kind == PROBE and run.finished and run.report and run.parameters["prompt_hash"] == wanted
    ]
    return None if not found else {"run": found[-1].id, "at": found[-1].started_at, **(found[-1].report or {})}


def probe(
    project: Project,
    around: Surroundings,
    *,
    n: int = DEFAULT_PROBE,
    target: float = DEFAULT_TARGET,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Json]:
    """Have the model label n old items anew, learn which flip, foresee the rest, and keep what follows.

    Half of them are drawn over labels and confidences alike, to learn from; half by plain chance, to bound the rest.
    The answers are those that prelabel would buy, and are not bought again by it; no prediction is recorded.
    target: largest share of labels left unreviewed that may flip, at 95% confidence.
    Appends: RunStarted, RunFinished. A probe that was cut short asks for the same items again, and finds what was paid.
    Raises: NotReady, when there are too few old labels.
    """
    _check(project)
    with around.storage.reading() as views:
        old = [old_labels(views, project, question) for question in project.config.schema.questions]
        whole = old[0]
        if len(whole.item) < _FEWEST:
            raise NotReady(
                f"{len(whole.item)} labels were made under an earlier guideline or prompt and not asked for again; "
                f"{_FEWEST} are needed to learn from. Run recheck after apply and before prelabel"
            )
        learn, test = _draw(whole, min(n, len(whole.item)), seed=project.config.policy.seed)
        texts = [_texts(views, project, one.item) for one in old]
    run = RunId(around.world.new_id())
    chosen = np.sort(np.concatenate([learn, test]))
    parameters: dict[str, Json] = {
        "prompt_hash": project_prompt(project.config).hash,
        "guideline_version": project.config.guideline.version,
        "model": project.config.asked_models[0].model,
        "n": n,
        "target": target,
        "learn": whole.item[learn].tolist(),
        "test": whole.item[test].tolist(),
    }
    provenance = around.world.provenance(run=run)
    around.storage.write(lambda tx: tx.append([RunStarted(project.id, run, PROBE, parameters)], provenance))
    said, problem, stopped = _asked(project, around, whole.item[chosen], run, progress)
    if stopped:
        raise NotReady("stopped; what was answered is kept, and the same command goes on")
    if len(said) < len(chosen) / 2:
        raise NotReady(f"{len(chosen) - len(said)} of {len(chosen)} items got no answer (for example {problem})")
    found: dict[str, Json] = {}
    for one, words in zip(old, texts, strict=True):
        features = _features(one, around.embedder().embed(words))
        found[str(one.question.name)] = _foreseen(
            one,
            features,
            said,
            (whole.item[learn], whole.item[test]),
            drawn_from=whole.item,
            target=target,
            seed=project.config.policy.seed,
        )
    report: dict[str, Json] = {"n_probe": len(chosen), "n_answered": len(said), "target": target, "questions": found}
    around.storage.write(lambda tx: tx.append([RunFinished(project.id, run, report)], provenance))
    return {"run": run, **report}


def _check(project: Project) -> None:
    if not project.config.models:
        raise NotReady("the project names no model, so none can be asked what a changed guideline changes")


def _draw(old: OldLabels, n: int, *, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give positions to learn from, over labels and confidences alike, and others by plain chance."""
    rng = np.random.default_rng([seed, _SEED])
    order = rng.permutation(len(old.item))
    test, rest = np.sort(order[: n - n // 2]), np.sort(order[n - n // 2 :])
    codes: dict[bytes, int] = {}
    label = np.array([codes.setdefault(canonical_json(value), len(codes)) for value in old.value], dtype=np.int64)
    score = np.nan_to_num(old.confidence[rest], nan=0.0)
    strata = strata_of(np.minimum(label[rest], 19), score, n_bands=2)
    size = np.bincount(strata)
    wanted = np.sqrt(size) / np.sqrt(size).sum() * min(n // 2, len(rest))
    allocation = np.minimum(np.floor(wanted).astype(np.int64), size)
    while allocation.sum() < min(n // 2, len(rest)):
        open_here = np.where(allocation < size, wanted - allocation, -np.inf)
        allocation[int(np.argmax(open_here))] += 1
    return rest[stratified_draw(strata, allocation, rng=rng)], test


def _texts(views: Views, project: Project, keys: NDArray[np.int64]) -> list[str]:
    texts: list[str] = []
    for first in range(0, len(keys), _READ):
        items = views.items_by_key(project.id, keys[first : first + _READ].tolist())
        texts += [item_text(project.config, item.content) for item in items]
    return texts


def _asked(
    project: Project,
    around: Surroundings,
    keys: NDArray[np.int64],
    run: RunId,
    progress: Callable[[int, int], None] | None,
) -> tuple[Mapping[int, Mapping[str, Said]], str | None, bool]:
    """Put items to the first model under the prompt in force; nothing is recorded but the calls."""
    source, prompt = project.config.asked_models[0], project_prompt(project.config)
    items = tuple(keys.tolist())
    variant = Variant("recheck", project, source, "in force", prompt, None)
    gold = Gold("a probe", None, {}, items, frozenset(items))
    done = 0

    def finished(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None and count:
            progress(done, len(items))

    result = run_variant(variant, gold, around, run=run, embedder=lambda _: around.embedder(), finished=finished)
    return result.said, result.problem, result.stopped


def _features(old: OldLabels, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Give (N, D): the old label, how sure the model was, and the wording."""
    codes: dict[bytes, int] = {}
    label = np.array([codes.setdefault(canonical_json(value), len(codes)) for value in old.value], dtype=np.int64)
    shown = np.zeros((len(label), min(len(codes), 20)))
    few = label < shown.shape[1]
    shown[np.flatnonzero(few), label[few]] = 1.0
    known = np.isfinite(old.confidence)
    p = np.clip(np.where(known, old.confidence, 0.5), 0.01, 0.99)
    sure = np.where(known, np.log(p / (1 - p)) / 2, 0.0)
    return np.column_stack([shown, sure, ~known, vectors.astype(np.float64) * 2.0])


def _foreseen(
    old: OldLabels,
    features: NDArray[np.float64],
    said: Mapping[int, Mapping[str, Said]],
    probe: tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    drawn_from: NDArray[np.int64],
    target: float,
    seed: int,
) -> dict[str, Json]:
    """Foresee one question's flips. drawn_from: the items that could be probed; of others the probe says nothing."""
    learn, test = (np.searchsorted(old.item, part[np.isin(part, old.item)]) for part in probe)
    flipped = {int(at): _flips(old, int(at), said) for at in np.concatenate([learn, test]).tolist()}
    model = fit_flips(
        features[learn],
        np.array([flipped[int(at)] for at in learn], dtype=np.bool_),
        rng=np.random.default_rng([seed, _SEED, 1]),
    )
    could_be = np.flatnonzero(np.isin(old.item, drawn_from))
    apart = np.setdiff1d(could_be, learn)
    chance = model.predict(features)
    told = residual_flips(
        chance[apart],
        np.searchsorted(apart, test),
        np.array([flipped[int(at)] for at in test], dtype=np.bool_),
        target=target,
    )
    again = np.ones(len(old.item), dtype=np.bool_)
    again[could_be] = False
    again[apart] = ~told.left
    again[[at for at, flips in flipped.items() if flips]] = True
    order = np.flatnonzero(again)
    order = order[np.lexsort((old.item[order], -chance[order]))]
    expected = chance.copy()
    expected[list(flipped)] = [float(flips) for flips in flipped.values()]
    # The rate of all: what was learnt from is known, and was not drawn by plain chance.
    n_known = sum(flipped[int(at)] for at in learn)
    rates = [
        (n_known + len(apart) * rate) / max(len(could_be), 1)
        for rate in (told.rate.value, told.rate.low, told.rate.high)
    ]
    return _row(old, told, rates=rates, expected=expected, order=order, n_flipped=sum(flipped.values()), target=target)


def _flips(old: OldLabels, at: int, said: Mapping[int, Mapping[str, Said]]) -> bool:
    """Whether the new answer is another label; no answer that fits counts as one: a person should look."""
    task = bind(old.question)
    answer = said.get(int(old.item[at]), {}).get(old.question.name)
    if answer is None:
        return True
    return task.distance(task.parse(old.value[at]), task.parse(answer.value)) > task.tolerance


def _row(
    old: OldLabels,
    told: Residual,
    *,
    rates: Sequence[float],
    expected: NDArray[np.float64],
    order: NDArray[np.int64],
    n_flipped: int,
    target: float,
) -> dict[str, Json]:
    parts = {
        "people": old.by_people,
        "accepted": old.accepted & ~old.by_people,
        "other": ~old.accepted & ~old.by_people,
    }
    rate, low, high = rates
    return {
        **old.counts(),
        "n_flipped": n_flipped,
        "rate": rate,
        "rate_low": low,
        "rate_high": high,
        "expected": {name: float(expected[part].sum()) for name, part in parts.items()},
        "n_again": len(order),
        "n_left": len(old.item) - len(order),
        "is_bounded": told.is_bounded,
        "target": target,
        "reason": told.reason,
        "again": old.item[order].tolist(),
        "chance": [round(float(one), 4) for one in expected[order]],
    }


def keys_again(report: Mapping[str, Any]) -> dict[str, Sequence[int]]:
    """Give what a probe says is to be looked at again, most likely to flip first, by question."""
    questions = cast("Mapping[str, Mapping[str, Any]]", report["questions"])
    return {name: [int(key) for key in one["again"]] for name, one in questions.items()}
