"""A project in memory with predictions that were not paid for, and people who answer at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import orjson

from labelwright import bootstrap
from labelwright.adapters.storage import open_storage
from labelwright.domain.annotation import NewPrediction
from labelwright.domain.annotator import Annotator
from labelwright.domain.canonical import Json
from labelwright.domain.ids import ItemKey, ProjectId, QuestionName, RunId
from labelwright.domain.project import Guideline, LabelSchema, ModelSource, Policy, Project, ProjectConfig, Question
from labelwright.events import PredictionsRecorded
from labelwright.ports.storage import Storage
from labelwright.ports.world import World
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.people import annotate
from labelwright.services.people.lease_token import unseal
from labelwright.services.people.manage_people import invite
from labelwright.services.projects.manage_project import apply_config
from labelwright.services.projects.project_of import project_of

TONE = Question(QuestionName("tone"), "classification", {"labels": ["good", "bad"]})
TOPICS = Question(QuestionName("topics"), "multilabel", {"labels": ["price", "screen"]})
MODEL = ModelSource("reader", "http://127.0.0.1:9/v1")


def configuration(*, questions: Sequence[Question] = (TONE,), **policy: object) -> ProjectConfig:
    return ProjectConfig(
        schema=LabelSchema(1, tuple(questions)),
        guideline=Guideline(1, "Good is good."),
        policy=replace(Policy(), **policy),
        content_fields=("text",),
        models=(MODEL,),
    )


@dataclass
class SmallProject:
    """`truth` maps item id and question to the right label; people who answer know it."""

    storage: Storage
    world: World
    id: ProjectId
    people: list[Annotator] = field(default_factory=list)
    in_hand: Mapping[str, Any] = field(default_factory=dict)
    """The entry that is being answered, as the person sees it."""

    @classmethod
    def made(cls, config: ProjectConfig, *, n_items: int, n_people: int = 1) -> SmallProject:
        counter = itertools.count(1)
        world = World(
            now=lambda: 1_700_000_000.0,
            new_id=lambda: f"id{next(counter):06d}",
            random_bytes=lambda n: next(counter).to_bytes(n, "big"),
        )
        storage = open_storage("memory:")
        project = apply_config("small", config, storage=storage, world=world).project
        assert project is not None
        made = cls(storage, world, project)
        made.add_items(n_items)
        current = made.project
        for number in range(n_people):
            asked = storage.write(lambda tx, n=number: invite(tx, current, name=f"person {n}", world=world))
            made.people.append(asked.annotator)
        return made

    @property
    def project(self) -> Project:
        with self.storage.reading() as views:
            return project_of(views, self.id)

    def reconfigure(self, config: ProjectConfig) -> None:
        apply_config("small", config, storage=self.storage, world=self.world)

    def add_items(self, count: int, *, prefix: str = "i") -> None:
        rows = [{"id": f"{prefix}{n:04d}", "text": f"text {prefix}{n}"} for n in range(count)]
        bootstrap.import_items(self.id, rows, storage=self.storage, world=self.world)

    def keys(self) -> list[int]:
        with self.storage.reading() as views:
            return [int(key) for key in views.item_keys(self.id)]

    def predict(
        self,
        values: Mapping[int, Json],
        confidence: Mapping[int, float | None],
        *,
        question: str = "tone",
        model: str = "reader",
        run: str = "run",
    ) -> None:
        """Record predictions; a key with the value None has an answer against the schema."""
        config = self.project.config
        prompt = project_prompt(config)
        rows = tuple(
            NewPrediction(
                item=ItemKey(key),
                question=QuestionName(question),
                model=model,
                status="invalid" if value is None else "valid",
                value=value,
                confidence=confidence.get(key),
                confidence_kind="verbalised",
                signals={},
                problem="off the schema" if value is None else None,
                raw="??" if value is None else None,
                call_key=None,
                run=RunId(run),
                schema_version=config.schema.version,
                guideline_version=config.guideline.version,
                prompt_hash=prompt.hash,
            )
            for key, value in values.items()
        )
        event = PredictionsRecorded(self.id, run, model, prompt.hash, rows)
        self.storage.write(lambda tx: tx.append([event], self.world.provenance()))

    def work_queue(
        self,
        answer: Callable[[int, str, int], Json],
        *,
        most: int = 10**6,
        seconds: Callable[[Mapping[str, Any]], float] | None = None,
        passed_over: Collection[int] = (),
        unanswered: Collection[str] = (),
    ) -> list[dict[str, Any]]:
        """Have the people take and answer entries in turn; answer(item key, question, person number) is the label.

        passed_over: items that everybody passes on, and that count as done.  unanswered: optional questions they leave.
        """
        project, done = self.project, []
        idle = 0
        for turn in itertools.count():
            if len(done) >= most or idle >= len(self.people):
                return done
            number = turn % len(self.people)
            person = self.people[number]
            cards = self.storage.write(
                lambda tx, p=person: annotate.lease_next(tx, project, p, count=1, world=self.world)
            )
            if not cards:
                idle += 1
                continue
            idle, card = 0, cards[0]
            self.in_hand = card
            claim = unseal(self.id, person.id, str(card["lease"]))
            assert claim is not None
            with self.storage.reading() as views:
                held = views.held(self.id, claim.entry)
            assert held is not None
            lease = held[0]
            if int(lease.item) in passed_over:
                self._pass_on(project, person, str(card["lease"]))
                done.append({**card, "item_key": int(lease.item), "purpose": lease.purpose})
                continue
            took = 1.0 if seconds is None else seconds(card)
            asked = [str(q) for q in lease.questions if str(q) not in unanswered]
            answers = {q: answer(int(lease.item), q, number) for q in asked}
            self.storage.write(
                lambda tx, p=person, c=card, a=answers, s=took: annotate.submit(
                    tx,
                    project,
                    p,
                    lease=str(c["lease"]),
                    answers=a,
                    seconds=s,
                    key=self.world.new_id(),
                    world=self.world,
                )
            )
            done.append({**card, "item_key": int(lease.item), "purpose": lease.purpose})
        return done

    def _pass_on(self, project: Project, person: Annotator, lease: str) -> None:
        self.storage.write(
            lambda tx: annotate.skip(
                tx, project, person, lease=lease, reason="hard", key=self.world.new_id(), world=self.world
            )
        )


def spread(
    keys: Sequence[int], *, n_wrong_last: int
) -> tuple[dict[int, Json], dict[int, float | None], dict[int, Json]]:
    """Give labels, confidences and truth: the model says "good" and is surest first; the last n are wrong."""
    said: dict[int, Json] = dict.fromkeys(keys, "good")
    sure: dict[int, float | None] = {
        key: float(s) for key, s in zip(keys, np.linspace(0.99, 0.5, len(keys)), strict=True)
    }
    wrong = set(keys[len(keys) - n_wrong_last :])
    truth: dict[int, Json] = {key: "bad" if key in wrong else "good" for key in keys}
    return said, sure, truth


def is_json(value: object) -> bool:
    """Whether a value survives JSON as it is: no nan, no tuple keys."""
    return orjson.loads(orjson.dumps(value)) is not None
