"""Mark places of a text, each with a label: named entities, aspects, quotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from labelwright.domain.canonical import Json
from labelwright.tasks.label_list import (
    Label,
    LabelledMarks,
    describe_labels,
    label_list_schema,
    label_names,
    read_labels,
)
from labelwright.tasks.marks import (
    OVERLAPS,
    Rules,
    Span,
    check_places,
    dump_span,
    in_order,
    kept_apart,
    parse_spans,
    unshared,
)
from labelwright.tasks.protocol import Ballots, Posterior, Shown
from labelwright.tasks.quoted_spans import Quoted, quote_rules, quote_schema, quoted_form, read_quotes
from labelwright.tasks.read_settings import read_flag, read_one_of, read_share, read_text

_NO, _YES = 0, 1
MODES = ("select", "tokens")
"""How people mark: select: what they select.  tokens: word by word, a key each."""


@dataclass(frozen=True)
class SpansTask:
    """Every proposed (start, end, label) is a unit, yes or no; a value is the spans in the order of the text.

    Only what somebody proposed is voted on: a span that nobody saw is invisible to votes, not to `distance`.
    discontinuous: a span may be of several pieces, and is the same as another only where all its pieces are.
    """

    labels: tuple[Label, ...]
    overlap: str = "any"
    field: str | None = None
    tolerance: float = 0.0
    discontinuous: bool = False
    name: str = "labelwright/spans"

    @cached_property
    def rules(self) -> Rules:
        """Say what spans may be."""
        index = {label.value: place for place, label in enumerate(self.labels)}
        return Rules(index, label_names(self.labels), self.overlap, self.field, self.discontinuous)

    def parse(self, raw: object) -> tuple[Span, ...]:
        return parse_spans(raw, self.rules)

    def check_item(self, value: tuple[Span, ...], content: Mapping[str, Json]) -> None:
        check_places(value, content, self.rules)

    def dump(self, value: tuple[Span, ...]) -> Json:
        return [dump_span(span) for span in value]

    def answer_schema(self) -> dict[str, Json]:
        names = [label.value for label in self.labels]
        return {"type": "array", "items": quote_schema(names, discontinuous=self.discontinuous)}

    def read_answer(self, raw: object, shown: Shown) -> tuple[Span, ...]:
        return tuple(read_quotes(raw, self.rules, shown)[1])

    def write_answer(self, value: tuple[Span, ...], shown: Shown) -> Json:
        quoted = Quoted(self.rules, shown)
        return [answer for span in value if (answer := quoted(span)) is not None]

    def describe(self) -> str:
        apart = {
            "any": "",
            "nested": " Spans may lie inside one another, but not cross.",
            "none": " Spans must not overlap.",
        }[self.overlap]
        where = f" in `{self.field}`" if self.field else ""
        return (
            f"Mark every part{where} that one of these labels applies to (an empty list when there is none):\n"
            f"{describe_labels(self.labels)}\n"
            f"The answer is a list of {quoted_form(discontinuous=self.discontinuous)}: "
            f"{quote_rules(discontinuous=self.discontinuous)}{apart}"
        )

    def decompose(self, values: Sequence[tuple[Span, ...]]) -> Ballots:
        proposed = in_order({span for value in values for span in value}, self.rules)
        said = [set(value) for value in values]
        unit = [u for u in range(len(proposed)) for _ in said]
        annotator = [a for _ in proposed for a in range(len(said))]
        option = [_YES if span in spans else _NO for span in proposed for spans in said]
        return Ballots(unit, annotator, option, len(proposed), 2, "local", meaning=proposed)

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> tuple[Span, ...]:
        pairs = zip(cast("Sequence[Span]", ballots.meaning), posterior, strict=True)
        weights = {span: float(p[_YES]) for span, p in pairs if float(p[_YES]) > float(p[_NO])}
        return kept_apart(list(weights), weights.__getitem__, self.rules)

    def distance(self, a: tuple[Span, ...], b: tuple[Span, ...]) -> float:
        return unshared(a, b)

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


class Spans(LabelledMarks):
    """The task type."""

    name = "labelwright/spans"
    alias = "spans"

    def bind(self, settings: Mapping[str, Json]) -> SpansTask:
        read_one_of(settings, "mode", MODES)  # the page's alone: a value is the same in both
        return SpansTask(
            read_labels(settings, at_least=1, others=("overlap", "field", "mode", "tolerance", "discontinuous")),
            read_one_of(settings, "overlap", OVERLAPS),
            read_text(settings, "field"),
            read_share(settings, "tolerance", 0.0),
            read_flag(settings, "discontinuous", default=False),
        )

    def settings_schema(self) -> dict[str, Json]:
        return {
            "type": "object",
            "properties": {
                "labels": label_list_schema(1),
                "overlap": {"enum": list(OVERLAPS)},
                "field": {"type": "string"},
                "mode": {"enum": list(MODES)},
                "tolerance": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
                "discontinuous": {"type": "boolean"},
            },
            "required": ["labels"],
            "additionalProperties": False,
        }


TASK_TYPE = Spans()
