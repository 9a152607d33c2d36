"""A workspace with a queue, and the real server over it, for tests in a browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from labelwright.adapters.storage import open_storage
from labelwright.bootstrap import real_world
from labelwright.domain.annotation import Annotation, NewPrediction
from labelwright.domain.annotator import Role
from labelwright.domain.canonical import Json, digest
from labelwright.domain.decision import Decision
from labelwright.domain.ids import ItemId, ItemKey, ProjectId, QuestionName, RunId
from labelwright.domain.item import NewItem
from labelwright.domain.project import Guideline, LabelSchema, ModelSource, Policy, Project, ProjectConfig, Question
from labelwright.domain.queue import NewEntry
from labelwright.events import ItemsImported, ItemsRouted, PredictionsRecorded, ProjectConfigured, ProjectCreated
from labelwright.history.configuration import config_to_json
from labelwright.ports.storage import Storage, Transaction
from labelwright.ports.world import World
from labelwright.services.people.manage_people import invite
from tests.browser.serving import serving

SENTIMENT, ASPECTS = QuestionName("sentiment"), QuestionName("aspects")
MODEL = "zwk-reader"
REASONING = "zwk-because-of-the-stick"
WORLD = real_world(via="test")


@dataclass(frozen=True)
class Workplace:
    """A project with its people and its page."""

    storage: Storage
    world: World
    project: Project
    url: str
    pid: int

    @property
    def page_url(self) -> str:
        """Give the address of the label page."""
        return f"{self.url}/p/{self.project.name}"

    def link(self, name: str = "ada", role: Role = "annotator") -> str:
        """Invite somebody; the link works once."""
        made = self.storage.write(lambda tx: invite(tx, self.project, name=name, role=role, world=self.world))
        return made.url(self.url)

    def annotations(self) -> list[Annotation]:
        """Give what people said, retracted answers excluded."""
        with self.storage.reading() as views:
            return views.annotations(self.project.id)

    def answers(self) -> list[tuple[str, Json]]:
        """Give (question, value) of every annotation, oldest first."""
        return [(one.question, one.value) for one in self.annotations()]

    def enter(self, page: Page, name: str = "ada") -> None:
        """Open the page by an invitation, and wait for the first item."""
        page.goto(self.link(name))
        expect(page.get_by_role("article")).to_be_visible()


@dataclass(frozen=True)
class _Queued:
    blind: bool
    slots: int
    suggested: Mapping[QuestionName, Json]
    reason: str


@contextmanager
def workplace(
    folder: Path,
    contents: Sequence[Mapping[str, Json]],
    *,
    blind: bool = False,
    slots: int = 1,
    config: ProjectConfig | None = None,
    suggested: str = "positive",
    suggestions: Mapping[str, Json] | None = None,
    reason: str = "model unsure",
) -> Iterator[Workplace]:
    """Serve a project of two questions; every item waits for `slots` people, with a suggestion unless `blind`.

    suggestions: by question, where it is not the two's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    two: Mapping[str, Json] = {SENTIMENT: suggested, ASPECTS: ["screen"]}
    by_question = {QuestionName(name): value for name, value in (two if suggestions is None else suggestions).items()}
    queued = _Queued(blind, slots, by_question, reason)
    storage = open_storage(folder / "labelwright.db")
    project = storage.write(lambda tx: _fill(tx, config or two_questions(contents), contents, queued))
    try:
        with serving(folder) as told:
            yield Workplace(storage, WORLD, project, told["url"], told["pid"])
    finally:
        storage.close()


def two_questions(
    contents: Sequence[Mapping[str, Json]],
    *,
    labels: Sequence[str] = ("positive", "negative", "neutral", "mixed"),
    guideline: str = "# How to label\n\n**Sentiment** is towards the product.",
) -> ProjectConfig:
    """Ask for the sentiment and the aspects of items with such contents."""
    questions = (
        Question(SENTIMENT, "labelwright/classification", {"labels": list(labels)}, "Sentiment"),
        Question(ASPECTS, "labelwright/multilabel", {"labels": ["battery", "screen"]}, "Aspects"),
    )
    return ProjectConfig(
        schema=LabelSchema(1, questions),
        guideline=Guideline(1, guideline),
        policy=Policy(),
        content_fields=tuple(contents[0]),
        models=(ModelSource(MODEL, "http://127.0.0.1:9/v1"),),
        version=1,
    )


def _fill(tx: Transaction, config: ProjectConfig, contents: Sequence[Mapping[str, Json]], queued: _Queued) -> Project:
    project, by = ProjectId(WORLD.new_id()), WORLD.provenance()
    items = tuple(
        NewItem(ItemId(f"item-{place}"), content, {}, digest(dict(content)), WORLD.random_bytes(16))
        for place, content in enumerate(contents, 1)
    )
    plain = config_to_json(config)
    tx.append([ProjectCreated(project, "reviews"), ProjectConfigured(project, 1, 1, 1, plain)], by)
    tx.append([ItemsImported(project, "import", "items.jsonl", digest("items"), 1, len(items), items, 0)], by)
    keys = [ItemKey(int(key)) for key in tx.item_keys(project)]
    asked = tuple(question.name for question in config.schema.questions)
    values = {name: value for name, value in queued.suggested.items() if name in asked}
    rows = tuple(_prediction(key, question, value) for key in keys for question, value in values.items())
    if rows:
        tx.append([PredictionsRecorded(project, "prelabel", MODEL, "prompt", rows)], by)
    decisions = tuple(
        Decision(key, question, "review", "the model is not sure", 0.6, 0.71) for key in keys for question in values
    )
    reason = "" if queued.blind else queued.reason
    entries = tuple(
        NewEntry(key, asked, "review", slot, -float(place), queued.blind, reason)
        for place, key in enumerate(keys)
        for slot in range(queued.slots)
    )
    tx.append([ItemsRouted(project, WORLD.new_id(), 1, decisions, entries)], by)
    found = tx.project(project)
    assert found is not None
    return found


def _prediction(item: ItemKey, question: QuestionName, value: Json) -> NewPrediction:
    return NewPrediction(
        item=item,
        question=question,
        model=MODEL,
        status="valid",
        value=value,
        confidence=0.6,
        confidence_kind="verbalised",
        signals={"reasoning": REASONING},
        problem=None,
        raw=None,
        call_key=None,
        run=RunId("prelabel"),
        schema_version=1,
        guideline_version=1,
        prompt_hash="prompt",
    )


def press(page: Page, *keys: str) -> None:
    """Press keys, one after another."""
    for key in keys:
        page.keyboard.press(key)


def item(page: Page, number: int) -> None:
    """Wait until an item is on the desk."""
    expect(page.get_by_role("article", name=f"Item item-{number}", exact=True)).to_be_visible()
