"""Write the labelled data set: one snapshot, with the provenance of every label (R10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.decision import Resolution
from labelwright.domain.ids import AnnotationId, ItemKey, ProjectId
from labelwright.domain.project import Project, Question
from labelwright.errors import NotReady
from labelwright.events import Exported
from labelwright.history.configuration import schema_hash
from labelwright.ports.ledger_reads import StoredEvent
from labelwright.ports.sinks import ExportedFile, ExportRecord, ExportSink, LabelRecord
from labelwright.ports.storage import Storage, Transaction, Views
from labelwright.ports.world import World
from labelwright.services.projects.last_change import last_change
from labelwright.services.projects.project_of import project_of

FORMAT = "labelwright-export/1"
WEIGHTS = "weights.jsonl"
PENDING = "pending"
"""The status of a question that has no label of record yet, not even `unresolved`."""

_CHUNK = 1000
_PREDICTION = "prediction:"


@dataclass(frozen=True, slots=True)
class ExportReport:
    """position, hash: the end of the ledger that the data set is made from.  counts: per question and status."""

    position: int
    hash: str
    n_items: int
    counts: dict[str, dict[str, int]]
    files: dict[str, ExportedFile]


def export(
    project: ProjectId, sink: ExportSink, *, storage: Storage, world: World, weights: bool = False
) -> ExportReport:
    """Write every item with its labels of record, the data-set card, and a manifest.

    weights: write also each item's chance of being drawn, and pseudo-outcomes for analysts.

    The bytes are the same whenever the ledger ends at the same position; exports themselves do not move it.
    Appends: Exported, unless the very same export has been noted.
    Raises: NotReady, when there is nothing to export; InvalidInput, when the place cannot be used.
    """
    with storage.reading() as views:
        current = project_of(views, project)
        if not views.item_count(project):
            raise NotReady(f"project {current.name!r} has no items; bring some in: labelwright import FILE")
        questions = [question.name for question in current.config.schema.questions]
        counts: dict[str, Counter[str]] = {name: Counter() for name in questions}
        n_items = 0
        try:
            sink.begin(current.config.content_fields, questions)
            answers = views.annotations(project)
            for records in _records(views, current, answers):
                n_items += len(records)
                for record in records:
                    for name, label in record.labels.items():
                        counts[name][label.status] += 1
                sink.write(records)
            if weights:
                sink.add_lines(WEIGHTS, _weights(views, current))
            files = sink.files()
            card = _card(views, project, files, answers)
            files |= sink.describe(card)
            at = last_change(views)
            report = ExportReport(
                position=at.position,
                hash=at.hash,
                n_items=n_items,
                counts={name: dict(sorted(of_status.items())) for name, of_status in counts.items()},
                files=files,
            )
            sink.publish(_manifest(views, current, report, at, card=card, options=sink.options()))
        except BaseException:
            sink.discard()
            raise
    storage.write(lambda tx: _note(tx, project, report, world))
    return report


def _note(tx: Transaction, project: ProjectId, report: ExportReport, world: World) -> None:
    sha256 = {name: file.sha256 for name, file in sorted(report.files.items())}
    for event in tx.events(after=report.position, limit=1000):
        is_same = event.type == Exported.type and event.body["project"] == project and event.body["sha256"] == sha256
        if is_same and event.body["position"] == report.position:
            return
    run = world.new_id()
    tx.append([Exported(project, run, report.position, sha256)], world.provenance(run=run))


# ---------------------------------------------------------------- records


def _records(views: Views, project: Project, answers: Sequence[Annotation]) -> Iterator[list[ExportRecord]]:
    """Give items in the order they came in, with their labels, a thousand at a time."""
    votes = _Votes(views, project, answers)
    questions = [question.name for question in project.config.schema.questions]
    resolutions = views.resolutions(project.id)
    waiting = next(resolutions, None)
    after = 0
    while items := views.items(project.id, after=after, limit=_CHUNK):
        after = items[-1].key
        resolved: dict[tuple[ItemKey, str], Resolution] = {}
        while waiting is not None and waiting.item <= after:
            resolved[waiting.item, waiting.question] = waiting
            waiting = next(resolutions, None)
        votes.look_up(resolved.values())
        yield [
            ExportRecord(
                id=item.id,
                content=item.content,
                metadata=item.metadata,
                labels={name: votes.label(resolved.get((item.key, name))) for name in questions},
            )
            for item in items
        ]


_NO_LABEL = LabelRecord(None, PENDING, None, None, None, ())


class _Votes:
    """What is behind each label of record, as JSON."""

    def __init__(self, views: Views, project: Project, answers: Sequence[Annotation]) -> None:
        self._views, self._project = views, project.id
        self._kinds = {one.id: one.kind for one in views.annotators(project.id)}
        self._started = {run.id: run.started_at for run in views.runs(project.id)}
        self._people = {str(one.id): one for one in answers}
        self._first = {
            (int(one.item), one.question, one.annotator, one.round): one for one in views.first_answers(project.id)
        }
        self._objections = {
            (int(one.item), one.question, one.annotator, one.round): one for one in views.objections(project.id)
        }
        self._models: dict[str, dict[str, Json]] = {}

    def look_up(self, resolutions: Iterable[Resolution]) -> None:
        """Read the predictions that a chunk's labels rest on."""
        voters = (voter for found in resolutions for voter in found.voters)
        ids = [int(voter.removeprefix(_PREDICTION)) for voter in voters if voter.startswith(_PREDICTION)]
        self._models = {}
        for number, origin in self._views.prediction_origins(self._project, ids).items():
            vote = f"{_PREDICTION}{number}"
            self._models[vote] = {
                "vote": vote,
                "kind": "llm",
                "model": origin.model,
                "run": origin.run,
                "prompt_hash": origin.prompt_hash,
                "schema_version": origin.schema_version,
                "guideline_version": origin.guideline_version,
                "confidence": origin.confidence,
                "confidence_kind": origin.confidence_kind,
                "at": self._started.get(origin.run),
            }

    def label(self, found: Resolution | None) -> LabelRecord:
        """Give the label of record with its votes."""
        if found is None:
            return _NO_LABEL
        certificate = found.evidence.get("certificate")
        return LabelRecord(
            value=found.value,
            status=found.status,
            probability=found.probability,
            method=found.method,
            certificate=None if certificate is None else str(certificate),
            votes=[self._vote(voter) for voter in found.voters],
        )

    def _vote(self, voter: str) -> Mapping[str, Json]:
        if voter.startswith(_PREDICTION):
            return self._models.get(voter) or {"vote": voter}
        answer = self._people.get(voter) or self._views.annotation(AnnotationId(voter))
        return {"vote": voter} if answer is None else self._person(answer)

    def _person(self, answer: Annotation) -> dict[str, Json]:
        return {
            "vote": answer.id,
            "kind": self._kinds.get(answer.annotator),
            "annotator": answer.annotator,
            "value": answer.value,
            "purpose": answer.purpose,
            "suggestion_shown": answer.suggestion_shown,
            "at": answer.created_at,
            "seconds": answer.seconds,
            "schema_version": answer.schema_version,
            "guideline_version": answer.guideline_version,
            **self._help(answer),
        }

    def _help(self, answer: Annotation) -> dict[str, Json]:
        """Give how a model's help stood by the answer, and what was said before it was revealed, where there is any.

        objection: the newest that a model had to an answer of theirs there, and what they did; the first answer stays.
        """
        first = self._first.get((int(answer.item), answer.question, answer.annotator, answer.round))
        told: dict[str, Json] = {}
        if answer.assistance is not None:
            told["assistance"] = answer.assistance.body()
        if first is not None:
            told["first_answer"] = {"value": first.value, "seconds": first.seconds, "at": first.created_at}
        objection = self._objections.get((int(answer.item), answer.question, answer.annotator, answer.round))
        if objection is not None:
            before = self._views.annotation(objection.annotation)
            told["objection"] = {
                "model": objection.model,
                "reason": objection.reason,
                "settled": objection.settled,
                "first_answer": None if before is None else before.value,
            }
        return told


