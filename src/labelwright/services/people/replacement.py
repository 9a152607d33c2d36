"""May the model replace the annotators of this project? The alternative annotator test on blind, random answers."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import asdict, replace
from math import isnan
from typing import Any, cast

from labelwright.domain.canonical import Json
from labelwright.domain.ids import ProjectId
from labelwright.domain.project import Project, Question
from labelwright.errors import InvalidValue, NotReady, did_you_mean
from labelwright.methods.replacement import AltTest, Comparison, Score, alt_test, comparisons, mean_closeness
from labelwright.ports.storage import Storage, Views
from labelwright.ports.world import World
from labelwright.services.models.labeller import learnt_from
from labelwright.services.models.score import scored_pool
from labelwright.services.people.consensus import readable
from labelwright.services.projects.kept_results import keep_result, newest_result
from labelwright.services.projects.project_of import project_of
from labelwright.tasks.registry import bind

ALT_TEST = "alt-test"
"""The kind of run under which results are kept."""
EXPERTS, SKILLED, CROWD = 0.2, 0.15, 0.1
_MOST_SLICES = 20
_UNKNOWN = "not given"


def check_replacement(
    project_id: ProjectId,
    *,
    storage: Storage,
    world: World,
    epsilon: float = SKILLED,
    by: str | None = None,
    least_items: int = 30,
) -> dict[str, Json]:
    """Test every question, keep the result in the ledger, and give it.

    Blind answers to randomly drawn calibration items alone count, under the guideline in force, of items that two or
    more people answered, and that no combined label was learnt from.  An item the model gave no valid label for counts
    as one on which it agrees with nobody.
    epsilon: what the model may be worse by.  by: a field of the items' metadata to test slice by slice as well.
    Raises: NotReady, when no two people answered the same item blind; InvalidValue.
    """
    with storage.reading() as views:
        project = project_of(views, project_id)
        if not project.config.models:
            raise NotReady("the project names no model, so there is none that could replace anybody")
        slices = None if by is None else _slices(views, project_id, by)
        questions = [
            _question(views, project, question, epsilon=epsilon, slices=slices, least_items=least_items)
            for question in project.config.schema.questions
        ]
    parameters: dict[str, Json] = {"epsilon": epsilon, "by": by, "least_items": least_items}
    report: dict[str, Json] = {**parameters, "questions": cast("list[Json]", questions)}
    keep_result(storage, world, project_id, ALT_TEST, parameters=parameters, report=report)
    return report


def replacement_section(views: Views, project: Project, question: str) -> dict[str, Json] | None:
    """Give the newest kept result of one question, for the report; None when the test was never made."""
    kept = newest_result(views, project.id, ALT_TEST)
    if kept is None:
        return None
    every = cast("list[dict[str, Json]]", kept.report["questions"])
    found = next((one for one in every if one["question"] == question), None)
    return None if found is None else {"at": kept.at, "epsilon": kept.report["epsilon"], **found}


def check_votes(
    votes: Iterable[tuple[Hashable, str, Any]],
    model: Mapping[Any, Any],
    score: Score,
    *,
    epsilon: float,
    group_of: Mapping[Any, str] | None = None,
    least_items: int = 30,
) -> dict[str, Json]:
    """Test plain votes: all items together, and each slice.

    votes: (item, person, label).  model: item -> its label.  group_of: item -> slice.
    Raises: NotReady, when no two people labelled the same item.
    """
    votes = list(votes)
    compared = comparisons(votes, model, score)
    if not compared:
        raise NotReady(
            "no item has answers of two people, so nobody can be compared with the others; label some items twice or "
            "more (calibration_votes: 3 in project.yaml)"
        )
    whole = alt_test(compared, epsilon=epsilon, least_items=least_items)[0]
    slices: list[AltTest] = []
    if group_of is not None:
        of_slice: dict[str, list[tuple[Hashable, str, Any]]] = {}
        for vote in votes:
            of_slice.setdefault(group_of.get(vote[0], _UNKNOWN), []).append(vote)
        rows: list[Comparison] = [
            replace(one, group=name)
            for name, inside in sorted(of_slice.items())
            for one in comparisons(inside, model, score)
        ]
        slices = alt_test(rows, epsilon=epsilon, least_items=least_items) if rows else []
    return {
        **_as_json(whole),
        "n_items": len({vote[0] for vote in votes if vote[0] in model}),
        "slices": [_as_json(one) for one in slices],
        "sentence": _sentence(whole, epsilon),
    }


def _question(
    views: Views,
    project: Project,
    question: Question,
    *,
    epsilon: float,
    slices: Mapping[int, str] | None,
    least_items: int,
) -> dict[str, Json]:
    task = bind(question)
    answers = views.annotations(project.id, question=question.name, purpose="calibration")
    version, learnt = project.config.guideline.version, learnt_from(views, project)
    strangers = [a for a in answers if a.is_blind and a.guideline_version == version and int(a.item) not in learnt]
    blind = readable(task, strangers)
    pool = scored_pool(views, project.id, project.config, question.name)
    said: dict[int, object] = {
        int(item): task.parse(pool.value[i]) if pool.is_valid[i] else _NOTHING for i, item in enumerate(pool.item)
    }
    closeness = mean_closeness(lambda a, b: 1.0 if a is _NOTHING else task.distance(a, b))
    names = {annotator.id: annotator.name for annotator in views.annotators(project.id)}
    votes = [(int(a.item), names.get(a.annotator) or str(a.annotator), task.parse(a.value)) for a in _last(blind)]
    found = check_votes(votes, said, closeness, epsilon=epsilon, group_of=slices, least_items=least_items)
    return {"question": question.name, "model": pool.model, **found}


_NOTHING = object()


def _last(answers: Iterable[Any]) -> list[Any]:
    """One answer per person and item: the newest."""
    return list({(a.item, a.annotator): a for a in answers}.values())


def _slices(views: Views, project: ProjectId, field: str) -> dict[int, str]:
    values: dict[int, str] = {}
    fields: set[str] = set()
    after = 0
    while items := views.items(project, after=after):
        after = items[-1].key
        for item in items:
            fields |= set(item.metadata)
            if field in item.metadata:
                values[int(item.key)] = f"{field} = {item.metadata[field]}"
    if not values:
        raise InvalidValue("by", f"no item has {field!r} in its metadata", did_you_mean(field, fields))
    if len(set(values.values())) > _MOST_SLICES:
        raise InvalidValue("by", f"{field!r} has {len(set(values.values()))} values; at most {_MOST_SLICES} are tested")
    return values


def _as_json(test: AltTest) -> dict[str, Json]:
    return {
        "slice": test.group,
        "winning_rate": None if isnan(test.winning_rate) else test.winning_rate,
        "advantage": None if isnan(test.advantage) else test.advantage,
        "may_replace": test.may_replace,
        "people": [cast("dict[str, Json]", asdict(person)) for person in test.people],
        "left_out": list(test.left_out),
    }


def _sentence(test: AltTest, epsilon: float) -> str:
    if test.may_replace is None:
        return (
            f"{len(test.people)} people have labelled enough items that others labelled too; three are needed to say "
            "whether the model may take their place"
        )
    agrees = f"it agrees with the others as well as one of them in {test.advantage:.0%} of the cases"
    won = sum(person.wins for person in test.people)
    compared = f"as good as {won} of {len(test.people)} people when it may be {epsilon:.0%} worse for its price"
    if test.may_replace:
        return f"the model may take the annotators' place here: it is {compared}, and {agrees}"
    return f"the model may not take the annotators' place here: it is only {compared}; {agrees}"
