"""Learn from people's labels how far models and signals can be trusted, and record what they say together.

The labels that are learnt from never certify (A4P, 4): the first blind sample is for learning, and what is fitted is
part of what a certificate is bound to, so that the next sample is drawn from items nobody has labelled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import NewPrediction
from labelwright.domain.canonical import Json, digest
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName, RunId
from labelwright.domain.project import Project, Question
from labelwright.errors import NotReady
from labelwright.events import PredictionsRecorded, RunFinished, RunStarted
from labelwright.methods.confidence.meta_calibrator import FEWEST_LABELS, MetaCalibrator, fit_meta_calibrator
from labelwright.methods.confidence.panel import FEWEST_PANEL_LABELS
from labelwright.methods.confidence.panel_design import PanelSignals
from labelwright.methods.confidence.weighed_jury import WeighedJury
from labelwright.ports.embedder import Embedder
from labelwright.ports.project_reads import RunRow
from labelwright.ports.storage import Storage, Views
from labelwright.ports.student import Student
from labelwright.ports.world import World
from labelwright.services.acceptance.calibrate import learning_sample_is_labelled
from labelwright.services.models.combine_jury import fit_by_jury, fit_units_by_jury, say_by_jury
from labelwright.services.models.combine_panel import Said, fit_by_panel, panel_signals, say_by_panel
from labelwright.services.models.demonstrations import reserved_items
from labelwright.services.models.evidence import Evidence, evidence
from labelwright.services.models.labeller import COMBINE, fit_in_force, fitted_to, learns
from labelwright.services.models.opinions import taught_opinion
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.people.consensus import Consensus, consensus, readable
from labelwright.services.projects.project_of import project_of
from labelwright.tasks.protocol import Ballots
from labelwright.tasks.registry import bind

_CHUNK = 500
_PLANNED = ("first_threshold", "lowest", "planned_for")


@dataclass(frozen=True, slots=True)
class CombineReport:
    """state: `waiting` (for labels to learn from), `fitted` (now), `in force` (nothing new was learnt).

    n_labels: items that were learnt from.  n_recorded: items that got a combined label now.
    methods: question -> how its labels are put together.
    """

    state: str
    fit: str | None
    n_labels: int
    n_recorded: int
    methods: Mapping[str, str]


def combine(
    project_id: ProjectId,
    *,
    storage: Storage,
    world: World,
    embedder: Embedder,
    student: Student,
    refit: bool = False,
) -> CombineReport:
    """Fit what is due, and record the combined label and score of every item that has none under the fit in force.

    refit: learn again from all labels there are by now; what rests on the old fit is void then.
    Appends: RunStarted (with the fit itself), PredictionsRecorded, RunFinished. Idempotent.
    Raises: NotReady, when the project does not ask for combined confidence, or too few labels are there.
    """
    look = _Look(embedder, student)
    with storage.reading() as views:
        project = project_of(views, project_id)
        if not learns(project.config):
            raise NotReady("nothing is to be combined: project.yaml does not say confidence: combined")
        prompt_hash = project_prompt(project.config).hash
        fit = fit_in_force(views, project_id, project.config, prompt_hash)
        fitted = _fit(views, project, look, keep=fit) if fit is None or refit else None
    state = "in force"
    if fitted is not None and (fit is None or fit.parameters["fit"] != _name_of(prompt_hash, fitted)):
        fit, state = _begin(storage, world, project, prompt_hash, fitted), "fitted"
    if fit is None:
        return CombineReport("waiting", None, 0, 0, {})
    n_recorded = _record(storage, world, project, fit, look)
    questions = cast("Mapping[str, Any]", fit.parameters["questions"])
    return CombineReport(
        state,
        str(fit.parameters["fit"]),
        cast("int", fit.parameters["n_labels"]),
        n_recorded,
        {name: str(one["how"]) for name, one in questions.items()},
    )


@dataclass(slots=True)
class _Look:
    """What looks at the items; a student's lesson over the same items is held only once."""

    embedder: Embedder
    student: Student
    seen: dict[str, PanelSignals] = field(default_factory=dict[str, PanelSignals])

    def signals(
        self,
        known: Evidence,
        options: Sequence[str],
        votes_NM: NDArray[np.int64],
        labelled: NDArray[np.int64],
        truth: NDArray[np.int64],
    ) -> PanelSignals:
        """Give all that is known of the labels; labelled, truth: whom people's labels taught what, and nothing else."""
        of_what = digest([str(known.question.name), known.item.tolist(), votes_NM.tolist()])
        if of_what not in self.seen:
            self.seen[of_what] = panel_signals(known, votes_NM, len(options), self.student)
        taught = taught_opinion(known.texts, labelled, truth, len(options), student=self.student)
        return self.seen[of_what].and_opinions(taught)


