"""Recorded sets as arrays: what each variant of each model said, how sure it was, and what is right."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labelwright.adapters.formats.recorded_folder import RecordedAnswer, RecordedFolder, read_recorded_folder
from labelwright.methods.confidence import label_probabilities

NO_LABEL = -1


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of asking one model."""

    name: str
    model: str
    prompt: str | None
    sample: str | None


@dataclass(frozen=True, slots=True)
class RecordedSet:
    """One set: V variants, N items, K options.

    said: (N, V) codes, −1 = no valid answer.  gold: (N,).  recorded: by kind of signal, (N, V), nan = unknown.
    options: names where all items share them; empty where a code is one whole value (spans, lists of labels).
    texts: (N,) or None where they were not published.
    """

    name: str
    type: str
    options: tuple[str, ...]
    variants: tuple[Variant, ...]
    said: np.ndarray
    gold: np.ndarray
    recorded: Mapping[str, np.ndarray]
    texts: tuple[str, ...] | None
    raw: RecordedFolder

    @property
    def right(self) -> np.ndarray:
        """(N, V) the answer is valid and equals gold."""
        return self.said == self.gold[:, None]


def read_set(path: Path) -> RecordedSet:
    """Read one recorded folder."""
    folder = read_recorded_folder(path)
    question = folder.questions[0]
    ids = [str(item["id"]) for item in folder.items if question.name in folder.gold.get(str(item["id"]), {})]
    shared = question.type == "classification"
    codes: dict[str, int] = {label: code for code, label in enumerate(question.labels)} if shared else {}

    def code(value: object) -> int:
        if shared:
            return codes.get(str(value), NO_LABEL)
        return NO_LABEL if value is None else codes.setdefault(plain(value), len(codes))

    gold = np.array([code(folder.gold[i][question.name]) for i in ids])
    said = np.full((len(ids), len(folder.answers)), NO_LABEL)
    recorded: dict[str, np.ndarray] = {}
    variants: list[Variant] = []
    for v, (name, rows) in enumerate(folder.answers.items()):
        first = next(iter(rows.values()))
        variants.append(Variant(name, first.model, first.prompt, first.sample))
        for n, item in enumerate(ids):
            answer = rows.get(item)
            if answer is None:
                continue
            said[n, v] = code(answer.labels.get(question.name))
            for kind, value in _signals(answer, question.name, question.labels).items():
                table = recorded.setdefault(kind, np.full(said.shape, np.nan))
                table[n, v] = value
    by_id = {str(item["id"]): item for item in folder.items}
    texts = tuple(" ".join(str(by_id[i].get(name) or "") for name in folder.content_fields) for i in ids)
    task = json.loads((path / "task.json").read_text(encoding="utf-8"))
    has_texts = bool(task.get("text_present")) and len(set(texts)) > len(texts) // 2
    return RecordedSet(
        name=folder.name,
        type=question.type,
        options=question.labels if shared else (),
        variants=tuple(variants),
        said=said,
        gold=gold,
        recorded={kind: np.where(said >= 0, table, np.nan) for kind, table in recorded.items()},
        texts=texts if has_texts else None,
        raw=folder,
    )


def yes_no_units(one: RecordedSet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unpick a multi-label set whose options differ by item: item (U,), votes (U, V) and gold (U,) in {0, 1}.

    An item's units are the options that gold or any variant named.
    """
    name = one.raw.questions[0].name
    ids = [str(item["id"]) for item in one.raw.items if name in one.raw.gold.get(str(item["id"]), {})]
    owner: list[int] = []
    votes: list[list[int]] = []
    gold: list[int] = []
    for n, item in enumerate(ids):
        true = _names(one.raw.gold[item][name])
        answers = [rows.get(item) for rows in one.raw.answers.values()]
        named = [None if a is None or a.labels.get(name) is None else _names(a.labels[name]) for a in answers]
        for unit in sorted(true.union(*(n for n in named if n is not None))):
            owner.append(n)
            votes.append([NO_LABEL if n is None else int(unit in n) for n in named])
            gold.append(int(unit in true))
    return np.array(owner), np.array(votes), np.array(gold)


def plain(value: object) -> str:
    """Write a value so that equal values look equal: a list of spans or labels in order, without its evidence."""
    if not isinstance(value, list):
        return json.dumps(value, sort_keys=True)
    return json.dumps(
        sorted(
            json.dumps([part.get("start"), part.get("end"), part.get("type") or part.get("label")])
            if isinstance(part, dict)
            else json.dumps(part)
            for part in value
        )
    )


def _names(value: object) -> set[str]:
    return {str(part) for part in value} if isinstance(value, list) else set()


def _signals(answer: RecordedAnswer, question: str, labels: tuple[str, ...]) -> dict[str, float]:
    found: dict[str, float] = {}
    confidence = answer.confidence.get(question)
    if confidence is not None:
        kind = answer.confidence_kind or ""
        if "probability" in kind:
            found["stated probability"] = confidence
        else:
            found["consistency" if "share" in kind else "verbalised"] = confidence
    label = str(answer.labels.get(question))
    if answer.logprobs and label in labels:
        found["logprob"] = float(label_probabilities(answer.logprobs, labels).probability[labels.index(label)])
    return found
