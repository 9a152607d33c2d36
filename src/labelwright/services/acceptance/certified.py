"""The certificate in force for a question, with the very pool it speaks of; or none, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import Project
from labelwright.ports.storage import Views
from labelwright.services.acceptance.calibration_plan import frozen_rule, pool_of_plan, still_bound
from labelwright.services.acceptance.certify_rule import Groups, threshold_of_each
from labelwright.services.acceptance.groups import groups_hash, groups_of
from labelwright.services.audits.audit_draws import AuditStream, audit_stream, known_draws
from labelwright.services.audits.recalled import is_recalled, recalls_in_force
from labelwright.services.models.score import ScoredPool


@dataclass(frozen=True, slots=True, eq=False)
class Certified:
    """A certificate that still holds; it may well say that nothing is accepted.

    calibration: the fitted map for display.  pool: as frozen.  sample: (n,) positions in the pool, in drawn order.
    threshold: (N,) the one each item is held against; nan where nothing of its group may be accepted.
    above: (N,) valid and at or above it, items of the sample among them.  covered: (N,) those outside the sample, none
    where people decide on every item.
    accepted: (N,) those of them that no recall has taken back.  audit: the random sample that speaks of just these.
    first_audit: the one that speaks of all that is covered, drawn before anything was taken back.
    """

    plan: Mapping[str, Any]
    certificate: Mapping[str, Any]
    calibration: Mapping[str, Any]
    pool: ScoredPool
    sample: NDArray[np.int64]
    threshold: NDArray[np.float64]
    above: NDArray[np.bool_]
    covered: NDArray[np.bool_]
    accepted: NDArray[np.bool_]
    audit: AuditStream
    first_audit: AuditStream

    def audited(self, answered: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mark the answered items that are a random sample of what is accepted now; (N,).

        answered: keys of the items about which people gave blind answers to an audit.
        """
        mask = np.zeros(len(self.pool.item), dtype=np.bool_)
        mask[np.flatnonzero(self.accepted)[self.audit.drawn[self.audit.heard(answered)]]] = True
        return mask

    def unanswered(self, answered: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mark the items of that sample that people passed over; (N,)."""
        mask = np.zeros(len(self.pool.item), dtype=np.bool_)
        mask[np.flatnonzero(self.accepted)[self.audit.drawn[self.audit.missing(answered)]]] = True
        return mask

    def unanswered_first(self, answered: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mark the items that people passed over in the sample of all that is covered; (N,)."""
        mask = np.zeros(len(self.pool.item), dtype=np.bool_)
        mask[np.flatnonzero(self.covered)[self.first_audit.drawn[self.first_audit.missing(answered)]]] = True
        return mask

    def audited_first(self, answered: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Mark the answered items that are a random sample of all that is covered, recalls aside; (N,)."""
        mask = np.zeros(len(self.pool.item), dtype=np.bool_)
        mask[np.flatnonzero(self.covered)[self.first_audit.drawn[self.first_audit.heard(answered)]]] = True
        return mask


def certified(views: Views, project: Project, question: str) -> Certified | None:
    """Give a question's certificate; None when there is none of the newest plan, or when it is void.

    Void: the project no longer says what was frozen, or the labels and scores are no longer those that were.
    The one place that says what is accepted.
    """
    plan = views.plan(project.id)
    issued = views.certificates(project.id).get(question)
    if plan is None or issued is None or issued["plan"] != plan["plan"]:
        return None
    frozen = cast("Mapping[str, Json]", plan["frozen"])
    if not still_bound(views, project, frozen):
        return None
    pool = pool_of_plan(views, project, question, frozen)
    certificate = cast("Mapping[str, Any]", issued["certificate"])
    if pool.fingerprint() != certificate["bound_to"]["pool"]:
        return None
    groups = groups_of(views, project.id, pool, frozen_rule(frozen))
    # A cascade's links are certified after the plan was frozen, and so is whose label every item has.
    groups_then = certificate["bound_to"]["groups"] if "links" in certificate else frozen_groups(frozen, question)
    if groups_hash(groups) != groups_then:
        return None
    sample = np.searchsorted(pool.item, np.array(plan["items"], dtype=np.int64))
    threshold = _thresholds(certificate, len(pool.item), groups)
    above = pool.is_valid & (np.nan_to_num(pool.score, nan=-np.inf) >= threshold)
    # Where a person decides on every item, a certificate covers none: its labels wait for people like all others.
    covered = above & (project.config.policy.cooperation == "triage")
    covered[sample] = False
    recalls = recalls_in_force(views, project.id, str(plan["plan"]))
    accepted = covered & ~is_recalled(recalls, question, pool.item)
    draws = known_draws(views, project, plan, question, pool.item[covered]) if covered.any() else []
    return Certified(
        plan=plan,
        certificate=certificate,
        calibration=cast("Mapping[str, Any]", issued["calibration"]),
        pool=pool,
        sample=sample,
        threshold=threshold,
        above=above,
        covered=covered,
        accepted=accepted,
        audit=audit_stream(draws, pool.item[accepted]),
        first_audit=audit_stream(draws, pool.item[covered]),
    )


def allowed_share_wrong(certificate: Mapping[str, Any]) -> float:
    """Give the share of wrong labels that a certificate allows among what it accepts; 1 where it limits none.

    A mean distance or cost says nothing of how many labels are exactly right. What holds on average limits the wrong
    ones among *all* items, so that of fewer accepted ones a larger share may be wrong.
    """
    target, rule = float(certificate["target_error"]), certificate.get("rule", {})
    if rule.get("loss", "exact") != "exact":
        return 1.0
    if rule.get("method") == "conformal":
        return min(1.0, target / max(float(certificate["coverage"]), 1e-9))
    return target


def frozen_groups(frozen: Mapping[str, Any], question: str) -> str | None:
    """Give the hash of the groups a plan froze; None where it has one threshold for all."""
    return cast("Mapping[str, Any]", frozen["questions"][question]).get("groups")


def _thresholds(certificate: Mapping[str, Any], n: int, groups: Groups | None) -> NDArray[np.float64]:
    """Read the thresholds of a certificate; older ones have one for all."""
    told = certificate.get("thresholds") or [{"groups": None, "threshold": certificate["threshold"]}]
    return threshold_of_each([(one["groups"], one["threshold"]) for one in told], n, groups)
