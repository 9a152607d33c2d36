"""croissant.json: a data set described for machines, as Croissant 1.0 with its responsible-AI extension has it.

Source: MLCommons, Croissant Format Specification 1.0 and Croissant RAI Specification 1.0 (March 2024).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from labelwright.adapters.report.card_words import accuracy_sentences, shift_sentence
from labelwright.domain.canonical import Json
from labelwright.ports.sinks import ExportedFile

CROISSANT: Final = "croissant.json"
CONFORMS_TO: Final = ("http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0")

_CONTEXT: Final[Mapping[str, Json]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_FORMATS: Final = {
    ".csv": "text/csv",
    ".jsonl": "application/jsonlines",
    ".json": "application/json",
    ".html": "text/html",
    ".md": "text/markdown",
}
_MEANING: Final = {
    "data.jsonl": "Every item with its labels of record and where each came from, a JSON object per line.",
    "data.csv": "The same, flat: what an item shows, and its labels of record.",
    "items.jsonl": "The items without labels.",
    "weights.jsonl": "Per item its chance of being drawn, and pseudo-outcomes for analyses with valid intervals.",
    "card.json": "The data-set card: how accurate the labels are, and what every figure rests on.",
}


@dataclass(frozen=True, slots=True)
class Publication:
    """What Labelwright cannot know: under what licence, where, and by whom a data set is published."""

    license: str | None = None
    url: str | None = None
    creator: str | None = None


def croissant(card: Mapping[str, Any], files: Mapping[str, ExportedFile], about: Publication) -> dict[str, Json]:
    """Describe exported files. The specification requires licence, address and creator: they stand where stated."""
    at: str | None = card["at"]
    position: int = card["hashes"]["ledger"]["position"]
    described: dict[str, Json] = {
        "@context": dict(_CONTEXT),
        "@type": "sc:Dataset",
        "name": str(card["project"]),
        "description": _description(card),
        "conformsTo": list(CONFORMS_TO),
        "version": f"{card['hashes']['config_version']}.0.{position}",
        "isLiveDataset": False,
    }
    described |= {
        name: value
        for name, value in (
            ("license", about.license),
            ("url", about.url),
            ("creator", None if about.creator is None else {"@type": "sc:Organization", "name": about.creator}),
            ("datePublished", None if at is None else at[:10]),
            ("dateCreated", str(card["process"]["created_at"])[:10] or None),
        )
        if value is not None
    }
    described |= _responsible(card)
    described["distribution"] = [_file(name, file) for name, file in files.items() if name in _MEANING]
    described["recordSet"] = _record_sets(card, files)
    return described


def _description(card: Mapping[str, Any]) -> str:
    questions: Sequence[Mapping[str, Any]] = card["process"]["questions"]
    asked = "; ".join(str(q["title"] or q["name"]) for q in questions)
    who = "people and language models" if card["process"]["models"] else "people"
    said = [f"{card['n_items']:,} items, labelled by {who}: {asked}."]
    for question in card["questions"]:
        which = f"{question['name']}: " if len(card["questions"]) > 1 else ""
        said.append(f"{which}{accuracy_sentences(question['card'])[0]}")
    return " ".join(said)


def _responsible(card: Mapping[str, Any]) -> dict[str, Json]:
    """Say how the labels came about, in the properties that the RAI extension has for it."""
    process = card["process"]
    people = ", ".join(f"{n} {kind}" for kind, n in process["annotators"].items()) or "nobody"
    models = [f"{model['model']} ({model['provider']})" for model in process["models"]]
    votes = process["votes_per_labelled_item"]
    analysis: list[str] = []
    limits: list[str] = []
    biases: list[str] = []
    for question in card["questions"]:
        found = question["card"]
        analysis += [f"{question['name']}: {sentence}" for sentence in accuracy_sentences(found)]
        shift = shift_sentence(found)
        biases += [] if shift is None else [f"{question['name']}: {shift}"]
        if found["n_unspoken"]:
            limits.append(f"{question['name']}: no random sample speaks of {found['n_unspoken']:,} labels.")
    protocol = (
        f"A model labels every item; a random sample is labelled blind by people and decides what may be accepted "
        f"unseen; the least sure of the rest go to people; a random part of the accepted is audited blind. "
        f"Who answered: {people}. Guideline version {process['guideline_version']}: {process['guideline']}"
        if process["models"]
        else f"People label every item. Who answered: {people}. Guideline version {process['guideline_version']}: "
        f"{process['guideline']}"
    )
    found: dict[str, Json] = {
        "rai:dataAnnotationProtocol": protocol,
        "rai:dataAnnotationPlatform": "Labelwright",
        "rai:dataAnnotationAnalysis": " ".join(analysis),
        "rai:annotationsPerItem": "none yet"
        if votes is None
        else f"{votes:.2f} answers of people per item that people labelled ({process['n_answers']:,} answers)",
    }
    if models:
        found["rai:machineAnnotationTools"] = [*models, f"prompt {card['hashes']['prompt']}"]
    if limits:
        found["rai:dataLimitations"] = list(limits)
    if biases:
        found["rai:dataBiases"] = list(biases)
    return found


def _file(name: str, file: ExportedFile) -> dict[str, Json]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "description": _MEANING[name],
        "contentUrl": name,
        "contentSize": f"{file.bytes} B",
        "encodingFormat": _FORMATS[f".{name.rsplit('.', 1)[-1]}"],
        "sha256": file.sha256,
    }


def _record_sets(card: Mapping[str, Any], files: Mapping[str, ExportedFile]) -> list[Json]:
    """Describe the records, from the flattest file there is, and each question's classes as an enumeration."""
    questions: Sequence[Mapping[str, Any]] = card["process"]["questions"]
    sets: list[Json] = []
    classes: dict[str, list[str]] = {}
    for question in card["questions"]:
        prevalence: Sequence[Mapping[str, Any]] = question["card"]["prevalence"] or ()
        if prevalence:
            classes[question["name"]] = [str(row["label"]) for row in prevalence]
    columns = _columns(card, questions, files)
    if columns:
        source = "data.csv" if "data.csv" in files else "data.jsonl" if "data.jsonl" in files else "items.jsonl"
        fields = [_field("items", name, meaning, source, is_label=is_label) for name, meaning, is_label in columns]
        sets.append(
            {
                "@type": "cr:RecordSet",
                "@id": "items",
                "name": "items",
                "description": "One record per item.",
                "key": {"@id": "items/id"},
                "field": list(fields),
            }
        )
    sets += [_enumeration(name, labels) for name, labels in classes.items()]
    return sets


