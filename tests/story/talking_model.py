"""A model behind a real socket that takes part in every flow, and a project of it that people have worked on."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from labelwright.domain.canonical import Json
from labelwright.services.people.manage_people import invite
from labelwright.testing.scripted_server import Reply, ScriptedServer, completion
from labelwright.workspace import ProjectHandle, Workspace
from tests.story.small_project import SmallProject
from tests.story.test_providers import speaking

LABELS = ["good", "bad"]
_NUMBER = re.compile(r"Review (\d+)")


def truth(n: int) -> str:
    return "good" if n % 3 else "bad"


def mistaken(n: int) -> str:
    """What the model says at first: wrong about every fifth item."""
    return truth(n) if n % 5 else {"good": "bad", "bad": "good"}[truth(n)]


def texts_of(body: Mapping[str, Any]) -> list[str]:
    """Give the texts of a request's turns, without pictures."""
    found: list[str] = []
    for turn in body["messages"]:
        parts = [{"type": "text", "text": turn["content"]}] if isinstance(turn["content"], str) else turn["content"]
        found.append("\n".join(part["text"] for part in parts if part["type"] == "text"))
    return found


def asked_for(body: Mapping[str, Any]) -> str:
    """Name what is asked for: `labels`, `reasoned`, `guesses`, `doubt`, `explanation`, `review`, `comparison`."""
    keys = set(body["response_format"]["json_schema"]["schema"]["properties"])
    for name, key in (
        ("explanation", "explanation"),
        ("comparison", "better"),
        ("review", "verdict"),
        ("doubt", "probability"),
        ("reasoned", "reasoning"),
    ):
        if key in keys:
            return name
    return "guesses" if "percent" in json.dumps(body["response_format"]) else "labels"


def number_of(body: Mapping[str, Any]) -> int:
    """Give the number of the item in the final block."""
    return int(_NUMBER.findall("\n".join(texts_of(body)))[-1])


@dataclass
class TalkingModel:
    """Answers by `label`; the second time (after reasoning about its answer) rightly. says: how it compares pairs."""

    label: Callable[[int], str] = mistaken
    says: Callable[[Mapping[str, Any]], str] = lambda _: "tie"
    fails_after: int | None = None
    seconds: float = 0.0
    bodies: list[str] = field(default_factory=list[str])

    def answer(self, body: dict[str, Any]) -> Reply:
        if self.fails_after is not None and len(self.bodies) >= self.fails_after:
            spent = {"error": {"message": "spent", "type": "insufficient_quota", "code": "insufficient_quota"}}
            return Reply(json.dumps(spent).encode(), 429)
        self.bodies.append(json.dumps(body, sort_keys=True))
        return Reply(completion(json.dumps(self.said(body))), seconds=self.seconds)

    def said(self, body: Mapping[str, Any]) -> dict[str, Json]:
        n = number_of(body)
        asks_how_sure = "confidence" in body["response_format"]["json_schema"]["schema"]["properties"]
        sure: dict[str, Json] = {"confidence": {"label": 0.5 + (n % 50) / 100}} if asks_how_sure else {}
        match asked_for(body):
            case "explanation":
                return {"explanation": f"Because of {n}."}
            case "comparison":
                return {"reason": "rule 1", "better": self.says(body)}
            case "review":
                given = json.loads(texts_of(body)[-1].split("these answers:\n\n")[1].split("\n")[0])["label"]
                agrees = given == truth(n)
                return {
                    "reason": f"Rule {n}.",
                    "evidence": ["Review", "not in it"],
                    "verdict": "agree" if agrees else "disagree",
                    "score": 5 if agrees else 2,
                }
            case "doubt":
                return {"label": "A", "probability": {"label": 0.25 if n % 5 == 0 else 0.75}}
            case "guesses":
                other = {"good": "bad", "bad": "good"}[self.label(n)]
                return {"label": [{"answer": other, "percent": 20}, {"answer": self.label(n), "percent": 80}]}
            case "reasoned":
                again = len(body["messages"]) > 2
                return {"reasoning": f"I see {n}.", "label": truth(n) if again else self.label(n), **sure}
            case _:
                return {"label": self.label(n), **sure}

    def asked(self, what: str) -> list[dict[str, Any]]:
        """Give the requests of one kind, in their order."""
        return [body for body in map(json.loads, self.bodies) if asked_for(body) == what]


