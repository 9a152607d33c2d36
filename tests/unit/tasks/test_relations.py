from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st

from labelwright.errors import InvalidValue
from labelwright.tasks.protocol import Shown
from labelwright.tasks.relations import TASK_TYPE
from labelwright.testing.task_type_suite import TaskTypeSuite, shares
from tests.unit.tasks.test_spans import LABELS, LEFT_LUNG, TEXT, apart, spans_of, split_spans_of

TYPES = ["met", "in"]
SETTINGS: Any = {"labels": LABELS, "types": TYPES}
ADA = {"start": 0, "end": 3, "label": "person"}
BO = {"start": 8, "end": 10, "label": "person"}


@st.composite
def related(draw: st.DrawFn, overlap: bool = True, split: bool = False) -> dict[str, Any]:
    drawn = split_spans_of(TEXT, LABELS) if split else spans_of(TEXT, LABELS)
    spans = draw(drawn.map(lambda found: found if overlap else apart(found)))
    if len(spans) < 2:
        return {"spans": spans, "relations": []}
    ends = st.tuples(st.integers(0, len(spans) - 1), st.integers(0, len(spans) - 1)).filter(lambda p: p[0] != p[1])
    arc = st.builds(lambda p, kind: {"head": p[0], "tail": p[1], "type": kind}, ends, st.sampled_from(TYPES))
    arcs = draw(st.lists(arc, max_size=4, unique_by=lambda one: tuple(one.values())))
    return {"spans": spans, "relations": arcs}


