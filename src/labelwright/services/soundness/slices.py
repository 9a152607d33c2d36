"""Where the model is wrong in a system: slices with more mistakes than elsewhere, found, kept and checked afresh."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.item import Item
from labelwright.domain.project import Project, Question
from labelwright.errors import NotReady
from labelwright.methods.slices import (
    FALSE_DISCOVERY_RATE,
    Account,
    Basis,
    Confusable,
    Finding,
    SliceSearch,
    basis_of,
    cell_words,
    find_slices,
)
from labelwright.ports.embedder import Embedder
from labelwright.ports.storage import Storage, Views
from labelwright.ports.world import World
from labelwright.services.acceptance.groups import named
from labelwright.services.models.score import ScoredPool, scored_pool
from labelwright.services.models.show_item import item_text
from labelwright.services.projects.kept_results import KeptResult, keep_result, newest_result
from labelwright.services.projects.project_of import project_of
from labelwright.services.soundness.slice_cells import confusable
from labelwright.services.soundness.slice_evidence import AuditedLabels, audited_labels
from labelwright.services.soundness.slice_fields import LABEL, Divider, Known
from labelwright.services.soundness.slice_fresh import (
    Look,
    account_as_json,
    account_of,
    basis_as_json,
    fresh_look,
    judge,
    kept_basis,
    look_at,
    with_kept,
)
from labelwright.services.soundness.slice_proposals import descriptions, proposal, seen_by_people
from labelwright.tasks.registry import bind

SLICES: Final = "slices"
"""The kind of run under which findings are kept."""
_REFERENCE = 4_000
_READ = 2_000
_EXAMPLES = 3
_SEED = 23


def search_slices(
    project_id: ProjectId,
    *,
    storage: Storage,
    world: World,
    embedder: Embedder,
    by: Sequence[str] = (),
    q: float = FALSE_DISCOVERY_RATE,
    confirm: bool = False,
) -> dict[str, Json]:
    """Look at every question, keep the findings in the ledger, and give them: {"questions": {name: findings}}.

    by: fields to divide by; empty = all there are.  q: the chance that any finding of this run is false, at most.
    confirm: test earlier findings with what fresh answers there are, though more are waited for.
    What earlier runs found and fresh answers were drawn for stays in the list, with what these say.
    `confirmations` is the project's account: all confirmations it ever makes share one 5%.
    Raises: NotReady, when no question has enough blind answers; InvalidValue, when a field is not there.
    """
    with storage.reading() as views:
        project = project_of(views, project_id)
        if not project.config.models:
            raise NotReady("the project names no model, so nothing can be wrong in a system; see: labelwright report")
        sections: dict[str, dict[str, Json]] = {}
        looks: list[tuple[dict[str, Json], Look]] = []
        audited: dict[str, Json] = {}
        problem: NotReady | None = None
        before = newest_result(views, project_id, SLICES)
        for question in project.config.schema.questions:
            try:
                evidence = audited_labels(views, project, question)
            except NotReady as error:
                problem = error
                continue
            sections[question.name], looked = _question(
                views,
                project,
                question,
                evidence,
                embedder=embedder,
                by=by,
                q=q,
                before=before,
                confirm=confirm,
                at=world.timestamp(),
            )
            looks += looked
            audited[question.name] = evidence.item.tolist()
        if not sections and problem is not None:
            raise problem
        last_item = int(views.item_keys(project_id).max(initial=0))
    confirmations = _judged(looks, account_of(before))
    for one in sections.values():
        one["confirmations"] = confirmations
    report: dict[str, Json] = {"questions": cast("Json", sections), "confirmations": confirmations}
    parameters: dict[str, Json] = {"by": list(by), "q": q, "audited": audited, "last_item": last_item}
    return {"run": keep_result(storage, world, project_id, SLICES, parameters=parameters, report=report), **report}


def _judged(looks: Sequence[tuple[dict[str, Json], Look]], account: Account) -> dict[str, Json]:
    """Judge all findings that are due, of all questions, each at its share of what is left; give the account."""
    n_due = sum(look.is_due for _, look in looks)
    level = account.level(n_due)
    for row, look in looks:
        judge(row, look, level)
    return account_as_json(account.after(n_due), n_now=n_due, level=level if n_due else None)


def slices_section(views: Views, project: Project, question: str) -> dict[str, Json] | None:
    """Give the newest kept findings of one question, for the report; None when nobody has looked."""
    kept = newest_result(views, project.id, SLICES)
    if kept is None:
        return None
    return cast("Mapping[str, dict[str, Json]]", kept.report["questions"]).get(question)


def _question(
    views: Views,
    project: Project,
    question: Question,
    evidence: AuditedLabels,
    *,
    embedder: Embedder,
    by: Sequence[str],
    q: float,
    before: KeptResult | None,
    confirm: bool,
    at: str,
) -> tuple[dict[str, Json], list[tuple[dict[str, Json], Look]]]:
    keys = views.item_keys(project.id)
    last_item = int(keys.max(initial=0))
    pool = scored_pool(views, project.id, project.config, question.name)
    divider = divider_of(views, project, pool, embedder, by=by, last_item=last_item, n_audited=len(evidence.item))
    known, items = known_of(views, project, pool, evidence.item)
    fields = divider.fields(known)
    kinds = confusable(bind(question), evidence)
    search = find_slices(
        fields,
        evidence.wrong,
        rng=np.random.default_rng([project.config.policy.seed, _SEED]),
        inclusion=evidence.inclusion,
        said_field=LABEL,
        confusable=kinds,
        q=q,
    )
    described = descriptions(question)
    rows = [
        finding_row(
            one,
            [(fields[place].name, fields[place].values[code]) for place, code in one.conditions],
            _examples(one, evidence, items, kinds),
            described,
        )
        | {"basis": _basis(one, evidence, kinds, n_looked=search.n_slices + search.n_cells)}
        for one in search.findings
    ]
    fresh = fresh_look(views, project.id, question, evidence, before)
    rows = with_kept(rows, fresh, divider, known)
    looks = [(row, look_at(row, fresh, divider, known, now=confirm)) for row in rows]
    told = section(search, rows, q=q, at=at) | {
        "design": evidence.design,
        "n_people_disagree": evidence.n_tied,
        "n_reference": min(len(keys), _REFERENCE),
        "last_item": last_item,
        "by": list(by),
    }
    return told, [(row, look) for row, look in looks if look is not None]


def divider_of(
    views: Views,
    project: Project,
    pool: ScoredPool,
    embedder: Embedder,
    *,
    by: Sequence[str],
    last_item: int,
    n_audited: int,
) -> Divider:
    """Learn how to divide, from a random part of the items there were: the same again whenever it is asked for."""
    keys = pool.item[pool.item <= last_item]
    rng = np.random.default_rng([project.config.policy.seed, _SEED, 1])
    chosen = keys if len(keys) <= _REFERENCE else np.sort(rng.permutation(keys)[:_REFERENCE])
    reference, _ = known_of(views, project, pool, chosen)
    return Divider(reference, embedder, n_audited=n_audited, seed=[project.config.policy.seed, _SEED, 2], by=by)


def known_of(views: Views, project: Project, pool: ScoredPool, keys: NDArray[np.int64]) -> tuple[Known, list[Item]]:
    """Read what is known of some items, by ascending key."""
    items: list[Item] = []
    for first in range(0, len(keys), _READ):
        items += views.items_by_key(project.id, keys[first : first + _READ].tolist())
    place = np.searchsorted(pool.item, keys)
    known = Known(
        metadata=[item.metadata for item in items],
        text=[item_text(project.config, item.content) for item in items],
        said=[named(pool.value[at]) if pool.is_valid[at] else None for at in place.tolist()],
        confidence=pool.score[place],
    )
    return known, items


def _examples(finding: Finding, evidence: AuditedLabels, items: Sequence[Item], kinds: Confusable | None) -> list[str]:
    wrong = finding.member & evidence.wrong
    if finding.cell is not None and kinds is not None:
        wrong = wrong & kinds.outcome(finding.cell)
    places: list[int] = np.flatnonzero(wrong)[:_EXAMPLES].tolist()
    return [str(items[at].id) for at in places]


def _basis(finding: Finding, evidence: AuditedLabels, kinds: Confusable | None, *, n_looked: int) -> Json:
    """Say what fresh answers about a finding will be held against; of one confusion, among the items said so."""
    among, outcome = np.ones(len(evidence.item), dtype=np.bool_), evidence.wrong
    if finding.is_of_cell and finding.cell is not None and kinds is not None:
        among, outcome = kinds.among(finding.cell), kinds.outcome(finding.cell)
    return basis_as_json(
        basis_of(finding.member[among], outcome[among], inclusion=evidence.inclusion[among], n_looked=n_looked)
    )


# ---------------------------------------------------------------- as JSON


def finding_row(
    finding: Finding, conditions: Sequence[tuple[str, str]], examples: Sequence[str], described: Mapping[str, str]
) -> dict[str, Json]:
    """Write a finding as the report has it."""
    return {
        "slice": finding.name,
        "conditions": [list(one) for one in conditions],
        "cell": None if finding.cell is None else cell_words(finding.cell),
        "said": None if finding.cell is None else finding.cell[0],
        "truth": None if finding.cell is None else finding.cell[1],
        "is_of_cell": finding.is_of_cell,
        "n": finding.n,
        "n_wrong": finding.n_wrong,
        "error": finding.error,
        "rest_error": finding.rest_error,
        "ratio": finding.ratio if np.isfinite(finding.ratio) else None,
        "p": finding.p,
        "q": finding.q,
        "confirmed": None,
        "fresh": None,
        "examples": list(examples),
        "others": list(finding.others),
        "proposal": proposal(finding, described, examples, seen=seen_by_people(conditions)),
    }


def section(search: SliceSearch, rows: Sequence[dict[str, Json]], *, q: float, at: str | None) -> dict[str, Json]:
    """Write the outcome for one question as the report has it."""
    return {
        "at": at,
        "n_audited": search.n_audited,
        "n_wrong": search.n_wrong,
        "error": search.error if search.n_audited else None,
        "q": q,
        "n_slices": search.n_slices,
        "n_cells": search.n_cells,
        "findings": list(rows),
    }


@dataclass(frozen=True, slots=True)
class KeptFinding:
    """A finding of the newest kept run, with what is needed to find its items again."""

    number: int
    question: str
    row: Mapping[str, Any]
    basis: Basis
    last_item: int
    n_audited: int
    by: tuple[str, ...]

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """(field, value) pairs."""
        return [(str(name), str(value)) for name, value in self.row["conditions"]]


def kept_findings(views: Views, project: ProjectId) -> list[KeptFinding]:
    """Number the findings of the newest run through all questions, from 1. Raises NotReady before there is one."""
    kept = newest_result(views, project, SLICES)
    if kept is None:
        raise NotReady("nobody has looked for slices yet; run: labelwright slices")
    found: list[KeptFinding] = []
    for name, one in cast("Mapping[str, Mapping[str, Any]]", kept.report["questions"]).items():
        for row in one["findings"]:
            found.append(
                KeptFinding(
                    len(found) + 1,
                    name,
                    row,
                    kept_basis(row, one),
                    int(one["last_item"]),
                    int(one["n_audited"]),
                    tuple(one["by"]),
                )
            )
    return found
