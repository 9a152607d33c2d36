"""Certify the links of a cascade one after another on the project's one blind sample; say what they accept together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.project import CertifyRule, Project
from labelwright.errors import NotReady
from labelwright.events import RunFinished, RunStarted
from labelwright.methods.routing.chain_on_one_sample import certify_sampled_link
from labelwright.ports.storage import Transaction, Views
from labelwright.ports.world import World
from labelwright.services.acceptance.certify_rule import Groups, GroupThreshold, RuleOutcome, threshold_of_each
from labelwright.services.models.chain_links import (
    CERTIFY_LINK,
    CertifiedLinkOf,
    certified_links,
    reached,
    to_ask,
    without_answer,
)
from labelwright.services.models.labeller import chain_name
from labelwright.services.models.score import ScoredPool
from labelwright.services.people.consensus import consensus, wrong_against
from labelwright.tasks.registry import bind

_MOST_MISSING = 0.1
"""As for any pool: a few answers may be missing for good."""


def certify_due_links(
    tx: Transaction, project: Project, plan: Mapping[str, Any], blind: Mapping[str, list[Annotation]], world: World
) -> int | None:
    """Certify every link whose answers are in; give the number of the one that is to be asked first, None = all done.

    blind: by question, the sample's blind votes.  Appends: RunStarted and RunFinished, for each link.
    Raises: NotReady, when the first model's answers are no longer those that were frozen.
    """
    for number in range(len(certified_links(tx, project)), len(project.config.models)):
        if number:
            wanted = to_ask(tx, project, number)
            if len(without_answer(tx, project, number, wanted)) > _MOST_MISSING * len(wanted):
                return number
        _check_first(tx, project, plan, number)
        parameters = certify_link_of(tx, project, plan, number, blind)
        run = world.new_id()
        provenance = world.provenance(run=run)
        report = {"questions": parameters["questions"]}
        tx.append([RunStarted(project.id, run, CERTIFY_LINK, parameters)], provenance)
        tx.append([RunFinished(project.id, run, report)], provenance)
    return None


def certify_link_of(
    views: Views, project: Project, plan: Mapping[str, Any], number: int, blind: Mapping[str, list[Annotation]]
) -> dict[str, Json]:
    """Test one link, of which all earlier ones are certified, and give what the ledger keeps of it."""
    links, frozen, config = certified_links(views, project), plan["frozen"], project.config
    n_links, last = len(config.models), 0
    questions: dict[str, Json] = {}
    for name, answers in blind.items():
        question = config.schema.question(name)
        assert question is not None  # noqa: S101 - names come from this very schema
        task, found = bind(question), reached(views, project, name, links, number)
        items = np.array(plan["items"], dtype=np.int64)
        items = items[np.isin(items, found.item)]
        place = np.searchsorted(found.item, items)
        said, people = [found.answers.value[i] for i in place], consensus(task, answers)
        wrong = wrong_against(task, said, found.answers.is_valid[place], items, people)
        one = certify_sampled_link(
            found.score,
            place,
            wrong,
            link=number,
            n_links=n_links,
            target_error=frozen["binding"]["target_error"],
            delta=frozen["questions"][name]["delta"],
        )
        done = one.certification
        questions[name] = {
            "threshold": one.threshold,
            "below": "unscored" if one.below == -np.inf else one.below,
            "delta": done.delta,
            "n_reached": len(found.item),
            "n_answered": int(np.count_nonzero(found.answers.is_valid)),
            "n_calibrated": len(items),
            "n_calibrated_accepted": done.n_calibrated_accepted,
            "n_calibrated_wrong": done.n_calibrated_wrong,
            "n_accepted": done.n_accepted,
            "n_goes_on": int(np.count_nonzero(one.forwarded)) if number < n_links - 1 else 0,
            "reason": done.reason,
        }
        last = max(last, found.answers.last)
    return {
        "plan": plan["plan"],
        "chain": chain_name(config, str(plan["plan"])),
        "link": number,
        "model": config.models[number].model,
        "prompt_hash": frozen["binding"]["prompt_hash"],
        "last_prediction": last if number else frozen["last_prediction"],
        "questions": questions,
    }


def chain_outcome(
    pool: ScoredPool, groups: Groups, sample: NDArray[np.int64], links: Sequence[CertifiedLinkOf]
) -> RuleOutcome:
    """Say what all links accept together, by what each was certified for.

    pool: what the links say together.  groups: whose label each item has.  sample: (n,) positions in the pool.
    """
    question = pool.question
    held = threshold_of_each([((one.model,), one.threshold(question)) for one in links], len(pool.item), groups)
    accepted = pool.is_valid & (np.nan_to_num(pool.score, nan=-np.inf) >= held)
    accepted[sample] = False
    n_others = len(pool.item) - len(sample)
    cells = tuple(_cell(one, question) for one in links)
    n_accepted = int(np.count_nonzero(accepted))
    reason = None if n_accepted else "; ".join(f"{one.model}: {one.questions[question]['reason']}" for one in links)
    return RuleOutcome(CertifyRule(), cells, accepted, n_accepted / n_others if n_others else 0.0, reason, None)


def shown_links(links: Sequence[CertifiedLinkOf], question: str, prompt_hash: str) -> list[Json]:
    """Name each link in a certificate: model, prompt, threshold, and what reached and left it."""
    return [
        {"model": one.model, "prompt": prompt_hash, **cast("Mapping[str, Json]", one.questions[question])}
        for one in links
    ]


def _cell(one: CertifiedLinkOf, question: str) -> GroupThreshold:
    told = one.questions[question]
    return GroupThreshold(
        groups=(one.model,),
        threshold=told["threshold"],
        delta=told["delta"],
        n_calibrated=told["n_calibrated"],
        n_calibrated_accepted=told["n_calibrated_accepted"],
        calibrated_loss=float(told["n_calibrated_wrong"]),
        n_accepted=told["n_accepted"],
        reason=told["reason"],
    )


def _check_first(views: Views, project: Project, plan: Mapping[str, Any], number: int) -> None:
    from labelwright.services.acceptance.calibration_plan import pool_of_plan  # noqa: PLC0415 - it reads the labeller

    for name, frozen in plan["frozen"]["questions"].items() if number == 0 else ():
        if pool_of_plan(views, project, name, plan["frozen"]).fingerprint() != frozen["pool"]:
            raise NotReady(
                f"the predictions for {name!r} are not those that were frozen before the first label; a certificate "
                "over them would prove nothing. Give the project another prompt or model, run `labelwright apply`, "
                "and calibrate anew"
            )
