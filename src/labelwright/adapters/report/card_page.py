"""A data-set card as one HTML file: what `services.card` says, drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labelwright.adapters.report.card_charts import (
    BeforeAfter,
    Measured,
    confusion_chart,
    interval_chart,
    prevalence_chart,
)
from labelwright.adapters.report.card_words import (
    SHORT_ORIGINS,
    TAG_COLUMNS,
    accuracy_sentences,
    cost_rows,
    origin_rows,
    part_rows,
    share,
    shift_sentence,
    tag_rows,
    worth_sentence,
)
from labelwright.adapters.report.page import Bullets, Chart, Figures, Part, Prose, Section, Table, render_page

_MOST_DRAWN = 12


def card_page(card: Mapping[str, Any]) -> str:
    """Write the page. The same card gives the same bytes."""
    sections: list[Section] = []
    questions: Sequence[Mapping[str, Any]] = card["questions"]
    for question in questions:
        sections += _question(question, is_only=len(questions) == 1)
    sections += [_process(card["process"]), _chain(card)]
    return render_page(
        title=f"{card['project']}: data-set card",
        subtitle=f"{card['n_items']:,} items, as of {_day(card['at'])}",
        headline=_headline(questions),
        sections=sections,
        footer=f"Made from ledger position {card['hashes']['ledger']['position']}; card {card['hash']}",
    )


def _headline(questions: Sequence[Mapping[str, Any]]) -> list[Part]:
    parts: list[Part] = []
    for question in questions:
        card = question["card"]
        overall, accepted, left = card["accuracy"]["overall"], card["accuracy"]["accepted"], card["errors_left"]
        name = "" if len(questions) == 1 else f"{question['name']}: "
        figures = [_figure(overall, f"{name}of the labels are right")]
        if accepted is not None:
            figures.append(_figure(accepted, "of those accepted unseen"))
        if left is not None:
            figures.append((f"{left['expected']:,.0f}", f"labels still wrong, {left['upper']:,} at most"))
        figures.append((f"{card['n_by_people']:,}", f"of {card['n_labels']:,} labels given by people"))
        if card["effective_sample_size"] is not None:
            worth = f"{card['effective_sample_size']:,.0f}"
            figures.append((worth, f"plain labels that the {card['n_human']:,} drawn ones are worth"))
        parts.append(Figures(figures))
    return parts


def _figure(found: Mapping[str, Any] | None, what: str) -> tuple[str, str]:
    if found is None:
        return "–", what
    return share(found["value"]), f"{what} ({share(found['low'])} to {share(found['high'])})"


def _question(question: Mapping[str, Any], *, is_only: bool) -> list[Section]:
    card = question["card"]
    head = "" if is_only else f"{question['name']}: "
    sections = [_accuracy(card, head), Section(_heading(head, "what this rests on"), [_rests_on(card)])]
    if card["prevalence"]:
        sections.append(_prevalence(card, head))
    if card["confusion"] is not None:
        sections.append(_confusion(card["confusion"], head))
    if tag_rows(card):
        heading = _heading(head, "which labels are missed, and which given wrongly")
        sections.append(Section(heading, [Table(list(TAG_COLUMNS), tag_rows(card))]))
    sections += _parts(card, head)
    sections.append(_people(card, head))
    return sections


def _accuracy(card: Mapping[str, Any], head: str) -> Section:
    accuracy, certificate = card["accuracy"], card["certificate"]
    parts: list[Part] = []
    if accuracy["overall"] is not None:
        rows = [_measured("all labels", accuracy["overall"], is_strong=True)]
        for row in accuracy["by_origin"]:
            if row["origin"] == "accepted":
                rows.append(_measured("accepted unseen", accuracy["accepted"], remark="none of them was audited yet"))
            elif row["origin"] not in ("people", "no label"):
                rows.append(_measured(SHORT_ORIGINS[row["origin"]], row["accuracy"], remark="too little drawn to tell"))
        limit = 1 - certificate["target_error"] if certificate["is_certified"] else None
        drawn = interval_chart(rows, title="Share of labels that are right", limit=limit)
        parts.append(Chart(drawn, f"Dots are estimates, bars their 95% intervals; {card['holds']}."))
    parts.append(Table(["labels of record", "number", "share", "right"], origin_rows(card)))
    return Section(_heading(head, "how accurate the labels are"), parts)


def _rests_on(card: Mapping[str, Any]) -> Bullets:
    said = [*accuracy_sentences(card), shift_sentence(card), worth_sentence(card)]
    return Bullets([sentence for sentence in said if sentence is not None])


def _heading(head: str, words: str) -> str:
    return f"{head}{words}" if head else f"{words[:1].upper()}{words[1:]}"


def _prevalence(card: Mapping[str, Any], head: str) -> Section:
    rows = [BeforeAfter(r["label"], r["naive"], r["corrected"], r["low"], r["high"]) for r in card["prevalence"]]
    shown = sorted(rows, key=lambda row: -(row.before if row.after is None else row.after))
    caption = f"From the drawn labels, with the model's on all items as a help: {card['prevalence_method']}."
    parts: list[Part] = [Chart(prevalence_chart(shown[:_MOST_DRAWN]), caption)]
    if len(shown) > _MOST_DRAWN:
        parts.append(Prose(f"The {_MOST_DRAWN} most frequent of {len(shown)} classes; card.json has all."))
    return Section(_heading(head, "how often each class really occurs"), parts)


def _confusion(table: Mapping[str, Any], head: str) -> Section:
    labels, rows = table["labels"], table["rows"]
    heading = _heading(head, "what the model's labels really are")
    if len(labels) <= _MOST_DRAWN:
        cells = {(row["said"], row["truth"]): (row["share"], row["low"], row["high"]) for row in rows}
        caption = "Of the items with a label of the model, the share that people say is each class, with 95% intervals."
        return Section(heading, [Chart(confusion_chart(labels, cells), caption)])
    worst = sorted((row for row in rows if row["said"] != row["truth"]), key=lambda row: -row["share"])[:_MOST_DRAWN]
    shown = [
        [row["said"], row["truth"], share(row["share"]), f"{share(row['low'])} to {share(row['high'])}"]
        for row in worst
    ]
    table_of_worst = Table(["the model said", "it is", "share", "95% interval"], shown, left=frozenset({1}))
    return Section(heading, [Prose("The most frequent confusions:"), table_of_worst])


def _parts(card: Mapping[str, Any], head: str) -> list[Section]:
    accuracy = card["accuracy"]
    parts: list[Part] = []
    classes: Sequence[Mapping[str, Any]] = accuracy["by_class"] or ()
    if 1 < len(classes) <= _MOST_DRAWN:
        drawn = [_measured(row["label"], row["accuracy"], remark="too little drawn to tell") for row in classes]
        parts.append(Chart(interval_chart(drawn, title="Share right, by the label it carries")))
    if classes:
        parts.append(Table(["label", "labels", "drawn", "right"], part_rows(classes, "label")))
    sections = [Section(_heading(head, "label by label"), parts)] if parts else []
    slices: Sequence[Mapping[str, Any]] = accuracy.get("by_slice") or ()
    if slices:
        table = Table(
            ["field", "value", "labels", "drawn", "right"], part_rows(slices, "field", "value"), left=frozenset({1})
        )
        note = Prose("Each interval holds by itself: with many slices, a few miss by chance.")
        sections.append(Section(_heading(head, "slice by slice"), [table, note]))
    return sections


def _people(card: Mapping[str, Any], head: str) -> Section:
    parts: list[Part] = []
    if card["agreement"]:
        rows = [
            [
                one["name"],
                "–" if one["coefficient"] is None else f"{one['coefficient']:.2f}",
                one["reason"] or f"{one['low']:.2f} to {one['high']:.2f}",
                f"{one['n_units']:,}",
            ]
            for one in card["agreement"]
        ]
        parts.append(Table(["agreement of people", "value", "95% interval", "items"], rows))
    else:
        parts.append(Prose("Nobody labelled the same item of the sample twice, so how far people agree is not known."))
    parts.append(Table(["what it took", "models", "people's time"], cost_rows(card["cost"])))
    return Section(_heading(head, "people and cost"), parts)


def _process(process: Mapping[str, Any]) -> Section:
    people = ", ".join(f"{n} {kind}" for kind, n in process["annotators"].items()) or "nobody"
    shown, votes = process["share_with_suggestion"], process["votes_per_labelled_item"]
    rows = [
        ["who answered", people],
        ["answers of people", f"{process['n_answers']:,}"],
        ["of them with a suggestion in sight", share(shown)],
        ["answers per item", "–" if votes is None else f"{votes:.2f}"],
        ["models", ", ".join(model["model"] for model in process["models"]) or "none"],
        ["guideline, schema", f"version {process['guideline_version']}, version {process['schema_version']}"],
    ]
    return Section("How the labels came about", [Table(["", ""], rows, left=frozenset({1}))], is_wide=True)


def _chain(card: Mapping[str, Any]) -> Section:
    hashes = card["hashes"]
    rows = [
        ["ledger", f"position {hashes['ledger']['position']:,}, {hashes['ledger']['hash']}"],
        *([f"certificate of {name}", str(found)] for name, found in hashes["certificates"].items()),
        ["guideline", hashes["guideline"]],
        ["schema", hashes["schema"]],
        ["prompt", hashes["prompt"] or "none"],
        ["models", ", ".join(hashes["models"]) or "none"],
        *([name, one["sha256"]] for name, one in card["files"].items()),
        ["this card", card["hash"]],
    ]
    note = Prose("Check it: labelwright card --check FOLDER. A change to any of these makes another card.")
    return Section("What this card is bound to", [Table(["", ""], rows, left=frozenset({1})), note], is_wide=True)


def _measured(name: str, found: Mapping[str, Any] | None, *, remark: str = "", is_strong: bool = False) -> Measured:
    if found is None:
        return Measured(name, None, remark=remark)
    return Measured(name, found["value"], found["low"], found["high"], is_strong=is_strong)


def _day(at: str | None) -> str:
    return "no known day" if at is None else at[:10]
