"""What a judge found, in words for a terminal."""

from __future__ import annotations

from dataclasses import asdict

from labelwright.cli.output import facts, say, table
from labelwright.domain.canonical import Json, canonical_json
from labelwright.services.comparing.judge_forecast import JudgeForecast
from labelwright.services.comparing.judge_report import Finding, JudgeReport

SHOWN = 20
_WORDS = 100
_ABOUT = {
    "annotations": "people's labels",
    "predictions": "the model's labels of items people have not seen",
    "pairs": "pairs of labels that compete",
}


def forecast_facts(forecast: JudgeForecast) -> dict[str, object]:
    """Say what judging would ask and cost."""
    lines: dict[str, object] = {
        "judge": forecast.model + (" (judges its own labels: models prefer those)" if forecast.same_model else ""),
        "would judge": f"{forecast.cases:,} cases of {forecast.items:,} items: {_ABOUT[forecast.what]}",
    }
    if forecast.not_shown:
        lines["not shown to it"] = f"about {forecast.not_shown:,} items"
    if forecast.paid:
        lines["paid already"] = f"about {forecast.paid:.0%}"
    lines["calls"] = f"about {forecast.calls:,}, at most {forecast.most_calls:,}"
    lines["tokens"] = f"about {forecast.tokens_in:,} in, {forecast.tokens_out:,} out"
    if forecast.cost_micro is None or forecast.most_micro is None:
        lines["cost"] = "unknown; no price is known for the model"
    else:
        recorded = " (the answers are recordings: nothing is billed)" if forecast.cost_is_estimated else ""
        lines["cost"] = f"about {_dollars(forecast.cost_micro)}, at most {_dollars(forecast.most_micro)}{recorded}"
    return lines


def say_report(report: JudgeReport) -> None:
    """Show the counts, how far the judge can be believed, and what to look at."""
    lines: dict[str, object] = {"judge": report.model, "judged": f"{_ABOUT[report.what]}, {report.due:,} items"}
    for words in _warnings(report):
        lines.setdefault("beware", words)
    if report.not_shown:
        lines["not shown to it"] = f"{report.not_shown:,} items"
    if report.failed:
        lines["without answer"] = f"{report.failed:,} items"
    lines["calls"] = f"{report.calls:,}, and {report.reused:,} answers paid for before"
    if report.cost_micro is not None:
        recorded = " (estimated: the answers are recordings)" if report.cost_is_estimated else ""
        lines["cost"] = _dollars(report.cost_micro) + recorded
    lines["the judge itself"] = _trust(report)
    facts(lines)
    for title, counts in (("question", report.by_question), ("annotator", report.by_annotator)):
        names = list(dict.fromkeys(name for one in counts.values() for name in one))
        rows = [[name, *(one.get(ruling, 0) for ruling in names)] for name, one in counts.items()]
        table([title, *names], rows)
    against = report.disagreements
    if against:
        if report.what == "pairs":
            table(["item", "people's", "by", "better", "by", "why"], [_pair_row(one) for one in against[:SHOWN]])
        else:
            table(["item", "label", "by", "score", "why"], [_row(one) for one in against[:SHOWN]])
    if len(against) > SHOWN:
        say(f"and {len(against) - SHOWN:,} more; --json gives all of them")
    if report.stopped:
        say("stopped on request; run the same command for the rest")


def as_json(report: JudgeReport) -> dict[str, object]:
    """Give everything as JSON; findings in the order of the items."""
    facts_of = {name: getattr(report, name) for name in JudgeReport.__dataclass_fields__ if name != "findings"}
    return {**facts_of, "findings": [_finding(one) for one in report.findings]}


def _finding(one: Finding) -> dict[str, object]:
    sides = [side for side in (one.case.given, one.case.other) if side is not None]
    labels = [{"value": side.value, "by": list(side.by)} for side in sides]
    kept = {name: value for name, value in asdict(one).items() if name not in ("case", "key")}
    about = {"label": labels[0]} if len(labels) == 1 else {"first": labels[0], "second": labels[1]}
    return {"item": one.item, "question": one.case.question, **about, **kept}


def _warnings(report: JudgeReport) -> list[str]:
    if report.same_model:
        return [f"{report.model} judges labels of its own: models prefer what they wrote (self-preference)"]
    if report.suggested:
        return [f"people may have seen {report.model}'s labels as suggestions: it may only be agreeing with itself"]
    return []


def _trust(report: JudgeReport) -> str:
    if report.consistency is not None:
        c = report.consistency
        if c.rate is None:
            return "no pair was judged in both orders"
        said = f"the same verdict in both orders for {c.rate:.0%} of {c.n_pairs:,} pairs"
        return f"{said} (95% interval {c.low:.0%} to {c.high:.0%})"
    if report.kappa is None:
        return "not measured: no gold was given, and no item has labels of three people"
    k = report.kappa
    if k.reason is not None:
        return f"not measurable against {report.standard}: {k.reason}"
    return (
        f"kappa {k.coefficient:.2f} with {report.standard} (95% interval {k.low:.2f} to {k.high:.2f}, "
        f"{report.n_compared:,} labels)"
    )


def _row(one: Finding) -> list[object]:
    return [one.item, _value(one.case.given.value), ", ".join(one.case.given.by), one.score, _why(one)]


def _pair_row(one: Finding) -> list[object]:
    other = one.case.other
    value, by = (None, ()) if other is None else (other.value, other.by)
    return [
        one.item, _value(one.case.given.value), ", ".join(one.case.given.by), _value(value), ", ".join(by), _why(one)
    ]  # fmt: skip


def _value(value: Json) -> str:
    text = value if isinstance(value, str) else canonical_json(value).decode()
    return text if len(text) <= _WORDS else text[: _WORDS - 1] + "…"


def _why(one: Finding) -> str:
    text = one.reasons[0] if one.reasons else ""
    return text if len(text) <= _WORDS else text[: _WORDS - 1] + "…"


def _dollars(micro: int) -> str:
    return f"${micro / 1e6:,.2f}" if micro >= 1_000_000 else f"${micro / 1e6:,.4f}"
