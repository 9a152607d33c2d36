"""What a flow is: a conversation about one item, which yields requests, is sent responses, and returns the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from labelwright.domain.canonical import Json
from labelwright.domain.project import ConfidenceSource
from labelwright.prompting.chat import Flow
from labelwright.prompting.examples import Demonstration, Explained
from labelwright.prompting.parse import Labelled
from labelwright.prompting.render import ItemToLabel, Prompt, Sampling


@dataclass(frozen=True, slots=True)
class Asking:
    """How one item is put to one model.

    settings: as the flow's `read` gives them.  demonstrations: nearest last.  seed: of shuffled options and samples.
    given_up: by a name for the example, those that could not be explained or checked as they should, filled by the
    conversations of a run: an answer that was cut off is never found paid, and would be asked for with every item.
    """

    model: str
    sampling: Sampling
    settings: Mapping[str, Json] = field(default_factory=dict[str, Json])
    demonstrations: tuple[Demonstration, ...] = ()
    seed: int = 1
    given_up: dict[bytes, Explained] = field(default_factory=dict[bytes, Explained])


def _none(_settings: Mapping[str, Json]) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class FlowKind:
    """A flow: a module of `prompting/flows/` has one as `FLOW`, and the registry lists it.

    hold: the conversation.  read: checks settings and fills in defaults; raises InvalidValue.
    most_requests: of one item, repairs included, given settings that were read: what a budget reckons with.
    most_per_example: further requests for each distinct demonstration, once per run; later ones are found paid.
    gives: the signals it gives beyond those of one answer.
    templates: names of the texts it asks with, beside the prompt's own; part of a prompt's hash.
    asks_labels_only: so that an endpoint that only weighs labels (decisions) can hold it.
    """

    name: str
    hold: Callable[[Prompt, ItemToLabel, Asking], Flow[Labelled]]
    read: Callable[[Mapping[str, Json]], Mapping[str, Json]]
    most_requests: Callable[[Mapping[str, Json]], int]
    gives: frozenset[ConfidenceSource] = frozenset()
    most_per_example: Callable[[Mapping[str, Json]], int] = _none
    templates: tuple[str, ...] = ()
    asks_labels_only: bool = False
