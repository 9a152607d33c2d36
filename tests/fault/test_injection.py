"""M7: what an item's text says to a model changes no other item, no schema, no budget, no fetch and no instruction.

The model is the most gullible there can be: it does all it is told, wherever it stands. So nothing here rests on a
model's good sense; what holds is the prompt (one item, whose text cannot leave its block), the check of the answer, and
that nobody but us decides what is sent.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from labelwright.domain.canonical import Json
from labelwright.prompting.block import CLOSING, OPENING, restore
from labelwright.prompting.suspicion import FAMILIES
from labelwright.workspace import ProjectHandle, Workspace
from tests.fault.injections import texts
from tests.fault.obedient_server import Obedient, obedient_server

BYSTANDERS = [f"i{n:04d}" for n in range(40)]
LABELS = ["good", "bad"]


@dataclass(frozen=True)
class Told:
    """What the database says of one item."""

    status: str
    value: Json
    signals: Mapping[str, Any]


@dataclass
class Attacked:
    """A project after its run: bystanders first, in the order of their ids, then the attacks between them."""

    project: ProjectHandle
    server: Obedient
    attacks: dict[str, tuple[str, str]]  # id -> (family, text)
    items: dict[str, str]
    before: str
    calls: dict[str, int]

    def told(self) -> dict[str, Told]:
        with self.project.workspace.storage.reading() as views:
            ids = {int(key): str(name) for key, name in views.item_ids(self.project.id).items()}
            columns = views.predictions(self.project.id, "tone", "gullible")
        with closing(
            sqlite3.connect(f"file:{self.project.workspace.path}/labelwright.db?mode=ro", uri=True)
        ) as database:
            signals = dict(database.execute("SELECT id, signals FROM prediction"))
        return {
            ids[int(item)]: Told(status, value, json.loads(signals[int(id)]))
            for item, id, status, value in zip(columns.item, columns.id, columns.status, columns.value, strict=True)
        }


def _frozen(project: ProjectHandle) -> str:
    config = project.config.config
    return repr((config.schema, config.guideline, config.policy, config.spending, config.privacy, config.version))


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Generator[Attacked]:
    folder = tmp_path_factory.mktemp("attacked")
    with obedient_server() as server, Workspace.create(folder) as workspace:
        attacks = {f"a{n:04d}": attack for n, attack in enumerate(texts("i0007", server.trap))}
        items = {name: f"The bystander's number is {name}." for name in BYSTANDERS}
        rows: list[dict[str, str]] = []
        hostile = list(attacks.items())
        for place, (name, text) in enumerate(items.items()):  # attacks stand before, between and after the others
            rows += [{"id": key, "text": words} for key, (_, words) in hostile[place * 2 : place * 2 + 2]]
            rows.append({"id": name, "text": text})
        assert len(rows) == len(items) + len(attacks)
        (folder / "project.yaml").write_text(json.dumps(_project(server.base_url)))
        workspace.apply()
        project = workspace.project()
        project.import_items(rows)
        before = _frozen(project)
        project.prelabel()
        calls: dict[str, int] = {}
        for body in server.bodies:
            text = restore(_block(body))
            for key, words in {**items, **{k: w for k, (_, w) in attacks.items()}}.items():
                if words == text:
                    calls[key] = calls.get(key, 0) + 1
        items |= {key: words for key, (_, words) in attacks.items()}
        yield Attacked(project, server, attacks, items, before, calls)


def _project(base_url: str) -> dict[str, Any]:
    return {
        "name": "attacked",
        "content_fields": ["text"],
        "confidence": "verbalised",
        "questions": [{"name": "tone", "type": "classification", "labels": LABELS}],
        "models": [
            {
                "model": "gullible",
                "base_url": base_url,
                "concurrency": 8,
                "max_tokens": 200,
                "price_input": 0.1,
                "price_output": 0.5,
            }
        ],
    }


def _block(body: dict[str, Any]) -> str:
    """Give the item's text as it stands in a request."""
    content = body["messages"][1]["content"]
    return content.removeprefix(OPENING).removesuffix(CLOSING)


def test_M7_the_attacks_were_truly_obeyed(attacked: Attacked) -> None:
    """Else nothing below would mean anything."""
    assert set(attacked.server.did) == {
        "took the answer from the item",
        "gave the label it was told",
        "answered for all items",
        "answered for another item",
        "changed the schema",
        "repeated the system prompt",
        "wrote without end",
        "asked for a tool",
    }
    assert {family for family, _ in attacked.attacks.values()} == set(FAMILIES)


