"""What a certificate says, in plain words: for people who read it without the documentation beside them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelwright.domain.project import CertifyRule
from labelwright.services.acceptance.certify_rule import RuleOutcome

_MOST_NAMES = 5


def promise(rule: CertifyRule, *, target: float, delta: float, n_groups: int = 1) -> str:
    """Say what holds by the rule, of whatever is accepted."""
    level, share = _exact(1 - delta), _exact(target)
    if rule.method == "conformal":
        return (
            f"On average over random samples, and not with high confidence in this one, all items outside the sample "
            f"together lose at most {share} by being accepted unseen: {_of_all(rule, share)}. Of the accepted alone "
            "the share may be higher, and about every second sample does worse than the average."
        )
    limit = _limit(rule, share)
    if rule.by is None:
        unless = ", provided that surer labels are not wrong more often" if rule.method == "sgr" else ""
        return f"At {level} confidence over random samples, {limit} the labels accepted unseen{unless}."
    which = "every predicted label" if rule.by == "label" else f"every value of {rule.by}"
    if rule.split == "each":
        return (
            f"For {which} by itself, at {level} confidence over random samples: {limit} its labels accepted unseen. "
            "Each is a statement of its own"
            + (f": there are {n_groups}" if n_groups > 1 else "")
            + ", and their chances of being wrong add up."
        )
    return (
        f"At {level} confidence over random samples, {limit} the labels accepted unseen of {which}, each by a "
        "threshold of its own, and so of all of them together."
    )


def statement(
    outcome: RuleOutcome, *, target: float, delta: float, noise: Mapping[str, Any], n_not_blind: int = 0
) -> str:
    """Say what is certified, and against whom: the people who labelled the sample, or the truth.

    n_not_blind: items of the sample that only people answered who had seen a label of theirs.
    """
    not_blind = (
        f" {n_not_blind:,} of the sample were answered only by people who had seen a label of them: not blind, these "
        "count as wrong."
        if n_not_blind
        else ""
    )
    if not outcome.is_certified:
        return f"Nothing is accepted unseen: {outcome.reason}.{not_blind}"
    said = promise(outcome.rule, target=target, delta=delta, n_groups=len(outcome.thresholds))
    accepted = f"{outcome.n_accepted:,} labels ({_percent(outcome.coverage)} of the items outside the sample)"
    return f"{said} This is about {accepted}. {noise_sentence(outcome.rule, target=target, noise=noise)}{not_blind}"


def drawn_sentences(told: Mapping[str, Any]) -> list[str]:
    """Say where the sample was drawn, where that was not from the whole pool, and whether a coin was tossed.

    told: a certificate, or what it keeps of its draw: `focus` and `coin`, each only where there is one.
    """
    focus, coin = told.get("focus"), told.get("coin")
    said = [] if focus is None else [focused_sentence(focus)]
    if coin is not None:
        said.append(
            f"A coin drawn with the sample, before any label ({coin:.3g}), decides where one wrong label more would be "
            "too many and one fewer more than needed: the stated chance of certifying too much is used in full."
        )
    return said


def focused_sentence(focus: Mapping[str, Any]) -> str:
    """Say from which part of the pool a sample was drawn, and what of the rest."""
    inside, n_of = int(focus["n_items"]), int(focus["n_of"])
    return (
        f"The sample was focused: drawn at random from the {inside:,} of {n_of:,} items that score at least "
        f"{focus['lowest']:.6g}, a part chosen beforehand by other labels. The other {n_of - inside:,} go to people, "
        "and this sample says nothing of them."
    )


def noise_sentence(rule: CertifyRule, *, target: float, noise: Mapping[str, Any]) -> str:
    """Say how far people's own errors stand between the certificate and the truth: α + η, or that η is not known."""
    eta = noise["consensus_error"]
    if eta is None:
        why = f": {noise['reason']}" if noise.get("reason") else ""
        return (
            "What is certified is agreement with the people who labelled the sample; how often they err themselves is "
            f"not known{why}."
        )
    range_ = f"{_percent(noise['low'])} to {_percent(noise['high'])}"
    measured = (
        f"The people who labelled the sample are wrong themselves in about {_percent(eta)} ({range_}, from "
        f"{noise['n_units']:,} items that several labelled)"
    )
    if rule.loss != "exact":
        return f"{measured}, which no figure here takes account of."
    return f"{measured}, so against the truth read {_exact(target)} + {_percent(eta)} = {_percent(target + eta)}."