def _columns(
    card: Mapping[str, Any], questions: Sequence[Mapping[str, Any]], files: Mapping[str, ExportedFile]
) -> list[tuple[str, str, bool]]:
    if "data.csv" not in files:
        if not {"data.jsonl", "items.jsonl"} & set(files):
            return []
        found = [("id", "The item's id.", False), ("content", "What the item shows, as a JSON object.", False)]
        if "data.jsonl" in files:
            found.append(("labels", "Per question the label of record with its votes, as a JSON object.", True))
        return found
    found = [("id", "The item's id.", False)]
    taken = {"id", "metadata", *(f"{q['name']}{part}" for q in questions for part in ("", ".status", ".probability"))}
    for name in card["process"]["content_fields"]:
        found.append((f"content.{name}" if name in taken else str(name), "What the item shows.", False))
    for question in questions:
        words = str(question["title"] or question["help"] or f"The label of record of {question['name']}.")
        found.append((str(question["name"]), words, True))
        found.append((f"{question['name']}.status", "Who or what the label of record comes from.", False))
    return found


def _field(record_set: str, name: str, meaning: str, source: str, *, is_label: bool) -> dict[str, Json]:
    kinds: Json = ["sc:Text", "cr:Label"] if is_label else "sc:Text"
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}/{quote(name, safe='.')}",
        "name": name,
        "description": meaning,
        "dataType": kinds,
        "source": {"fileObject": {"@id": source}, "extract": {"column": name}},
    }


def _enumeration(question: str, labels: Sequence[str]) -> dict[str, Json]:
    id = f"classes-of-{quote(question, safe='.')}"
    return {
        "@type": "cr:RecordSet",
        "@id": id,
        "name": id,
        "description": f"The classes of {question}.",
        "dataType": "sc:Enumeration",
        "key": {"@id": f"{id}/name"},
        "field": [
            {"@type": "cr:Field", "@id": f"{id}/name", "name": "name", "description": "A class.", "dataType": "sc:Text"}
        ],
        "data": [{f"{id}/name": label} for label in labels],
    }
