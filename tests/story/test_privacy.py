"""What may leave this machine, through the whole of pre-labelling and over a real socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labelwright.errors import LabelwrightError
from labelwright.workspace import ProjectHandle, Workspace
from tests.fault.obedient_server import Obedient, obedient_server

ITEMS = [
    {
        "id": "p1",
        "text": "Bad. Write to bob@example.org or call +44 20 7946 0958.",
        "customer": "Zoë Quill",
        "note": "n",
    },
    {"id": "p2", "text": "Bad: my card is 4111 1111 1111 1111 🙂, bob@example.org.", "customer": "Ada Ember"},
    {"id": "p3", "text": "Bad, and nothing more to say.", "customer": "Max Vellum"},
]
DATA = ("bob@example.org", "7946", "4111", "1111 1111")
NAMES = ("Quill", "Ember", "Vellum")


def run_with(
    tmp_path: Path, server: Obedient, privacy: dict[str, Any], *, fields: tuple[str, ...] = ("text", "customer")
) -> ProjectHandle:
    settings = {
        "name": "private",
        "content_fields": list(fields),
        "questions": [{"name": "tone", "type": "classification", "labels": ["good", "bad"]}],
        "models": [{"model": "m", "base_url": server.base_url}],
        "privacy": privacy,
    }
    (tmp_path / "project.yaml").write_text(json.dumps(settings))
    workspace = Workspace.create(tmp_path)
    workspace.apply()
    project = workspace.project()
    project.import_items(ITEMS)
    project.prelabel()
    return project


def said(project: ProjectHandle) -> dict[str, tuple[str, object]]:
    with project.workspace.storage.reading() as views:
        ids = {int(key): str(name) for key, name in views.item_ids(project.id).items()}
        columns = views.predictions(project.id, "tone", "m")
    return {ids[int(i)]: (s, v) for i, s, v in zip(columns.item, columns.status, columns.value, strict=True)}


def sent(server: Obedient) -> str:
    return json.dumps(server.bodies, ensure_ascii=False)


def test_off_is_off_and_says_so(tmp_path: Path) -> None:
    with obedient_server() as server:
        run_with(tmp_path, server, {})
        assert all(datum in sent(server) for datum in (*DATA, *NAMES))


@pytest.mark.parametrize("mode", ["redact", "pseudonymise"])
def test_no_recognised_datum_and_no_field_that_never_leaves_is_in_the_bytes(tmp_path: Path, mode: str) -> None:
    with obedient_server() as server:
        project = run_with(tmp_path, server, {"pii": mode, "never_leaves": ["customer"]})
        assert len(server.bodies) == 3
        assert not [datum for datum in (*DATA, *NAMES) if datum in sent(server)]
        assert "customer" not in sent(server)
        assert "[EMAIL" in sent(server)
        assert "🙂" in sent(server)
        assert said(project) == dict.fromkeys(("p1", "p2", "p3"), ("valid", "bad"))


def test_block_sends_nothing_of_an_item_with_personal_data_and_people_get_it(tmp_path: Path) -> None:
    with obedient_server() as server:
        project = run_with(tmp_path, server, {"pii": "block", "never_leaves": ["customer"]})
        assert len(server.bodies) == 1
        assert "nothing more to say" in sent(server)
        found = said(project)
        assert {name: status for name, (status, _) in found.items()} == {
            "p1": "invalid",
            "p2": "invalid",
            "p3": "valid",
        }
        with project.workspace.storage.reading() as views:
            problems = {str(row["problem"]) for row in views.prediction_raw(project.id, status="invalid")}
        assert any("privacy.pii is block" in problem for problem in problems)
        assert not [datum for datum in DATA if datum in str(problems)]
        again = project.prelabel()
        assert again.models[0].calls == 0


def test_a_project_of_which_nothing_may_leave_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    with obedient_server() as server:
        with pytest.raises(LabelwrightError, match="no field is left to show a model"):
            run_with(tmp_path, server, {"never_leaves": ["customer"]}, fields=("customer",))
        assert server.bodies == []


def test_an_item_of_which_nothing_may_leave_goes_to_people(tmp_path: Path) -> None:
    with obedient_server() as server:
        project = run_with(tmp_path, server, {"never_leaves": ["customer"]})
        project.import_items([{"id": "p4", "text": "", "customer": "Sole Content"}])
        project.prelabel()
        assert len(server.bodies) == 3
        assert said(project)["p4"] == ("invalid", None)


def test_S5_local_only_and_allowed_hosts_hold_in_a_run(tmp_path: Path) -> None:
    with obedient_server() as server:
        run_with(tmp_path, server, {"local_only": True, "allowed_hosts": ["127.0.0.1"]})
        assert len(server.bodies) == 3
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with obedient_server() as server:
        with pytest.raises(LabelwrightError, match="allowed_hosts"):
            run_with(elsewhere, server, {"allowed_hosts": ["api.example.org"]})
        assert server.bodies == []
    public = tmp_path / "public"
    public.mkdir()
    with pytest.raises(LabelwrightError, match="local_only"):
        run_with(public, Obedient(base_url="https://93.184.216.34/v1"), {"local_only": True})
