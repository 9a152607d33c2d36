"""A data-set card in words: for the page, the terminal, the datasheet and the metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ORIGINS = {
    "people": "given by people",
    "accepted": "accepted by the certificate, nobody looked",
    "unverified": "a model's, not accepted, nobody looked",
    "not sampled": "a model's, from outside the sampled pool",
    "bulk": "a model's, taken over by a person with many others",
    "no label": "no label at all",
    "not asked": "does not arise, as other labels say",
}
_RIGHT = {"people": "the measure", "no label": "–", "not asked": "–"}
SHORT_ORIGINS = {
    "people": "given by people",
    "accepted": "accepted, unseen",
    "unverified": "not accepted, unseen",
    "not sampled": "outside the pool",
    "bulk": "taken over in bulk",
    "no label": "no label",
    "not asked": "does not arise",
}


def share(value: float | None) -> str:
    """Write a share with one decimal.

    >>> share(0.9512), share(None)
    ('95.1%', '–')
    """
    return "–" if value is None else f"{100 * value:.1f}%"


def span(found: Mapping[str, Any] | None) -> str:
    """Write a figure in its interval."""
    return (
        "not known" if found is None else f"{share(found['value'])} ({share(found['low'])} to {share(found['high'])})"
    )


def accuracy_sentences(card: Mapping[str, Any]) -> list[str]:
    """Say how accurate the labels are, what that rests on, and what it leaves out."""
    overall, accepted = card["accuracy"]["overall"], card["accuracy"]["accepted"]
    if overall is None:
        return [f"How accurate the labels are is not known: {card['design']}."]
    said = [f"{span(overall)} of the {card['n_labels']:,} labels agree with what people say, at 95% confidence."]
    if accepted is not None:
        said.append(
            f"Of the labels accepted unseen, {share(accepted['value'])} do, by the blind audit: "
            f"{share(accepted['low'])} to {share(accepted['high'])}."
        )
    left = card["errors_left"]
    if left is not None:
        said.append(f"About {left['expected']:,.0f} labels are still wrong, {left['upper']:,} at most.")
    said.append(f"This rests on {card['design']}.")
    if card["n_unspoken"]:
        said.append(
            f"No sample speaks of {card['n_unspoken']:,} labels: they count as wrong in the figure, and as either in "
            "its interval."
        )
    missing = missing_sentence(card)
    return [*said, *([] if missing is None else [missing]), *gold_sentences(card["gold"])]


def missing_sentence(card: Mapping[str, Any]) -> str | None:
    """Say how many drawn items have no answer, and what that does; None when every one has, or in an older card."""
    missing = card.get("missing")
    if missing is None or not missing["n_calibration"] + missing["n_audit"]:
        return None
    n = missing["n_calibration"] + missing["n_audit"]
    words = (
        f"{n:,} of the {missing['n_drawn']:,} drawn items ({share(missing['share'])}) were never answered: in every "
        "interval they count as right at one end and as wrong at the other"
    )
    if missing["widens"]:
        words += f", which makes that of all labels {100 * missing['widens']:.1f} points wider"
    tail = ". That is much: have them answered before this card is shown to anybody." if missing["is_large"] else "."
    return words + tail


def gold_sentences(gold: Mapping[str, Any] | None) -> list[str]:
    """Say what the people are worth, who are the measure."""
    if gold is None:
        return []
    said: list[str] = []
    if gold["votes_by"].get("simulated"):
        said.append("Simulated people labelled the sample: this shows how it works and proves nothing real.")
    if gold["is_by_one_person_each"]:
        said.append(
            "Each item of the sample was labelled by one person: what is measured is agreement with that person, and "
            "how often people are wrong themselves is not known."
        )
    elif gold["consensus_error"] is not None:
        said.append(
            f"The people's consensus is itself wrong in about {share(gold['consensus_error'])} "
            f"({share(gold['consensus_error_low'])} to {share(gold['consensus_error_high'])}); one person alone in "
            f"about {share(gold['vote_error'])}."
        )
    elif gold["reason"]:
        said.append(f"How often people are wrong themselves is not known: {gold['reason']}.")
    return said


def worth_sentence(card: Mapping[str, Any]) -> str | None:
    """Say what the sample is worth with the model's help."""
    worth = card["effective_sample_size"]
    if worth is None:
        return None
    what = "how often each class occurs" if card["effective_for"] == "class shares" else "how accurate the labels are"
    return (
        f"For {what}, the {card['n_human']:,} labels drawn at random are worth about {worth:,.0f} of people alone, "
        "the model's labels being used as well."
    )


