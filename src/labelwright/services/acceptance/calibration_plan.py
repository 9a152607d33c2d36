"""The plan of a calibration: a blind random sample of a pool that is frozen, whole, before its first label."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import Purpose
from labelwright.domain.canonical import Json, canonical_json, digest
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName
from labelwright.domain.project import CertifyRule, ModelSource, Project, ProjectConfig
from labelwright.domain.queue import NewEntry
from labelwright.errors import NotReady, did_you_mean
from labelwright.events import CalibrationPlanned
from labelwright.history.configuration import schema_hash
from labelwright.methods.protocols import learning_size
from labelwright.methods.routing import default_calibration_size, question_delta, zero_error_size
from labelwright.methods.routing.chain_on_one_sample import link_delta
from labelwright.ports.storage import Transaction, Views
from labelwright.ports.world import World
from labelwright.services.acceptance.certify_rule import least_sample
from labelwright.services.acceptance.groups import groups_hash, groups_of
from labelwright.services.models.answers_in import check_answers_are_in
from labelwright.services.models.labeller import chain_through, labeller, learns, planned
from labelwright.services.models.score import ScoredPool, scored_pool

CALIBRATION_PRIORITY = 3.0
_COIN = 6
"""Part of the seed of the coin that decides between two counts of errors."""
_READ = 2_000
_LOOKED_AT = 1_000
PURPOSES: tuple[Purpose, ...] = ("calibration", "audit", "review")

_CLOSED: Mapping[str, tuple[tuple[int, int] | None, ...]] = {
    "calibration": (None,),
    "audit": (None,),
    "review": ((0, 50), (100, 100_000)),
}
"""What a new sample takes off the queue, by slots: the work of the certificate before, which routing asks for anew
where it is still wanted. What somebody asked for by name stays: re-checks after a changed guideline, labels of a split.
What a person holds stays theirs."""


def still_bound(views: Views, project: Project, frozen: Mapping[str, Json]) -> bool:
    """Whether what a plan froze is still what the project says. An older plan was bound to less."""
    now, then = binding(views, project), cast("Mapping[str, Json]", frozen["binding"])
    return all(now.get(name) == value for name, value in then.items())


def binding(views: Views, project: Project) -> dict[str, Json]:
    """Give what a certificate is bound to; it is void the moment one of these changes."""
    from labelwright.services.models.project_prompt import project_prompt  # noqa: PLC0415

    config = project.config
    asked = config.asked_models
    return {
        "model": asked[0].model if asked else None,
        "provider": _provider_of(asked[0]) if asked else None,
        "voters": [m.model for m in asked[1:]],
        "ensemble": config.ensemble,
        **({"cascade": config.cascade.keep} if config.ensemble == "cascade" else {}),
        "confidence": config.confidence,
        "fit": labeller(views, project.id, config).fit if asked else None,
        "prompt_hash": project_prompt(config).hash,
        "schema_version": config.schema.version,
        "guideline_version": config.guideline.version,
        "target_error": config.policy.target_error,
        "confidence_level": config.policy.confidence_level,
        "certify": cast("dict[str, Json]", asdict(config.policy.certify)),
    }


def frozen_rule(frozen: Mapping[str, Any]) -> CertifyRule:
    """Give what a plan's certificates promise; those of older plans had no choice."""
    return CertifyRule(**frozen["binding"].get("certify", {}))


def _provider_of(source: ModelSource) -> str:
    """Name protocol and host, not port or path: a server that moves on its own host is the same server."""
    return f"{source.provider} at {urlsplit(source.base_url).hostname}"


def pool_of_plan(views: Views, project: Project, question: str, frozen: Mapping[str, Any]) -> ScoredPool:
    """Give the finite pool a plan speaks of: the items, labels and scores that were there when it was drawn.

    What comes later changes none of it: items, predictions that had failed, answers given or taken back. Only where a
    cascade's links are certified do its own labels come later, once, when the last link is through.
    """
    is_through = project.config.certifies_links and chain_through(views, project.id, project.config) is not None
    until = None if is_through else frozen.get("last_prediction")
    pool = scored_pool(views, project.id, project.config, question, until=until)
    excluded = np.array(frozen["excluded"], dtype=np.int64)
    return pool.restricted((pool.item <= frozen["last_item"]) & ~np.isin(pool.item, excluded))


