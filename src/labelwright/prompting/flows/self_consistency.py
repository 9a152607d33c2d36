"""Ask several times, with the labels listed in another order each time, and count what comes back.

Each sample lists the labels in an order of its own, the same for every item, so that each order's static part stays
cacheable. Samples that mean the same are counted together: by the task's canonical form, after aliases are read.
The answer is what the samples' votes come to (`Task.decompose`, `Task.compose`; ties go to the schema's first). Its
signal: where one label is the answer, p = (n + a) / (k + aK), with n of k valid samples for it, K labels, a = 1/2; for
any other answer, the same with n samples that are equal to it and K = 2 (it, or another).

Source: Wang et al. (2023), "Self-Consistency Improves Chain of Thought Reasoning", arXiv:2203.11171; smoothing as in
Krichevsky & Trofimov (1981).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from labelwright.domain.canonical import Json, canonical_json
from labelwright.prompting.chat import Flow
from labelwright.prompting.flows.ask import ask
from labelwright.prompting.flows.flow import Asking, FlowKind
from labelwright.prompting.flows.settings import REPAIRS, Share, Whole, number, reader, whole
from labelwright.prompting.parse import Answer, Labelled
from labelwright.prompting.render import AskedQuestion, ItemToLabel, Prompt, Sampling
from labelwright.tasks.protocol import Ballots, Floats

SMOOTHING = 0.5
_ORDERS = 1_000


def hold(prompt: Prompt, item: ItemToLabel, asking: Asking) -> Flow[Labelled]:
    """Label an item by `samples` answers at `temperature`."""
    samples: list[Labelled] = []
    temperature = None if asking.sampling.temperature is None else number(asking.settings, "temperature")
    sampling = Sampling(temperature, asking.sampling.max_tokens, asking.sampling.seed)
    for place in range(whole(asking.settings, "samples")):
        order = 0 if place == 0 else asking.seed * _ORDERS + place
        asked = prompt.variant(order=order)
        request = asked.request(item, asking.model, sampling, demonstrations=asking.demonstrations)
        seed = None if sampling.seed is None else sampling.seed + place
        # A recording gives its samples out by the number; nothing else reads it.
        request = replace(request, sample=place, seed=seed, metadata={**request.metadata, "sample": str(place)})
        samples.append((yield from ask(asked, item, request, whole(asking.settings, "repairs"))))
    return combined(prompt, samples)


def combined(prompt: Prompt, samples: Sequence[Labelled]) -> Labelled:
    """Count the samples of one item, question by question."""
    routes = prompt.confidence == "consistency"
    answers = tuple(
        _counted(question, [sample.answers[place] for sample in samples], routes=routes)
        for place, question in enumerate(prompt.questions)
    )
    return Labelled(answers, next((s.raw for s in samples if s.problem is not None), samples[0].raw), repairable=False)


def _counted(question: AskedQuestion, answers: Sequence[Answer], *, routes: bool) -> Answer:
    valid = [answer for answer in answers if answer.problem is None]
    if not valid:
        return answers[0].noting({"samples": 0})
    task = question.task
    values = [task.parse(answer.value) for answer in valid]
    ballots = task.decompose(values)
    value = values[0]
    if ballots.n_units:
        value = task.compose(_shares(ballots), ballots)
    elif len(values) > 2:  # nothing to vote on: the sample nearest to all others
        value = min(values, key=lambda one: sum(task.distance(one, other) for other in values))
    stated = task.dump(value)
    votes = Counter(canonical_json(answer.value).decode() for answer in valid)
    n = votes[canonical_json(stated).decode()]
    is_one_label = ballots.n_units == 1 and ballots.option_space == "shared"
    consistency = smoothed(n, len(valid), ballots.n_options if is_one_label else 2)
    agreeing = [answer for answer in valid if answer.value == stated]
    noted: dict[str, Json] = {"votes": dict(votes.most_common()), "samples": len(valid)}
    if len(valid) < len(answers):
        noted["invalid_samples"] = len(answers) - len(valid)
    found = replace(agreeing[0] if agreeing else valid[0], value=stated)
    found = replace(found, signals={**found.signals, **noted, "signals": _means(agreeing)})
    if not agreeing:  # the votes came to what no sample said: nobody stated how sure it is
        found = replace(found, confidence=None)
    elif found.confidence is not None:
        stated_confidences = [answer.confidence for answer in agreeing if answer.confidence is not None]
        found = replace(found, confidence=sum(stated_confidences) / len(stated_confidences))
    recorded = found.signals.get("samples_recorded")  # a recording has no more to give: then some came twice
    if isinstance(recorded, int) and recorded < len(answers):
        return found.with_signal("consistency", None, routes=routes, why=f"{recorded} of {len(answers)} were recorded")
    return found.with_signal("consistency", consistency, routes=routes)


def smoothed(n: int, k: int, n_options: int) -> float:
    """Give the smoothed share of k samples, for one of so many options.

    >>> smoothed(5, 5, 2)
    0.9166666666666666
    """
    return (n + SMOOTHING) / (k + SMOOTHING * n_options)


def _shares(ballots: Ballots) -> list[Floats]:
    """Give each unit's smoothed shares of the votes."""
    counts = np.zeros((ballots.n_units, ballots.n_options))
    np.add.at(counts, (np.asarray(ballots.unit, dtype=np.intp), np.asarray(ballots.option, dtype=np.intp)), 1.0)
    shares = (counts + SMOOTHING) / (counts + SMOOTHING).sum(axis=1, keepdims=True)
    return list(shares)


def _means(answers: Sequence[Answer]) -> dict[str, float]:
    """Give the mean of each signal over the samples that gave it."""
    given: dict[str, list[float]] = {}
    for answer in answers:
        for name, value in answer.measured.items():
            given.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in given.items()}


FLOW = FlowKind(
    "self_consistency",
    hold,
    reader(
        samples=Whole(default=5, least=2, most=40), temperature=Share(default=0.7, least=0.0, most=2.0), repairs=REPAIRS
    ),
    most_requests=lambda settings: whole(settings, "samples") * (1 + whole(settings, "repairs")),
    gives=frozenset({"consistency"}),
)