def shift_sentence(card: Mapping[str, Any]) -> str | None:
    """Name the class whose share the model's labels misstate most, if beyond doubt."""
    classes: Sequence[Mapping[str, Any]] = card["prevalence"] or ()
    rows = [row for row in classes if row["corrected"] is not None]
    off = [row for row in rows if not row["low"] <= row["naive"] <= row["high"]]
    if not off:
        return None
    worst = max(off, key=lambda row: abs(row["naive"] - row["corrected"]))
    way = "too often" if worst["naive"] > worst["corrected"] else "too seldom"
    return (
        f"The model says '{worst['label']}' {way}: {share(worst['naive'])} of its labels, where about "
        f"{share(worst['corrected'])} of the items are."
    )


def origin_rows(card: Mapping[str, Any]) -> list[list[str]]:
    """One row per origin: what, how many, share, accuracy."""
    rows: Sequence[Mapping[str, Any]] = card["accuracy"]["by_origin"]
    return [
        [
            ORIGINS[str(row["origin"])],
            f"{row['n']:,}",
            share(row["share"]),
            _RIGHT.get(str(row["origin"])) or span(row["accuracy"]),
        ]
        for row in rows
    ]


def part_rows(rows: Sequence[Mapping[str, Any]], *names: str) -> list[list[str]]:
    """One row per class or slice: its name, how many labels, how many drawn, accuracy."""
    return [
        [*(str(row[name]) for name in names), f"{row['n']:,}", f"{row['n_drawn']:,}", span(row["accuracy"])]
        for row in rows
    ]


CONFUSED_COLUMNS = ("the model says", "people say", "of what it calls so")


def confused_rows(card: Mapping[str, Any]) -> list[list[str]]:
    """One row per confusion that was seen, the surest first; none where labels are no classes."""
    found: Mapping[str, Sequence[Mapping[str, Any]]] | None = card["confusion"]
    rows = () if found is None else found["rows"]
    seen = [row for row in rows if row["said"] != row["truth"] and row["share"] > 0]
    return [
        [str(row["said"]), str(row["truth"]), f"{share(row['share'])} ({share(row['low'])} to {share(row['high'])})"]
        for row in sorted(seen, key=_how_surely, reverse=True)
    ]


def tag_rows(card: Mapping[str, Any]) -> list[list[str]]:
    """One row per label of several: how often it is given wrongly, and how often it is missed; none otherwise."""
    rows: Sequence[Mapping[str, Any]] = card.get("label_errors") or ()

    def cell(found: Mapping[str, Any] | None, of: int) -> str:
        if found is None:
            return "not known"
        return f"{share(found['share'])} of {of:,} ({share(found['low'])} to {share(found['high'])})"

    return [
        [row["label"], cell(row["given_wrongly"], row["n_given"]), cell(row["missed"], row["n_not_given"])]
        for row in rows
    ]


def _how_surely(row: Mapping[str, Any]) -> tuple[float, float]:
    return row["low"], row["share"]


TAG_COLUMNS = ("label", "given wrongly, of those given", "missed, of the others")


def cost_rows(cost: Mapping[str, Any]) -> list[list[str]]:
    """What it took, and per label, as (what, money, people's time)."""
    about = "≈ " if cost["is_estimated"] else ""

    def row(name: str, micro: float | None, seconds: float | None) -> list[str]:
        money = (
            "unknown"
            if micro is None
            else f"{about}${micro / 1e6:,.4f}"
            if micro < 1e6
            else f"{about}${micro / 1e6:,.2f}"
        )
        return [name, money, "–" if seconds is None else duration(seconds)]

    rows = [
        row(
            "in all" if cost["n_questions"] == 1 else "in all, all questions",
            cost["cost_micro"],
            cost["people_seconds"],
        )
    ]
    for name, words in (
        ("per_label", "per label"),
        ("per_correct_label", "per correct label"),
        ("per_certified_label", "per label accepted by the certificate"),
    ):
        each = cost[name]
        if each is not None:
            rows.append(row(words, each["cost_micro"], each["people_seconds"]))
    return rows


def duration(seconds: float) -> str:
    """Say a time as people do.

    >>> duration(0.52), duration(210), duration(9000)
    ('0.5 s', '4 min', '2.5 h')
    """
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds else "0 s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