# ---------------------------------------------------------------- fitting


def _fit(views: Views, project: Project, look: _Look, *, keep: RunRow | None) -> dict[str, Json] | None:
    """Learn one way of combining per question; None while the sample to learn from is not labelled.

    A question that is not asked of every item may have too few labels: its first model's label stands without a score,
    so that people check it, and the other questions are learnt all the same.
    """
    if keep is None and not learning_sample_is_labelled(views, project):
        return None
    kept_apart = reserved_items(views, project) if keep is not None else set[int]()
    questions: dict[str, Json] = {}
    trained_on: set[int] = set()
    for question in project.config.schema.questions:
        task = bind(question)
        blind = [
            a
            for a in views.annotations(project.id, question=question.name)
            if a.purpose in ("calibration", "audit") and a.is_blind and int(a.item) not in kept_apart
        ]
        people = {item: said for item, said in consensus(task, readable(task, blind)).items() if not said.is_tied}
        if not people and question.is_always_asked:
            return None
        known = evidence(views, project, question, look.embedder)
        fewest = FEWEST_LABELS if _as_panel(known) is None else FEWEST_PANEL_LABELS
        if len(people) < fewest and not question.is_always_asked:
            n_labels = f"{len(people)} blind labels are too few to learn from"
            questions[question.name] = {"how": f"{known.models[0]}'s label, without a score: {n_labels}"}
            continue
        if len(people) < fewest:
            raise NotReady(
                f"{len(people)} blind labels of {question.name!r} are too few to learn from; {fewest} are "
                "needed: label more of the sample, or raise calibration_size in project.yaml"
            )
        labelled = {int(a.item) for a in views.annotations(project.id)}
        questions[question.name] = _fit_question(project, known, people, look, labelled)
        trained_on |= {int(item) for item in people}
    return {
        "questions": questions,
        "fitted_to": fitted_to(project.config),
        "trained_on": cast("list[Json]", sorted(trained_on)),
        "n_labels": len(trained_on),
    }


def _fit_question(
    project: Project, known: Evidence, people: Mapping[int, Consensus], look: _Look, seen_by_people: set[int]
) -> dict[str, Json]:
    items = np.array(sorted(people), dtype=np.int64)
    labelled = np.searchsorted(known.item, items)
    said = [people[int(item)].value for item in items]
    panel = _as_panel(known)

    def rng() -> np.random.Generator:
        return np.random.default_rng([project.config.policy.seed, 7])

    if panel is not None:
        truth = _votes_of(known, said)[:, 0]
        unlabelled = np.flatnonzero(~np.isin(known.item, sorted(seen_by_people)))
        fit = fit_by_jury if project.config.ensemble == "jury" else fit_by_panel
        signals = look.signals(known, *panel, labelled, truth)
        learnt = fit(project, known, signals, labelled, truth, unlabelled=unlabelled, rng=rng())
        return {**learnt, "taught": [items.tolist(), truth.tolist()]}
    units = _units(known) if project.config.ensemble == "jury" else None
    if units is not None:
        return fit_units_by_jury(_signals_of_units(*units), labelled, _votes_of(known, said), rng=rng())
    right = np.array(
        [
            (value := known.value[0][at]) is not None
            and known.task.distance(known.task.parse(value), known.task.parse(label)) <= known.task.tolerance
            for at, label in zip(labelled, said, strict=True)
        ],
        dtype=np.bool_,
    )
    fit = fit_meta_calibrator(known.of_first(labelled, said).rows(labelled), right, rng=rng())
    return {
        "how": f"{known.models[0]}'s label, its signals weighed by people's labels",
        "calibrator": fit.calibrator.to_json(),
        "people": [[int(item), value] for item, value in zip(items, said, strict=True)],
    }


