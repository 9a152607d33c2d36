"""What every other target would have accepted, by the rule that is in force: for planning, never a certificate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.canonical import Json
from labelwright.domain.project import CertifyRule
from labelwright.methods.routing import start_size
from labelwright.services.acceptance.certified import Certified
from labelwright.services.acceptance.certify_rule import Groups, GroupThreshold, RuleOutcome, certify_by_rule

LADDER = (0.01, 0.02, 0.05, 0.10, 0.15, 0.20, 0.30)


def ladder_section(
    in_force: Certified, rule: CertifyRule, loss: NDArray[np.float64], groups: Groups | None
) -> list[Json]:
    """Certify at each target by itself; only the frozen one is a certificate.

    loss: (n,) of the sample as the rule counts it, in drawn order.
    """
    target, delta = float(in_force.certificate["target_error"]), float(in_force.certificate["delta"])
    return [
        {
            "target_error": rung,
            "is_frozen": rung == target,
            "is_certified": found.is_certified,
            "threshold": found.threshold,
            "coverage": found.coverage,
            "n_accepted": found.n_accepted,
            "n_start": start_size(rung, delta) if found.plain is None else found.plain.n_start,
            "reason": found.reason,
        }
        for rung, found in climb(in_force, rule, loss, groups, LADDER)
    ]


def climb(
    in_force: Certified,
    rule: CertifyRule,
    loss: NDArray[np.float64],
    groups: Groups | None,
    targets: Iterable[float],
) -> Iterator[tuple[float, RuleOutcome]]:
    """Certify at each of these targets and at the frozen one, each by itself; by ascending target.

    Where a cascade's links are certified, only the frozen one: at another target other items would have gone on, and
    nobody asked about them.
    """
    certificate, frozen, pool = in_force.certificate, in_force.plan["frozen"], in_force.pool
    target = float(certificate["target_error"])
    if "links" in certificate:
        told = cast("list[dict[str, Any]]", certificate["thresholds"])
        cells = tuple(GroupThreshold(**dict(one, groups=tuple(one["groups"]))) for one in told)
        found = RuleOutcome(rule, cells, in_force.covered, certificate["coverage"], certificate["reason"], None)
        yield target, found
        return
    of_question = frozen["questions"][pool.question]
    for rung in sorted({*targets, target}):
        yield (
            rung,
            certify_by_rule(
                rule,
                pool.score,
                in_force.sample,
                loss,
                target=rung,
                delta=float(certificate["delta"]),
                groups=groups,
                seed=frozen["seed"],
                first_threshold=of_question.get("first_threshold"),
                coin=of_question.get("coin", 1.0),
            ),
        )