def draw_sample(tx: Transaction, project: Project, world: World) -> None:
    """Draw a sample from the items nobody has labelled, and freeze model, prompt, pool, target, level and size.

    Appends: CalibrationPlanned.  Raises: NotReady, when the items or the model's answers are not there yet.
    """
    number = _next_round(tx, project.id, tx.plan(project.id))
    config, policy = project.config, project.config.policy
    names = tuple(q.name for q in config.schema.always_asked)
    asked = tuple(q.name for q in config.schema.questions)
    keys = tx.item_keys(project.id)
    if not len(keys):
        raise NotReady(f"project {project.name!r} has no items yet; run: labelwright import FILE")
    for purpose in PURPOSES:
        for slots in _CLOSED[purpose]:
            tx.close_entries(project.id, purpose, slots=slots)
    frozen: dict[str, Json] = {
        "round": number,
        "sample_number": _sample_number(tx, project.id),
        "last_item": int(keys[-1]),
        "excluded": cast("list[Json]", _known_to_people(tx, project.id, now=world.now())),
        "binding": binding(tx, project),
    }
    pools = {name: pool_of_plan(tx, project, name, frozen) for name in names}
    frozen["last_prediction"] = max(pool.last_prediction for pool in pools.values())
    eligible = pools[names[0]].item
    if not any(pool.is_valid.any() for pool in pools.values()):
        raise NotReady(
            "no item has a valid label of the model under the present prompt; run: labelwright prelabel "
            "(see `labelwright status` for answers that were refused)"
        )
    check_answers_are_in(tx, project, eligible)
    has_learnt = learns(config) and labeller(tx, project.id, config).is_fitted
    n = sample_size(config, len(eligible), has_learnt=has_learnt)
    focus = _focus(tx, project, pools)
    if focus is not None:
        outside = pools[names[0]].item[~_inside(pools[names[0]], cast("float", focus["lowest"]))]
        frozen |= {"focus": focus, "excluded": sorted([*cast("list[int]", frozen["excluded"]), *outside.tolist()])}
        pools = {name: pool_of_plan(tx, project, name, frozen) for name in names}
        eligible = pools[names[0]].item
        n = min(n, len(eligible))
    if not 0 < n <= len(eligible):
        raise NotReady(
            f"a sample of {n} cannot be drawn from {len(eligible)} items that nobody has labelled and not everybody "
            "has seen a label of; import more, or invite somebody who has not looked at them"
        )
    seed = [policy.seed, number]
    sample = np.random.default_rng(seed).permutation(eligible)[:n]
    delta = question_delta(round(1 - policy.confidence_level, 12), len(names))
    first_delta = link_delta(delta, len(config.models), 0) if config.certifies_links else delta
    frozen |= {
        "seed": list(seed),
        "n": n,
        "votes": policy.calibration_votes,
        "n_pool": len(eligible),
        "n_start": least_sample(
            policy.certify, n_pool=len(eligible), target_error=policy.target_error, delta=first_delta
        ),
        "names": named_by(tx, project, eligible, cast("Mapping[str, Json]", frozen["binding"])),
        "questions": {name: _frozen_question(tx, project, pool, delta, seed) for name, pool in pools.items()},
    }
    if any("first_threshold" in one for one in cast("dict[str, dict[str, Json]]", frozen["questions"]).values()):
        frozen["n_start"] = zero_error_size(policy.target_error, delta)  # a start that is given waits for fewer labels
    entries = tuple(
        NewEntry(
            item=ItemKey(int(item)),
            questions=asked,
            purpose="calibration",
            slot=slot,
            priority=CALIBRATION_PRIORITY - rank / (2 * n),
            blind=True,
            reason="",
            round=number,
        )
        for rank, item in enumerate(sample)
        for slot in range(policy.calibration_votes)
    )
    items = tuple(int(item) for item in sample)
    plan = CalibrationPlanned(project.id, world.new_id(), frozen, items, entries)
    tx.append([plan], world.provenance())


def sample_size(config: ProjectConfig, n_eligible: int, *, has_learnt: bool) -> int:
    """Give how many items are drawn: of all labels, a third to learn from and the others to certify with (A4P 4)."""
    n = config.policy.calibration_size or default_calibration_size(n_eligible)
    if not learns(config):
        return n
    return n - learning_size(n) if has_learnt else learning_size(n)


def named_by(views: Views, project: Project, items: NDArray[np.int64], bound: Mapping[str, Json]) -> dict[str, Json]:
    """Name by hash what a certificate is about: data, model, prompt, guideline and label schema."""
    seen = hashlib.sha256()
    for first in range(0, len(items), _READ):
        for item in views.items_by_key(project.id, [int(key) for key in items[first : first + _READ]]):
            seen.update(canonical_json([item.id, item.content_hash]))
            seen.update(b"\n")
    return {
        "data": seen.hexdigest(),
        "model": digest([bound["model"], bound["provider"], bound["voters"]]),
        "prompt": bound["prompt_hash"],
        "guideline": project.config.guideline.hash,
        "schema": schema_hash(project.config.schema),
    }