def _as_panel(known: Evidence) -> tuple[tuple[str, ...], NDArray[np.int64]] | None:
    """Give the options, and (N, M) option codes, where a label is one of a fixed list; else None."""
    units = _units(known)
    return (units[0], units[1][:, 0]) if units is not None and units[1].shape[1] == 1 else None


def _units(known: Evidence) -> tuple[tuple[str, ...], NDArray[np.int64]] | None:
    """Give the options, and (N, units, M) option codes, where options mean the same on every item; else None."""
    ballots = _a_ballot(known)
    if ballots is None or ballots.option_space != "shared":
        return None
    options = tuple(str(option) for option in range(ballots.n_options))
    votes_NUM = np.full((len(known.item), ballots.n_units, len(known.models)), -1, dtype=np.int64)
    for column, values in enumerate(known.value):
        votes_NUM[:, :, column] = _votes_of(known, values)
    return options, votes_NUM


def _a_ballot(known: Evidence) -> Ballots | None:
    for values in known.value:
        for value in values:
            if value is not None:
                return known.task.decompose([known.task.parse(value)])
    return None


def _signals_of_units(options: Sequence[str], votes_NUM: NDArray[np.int64]) -> list[PanelSignals]:
    return [PanelSignals(votes_NUM[:, unit], len(options)) for unit in range(votes_NUM.shape[1])]


def _votes_of(known: Evidence, values: Sequence[Json]) -> NDArray[np.int64]:
    """(n, units) option codes of whole labels; −1 where there is no label."""
    n_units = 1
    rows: list[Ballots | None] = []
    for value in values:
        ballots = None if value is None else known.task.decompose([known.task.parse(value)])
        rows.append(ballots)
        n_units = n_units if ballots is None else ballots.n_units
    table = np.full((len(values), n_units), -1, dtype=np.int64)
    for at, ballots in enumerate(rows):
        if ballots is not None:
            table[at, list(ballots.unit)] = list(ballots.option)
    return table


def _name_of(prompt_hash: str, fitted: Mapping[str, Json]) -> str:
    """Name a fit by what it learnt; where tests should start then is a plan, and changes nothing that was learnt."""
    questions = cast("Mapping[str, Mapping[str, Json]]", fitted["questions"])
    learnt = {name: {key: one[key] for key in one if key not in _PLANNED} for name, one in questions.items()}
    return digest([prompt_hash, {**fitted, "questions": cast("Json", learnt)}])[:32]


def _begin(storage: Storage, world: World, project: Project, prompt_hash: str, fitted: Mapping[str, Json]) -> RunRow:
    run, fit = RunId(world.new_id()), _name_of(prompt_hash, fitted)
    parameters: dict[str, Json] = {**fitted, "prompt_hash": prompt_hash, "fit": fit}
    started = RunStarted(project.id, run, COMBINE, parameters)
    storage.write(lambda tx: tx.append([started], world.provenance(run=run)))
    return RunRow(run, COMBINE, parameters, world.timestamp(), finished=False, report=None)


# ---------------------------------------------------------------- recording


