"""A project's report as one HTML file: what `services.report` says, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from labelwright.adapters.report.audit_section import audit_section
from labelwright.adapters.report.estimate_words import COLUMNS, estimate_rows, estimate_sentences
from labelwright.adapters.report.page import Bullets, Chart, Figures, Part, Prose, Section, Table, render_page
from labelwright.adapters.report.plan_charts import plan_section
from labelwright.adapters.report.question_words import why_not_certified
from labelwright.adapters.report.svg import Rung, ladder_chart, reliability_diagram, risk_coverage_chart
from labelwright.domain.project import CertifyRule
from labelwright.methods.calibration import ReliabilityBin, RiskCoverage

_STATUSES = {
    "consensus": "several people agree",
    "human-verified": "one person's answer",
    "bulk-accepted": "a model's label, accepted in bulk",
    "auto-accepted": "accepted by the certificate",
    "unverified": "a model's label nobody checked",
    "unresolved": "no label",
    "not-applicable": "does not arise",
}


def project_page(report: Mapping[str, Any], *, at: str, extra: Sequence[Section] = ()) -> str:
    """Write the page.  at: when it was made.  extra: further cards, before the questions."""
    questions: Sequence[Mapping[str, Any]] = report["questions"]
    sections = [*extra]
    for question in questions:
        sections += _question(question, has_model=report["model"] is not None)
    sections.append(_work(report))
    if report.get("plan") is not None:
        sections.append(plan_section(report["plan"]))
    target, level = report["target_error"], report["confidence_level"]
    return render_page(
        title=str(report["project"]),
        subtitle=f"{report['n_items']:,} items, target error {_percent(target)}, confidence level {_percent(level)}",
        headline=_headline(report, questions),
        sections=sections,
        footer=f"Made {at} from ledger position {report['ledger']['position']}, head {report['ledger']['hash']}",
    )


def _headline(report: Mapping[str, Any], questions: Sequence[Mapping[str, Any]]) -> list[Part]:
    accepted = sum(q["resolved"].get("auto-accepted", 0) for q in questions)
    total = max(report["n_items"] * len(questions), 1)
    verified = sum(q["resolved"].get(s, 0) for q in questions for s in ("consensus", "human-verified"))
    parts: list[Part] = [
        Figures(
            [
                (f"{report['n_items']:,}", "items"),
                (_percent(accepted / total), "of labels accepted unseen"),
                (_percent(verified / total), "of labels given by people"),
                (f"{report['n_human_labels']:,}", "answers of people"),
                (_cost(report["calls"]["cost_micro"], estimated=report["recorded"]), "paid for model calls"),
            ]
        )
    ]
    if report["is_bound"] is False:
        parts.append(Prose("The certificate is void: what it was bound to has changed. Calibrate anew.", "warn"))
    if report["recorded"]:
        said = "The model's answers are recordings, given to somebody else's prompt; their cost is an estimate."
        parts.append(Prose(said, "warn"))
    return parts


def _question(question: Mapping[str, Any], *, has_model: bool) -> list[Section]:
    name, certificate = str(question["name"]), question["certificate"]
    resolved = [[words, f"{question['resolved'].get(s, 0):,}"] for s, words in _STATUSES.items()]
    first: list[Part] = []
    if certificate is None:
        said = f"Nothing is certified: {why_not_certified(question, has_model=has_model)}."
        first.append(Prose(said, "warn") if question["is_void"] else Prose(said))
        return [Section(name, [*first, Table(["label of record", "items"], resolved)])]
    first.append(Prose(_sentence(str(certificate["verdict"])), "good" if certificate["is_certified"] else "warn"))
    first.append(Bullets(_conditions(certificate)))
    first.append(Table(["label of record", "items"], resolved))
    sections = [Section(f"{name}: what may be accepted", first)]
    sections.append(_accuracy(name, question["estimate"]))
    rungs = [
        Rung(
            r["target_error"],
            r["coverage"] if r["is_certified"] else 0.0,
            "" if r["is_certified"] else "nothing",
            is_frozen=r["is_frozen"],
        )
        for r in question["ladder"]
    ]
    only = "Only the frozen limit is a certificate; picking another one after seeing this spends the guarantee again."
    sections.append(Section(f"{name}: the ladder of limits", [Chart(ladder_chart(rungs), only)]))
    curve = _curve(question["risk_coverage"])
    reached = certificate["coverage"] if certificate["is_certified"] else None
    drawn = risk_coverage_chart(curve, target_error=certificate["target_error"], certified_coverage=reached)
    sections.append(Section(f"{name}: error as more is accepted", [Chart(drawn, _auroc(certificate))]))
    bins = tuple(ReliabilityBin(**one) for one in question["calibration"]["reliability"])
    if bins:
        right = _percent(question["calibration"]["accuracy"])
        caption = f"{certificate['n_calibration']} blind labels; the model is right in {right} of them."
        caption += _calibration_error(question["calibration"].get("raw"))
        sections.append(
            Section(f"{name}: can its confidence be believed?", [Chart(reliability_diagram(bins), caption)])
        )
    if question["audit"] is not None:
        sections.append(audit_section(name, question["audit"], target_error=certificate["target_error"]))
    checks = _checks(question)
    if checks:
        sections.append(Section(f"{name}: checks", checks))
    return sections


def _promised(certificate: Mapping[str, Any]) -> str:
    """Say what holds over draws of the sample; another rule than the guarantee has words of its own."""
    rule = certificate.get("rule")
    if rule is not None and not CertifyRule(**rule).is_plain:
        return str(certificate["promise"])
    return (
        "The chance that something is accepted and breaks the limit is at most "
        f"{_percent(certificate['delta'])}, over draws of the sample."
    )


def _calibration_error(raw: Mapping[str, Any] | None) -> str:
    found = None if raw is None else raw.get("ece_mass")
    if found is None or found["value"] is None:
        return ""
    return (
        f" Calibration error (ECE) {found['value']:.3f}; a perfectly calibrated score would show about "
        f"{found['null_mean']:.3f} at this size, and up to {found['null_upper']:.3f} in 95% of samples."
    )


def _accuracy(name: str, estimate: Mapping[str, Any]) -> Section:
    table = Table(list(COLUMNS), estimate_rows(estimate))
    return Section(f"{name}: how accurate the labels are", [Bullets(estimate_sentences(estimate)), table])


def _conditions(certificate: Mapping[str, Any]) -> list[str]:
    noise = certificate["noise"]
    drawn = (
        f"{certificate['n_calibration']} of {certificate['n_pool']:,} items were drawn at random and labelled blind; "
        f"the model was wrong in {certificate['n_wrong']} of them."
    )
    meaning = (
        "The statement is about the accepted items outside the sample. It means agreement with the people who "
        "labelled the sample."
    )
    said = [drawn, meaning, f"Score: {certificate['score']}. {_promised(certificate)}", *certificate.get("drawn", ())]
    number, method = certificate["sample_number"], certificate.get("rule", {}).get("method")
    if number > 1 and method != "conformal":
        said.append(
            f"This is sample number {number} of this project. Each may fail by chance, so over all of them the chance "
            f"is at most {number} × {_percent(certificate['delta'])}."
        )
    if certificate["votes_by"].get("simulated"):
        said.append("Simulated people labelled the sample: this shows how it works and certifies nothing real.")
    if noise["consensus_error"] is not None:
        stated = certificate["target_error"] + noise["consensus_error"]
        said.append(
            f"The people's consensus itself is wrong in about {_percent(noise['consensus_error'])}; against the truth "
            f"the limit reads {_percent(stated)}."
        )
    elif noise["reason"]:
        said.append(f"How often the people themselves are wrong is not known: {noise['reason']}.")
    if certificate["n_missing"]:
        said.append(f"{certificate['n_missing']} items of the sample got no answer and count as the model's errors.")
    return said


def _checks(question: Mapping[str, Any]) -> list[Part]:
    parts: list[Part] = []
    if question["agreement"]:
        rows = [
            [
                one["name"],
                _number(one["coefficient"]),
                _span(one),
                str(one["n_units"]),
            ]
            for one in question["agreement"]
        ]
        parts.append(Table(["agreement of people", "value", "95% interval", "items"], rows))
    return parts


def _work(report: Mapping[str, Any]) -> Section:
    calls = report["calls"]
    rows = [
        ["calls to models", f"{calls['calls']:,}"],
        ["of which failed", f"{calls['failed']:,}"],
        ["tokens in", f"{calls['tokens_in']:,}"],
        ["tokens out", f"{calls['tokens_out']:,}"],
        ["cost", _cost(calls["cost_micro"], estimated=report["recorded"])],
        *_budget_rows(report["budget"]),
        ["schema version", str(report["schema_version"])],
        ["guideline version", str(report["guideline_version"])],
    ]
    return Section("What it took", [Table(["", ""], rows)])


def _budget_rows(budget: Mapping[str, Any]) -> list[list[str]]:
    """Give the rows about the budget; none where there is none."""
    limit, lost = budget["limit_micro"], budget["lost_micro"]
    if limit is None:
        return []
    used = budget["spent_micro"] + lost
    unknown = f", of it ${lost / 1e6:,.4f} at most, by runs that were killed or batches not fetched yet" if lost else ""
    left = max(0, limit - used - budget["reserved_micro"])
    return [
        ["budget", f"${limit / 1e6:,.2f}"],
        ["of it used", f"${used / 1e6:,.4f}{unknown}"],
        ["left of it", f"${left / 1e6:,.4f}"],
    ]


def _curve(points: Sequence[Mapping[str, Any]]) -> RiskCoverage:
    def column(name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([np.nan if p[name] is None else p[name] for p in points], dtype=np.float64)

    return RiskCoverage(column("threshold"), column("coverage"), column("risk"), column("low"), column("high"))


def _auroc(certificate: Mapping[str, Any]) -> str:
    value = certificate["auroc"]["value"]
    return "" if value is None else f"How well the score ranks errors: AUROC {value:.2f} (.5 is chance, 1 perfect)."


def _span(one: Mapping[str, Any]) -> str:
    return "–" if one["low"] is None else f"{one['low']:.2f} to {one['high']:.2f}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}%".replace(".0%", "%")


def _cost(micro: int | None, *, estimated: bool) -> str:
    if micro is None:
        return "unknown"
    return ("≈ " if estimated else "") + f"${micro / 1e6:,.2f}"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."