def _focus(views: Views, project: Project, pools: Mapping[QuestionName, ScoredPool]) -> dict[str, Json] | None:
    """Say from which part of the pool the sample is drawn, where what was learnt on other labels plans so; else None.

    The part is then the whole pool of the certificate: an item outside is not drawn, not accepted, and not spoken of.
    """
    for name, pool in pools.items():
        lowest = planned(views, project, name).lowest
        if lowest is not None and 0 < np.count_nonzero(_inside(pool, lowest)) < len(pool.item):
            n_inside = int(np.count_nonzero(_inside(pool, lowest)))
            return {"question": name, "lowest": lowest, "n_items": n_inside, "n_of": len(pool.item)}
    return None


def _inside(pool: ScoredPool, lowest: float) -> NDArray[np.bool_]:
    return pool.is_valid & (np.nan_to_num(pool.score, nan=-np.inf) >= lowest)


def _frozen_question(
    views: Views, project: Project, pool: ScoredPool, delta: float, seed: Sequence[int]
) -> dict[str, Json]:
    """Freeze what one question's certificate rests on: δ, and by hash the pool, its scores and its groups.

    first_threshold: where the sequence starts, when what was learnt on other labels says so.
    coin: what the tests are decided by where counts in whole numbers leave it open, when the project wants one.
    """
    rule = project.config.policy.certify
    frozen: dict[str, Json] = {
        "delta": delta,
        "kind": pool.kind,
        "pool": pool.fingerprint(),
        "scorer": scorer_hash(pool, project),
        **pool.hashes(),
    }
    groups = groups_of(views, project.id, pool, rule)
    if groups is not None:
        if not groups.names and pool.is_valid.any():
            raise _no_group(views, project, pool, str(rule.by))
        frozen |= {"groups": groups_hash(groups), "n_groups": len(groups.names)}
    if project.config.policy.calibration_coin and rule.is_plain and not project.config.certifies_links:
        frozen["coin"] = 1 - np.random.default_rng([*seed, _COIN]).random()
    start = planned(views, project, pool.question).first_threshold
    return frozen if start is None else {**frozen, "first_threshold": start}


def _no_group(views: Views, project: Project, pool: ScoredPool, field: str) -> NotReady:
    """Say it before people label a sample that could certify nothing."""
    some = views.items_by_key(project.id, [int(key) for key in pool.item[:_LOOKED_AT]])
    known = sorted({name for item in some for name, value in item.metadata.items() if value is not None})
    hint = did_you_mean(field, ["label", *known])
    return NotReady(
        f"policy.certify.by in project.yaml: no item has a metadata field {field!r}, so nothing could be accepted{hint}"
    )


def scorer_hash(pool: ScoredPool, project: Project) -> str:
    """Name how sure an answer is taken to be: by which signal, of whom, put together how."""
    config = project.config
    return digest([pool.kind, pool.model, pool.prompt_hash, config.confidence, config.ensemble])


def _known_to_people(tx: Transaction, project: ProjectId, *, now: float) -> list[int]:
    """Give the items that somebody has labelled, or holds and may have seen a suggestion for: not blind any more.

    So are those whose suggestion was revealed to somebody who then gave the item back, and those of which everybody
    who is signed in has seen a label, in whatever way: nobody is left to label them blind.
    """
    here = tx.people_here(project, now=now)
    seen = {item for item, people in tx.seen_by_each(project).items() if here and here <= people}
    labelled = {int(a.item) for a in tx.annotations(project)}
    labelled |= {int(one.item) for one in tx.first_answers(project)}
    held = {item for purpose in PURPOSES for item, _question in tx.queued(project, purpose)}
    return sorted(labelled | held | seen)


def _sample_number(views: Views, project: ProjectId) -> int:
    """Count the samples drawn so far that anybody has answered, this one included: each may fail by chance.

    One that was drawn to learn from certifies nothing, and cannot fail.
    """
    before = views.plan(project)
    if before is None:
        return 1
    frozen = cast("Mapping[str, Any]", before["frozen"])
    bound = frozen["binding"]
    taught = bound.get("confidence") == "combined" and bound.get("fit") is None
    answered = any(a.round == frozen["round"] for a in views.annotations(project, purpose="calibration"))
    return int(frozen["sample_number"]) + (answered and not taught)


def _next_round(views: Views, project: ProjectId, plan: Mapping[str, Any] | None) -> int:
    """Number the rounds of labelling; work done before the first plan (without a model) was a round too."""
    before = -1 if plan is None else int(plan["frozen"]["round"])
    return 1 + max([before, *(a.round for a in views.annotations(project))])
