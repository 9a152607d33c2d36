"""Put a person's question about an item to the project's assistant, under the rules that labelling models are under.

The model sees the guideline, the questions and the item, nothing that anybody said of it. What a person is told when it
fails names no address, key or provider; errors may quote the item, so a run keeps their kind alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from labelwright.domain.canonical import Json
from labelwright.domain.ids import RunId
from labelwright.domain.item import Item
from labelwright.domain.project import ModelSource, Project
from labelwright.errors import BudgetSpent, InvalidValue, LabelwrightError, NotReady
from labelwright.events import RunFinished, RunStarted
from labelwright.ports.chat import Finished, FlowRunner, RunScope, Work
from labelwright.prompting.flows import assist
from labelwright.prompting.flows.flow import Asking
from labelwright.prompting.price import micro_usd
from labelwright.prompting.privacy.protect import Protected, protect
from labelwright.prompting.render import Sampling
from labelwright.services.models.labelling_run import Surroundings, model_price
from labelwright.services.models.project_prompt import project_prompt
from labelwright.services.models.show_item import HeldBack, show_whole

ASSISTANT: Final = "assistant"
"""The kind of run: one for each question."""
_AGAIN = "the model cannot be asked just now; ask again in a while"
_SPENT = "the project's budget does not pay for another question; tell whoever runs the project"
_LATE = "the model did not answer in time; ask again"
_UNUSABLE = "the model gave no answer that can be shown; ask in other words"
_DECLINED = "the model declined to answer; ask in other words"
_ASKED = "question of the person"


@dataclass(frozen=True, slots=True)
class Told:
    """What the assistant says. cost_micro: micro-USD of what was sent now; None = unknown."""

    answer: str
    model: str
    run: str
    cost_micro: int | None


def ask_assistant(project: Project, around: Surroundings, item: Item, question: str) -> Told:
    """Ask. Appends: RunStarted and RunFinished of kind `assistant`; every call is in the call ledger.

    Idempotent as to money: the same question about the same item, asked again, is found paid.
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
    protected = _protected(project, item, question)
    around.replaced[int(item.key)] = len(protected.found)
    prompt = project_prompt(project.config)
    asking = Asking(source.model, Sampling(temperature=source.temperature, max_tokens=source.max_tokens))
    flow = assist.advise(prompt, shown.parts[0], str(protected.content[_ASKED]), asking)
    one = _one_run(project, around, source, Work(int(item.key), str(item.id), flow), prompt_hash=prompt.hash)
    advice = one.outcome
    if advice is None:
        raise NotReady(_AGAIN)
    if advice.problem is not None:
        raise NotReady(_DECLINED if advice.declined else _UNUSABLE)
    cost = None if one.cost_pico is None else micro_usd(one.cost_pico)
    return Told(protected.restore(advice.text), source.model, one.run, cost)


@dataclass(frozen=True, slots=True)
class _Asked:
    run: str
    outcome: assist.Advice | None
    cost_pico: int | None


def _one_run(
    project: Project, around: Surroundings, source: ModelSource, work: Work[assist.Advice], *, prompt_hash: str
) -> _Asked:
    """Hold the one conversation, between the events of its run."""
    run = RunId(around.world.new_id())
    provenance = around.world.provenance(run=run)
    runner, failed = _connected(around, source)
    parameters: dict[str, Json] = {
        "model": source.model,
        "provider": "" if runner is None else runner.provider,
        "template": assist.TEMPLATE,
        "prompt_hash": prompt_hash,
        "pii": project.config.privacy.pii,
        "recorded": project.config.recorded,
    }
    around.storage.write(lambda tx: tx.append([RunStarted(project.id, run, ASSISTANT, parameters)], provenance))
    held: list[Finished[assist.Advice]] = []
    if runner is not None:
        scope = RunScope(project.id, run, model_price(project, source, around), budget=around.budget)
        try:
            held = [one for chunk in runner.run(iter([work]), scope) for one in chunk]
        except LabelwrightError as error:
            failed = error
    one = held[0] if held else None
    report: dict[str, Json] = {
        "model": source.model,
        "answered": int(one is not None and one.outcome is not None and one.outcome.problem is None),
        "calls": 0 if one is None else one.attempts,
        "reused": 0 if one is None else one.reused,
        "cost_micro": None if one is None or one.cost_pico is None else micro_usd(one.cost_pico),
        "problem": None if failed is None else type(failed).__name__,
    }
    around.storage.write(lambda tx: tx.append([RunFinished(project.id, run, report)], provenance))
    if failed is not None:
        raise NotReady(_SPENT if isinstance(failed, BudgetSpent) else _AGAIN) from failed
    if one is None:
        raise NotReady(_LATE)
    return _Asked(run, one.outcome, one.cost_pico)


def _connected(around: Surroundings, source: ModelSource) -> tuple[FlowRunner | None, LabelwrightError | None]:
    try:
        return around.runner(source), None
    except LabelwrightError as error:
        return None, error


def _protected(project: Project, item: Item, question: str) -> Protected:
    """Apply the project's privacy to the question as to the item: what is named alike gets the same pseudonym."""
    config = project.config
    name = _ASKED
    while name in item.content:
        name += "'"
    fields = [field for field in config.content_fields if field not in config.image_fields]
    found = protect({**item.content, name: question}, config.privacy, fields=[*fields, name], key=b"")
    if found.reason is not None:
        raise InvalidValue("question", "it holds personal data, which no model is shown here", "; ask without it")
    return replace(found, content={_ASKED: found.content[name]})
