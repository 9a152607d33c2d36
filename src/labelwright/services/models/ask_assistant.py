"""Put a person's question about an item to the project's assistant, under the rules that labelling models are under.

The model sees the guideline, the questions and the item, nothing that anybody said of it. What a person is told when it
fails names no address, key or provider; errors may quote the item, so a run keeps their kind alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from labelwright.domain.item import Item
from labelwright.domain.project import Project
from labelwright.errors import BudgetSpent, InvalidValue, NotReady
from labelwright.ports.chat import Work
from labelwright.prompting.flows import assist
from labelwright.prompting.flows.flow import Asking
from labelwright.prompting.privacy.protect import Protected, protect
from labelwright.prompting.render import Sampling
from labelwright.services.models.one_conversation import Talk, hold_one
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.models.show_item import HeldBack, show_whole
from labelwright.services.models.surroundings import Surroundings

ASSISTANT: Final = "assistant"
"""The kind of run: one for each question."""
_AGAIN = "the model cannot be asked just now; ask again in a while"
_SPENT = "the project's budget does not pay for another question; tell whoever runs the project"
_LATE = "the model did not answer in time; ask again"
_UNUSABLE = "the model gave no answer that can be shown; ask in other words"
_DECLINED = "the model declined to answer; ask in other words"
_ASKED = "question of the person"
_QUESTION, _ANSWER = "question {} before", "answer {} before"
MOST_TURNS = 4
"""So many earlier questions go along with one, with their answers."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the assistant says. cost_micro: micro-USD of what was sent now; None = unknown."""

    answer: str
    model: str
    run: str
    cost_micro: int | None


def ask_assistant(
    project: Project, around: Surroundings, item: Item, question: str, *, earlier: Sequence[assist.Turn] = ()
) -> Told:
    """Ask. Appends: RunStarted and RunFinished of kind `assistant`; every call is in the call ledger.

    Idempotent as to money: the same question about the same item after the same ones, asked again, is found paid.
    earlier: what this person asked about the item before; of these the last few go along.
    Raises: NotReady, in words for the person; InvalidValue at `question`, when it holds what may not leave.
    """
    settings = project.config.assistant
    models = [one for one in project.config.models if settings is not None and one.model == settings.model]
    if not models:
        raise NotReady("this project has no assistant")
    # A batch answers within a day: people wait seconds.
    source = replace(models[0], delivery="live", concurrency=1)
    shown = show_whole(item, project.config, picture=around.picture)
    if isinstance(shown, HeldBack):
        raise NotReady(f"the assistant is not shown this item: {shown.reason}")
    protected = _protected(project, item, question, earlier[-MOST_TURNS:])
    around.replaced[int(item.key)] = len(protected.found)
    prompt = project_prompt(project.config)
    asking = Asking(source.model, Sampling(temperature=source.temperature, max_tokens=source.max_tokens))
    flow = assist.advise(prompt, shown.parts[0], str(protected.content[_ASKED]), asking, earlier=_turns(protected))
    held = hold_one(
        project,
        around,
        source,
        Work(int(item.key), str(item.id), flow),
        Talk(ASSISTANT, assist.TEMPLATE, prompt.hash),
        is_answer=lambda advice: advice.problem is None,
    )
    if held.failure is not None:
        raise NotReady(_SPENT if isinstance(held.failure, BudgetSpent) else _AGAIN) from held.failure
    if held.outcome is None:
        raise NotReady(_LATE)
    if held.outcome.problem is not None:
        raise NotReady(_DECLINED if held.outcome.declined else _UNUSABLE)
    return Told(protected.restore(held.outcome.text), source.model, held.run, held.cost_micro)


def _protected(project: Project, item: Item, question: str, earlier: Sequence[assist.Turn]) -> Protected:
    """Apply the project's privacy to the talk as to the item: what is named alike gets the same pseudonym.

    Earlier turns that may not leave (any more) stay behind, all of them; only the question itself can be refused.
    """
    config = project.config
    fields = [field for field in config.content_fields if field not in config.image_fields]
    talk = {_ASKED: question}
    for place, turn in enumerate(earlier):
        talk |= {_QUESTION.format(place): turn.question, _ANSWER.format(place): turn.answer}
    names = {said: said + "'" * sum(field.startswith(said) for field in item.content) for said in talk}

    def with_privacy(said: Collection[str]) -> Protected:
        words = {names[one]: talk[one] for one in said}
        return protect({**item.content, **words}, config.privacy, fields=[*fields, *words], key=b"")

    found = with_privacy(talk)
    said = list(talk)
    if found.reason is not None and earlier:
        found, said = with_privacy([_ASKED]), [_ASKED]
    if found.reason is not None:
        raise InvalidValue("question", "it holds personal data, which no model is shown here", "; ask without it")
    return replace(found, content={one: found.content[names[one]] for one in said})


def _turns(protected: Protected) -> list[assist.Turn]:
    """Give the earlier turns as they may leave."""
    words = protected.content
    n = sum(_QUESTION.format(place) in words for place in range(MOST_TURNS))
    return [assist.Turn(str(words[_QUESTION.format(place)]), str(words[_ANSWER.format(place)])) for place in range(n)]
