"""What showing the model's suggestions does to the people of this project, from arms that were left to chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import cast, get_args

import numpy as np
from numpy.typing import NDArray

from labelwright.domain.annotation import Annotation
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Display, Project, Question
from labelwright.errors import NotReady
from labelwright.methods.assist import (
    Effect,
    accuracy_change,
    accuracy_change_between,
    anchoring,
    difference_between,
    missed_corrections,
    missed_corrections_between,
    over_correction,
    speed_up,
    speed_up_between,
)
from labelwright.ports.storage import Storage, Views
from labelwright.ports.world import World
from labelwright.services.models.score import ScoredPool, scored_pool
from labelwright.services.people.assist_arms import about_labels_of_now, left_to_chance, with_first_answers
from labelwright.services.people.consensus import consensus, readable
from labelwright.services.people.suggestion_switch import ASSIST, MOST_ANCHORING
from labelwright.services.projects.kept_results import keep_result, newest_result
from labelwright.services.projects.project_of import project_of
from labelwright.tasks.protocol import Task
from labelwright.tasks.registry import bind


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """Review answers as columns of equal length; `known` marks items whose truth others said blind."""

    shown: NDArray[np.bool_]
    seconds: NDArray[np.float64]
    person: NDArray[np.int64]
    differs: NDArray[np.bool_]
    known: NDArray[np.bool_]
    right: NDArray[np.bool_]
    suggestion_is_wrong: NDArray[np.bool_]
    by_person: bool
    """Chance drew people, not entries."""


def measure_assist(project_id: ProjectId, *, storage: Storage, world: World) -> dict[str, Json]:
    """Estimate speed-up, missed corrections, anchoring and over-correction per question; keep and give the result.

    Raises: NotReady, when nobody has reviewed anything.
    """
    with storage.reading() as views:
        project = project_of(views, project_id)
        if not project.config.models:
            raise NotReady("the project names no model, so nobody is shown suggestions")
        questions = [_question(views, project, question) for question in project.config.schema.questions]
        reviewed = [a for a in views.annotations(project_id) if a.purpose == "review"]
    if not any(cast("int", arm["n"]) for one in questions for arm in cast("list[dict[str, Json]]", one["arms"])):
        raise NotReady(_nothing_to_compare(reviewed))
    report: dict[str, Json] = {
        "questions": cast("list[Json]", questions),
        "harmful": any(one["harmful"] is True for one in questions),
    }
    keep_result(storage, world, project_id, ASSIST, parameters={}, report=report)
    return report


def _nothing_to_compare(reviewed: Sequence[Annotation]) -> str:
    if not reviewed:
        return "nobody has reviewed an item yet; review comes after: labelwright route"
    shown = sum(a.suggestion_shown for a in reviewed)
    return (
        f"{len(reviewed):,} review answers, {shown:,} with the suggestion shown: no round of review has answers both "
        "with and without it yet, and only these can be compared; answers about labels that the model has made anew "
        "since do not count. Go on reviewing (blind_share in project.yaml is the "
        "share that goes out without), or: labelwright assist --ask 100"
    )


def assist_section(views: Views, project: Project, question: str) -> dict[str, Json] | None:
    """Give the newest kept result of one question, for the report; None when it was never measured."""
    kept = newest_result(views, project.id, ASSIST)
    if kept is None:
        return None
    every = cast("list[dict[str, Json]]", kept.report["questions"])
    found = next((one for one in every if one["question"] == question), None)
    return None if found is None else {"at": kept.at, **found}


def _question(views: Views, project: Project, question: Question) -> dict[str, Json]:
    task = bind(question)
    every = readable(task, views.annotations(project.id, question=question.name))
    pool = scored_pool(views, project.id, project.config, question.name)
    is_of_an_arm = left_to_chance(views, project)
    every = readable(task, with_first_answers(views, project, every))
    is_of_now = about_labels_of_now(views, project, pool, [a for a in every if a.purpose == "review"])
    version = project.config.guideline.version
    every = [
        a
        for a in every
        if (is_of_an_arm(a) and is_of_now(a) if a.purpose == "review" else a.guideline_version == version)
    ]
    rows = _columns(task, pool, _of_both_arms(every, _was_offered), every, _was_offered)
    found = _effects(rows)
    harmful = _harmful(found.anchored, found.change)
    return {
        "question": question.name,
        "arms": [_arm("shown", rows, rows.shown), _arm("hidden", rows, ~rows.shown)],
        "n_known": int(rows.known.sum()),
        "wrong_share": found.wrong_share,
        **found.as_json(),
        "harmful": harmful,
        "verdict": _verdict(found, harmful=harmful, people=_n_people(rows) if rows.by_person else None),
        "drawn_per": "person" if rows.by_person else "entry",
        "by_display": [_of_display(task, pool, every, one) for one in _displays(every)],
    }


@dataclass(frozen=True, slots=True)
class _Effects:
    """Each None where an arm, or the truth, is missing.  wrong_share: of suggestions in review."""

    wrong_share: float | None
    faster: Effect | None
    missed: Effect | None
    anchored: Effect | None
    overdone: Effect | None
    change: Effect | None

    def as_json(self) -> dict[str, Json]:
        return {
            "speed_up": _as_json(self.faster),
            "missed_corrections": _as_json(self.missed),
            "anchoring": _as_json(self.anchored),
            "over_correction": _as_json(self.overdone),
            "accuracy_change": _as_json(self.change),
        }


def _n_people(rows: _Answers) -> tuple[int, int]:
    return len(np.unique(rows.person[rows.shown])), len(np.unique(rows.person[~rows.shown]))


def _effects_between(rows: _Answers) -> _Effects:
    """Compare people who are shown suggestions with others who are not: the people were drawn, so they are counted."""
    shown, known, wrong, person = rows.shown, rows.known, rows.suggestion_is_wrong, rows.person
    ordinary, misled, well = ~known, known & wrong, known & ~wrong
    blind = ordinary & ~shown
    wrong_share = float(rows.differs[blind].mean()) if blind.any() else None
    took = misled & ~rows.differs
    return _Effects(
        wrong_share=wrong_share,
        faster=speed_up_between(rows.seconds, shown, person),
        missed=missed_corrections_between(rows.differs[ordinary], shown[ordinary], person[ordinary]),
        anchored=difference_between(took[misled], shown[misled], person[misled]),
        overdone=difference_between(rows.differs[well], shown[well], person[well]),
        change=None
        if wrong_share is None
        else accuracy_change_between(
            rows.right[known], shown[known], wrong[known], person[known], wrong_share=wrong_share
        ),
    )


def _effects(rows: _Answers) -> _Effects:
    if rows.by_person:
        return _effects_between(rows)
    shown, known, wrong = rows.shown, rows.known, rows.suggestion_is_wrong
    ordinary, misled, well = ~known, known & wrong, known & ~wrong
    blind = ordinary & ~shown
    # How often suggestions are wrong in review: as often as people who do not see them answer something else.
    wrong_share = float(rows.differs[blind].mean()) if blind.any() else None
    took = misled & ~rows.differs
    return _Effects(
        wrong_share=wrong_share,
        faster=speed_up(rows.seconds, shown, rows.person),
        missed=missed_corrections(rows.differs[ordinary], shown[ordinary]),
        anchored=anchoring(took[misled], shown[misled]),
        overdone=over_correction(rows.differs[well], shown[well]),
        change=None
        if wrong_share is None
        else accuracy_change(rows.right[known], shown[known], wrong[known], wrong_share=wrong_share),
    )


def _display(a: Annotation) -> Display:
    if a.assistance is not None:
        return a.assistance.display
    return "shown" if a.suggestion_shown else "hidden"


def _was_offered(a: Annotation) -> bool:
    """Whether chance, or the policy, offered the suggestion: who then looks at one after the choice chooses that."""
    return _display(a) != "hidden"


def _displays(every: Sequence[Annotation]) -> list[Display]:
    """Give the displays that review had besides hiding; none where there is but one, and that is `shown`."""
    found = [one for one in get_args(Display) if one != "hidden" and any(_is_of(a, one) for a in every)]
    return [] if found == ["shown"] else found


def _of_display(task: Task[object], pool: ScoredPool, every: Sequence[Annotation], display: Display) -> dict[str, Json]:
    """Hold one display against hiding. Whoever was to see the suggestion after the choice counts, seen or not."""

    def is_it(a: Annotation) -> bool:
        return _display(a) == display

    two = [a for a in every if _display(a) in (display, "hidden")]
    rows = _columns(task, pool, _of_both_arms(two, is_it), every, is_it)
    found, misled = _effects(rows), rows.known & rows.suggestion_is_wrong & rows.shown
    drawn = {a.assistance.probability for a in every if a.assistance is not None and is_it(a)} - {None}
    return {
        "display": display,
        "probability": next(iter(drawn)) if len(drawn) == 1 else None,
        "arms": [_arm(display, rows, rows.shown), _arm("hidden", rows, ~rows.shown)],
        "n_wrong": int(misled.sum()),
        "accepted_wrong": float((~rows.differs[misled]).mean()) if misled.any() else None,
        **found.as_json(),
        "harmful": _harmful(found.anchored, found.change),
    }


def _is_of(a: Annotation, display: Display) -> bool:
    return a.purpose == "review" and _display(a) == display


def _of_both_arms(every: Sequence[Annotation], in_arm: Callable[[Annotation], bool]) -> list[Annotation]:
    """Give the review answers from a time when some were shown the suggestion and some, by chance, were not.

    Of every round those between the first and the last that saw one: where suggestions went off, by `auto` or by hand,
    what came later is surer items, answered by people who had practised.  In a round in which suggestions were taken
    over in bulk those before that alone: what is left then of the items with a suggestion is the harder ones.
    every: oldest first.  in_arm: it was (to be) shown.
    """
    in_bulk, review = set[int](), list[Annotation]()
    for a in every:
        if a.purpose == "bulk":
            in_bulk.add(a.round)
        elif a.purpose == "review" and a.round not in in_bulk:
            review.append(a)
    seen: dict[int, list[int]] = {}
    for place, a in enumerate(review):
        if in_arm(a):
            seen.setdefault(a.round, []).append(place)
    inside = [a for place, a in enumerate(review) if a.round in seen and seen[a.round][0] <= place <= seen[a.round][-1]]
    mixed = {a.round for a in inside if not in_arm(a)}
    return [a for a in inside if a.round in mixed]


def _columns(
    task: Task[object],
    pool: ScoredPool,
    compared: Sequence[Annotation],
    every: Sequence[Annotation],
    in_arm: Callable[[Annotation], bool],
) -> _Answers:
    """Lay out the review answers whose arm was left to chance.  every: all answers, for the truth."""
    place = {int(item): i for i, item in enumerate(pool.item)}
    # Of people who were drawn, what the draw says counts; an entry that was blind for everybody is no arm of theirs.
    drawn = [a for a in compared if a.assistance is not None and a.assistance.per == "person"]
    review = [a for a in (drawn or compared) if pool.is_valid[place[a.item]]]
    blind = [a for a in every if a.purpose in ("calibration", "audit") and a.is_blind]
    truth = {item: task.parse(said.value) for item, said in consensus(task, blind).items() if not said.is_tied}
    said_by = {(int(a.item), str(a.annotator)) for a in blind}
    people = {name: n for n, name in enumerate(dict.fromkeys(str(a.annotator) for a in review))}

    def far(a: object, b: object) -> bool:
        return task.distance(a, b) > task.tolerance

    suggested = [task.parse(pool.value[place[a.item]]) for a in review]
    given = [task.parse(a.value) for a in review]
    # Nobody's own earlier answer is the truth their later one is held against.
    known = [int(a.item) in truth and (int(a.item), str(a.annotator)) not in said_by for a in review]
    pairs = list(zip(review, given, suggested, known, strict=True))
    return _Answers(
        shown=np.array([in_arm(a) for a in review], dtype=np.bool_),
        seconds=np.array([a.seconds for a in review], dtype=np.float64),
        person=np.array([people[str(a.annotator)] for a in review], dtype=np.int64),
        differs=np.array([far(g, s) for _, g, s, _ in pairs], dtype=np.bool_),
        known=np.array(known, dtype=np.bool_),
        right=np.array([k and not far(g, truth[int(a.item)]) for a, g, _, k in pairs], dtype=np.bool_),
        suggestion_is_wrong=np.array([k and far(s, truth[int(a.item)]) for a, _, s, k in pairs], dtype=np.bool_),
        by_person=bool(drawn),
    )


def _arm(name: str, rows: _Answers, inside: NDArray[np.bool_]) -> dict[str, Json]:
    seconds = rows.seconds[inside & (rows.seconds > 0)]
    ordinary = inside & ~rows.known
    return {
        "arm": name,
        "n": int(inside.sum()),
        "median_seconds": float(np.median(seconds)) if len(seconds) else None,
        "differs": float(rows.differs[ordinary].mean()) if ordinary.any() else None,
    }


def _harmful(anchored: Effect | None, change: Effect | None) -> bool | None:
    """Say whether showing is known to harm, known not to, or (None) not known: the evidence is too thin."""
    if (change is not None and change.high < 0) or (anchored is not None and anchored.low > MOST_ANCHORING):
        return True
    if change is not None and change.low > 0:
        return False
    if anchored is not None and anchored.high < MOST_ANCHORING:
        return False
    return None


def _verdict(found: _Effects, *, harmful: bool | None, people: tuple[int, int] | None) -> str:
    faster, missed, anchored, change = found.faster, found.missed, found.anchored, found.change
    said: list[str] = []
    if faster is not None:
        said.append(
            f"people are {faster.value:.2f} times as fast with suggestions ({faster.low:.2f} to {faster.high:.2f})"
        )
    if anchored is not None:
        said.append(f"a wrong suggestion is taken over {_share(anchored)} more often when it is shown")
    if change is not None:
        said.append(f"showing changes the share of right answers by {_share(change)}")
    if missed is not None and anchored is None and missed.value < 0:
        said.append(
            f"people correct the model no less when they see the suggestion: {-missed.value:.0%} more often "
            f"({-missed.high:.0%} to {-missed.low:.0%})"
        )
    elif missed is not None and anchored is None:
        said.append(
            f"of the corrections people make blind, {_share(missed)} are missed when the suggestion is shown; how many "
            "of those were the person's own slips is known only where the truth is (labelwright assist --ask 100)"
        )
    if people is not None:
        said.append(f"{people[0]} people with suggestions are held against {people[1]} without, each counting once")
        if min(people) < 2:
            return f"{said[-1]}: too few to say anything; it takes two of each"
    if not said:
        return "too few answers with and without suggestions to say anything"
    end = {
        True: "showing suggestions does harm here: hide them (suggestions: auto does so by itself)",
        False: "showing suggestions does no harm here that would matter",
        None: "whether showing does harm is not known yet",
    }[harmful]
    return "; ".join([*said, end])


def _share(effect: Effect) -> str:
    return f"{effect.value:.0%} ({effect.low:.0%} to {effect.high:.0%})"


def _as_json(effect: Effect | None) -> dict[str, Json] | None:
    return None if effect is None else cast("dict[str, Json]", asdict(effect))