@contextmanager
def talking(
    folder: Path,
    model: TalkingModel,
    *,
    n: int = 20,
    items: Sequence[Mapping[str, Any]] | None = None,
    names: Sequence[str] = ("m",),
    **settings: Any,  # noqa: ANN401 - JSON
) -> Generator[tuple[ProjectHandle, ScriptedServer]]:
    """Open a project whose models are this one, with its items imported. settings: of project.yaml."""
    with speaking(model.answer, "/chat/completions") as server:
        project: dict[str, Any] = {
            "name": "small",
            "content_fields": ["text"],
            "questions": [{"name": "label", "type": "classification", "labels": LABELS}],
            "models": [
                {"model": name, "base_url": server.base_url, "price_input": 1, "price_output": 2} for name in names
            ],
            **settings,
        }
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "project.yaml").write_text(json.dumps(project))
        with Workspace.create(folder) as workspace:
            workspace.apply()
            handle = workspace.project()
            handle.import_items(items or [{"id": f"i{i}", "text": f"Review {i}."} for i in range(n)], id_field="id")
            yield handle, server


def reconfigured(handle: ProjectHandle, **settings: Any) -> None:  # noqa: ANN401 - JSON
    """Put other settings of project.yaml in force."""
    file = handle.workspace.path / "project.yaml"
    file.write_text(json.dumps({**json.loads(file.read_text()), **settings}))
    handle.workspace.apply()


def people_label(
    handle: ProjectHandle, answer: Callable[[int, int], str], *, names: Sequence[str] = ("ann",), most: int = 10**6
) -> SmallProject:
    """Have people answer what is in the queue. answer: (number of the item, of the person) -> label."""
    here = handle.workspace
    project, people = handle.config, []
    for name in names:
        made = here.storage.write(lambda tx, n=name: invite(tx, project, name=n, world=here.world))
        people.append(made.annotator)
    small = SmallProject(here.storage, here.world, handle.id, people)
    with here.storage.reading() as views:
        numbers = {key: int(str(id).lstrip("i")) for key, id in views.item_ids(handle.id).items()}
    small.work_queue(lambda key, _question, person: answer(numbers[key], person), most=most)
    return small


def kept_signals(handle: ProjectHandle, model: str = "m") -> dict[str, dict[str, Any]]:
    """Give what is kept with the newest prediction of each item, by the item's id."""
    with handle.workspace.storage.reading() as views:
        columns = views.predictions(handle.id, "label", model)
        ids = views.item_ids(handle.id)
    with closing(sqlite3.connect(f"file:{handle.workspace.path / 'labelwright.db'}?mode=ro", uri=True)) as database:
        rows = dict(database.execute("SELECT id, signals FROM prediction"))
    return {str(ids[int(i)]): json.loads(rows[int(p)]) for i, p in zip(columns.item, columns.id, strict=True)}


def labels_of(handle: ProjectHandle, model: str = "m") -> dict[str, tuple[str, Json, float]]:
    """Give status, label and confidence of the newest predictions, by the item's id."""
    with handle.workspace.storage.reading() as views:
        columns = views.predictions(handle.id, "label", model)
        ids = views.item_ids(handle.id)
    return {
        str(ids[int(i)]): (status, value, float(sure))
        for i, status, value, sure in zip(columns.item, columns.status, columns.value, columns.confidence, strict=True)
    }


def what_is_settled(handle: ProjectHandle) -> dict[str, object]:
    """Give votes, labels of record and the report, without what calls cost and where the ledger ends."""
    with handle.workspace.storage.reading() as views:
        votes = [(a.id, a.annotator, a.value, a.status) for a in views.annotations(handle.id)]
        records = list(views.resolutions(handle.id))
    report = {name: value for name, value in handle.report().items() if name not in ("calls", "budget", "ledger")}
    for question in cast("list[dict[str, Any]]", report["questions"]):
        if question["card"] is not None:  # it names the ledger's end, and what calls cost
            question["card"] = {
                name: value for name, value in question["card"].items() if name not in ("hashes", "cost")
            }
    return {"votes": votes, "records": records, "report": report, "next": handle.status().next}
