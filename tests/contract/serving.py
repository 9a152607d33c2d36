"""A project in a storage, and clients of the real application: what the server's tests start from."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

from labelwright.domain.annotation import NewPrediction, Purpose
from labelwright.domain.annotator import Role
from labelwright.domain.canonical import Json, digest
from labelwright.domain.ids import ItemId, ItemKey, ProjectId, QuestionName, RunId
from labelwright.domain.item import NewItem
from labelwright.domain.project import Guideline, LabelSchema, ModelSource, Policy, Project, ProjectConfig, Question
from labelwright.domain.queue import NewEntry
from labelwright.events import (
    ItemsImported,
    ItemsRouted,
    PredictionsRecorded,
    ProjectConfigured,
    ProjectCreated,
)
from labelwright.history.configuration import config_to_json
from labelwright.ports.storage import Storage, Transaction
from labelwright.ports.world import World
from labelwright.server.app import create_app
from labelwright.server.settings import ServerSettings
from labelwright.services.people.manage_people import invite

BASE = "http://127.0.0.1:8000"
MODEL = "reader"
SENTIMENT, TOPICS = QuestionName("sentiment"), QuestionName("topics")
BOTH = (SENTIMENT, TOPICS)
ANSWERS: dict[str, Json] = {"sentiment": "positive", "topics": ["screen"]}


@dataclass
class Clock:
    """A clock that tests set."""

    at: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Setting:
    """A storage with a world around it."""

    storage: Storage
    clock: Clock = field(default_factory=Clock)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def world(self) -> World:
        return World(now=self.clock, new_id=lambda: secrets.token_hex(8), random_bytes=secrets.token_bytes, via="test")

    def project(
        self,
        name: str = "reviews",
        *,
        n_items: int = 6,
        policy: Policy | None = None,
        predicted: Mapping[str, Json] | None = None,
        metadata: Mapping[str, Json] | None = None,
    ) -> Project:
        """Make a project of two questions with items and one model's predictions; the queue is empty."""
        project = ProjectId(self.world.new_id())
        config = a_config(policy or Policy())
        items = tuple(an_item(number, metadata or {}) for number in range(1, n_items + 1))

        def work(tx: Transaction) -> Project:
            tx.append([ProjectCreated(project, name), configured(project, config)], self.world.provenance())
            tx.append(
                [ItemsImported(project, "import", "items.jsonl", digest(name), 1, n_items, items, 0)],
                self.world.provenance(),
            )
            keys = [ItemKey(int(key)) for key in tx.item_keys(project)]
            rows = tuple(
                prediction(key, question, value)
                for key in keys
                for question, value in (predicted if predicted is not None else ANSWERS).items()
            )
            if rows:
                tx.append([PredictionsRecorded(project, "prelabel", MODEL, "prompt", rows)], self.world.provenance())
            found = tx.project(project)
            assert found is not None
            return found

        return self.storage.write(work)

    def configure(self, project: Project, config: ProjectConfig) -> None:
        """Put another configuration in force."""
        event = configured(project.id, config)
        self.storage.write(lambda tx: tx.append([event], self.world.provenance()))

    def keys(self, project: Project) -> list[ItemKey]:
        """Give the item keys, in order."""
        with self.storage.reading() as views:
            return [ItemKey(int(key)) for key in views.item_keys(project.id)]

    def enqueue(
        self,
        project: Project,
        *,
        items: Sequence[int] | None = None,
        purpose: Purpose = "review",
        blind: bool = False,
        slots: int = 1,
        priority: float = 0.0,
        reason: str = "the model is not sure",
        round: int = 0,  # noqa: A002 - the field's own word
    ) -> None:
        """Queue items (by place, all of them by default)."""
        keys = self.keys(project)
        chosen = keys if items is None else [keys[place] for place in items]
        entries = tuple(
            NewEntry(key, BOTH, purpose, slot, priority - place / 1e6, blind, reason, round)
            for place, key in enumerate(chosen)
            for slot in range(slots)
        )
        event = ItemsRouted(project.id, self.world.new_id(), 1, (), entries)
        self.storage.write(lambda tx: tx.append([event], self.world.provenance()))

    def app(self, **settings: Any) -> FastAPI:  # noqa: ANN401
        """Make the real application."""
        return create_app(self.storage, self.world, ServerSettings(**settings))

    def invite(self, project: Project, name: str, role: Role = "annotator", uses: int = 1) -> str:
        """Give the token of an invite."""
        return self.storage.write(
            lambda tx: invite(tx, project, name=name, role=role, uses=uses, world=self.world)
        ).token


def a_config(policy: Policy, *, labels: Sequence[str] = ("positive", "negative"), version: int = 1) -> ProjectConfig:
    """Two questions under a guideline."""
    questions = (
        Question(SENTIMENT, "labelwright/classification", {"labels": list(labels)}, "Sentiment"),
        Question(TOPICS, "labelwright/multilabel", {"labels": ["screen", "price"]}, "Topics"),
    )
    return ProjectConfig(
        schema=LabelSchema(version, questions),
        guideline=Guideline(version, "# How to label"),
        policy=policy,
        content_fields=("text",),
        models=(ModelSource(MODEL, "http://127.0.0.1:9/v1"),),
        version=version,
    )


def configured(project: ProjectId, config: ProjectConfig) -> ProjectConfigured:
    """Give the event that puts a configuration in force."""
    plain = config_to_json(config)
    return ProjectConfigured(project, config.version, config.schema.version, config.guideline.version, plain)


def an_item(number: int, metadata: Mapping[str, Json]) -> NewItem:
    content = {"text": f"text number {number}", "unseen": f"never shown {number}"}
    return NewItem(ItemId(f"item-{number}"), content, metadata, digest(content), secrets.token_bytes(16))


def prediction(item: ItemKey, question: str, value: Json) -> NewPrediction:
    return NewPrediction(
        item=item,
        question=QuestionName(question),
        model=MODEL,
        status="valid",
        value=value,
        confidence=0.8,
        confidence_kind="verbalised",
        signals={},
        problem=None,
        raw=None,
        call_key=None,
        run=RunId("prelabel"),
        schema_version=1,
        guideline_version=1,
        prompt_hash="prompt",
    )


def client(app: FastAPI, token: str | None = None) -> httpx.AsyncClient:
    """Give a client of the application; with a session token, when it has one."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE, headers=headers)


async def sign_in(app: FastAPI, token: str) -> httpx.AsyncClient:
    """Redeem an invite and give a client that speaks for its person."""
    async with client(app) as stranger:
        answer = await stranger.post("/api/v1/sessions", json={"invite": token})
    assert answer.status_code == 201, answer.text
    return client(app, answer.json()["token"])


async def take(person: httpx.AsyncClient, project: str = "reviews", count: int = 1) -> list[dict[str, Any]]:
    """Take entries."""
    answer = await person.post(f"/api/v1/projects/{project}/leases", json={"count": count})
    assert answer.status_code == 200, answer.text
    return answer.json()["entries"]


async def answer_entry(
    person: httpx.AsyncClient,
    lease: str,
    answers: Mapping[str, Json] = ANSWERS,
    *,
    key: str | None = None,
    project: str = "reviews",
    seconds: float = 2.5,
) -> httpx.Response:
    """Submit answers."""
    return await person.post(
        f"/api/v1/projects/{project}/submissions",
        json={"lease": lease, "answers": answers, "seconds": seconds},
        headers={"Idempotency-Key": key or secrets.token_hex(8)},
    )
