"""Whether a label is missing: groups of similar items in which unusually many fit no label."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json, canonical_json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project, Question
from labelwright.errors import NotReady
from labelwright.events import ItemSkipped
from labelwright.methods.slices import FALSE_DISCOVERY_RATE, Field, Finding, find_clusters, find_slices
from labelwright.ports.embedder import Embedder
from labelwright.ports.storage import Storage, Views
from labelwright.ports.world import World
from labelwright.services.models.model_answers import model_answers
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.models.score import ScoredPool, scored_pool
from labelwright.services.projects.kept_results import keep_result
from labelwright.services.projects.project_of import project_of
from labelwright.services.soundness.slices import known_of

MISSING_LABEL: Final = "missing-label"
"""The kind of run under which findings are kept."""
LOW_SHARE = 0.1
MIN_RATIO = 2.0
_CLUSTERS: Final = (10, 30, 60)
_PER_CLUSTER = 40
_MOST_ITEMS = 4_000
_FEWEST_ITEMS = 200
_SEED = 31
_EXAMPLES = 5
_EVENTS_AT_ONCE = 1_000


def find_missing_labels(
    project_id: ProjectId, *, storage: Storage, world: World, embedder: Embedder, q: float = FALSE_DISCOVERY_RATE
) -> dict[str, Json]:
    """Cluster the items by wording, and tell the clusters in which at least twice as many fit poorly as elsewhere.

    An item fits poorly where somebody skipped it, the model gave no valid label, or it is among the tenth with the
    lowest confidence or, with several models, the most disagreement. The test is that of slices, over all items or a
    random 4,000 of them.  That items of one group are hard can have other reasons: a finding is a question to people.
    Raises: NotReady, when nothing is known of how well items fit.
    """
    with storage.reading() as views:
        project = project_of(views, project_id)
        if not project.config.models:
            raise NotReady("the project names no model, so nothing is known of how well items fit its labels")
        skipped = _skipped(views, project_id)
        found: dict[str, Json] = {
            question.name: _question(views, project, question, skipped=skipped, embedder=embedder, q=q)
            for question in project.config.schema.questions
        }
    report: dict[str, Json] = {"questions": cast("Json", found)}
    keep_result(storage, world, project_id, MISSING_LABEL, parameters={"q": q}, report=report)
    return report


def _question(
    views: Views,
    project: Project,
    question: Question,
    *,
    skipped: Mapping[int, Sequence[str]],
    embedder: Embedder,
    q: float,
) -> dict[str, Json]:
    pool = scored_pool(views, project.id, project.config, question.name)
    low = _fits_poorly(views, project, pool, skipped)
    n = len(pool.item)
    if n < _FEWEST_ITEMS:
        raise NotReady(f"{n:,} items are too few to find groups among; {_FEWEST_ITEMS} are needed at the least")
    rng = np.random.default_rng([project.config.policy.seed, _SEED])
    places = np.arange(n) if n <= _MOST_ITEMS else np.sort(rng.permutation(n)[:_MOST_ITEMS])
    known, items = known_of(views, project, pool, pool.item[places])
    vectors = embedder.embed(list(known.text))
    fields: list[Field] = []
    for k in sorted({min(k, len(places) // _PER_CLUSTER) for k in _CLUSTERS}):
        clusters = find_clusters(vectors, known.text, k, rng=rng)
        fields.append(Field(f"words of {k}", clusters.assign(vectors), clusters.names(), group="words"))
    ids = [str(item.id) for item in items]
    search = find_slices(fields, low[places], rng=rng, q=q, min_ratio=MIN_RATIO, depth=1)
    return {
        "n_items": len(places),
        "n_low": int(low[places].sum()),
        "n_skipped": sum(int(key) in skipped for key in pool.item[places]),
        "n_groups": search.n_slices,
        "q": q,
        "findings": [
            _row(one, fields, ids, low=low[places], keys=pool.item[places], skipped=skipped) for one in search.findings
        ],
    }


def _row(
    finding: Finding,
    fields: Sequence[Field],
    ids: Sequence[str],
    *,
    low: NDArray[np.bool_],
    keys: NDArray[np.int64],
    skipped: Mapping[int, Sequence[str]],
) -> dict[str, Json]:
    place, code = finding.conditions[0]
    inside: list[int] = np.flatnonzero(finding.member & low).tolist()
    reasons = Counter(reason for at in inside for reason in skipped.get(int(keys[at]), ()))
    words = fields[place].values[code]
    return {
        "words": words,
        "n": finding.n,
        "n_low": finding.n_wrong,
        "share": finding.error,
        "rest_share": finding.rest_error,
        "ratio": finding.ratio if np.isfinite(finding.ratio) else None,
        "p": finding.p,
        "q": finding.q,
        "n_skipped": sum(int(keys[at]) in skipped for at in inside),
        "reasons": [
            [reason, count] for reason, count in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))[:3]
        ],
        "examples": [ids[at] for at in inside[:_EXAMPLES]],
        "sentence": (
            f"Of {finding.n} items about “{words}”, {finding.n_wrong} fit poorly ({finding.error:.0%}, elsewhere "
            f"{finding.rest_error:.0%}). Is a label for them missing?"
        ),
    }


def _skipped(views: Views, project: ProjectId) -> dict[int, list[str]]:
    """Give the reasons for which people passed on items."""
    found: dict[int, list[str]] = defaultdict(list)
    after = 0
    while window := views.events(after=after, limit=_EVENTS_AT_ONCE):
        after = window[-1].position
        for event in window:
            if event.type == ItemSkipped.type and event.body.get("project") == project:
                found[int(cast("int", event.body["item"]))].append(" ".join(str(event.body["reason"]).split()))
    return found


def _fits_poorly(
    views: Views, project: Project, pool: ScoredPool, skipped: Mapping[int, Sequence[str]]
) -> NDArray[np.bool_]:
    low = ~pool.is_valid | np.isin(pool.item, np.array(sorted(skipped), dtype=np.int64))
    signals = [pool.score, _agreement(views, project, pool)]
    known = [one for one in signals if one is not None and np.isfinite(one).sum() >= _FEWEST_ITEMS // 2]
    if not known and not low.any():
        raise NotReady(
            f"nothing is known of how well items fit the labels of {pool.question!r}: no confidence, no second model, "
            "nobody skipped any"
        )
    for one in known:
        edge = float(np.nanquantile(one, LOW_SHARE, method="lower"))
        # Confidences are lumpy: a lowest value that half of the items share says nothing.
        if np.mean(one[np.isfinite(one)] <= edge) <= 3 * LOW_SHARE:
            low |= np.nan_to_num(one, nan=np.inf) <= edge
    return low


def _agreement(views: Views, project: Project, pool: ScoredPool) -> NDArray[np.float64] | None:
    """Give the share of the other models that say the same; None where there is one model."""
    others = project.config.asked_models[1:]
    if not others:
        return None
    prompt_hash = project_prompt(project.config).hash
    own = [canonical_json(value) for value in pool.value]
    same, asked = np.zeros(len(own)), np.zeros(len(own))
    for source in others:
        said = model_answers(
            views, project.id, pool.question, model=source.model, prompt_hash=prompt_hash, keys=pool.item
        )
        asked += said.is_valid
        same += said.is_valid & np.array(
            [canonical_json(value) == mine for value, mine in zip(said.value, own, strict=True)], dtype=np.bool_
        )
    return np.divide(same, asked, out=np.full(len(own), np.nan), where=asked > 0)