def _record(storage: Storage, world: World, project: Project, fit: RunRow, look: _Look) -> int:
    """Record what the fit says of every item that has no combined label under it."""
    name, of_fit = cast("str", project.config.labeller), str(fit.parameters["fit"])
    questions = project.config.schema.questions
    with storage.reading() as views:
        keys = views.item_keys(project.id)
        done = keys
        for question in questions:
            done = np.intersect1d(done, views.predicted_items(project.id, name, of_fit, question.name))
        due = np.flatnonzero(~np.isin(keys, done))
        if not len(due):
            return 0
        said = {
            question.name: _say(evidence(views, project, question, look.embedder), fit, due, look)
            for question in questions
        }
    provenance = world.provenance(run=fit.id)
    for first in range(0, len(due), _CHUNK):
        rows = tuple(
            _row(project, question, int(keys[at]), said[question.name][place], fit)
            for place, at in enumerate(due[first : first + _CHUNK], start=first)
            for question in questions
        )
        event = PredictionsRecorded(project.id, fit.id, name, of_fit, rows)
        storage.write(lambda tx, event=event: tx.append([event], provenance))
    if not fit.finished:
        ended = RunFinished(project.id, fit.id, {"recorded": len(due)})
        storage.write(lambda tx: tx.append([ended], provenance))
    return len(due)


def _say(known: Evidence, fit: RunRow, due: NDArray[np.int64], look: _Look) -> list[Said]:
    stored = cast("Mapping[str, Any]", fit.parameters["questions"])[known.question.name]
    panel, units = _as_panel(known), _units(known)
    if "panel" in stored:
        if panel is None:
            return [Said(None, None, {}) for _ in due]
        return say_by_panel(
            known,
            _signals_as_taught(known, stored, panel, look),
            stored["panel"],
            template=cast("Ballots", _a_ballot(known)),
            due=due,
            keep_first=bool(stored["keeps_first"]),
        )
    if "juries" in stored:
        if units is None:
            return [Said(None, None, {}) for _ in due]
        juries = [WeighedJury.from_json(one) for one in stored["juries"]]
        signals = _signals_of_units(*units) if panel is None else [_signals_as_taught(known, stored, panel, look)]
        return say_by_jury(known, juries, signals, template=cast("Ballots", _a_ballot(known)), due=due)
    if "calibrator" not in stored:
        return [Said(known.value[0][at], None, {"prediction": int(known.prediction[at])}) for at in due]
    calibrator = MetaCalibrator.from_json(stored["calibrator"])
    pairs = cast("list[tuple[int, Json]]", stored["people"])
    labelled = np.searchsorted(known.item, np.array([item for item, _ in pairs], dtype=np.int64))
    signals = known.of_first(labelled, [value for _, value in pairs])
    probability = calibrator.predict(signals.rows(due))
    return [
        Said(
            known.value[0][at],
            None
            if np.isnan(probability[place]) or known.value[0][at] is None or known.suspicious[at]
            else float(probability[place]),
            {
                "signals": {
                    name: round(float(np.asarray(values)[at]), 6)
                    for name, values in signals.confidences.items()
                    if not np.isnan(np.asarray(values)[at])
                },
                "prediction": int(known.prediction[at]),
            },
        )
        for place, at in enumerate(due)
    ]


def _signals_as_taught(
    known: Evidence, stored: Mapping[str, Any], panel: tuple[tuple[str, ...], NDArray[np.int64]], look: _Look
) -> PanelSignals:
    """Give the signals with what people's labels taught when the fit was made."""
    items, truth = (np.array(column, dtype=np.int64) for column in stored.get("taught", ([], [])))
    is_here = np.isin(items, known.item)
    return look.signals(known, *panel, np.searchsorted(known.item, items[is_here]), truth[is_here])


def _row(project: Project, question: Question, key: int, said: Said, fit: RunRow) -> NewPrediction:
    config = project.config
    is_valid = said.value is not None
    return NewPrediction(
        item=ItemKey(key),
        question=QuestionName(question.name),
        model=cast("str", config.labeller),
        status="valid" if is_valid else "invalid",
        value=said.value,
        confidence=said.probability,
        confidence_kind="combined",
        signals=said.signals,
        problem=None if is_valid else "no model gave a valid label",
        raw=None,
        call_key=None,
        run=RunId(fit.id),
        schema_version=config.schema.version,
        guideline_version=config.guideline.version,
        prompt_hash=str(fit.parameters["fit"]),
    )