# ---------------------------------------------------------------- manifest


def _manifest(
    views: Views,
    project: Project,
    report: ExportReport,
    at: StoredEvent,
    *,
    card: Mapping[str, Json],
    options: Mapping[str, Json],
) -> dict[str, Json]:
    config = project.config
    certificates = views.certificates(project.id)
    questions: dict[str, Json] = {}
    for question in config.schema.questions:
        issued = certificates.get(question.name)
        accuracy = None if issued is None else _accuracy(views, project, question, card)
        questions[question.name] = {
            "type": question.type,
            "counts": cast("dict[str, Json]", report.counts[question.name]),
            "certificate": None
            if issued is None
            else {
                "plan": issued["plan"],
                **_object(issued["certificate"]),
                "is_in_force": accuracy is not None,
                "estimate": accuracy,
            },
        }
    return {
        "format": FORMAT,
        "project": project.name,
        "project_id": project.id,
        "ledger": {"position": at.position, "hash": at.hash, "at": at.provenance.get("at")},
        "config_version": config.version,
        "schema_version": config.schema.version,
        "schema_hash": schema_hash(config.schema),
        "guideline_version": config.guideline.version,
        "guideline_hash": config.guideline.hash,
        "models": [model.model for model in config.models],
        "recorded": config.recorded,
        "n_items": report.n_items,
        "questions": questions,
        "options": dict(options),
        "files": {name: cast("dict[str, Json]", asdict(file)) for name, file in sorted(report.files.items())},
    }


def _accuracy(views: Views, project: Project, question: Question, card: Mapping[str, Json]) -> dict[str, Json] | None:
    """Give the card's figures, and where it has none an estimate, if a certificate is in force.

    What computes it takes a fifth of a second to load.
    """
    from labelwright.services.card.estimate import as_on_card, estimated  # noqa: PLC0415 - most exports need none of it

    found = estimated(views, project, question)
    if found is None:
        return None
    on_card = {one["name"]: one["card"] for one in cast("list[dict[str, Any]]", card["questions"])}
    return as_on_card(found, on_card[str(question.name)])


def _card(
    views: Views, project: ProjectId, files: Mapping[str, ExportedFile], answers: Sequence[Annotation]
) -> dict[str, Json]:
    from labelwright.services.card.card import build_card  # noqa: PLC0415 - statistics, loaded when they are needed

    return build_card(views, project, files=files, answers=answers)


def _weights(views: Views, project: Project) -> Iterator[dict[str, Json]]:
    from labelwright.services.card.card_weights import weights  # noqa: PLC0415 - the same

    return weights(views, project)


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