def test_M7_no_other_items_label_is_affected(attacked: Attacked) -> None:
    told = attacked.told()
    found = {name: (told[name].status, told[name].value) for name in BYSTANDERS}
    assert found == dict.fromkeys(BYSTANDERS, ("valid", "bad"))


def test_M7_an_attacked_item_is_labelled_within_the_schema_or_quarantined(attacked: Attacked) -> None:
    told = attacked.told()
    states = {name: told[name] for name in attacked.attacks}
    assert {one.status for one in states.values()} <= {"valid", "invalid", "failed"}
    for one in states.values():
        assert (one.value in LABELS) if one.status == "valid" else (one.value is None)
    assert sum(one.status != "valid" for one in states.values()) > 10  # extra keys, foreign labels, no end, tools


def test_M7_an_answer_with_keys_that_only_the_item_asked_for_is_quarantined_whole(attacked: Attacked) -> None:
    told = attacked.told()
    blocks = [block for block, invented in attacked.server.invented.items() if invented]
    invented = {restore(block.removeprefix(OPENING).removesuffix(CLOSING)) for block in blocks}
    names = [name for name, (_, text) in attacked.attacks.items() if text in invented]
    assert len(names) > 10
    assert {told[name].status for name in names} <= {"invalid", "failed"}


def test_M7_one_item_per_prompt_and_its_text_never_leaves_its_block(attacked: Attacked) -> None:
    for body in attacked.server.bodies:
        content = body["messages"][1]["content"]
        assert content.startswith(OPENING)
        assert content.endswith(CLOSING)
        inside = content[len(OPENING) : -len(CLOSING)]
        assert "<item" not in inside.lower()
        assert "</item" not in inside.lower().replace(" ", "")
        assert [m["role"] for m in body["messages"][:2]] == ["system", "user"]
        held = [name for name, words in attacked.items.items() if words == restore(inside)]
        assert len(held) == 1
        for later in body["messages"][2:]:  # a repair shows the model's own words again: no block among them
            assert "<item" not in str(later["content"]).lower()
            assert "</item" not in str(later["content"]).lower().replace(" ", "")
    for name in BYSTANDERS:
        assert all(words in attacked.items[name] for words in ("bystander", name))


def test_M7_the_instructions_and_everything_else_asked_are_the_same_for_every_item(attacked: Attacked) -> None:
    def asked(body: dict[str, Any]) -> str:
        return json.dumps({**body, "messages": body["messages"][:1]}, sort_keys=True)

    assert len({asked(body) for body in attacked.server.bodies}) == 1
    assert set(attacked.server.bodies[0]) <= {
        "model",
        "messages",
        "temperature",
        "max_tokens",
        "max_completion_tokens",
        "response_format",
        "seed",
    }


def test_M7_nothing_is_fetched_and_no_tool_is_ever_offered(attacked: Attacked) -> None:
    assert attacked.server.fetched == []
    assert not any("tool" in key or "function" in key for body in attacked.server.bodies for key in body)


def test_M7_schema_guideline_policy_and_privacy_stand_as_they_were(attacked: Attacked) -> None:
    assert _frozen(attacked.project) == attacked.before
    attacked.project.workspace.verify()


def test_M7_the_budget_is_ours_to_spend(attacked: Attacked) -> None:
    """A bystander costs one call; an attacked item at most its repair, each bounded in tries and tokens."""
    assert {attacked.calls[name] for name in BYSTANDERS} == {1}
    assert all(body["max_tokens"] == 200 for body in attacked.server.bodies)
    endless = {name for name, (family, _) in attacked.attacks.items() if family == "endless"}
    for name in attacked.attacks:
        assert attacked.calls[name] <= (12 if name in endless else 2)


def test_M7_what_looks_like_an_attack_is_marked_for_a_person(attacked: Attacked) -> None:
    told = attacked.told()
    for name, (family, _) in attacked.attacks.items():
        assert family in told[name].signals.get("suspicious", [])
    for name in BYSTANDERS:
        assert "suspicious" not in told[name].signals


def test_M7_again_does_nothing_more(attacked: Attacked) -> None:
    """Quarantined items are not asked about again; those without any answer are, and stay where they are."""
    before = attacked.told()
    n_bodies = len(attacked.server.bodies)
    attacked.project.prelabel()
    assert attacked.told() == before
    again = {restore(_block(body)) for body in attacked.server.bodies[n_bodies:]}
    failed = {attacked.items[name] for name, one in before.items() if one.status == "failed"}
    assert again <= failed