def beside_verdict(certificate: Mapping[str, Any]) -> list[str]:
    """Give what people read below a certificate's verdict: from which score on, and how far people err themselves.

    certificate: as it is kept; older ones have one threshold and no rule.
    """
    if not certificate["is_certified"]:
        return []
    rule = CertifyRule(**certificate.get("rule", {}))
    thresholds = certificate.get("thresholds") or [{"groups": None, "threshold": certificate["threshold"]}]
    noise = noise_sentence(rule, target=certificate["target_error"], noise=certificate["noise"])
    recalled = certificate.get("recalled")
    drawn = drawn_sentences(certificate)
    links = [f"{one}." for one in link_sentences(certificate)]
    return [
        f"Accepted by score: {accepted_from(thresholds)}.",
        *links,
        noise,
        *drawn,
        *([recalled] if recalled else []),
    ]


def link_sentences(certificate: Mapping[str, Any]) -> list[str]:
    """Say what each link of a cascade was asked and keeps; empty where a certificate has no links."""
    told: list[str] = []
    for one in certificate.get("links", ()):
        kept = "keeps nothing" if one["threshold"] is None else f"keeps what scores {one['threshold']:.6g} or more"
        told.append(
            f"{one['model']} was asked about {one['n_reached']:,} items and {kept}: {one['n_accepted']:,} outside the "
            "sample"
        )
    return told


def recalled_sentence(n_recalled: int, n_covered: int) -> str | None:
    """Say what a certificate still speaks of once labels were taken back; None where none were.

    Those who took them back had seen answers. What they left may be worse than the whole, if they took the wrong ones.
    """
    if not n_recalled:
        return None
    return (
        f"{n_recalled:,} of these {n_covered:,} labels have been taken back since. The statement is about all of them "
        f"together, as they were accepted; of the {n_covered - n_recalled:,} that are left their own audit speaks."
    )


def accepted_from(thresholds: Sequence[Mapping[str, Any]]) -> str:
    """Say from which score on what is accepted.

    >>> accepted_from([{"groups": ["good"], "threshold": 0.8}, {"groups": ["bad"], "threshold": None}])
    'good: 0.8 or more; bad: nothing'
    """
    parts: list[str] = []
    for one in thresholds:
        names = one["groups"]
        shown = "" if names is None else ", ".join(names[:_MOST_NAMES]) + (" ..." if len(names) > _MOST_NAMES else "")
        from_ = "nothing" if one["threshold"] is None else f"{one['threshold']:.6g} or more"
        parts.append(f"{shown}: {from_}" if shown else from_)
    return "; ".join(parts)


def _limit(rule: CertifyRule, share: str) -> str:
    if rule.loss == "exact":
        return f"at most {share} is wrong of"
    if rule.loss == "costs":
        return f"a mean cost of at most {share} of the dearest mistake is paid for"
    same = f", up to {rule.tolerance:g} counting as the same" if rule.tolerance else ""
    scale = f"0% = the same, 100% = nothing in common{same}"
    return f"a mean distance to people's labels of at most {share} ({scale}) is kept by"


def _of_all(rule: CertifyRule, share: str) -> str:
    if rule.loss == "exact":
        return f"at most {share} of all items are accepted and wrong"
    return "the loss of an item that goes to people is none"


def _exact(share: float) -> str:
    """Write a share that is promised: never rounded to another one.

    >>> _exact(0.9995), _exact(0.1234), _exact(1 - 0.05)
    ('99.95%', '12.34%', '95%')
    """
    return f"{100 * share:.6g}%"


def _percent(share: float) -> str:
    """Write a share as people do, without the dust of floating point.

    >>> _percent(0.1), _percent(0.1234), _percent(1 - 0.05)
    ('10%', '12.3%', '95%')
    """
    return f"{100 * share:.3g}%"