class TestRelations(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = SETTINGS
    values = related()
    refused = (
        None,
        [],
        {"spans": []},
        {"spans": [ADA, BO], "relations": [{"head": 0, "tail": 2, "type": "met"}]},
        {"spans": [ADA, BO], "relations": [{"head": -1, "tail": 1, "type": "met"}]},
        {"spans": [ADA, BO], "relations": [{"head": True, "tail": 0, "type": "met"}]},
        {"spans": [ADA, BO], "relations": [{"head": 0, "tail": 0, "type": "met"}]},
        {"spans": [ADA, BO], "relations": [{"head": 0, "tail": 1, "type": "knows"}]},
        {"spans": [ADA, BO], "relations": [{"head": 0, "tail": 1, "type": "met"}] * 2},
        {"spans": [ADA, ADA], "relations": []},
    )
    refused_settings = ({"labels": LABELS}, {"types": TYPES}, {"labels": LABELS, "types": []})


class TestRelationsOfSpansApart(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {**SETTINGS, "overlap": "none"}
    values = related(overlap=False)
    refused = ({"spans": [ADA, {"start": 2, "end": 5, "label": "place"}], "relations": []},)
    refused_settings = ({**SETTINGS, "overlap": "much"},)


class TestRelationsOfSpansOfSeveralPieces(TaskTypeSuite):
    task_type = TASK_TYPE
    settings: ClassVar = {**SETTINGS, "discontinuous": True}
    values = related(split=True)
    refused = (
        {"spans": [{**LEFT_LUNG, "pieces": [{"start": 0, "end": 19}]}], "relations": []},
        {"spans": [LEFT_LUNG, LEFT_LUNG], "relations": []},
    )
    refused_settings = ({**SETTINGS, "discontinuous": "no"},)


task = TASK_TYPE.bind(SETTINGS)


def test_head_and_tail_count_the_spans_as_given_and_are_kept_in_order() -> None:
    value = task.parse({"spans": [BO, ADA], "relations": [{"head": 1, "tail": 0, "type": "met"}]})
    assert task.dump(value) == {"spans": [ADA, BO], "relations": [{"head": 0, "tail": 1, "type": "met"}]}


def test_a_relation_falls_with_its_span() -> None:
    strict = TASK_TYPE.bind({**SETTINGS, "overlap": "none"})
    long = {"start": 8, "end": 18, "label": "place"}
    values = [
        strict.parse({"spans": [ADA, BO], "relations": [{"head": 0, "tail": 1, "type": "met"}]}),
        strict.parse({"spans": [ADA, long], "relations": []}),
    ]
    ballots = strict.decompose(values)
    assert (ballots.n_units, ballots.option_space) == (4, "local")
    # units: Ada, Bo, Bo in Rome, Ada met Bo
    posterior: Any = [[0.0, 1.0], [0.4, 0.6], [0.1, 0.9], [0.2, 0.8]]
    composed = strict.compose(posterior, ballots)
    assert strict.dump(composed) == {"spans": [ADA, long], "relations": []}
    posterior = shares(ballots)
    assert strict.dump(strict.compose(posterior, ballots)) == {"spans": [ADA], "relations": []}


def test_a_models_relation_quotes_its_ends() -> None:
    ada, bo = ({"quote": who, "before": None, "label": "person"} for who in ("Ada", "Bo"))
    raw = {"spans": [ada, bo], "relations": [{"head": ada, "type": "met", "tail": bo}]}
    value = task.read_answer(raw, Shown({"text": TEXT}))
    assert task.dump(value) == {"spans": [ADA, BO], "relations": [{"head": 0, "tail": 1, "type": "met"}]}
    lost = {**raw, "spans": [ada]}
    with pytest.raises(InvalidValue, match=r"\.relations\[0\]\.tail: 'Bo' \(person\) is not among the spans"):
        task.read_answer(lost, Shown({"text": TEXT}))


def test_a_type_joins_only_the_labels_it_may() -> None:
    settings: Any = {
        "labels": ["person", "place"],
        "types": ["met", "lives in"],
        "between": {"met": {"head": ["person"], "tail": ["person"]}, "lives in": {"tail": ["place"]}},
    }
    task = TASK_TYPE.bind(settings)
    ada, bo, rome = ({"start": at, "end": to, "label": label} for at, to, label in MARKED)

    def value(kind: str, tail: int) -> dict[str, Any]:
        return {"spans": [ada, bo, rome], "relations": [{"head": 0, "tail": tail, "type": kind}]}

    assert task.dump(task.parse(value("met", 1))) == value("met", 1)
    assert task.dump(task.parse(value("lives in", 2))) == value("lives in", 2)
    with pytest.raises(InvalidValue, match="'met' may not lead from a 'person' to a 'place'"):
        task.parse(value("met", 2))
    with pytest.raises(InvalidValue, match="it leads from any to"):
        task.parse(value("lives in", 1))
    assert '"met" leads from "person" to "person".' in task.describe()
    for wrong in ("met", {"knew": {}}, {"met": []}, {"met": {"head": ["nobody"]}}, {"met": {"from": ["person"]}}):
        with pytest.raises(InvalidValue):
            TASK_TYPE.bind({**settings, "between": wrong})


MARKED = ((0, 3, "person"), (8, 10, "person"), (14, 18, "place"))


def test_a_relation_joins_spans_of_several_pieces() -> None:
    split_task = TASK_TYPE.bind({"labels": ["finding", "organ"], "types": ["in"], "discontinuous": True})
    pain = {"quote": "pain", "before": None, "more": [{"quote": "knee", "before": None}], "label": "finding"}
    hip = {"quote": "pain", "before": None, "more": [{"quote": "hip", "before": None}], "label": "finding"}
    raw = {"spans": [pain, hip], "relations": [{"head": hip, "type": "in", "tail": pain}]}
    shown = Shown({"text": "pain in knee and hip"})
    value = split_task.read_answer(raw, shown)
    assert split_task.dump(value) == {
        "spans": [
            {"start": 0, "end": end, "label": "finding", "pieces": [{"start": 0, "end": 4}, {"start": at, "end": end}]}
            for at, end in ((8, 12), (17, 20))
        ],
        "relations": [{"head": 1, "tail": 0, "type": "in"}],
    }
    assert split_task.write_answer(value, shown) == raw
    lost = {**raw, "spans": [pain]}
    with pytest.raises(InvalidValue, match=r"head: 'pain' … 'hip' \(finding\) is not among the spans"):
        split_task.read_answer(lost, shown)
