"""From raw texts to labels of record by people alone: verbs of the workspace, and the HTTP API that the page uses."""

import csv
from pathlib import Path

from labelwright.domain.ids import ItemKey
from labelwright.domain.queue import NewEntry
from labelwright.events import ItemsRouted
from labelwright.ports.storage import Transaction
from labelwright.server.app import create_app
from labelwright.workspace import ProjectHandle, Workspace
from tests.contract.serving import answer_entry, sign_in, take

PROJECT_FILE = """\
name: reviews
content_fields: [text]
guideline: guideline.md
questions:
  - name: topic
    type: classification
    labels: [battery, screen]
models: []
"""
TRUTH = {"a": "battery", "b": "screen", "c": "battery"}


def queue_everything(project: ProjectHandle) -> None:
    current, world = project.config, project.workspace.world

    def work(tx: Transaction) -> None:
        names = tuple(question.name for question in current.config.schema.questions)
        entries = tuple(
            NewEntry(ItemKey(int(key)), names, "review", 0, -float(key), False, "no model looked at it")
            for key in tx.item_keys(project.id)
        )
        tx.append([ItemsRouted(project.id, "by-hand", 1, (), entries)], world.provenance())

    project.workspace.storage.write(work)


async def test_two_people_label_a_project_and_its_export_says_who_said_what(tmp_path: Path) -> None:
    (tmp_path / "project.yaml").write_text(PROJECT_FILE)
    (tmp_path / "guideline.md").write_text("Choose the topic.\n")
    rows = [f'{{"id": "{name}", "text": "about the {topic}"}}' for name, topic in TRUTH.items()]
    (tmp_path / "items.jsonl").write_text("\n".join(rows) + "\n")
    with Workspace.create(tmp_path) as workspace:
        workspace.apply()
        project = workspace.project()
        assert project.import_items(tmp_path / "items.jsonl").accepted == 3
        queue_everything(project)
        app = create_app(workspace.storage, workspace.world)
        async with (
            await sign_in(app, project.invite("ann").token) as ann,
            await sign_in(app, project.invite("bob").token) as bob,
        ):
            shown = (await ann.get("/api/v1/projects/reviews")).json()
            (question,) = shown["questions"]
            assert [label["value"] for label in question["settings"]["labels"]] == ["battery", "screen"]

            (entry,) = await take(ann)  # ann slips, takes it back, and answers again
            slip = (await answer_entry(ann, entry["lease"], {"topic": "screen"})).json()
            undone = await ann.delete(
                f"/api/v1/projects/reviews/submissions/{slip['submission']}", headers={"Idempotency-Key": "undo"}
            )
            entry = undone.json()["entry"]
            assert (await answer_entry(ann, entry["lease"], {"topic": TRUTH[entry["item"]["id"]]})).is_success

            (entry,) = await take(ann)  # ann passes; bob does the rest
            passed = {"lease": entry["lease"], "reason": "I do not know this device"}
            skipped = await ann.post("/api/v1/projects/reviews/skips", json=passed, headers={"Idempotency-Key": "skip"})
            assert skipped.status_code == 201
            while entries := await take(bob):
                answers = {"topic": TRUTH[entries[0]["item"]["id"]]}
                assert (await answer_entry(bob, entries[0]["lease"], answers)).is_success
            progress = (await bob.get("/api/v1/projects/reviews/progress")).json()
            assert (progress["labels"], progress["remaining"], progress["done_by_you"]) == (3, 0, 2)

        project.aggregate()
        project.export(tmp_path / "out")
        workspace.verify()
    with next((tmp_path / "out").glob("*.csv")).open(newline="") as file:
        exported = {row["id"]: row for row in csv.DictReader(file)}
    assert set(exported) == set(TRUTH)
    for name, topic in TRUTH.items():
        assert topic in exported[name].values()
        assert "human-verified" in exported[name].values()
