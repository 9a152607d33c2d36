"""DATASHEET.md: the questions of "Datasheets for Datasets", answered from the ledger as far as it knows.

Source: Gebru, Morgenstern, Vecchione, Wortman Vaughan, Wallach, Daumé III & Crawford (2021), Communications of the ACM
64(12).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from labelwright.adapters.formats.croissant import Publication
from labelwright.adapters.report.card_words import (
    CONFUSED_COLUMNS,
    TAG_COLUMNS,
    accuracy_sentences,
    confused_rows,
    cost_rows,
    origin_rows,
    part_rows,
    share,
    shift_sentence,
    tag_rows,
    worth_sentence,
)
from labelwright.ports.sinks import ExportedFile

DATASHEET: Final = "DATASHEET.md"
_MOST_CONFUSIONS = 20
_UNKNOWN = "*Not known to Labelwright: for whoever publishes the data to say.*"


def datasheet(card: Mapping[str, Any], files: Mapping[str, ExportedFile], about: Publication) -> str:
    """Write the datasheet. What only people know is marked as such, never guessed."""
    process, hashes = card["process"], card["hashes"]
    lines = [
        f"# Datasheet: {_line(card['project'])}",
        "",
        f"Made from ledger position {hashes['ledger']['position']} ({hashes['ledger']['hash']}); card {card['hash']}.",
        "Figures stand in `card.json`, pictures in `card.html`.",
        "",
        "## Motivation",
        f"- For what purpose, and by whom, was the data set created? {about.creator or _UNKNOWN}",
        "",
        "## Composition",
        f"- **What are the instances?** {card['n_items']:,} items, each with: {', '.join(process['content_fields'])}.",
        "- **Is there a label for each?** The questions asked:",
        *(f"  - `{q['name']}`: {_line(q['title'] or q['help'] or q['type'])}" for q in process["questions"]),
        "- **Are there errors or sources of noise?**",
    ]
    for question in card["questions"]:
        lines += _question(question)
    lines += ["", "## Collection process", _UNKNOWN, "", "## Preprocessing, cleaning, labelling", *_labelling(card)]
    lines += ["", "## Uses", *_uses(card), "", "## Distribution"]
    lines += [
        f"- **Licence**: {about.license or _UNKNOWN}",
        f"- **Address**: {about.url or _UNKNOWN}",
        *_file_lines(files),
        "",
        "## Maintenance",
        "- `labelwright card --check FOLDER` says whether the files are as they were written, and what changed since.",
        f"- Who maintains the data set: {_UNKNOWN}",
        "",
    ]
    return "\n".join(lines).replace("<", "&lt;")


def _question(question: Mapping[str, Any]) -> list[str]:
    card = question["card"]
    said = [*accuracy_sentences(card), shift_sentence(card), worth_sentence(card)]
    lines = [
        "",
        f"### {_line(question['name'])}",
        *(f"- {_line(sentence)}" for sentence in said if sentence is not None),
        "",
    ]
    if card["accuracy"]["by_origin"]:
        lines += _table(("labels of record", "number", "share", "right"), origin_rows(card))
    if card["accuracy"]["by_class"]:
        lines += ["", *_table(("label", "labels", "drawn", "right"), part_rows(card["accuracy"]["by_class"], "label"))]
    if confused_rows(card):
        lines += ["", *_table(CONFUSED_COLUMNS, confused_rows(card)[:_MOST_CONFUSIONS])]
    if tag_rows(card):
        lines += ["", *_table(TAG_COLUMNS, tag_rows(card))]
    slices: Sequence[Mapping[str, Any]] = card["accuracy"].get("by_slice") or ()
    if slices:
        lines += ["", *_table(("field", "value", "labels", "drawn", "right"), part_rows(slices, "field", "value"))]
    if card["prevalence"]:
        rows = [
            [
                str(row["label"]),
                share(row["naive"]),
                share(row["corrected"]),
                "–" if row["low"] is None else f"{share(row['low'])} to {share(row['high'])}",
            ]
            for row in card["prevalence"]
        ]
        lines += ["", *_table(("class", "share of the model's labels", "share of the items", "95% interval"), rows)]
    if card["accuracy"]["overall"] is not None or card["prevalence"]:
        lines += ["", f"{card['holds'][:1].upper()}{card['holds'][1:]}."]
    return lines


def _labelling(card: Mapping[str, Any]) -> list[str]:
    process = card["process"]
    people = ", ".join(f"{n} {kind}" for kind, n in process["annotators"].items()) or "nobody"
    models = ", ".join(f"{m['model']} ({m['provider']}, temperature {m['temperature']})" for m in process["models"])
    lines = [
        f"- **Who labelled?** {people} by hand, {process['n_answers']:,} answers; models: {models or 'none'}.",
        *_suggestions(process),
        (
            f"- **Under what instructions?** Guideline version {process['guideline_version']}, schema version "
            f"{process['schema_version']}:"
        ),
        "",
        *(f"  > {line}" for line in str(process["guideline"]).splitlines()),
        "",
    ]
    if process["recorded"]:
        lines.append("- The model's answers are recordings, given to somebody else's prompt.")
    for question in card["questions"]:
        lines += [f"- What `{question['name']}` took:", ""]
        lines += [*_table(("", "models", "people's time"), cost_rows(question["card"]["cost"])), ""]
    return lines


def _suggestions(process: Mapping[str, Any]) -> list[str]:
    shown, checks = process["share_with_suggestion"], process["checks"]
    if shown is None:
        return []
    blind = ""
    if checks["certificates"]:
        blind = " The random sample and the audit were" if checks["blind_audit"] else " The random sample was"
        blind += " labelled blind."
    return [f"- **Did people see a suggestion?** In {share(shown)} of their answers.{blind}"]


def _uses(card: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    if card["process"]["models"]:
        inherit = "inherit the model's errors, which need not be even-handed"
        lines.append(f"- Analyses that take the labels as they are {inherit}.")
    if any(question["card"]["certificate"] for question in card["questions"]):
        lines.append("- With `weights.jsonl` (labelwright export --weights) a regression has intervals that hold.")
    if not lines:
        lines.append(_UNKNOWN)
    if any(question["card"]["n_unspoken"] for question in card["questions"]):
        lines.append("- Some labels have no random sample to speak of them; see above.")
    return lines


def _file_lines(files: Mapping[str, ExportedFile]) -> list[str]:
    return [f"- `{name}`: {file.bytes:,} bytes, sha256 {file.sha256}" for name, file in files.items()]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(columns)} |",
        f"|{'---|' * len(columns)}",
        *(f"| {' | '.join(_line(cell).replace('|', chr(92) + '|') for cell in row)} |" for row in rows),
    ]


def _line(words: object) -> str:
    """Keep what people wrote on one line, and from being taken for a link."""
    return " ".join(str(words).split()).replace("[", "\\[")
