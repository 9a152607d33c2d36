"""Mark places of a text and say how they relate: who works where, which drug treats what."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple, cast

from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue, did_you_mean
from labelwright.tasks.answer_schema import strict_object
from labelwright.tasks.label_list import (
    Label,
    describe_labels,
    distinct_marks,
    json_text,
    label_list_schema,
    label_names,
    marked_labels,
    read_labels,
    renamed,
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
    read_label,
    unshared,
)
from labelwright.tasks.pieces import Pieces
from labelwright.tasks.protocol import MAIN_LABELS, Ballots, Labels, Posterior, Shown
from labelwright.tasks.quoted_spans import (
    Quoted,
    Stated,
    quote_rules,
    quote_schema,
    quoted_form,
    read_quote,
    read_quotes,
)
from labelwright.tasks.read_settings import (
    check_known,
    list_of,
    object_of,
    read_flag,
    read_one_of,
    read_share,
    read_text,
)
from labelwright.tasks.read_settings import shown as in_short
from labelwright.tasks.renaming import labels_at, renamed_list

_NO, _YES = 0, 1
_PARTS = ("spans", "relations")
_TYPES = "types"


class Arc(NamedTuple):
    """A relation from one span to another."""

    head: Span
    type: str
    tail: Span


class Value(NamedTuple):
    """Spans in the order of the text, and arcs in the order of their heads, tails and types."""

    spans: tuple[Span, ...]
    arcs: tuple[Arc, ...]


@dataclass(frozen=True, slots=True)
class Ends:
    """Which labels a type's head and tail may have; None = any."""

    head: frozenset[str] | None = None
    tail: frozenset[str] | None = None

    def fit(self, head: Span, tail: Span) -> bool:
        """Say whether a relation may lead from one span to another."""
        return (self.head is None or head.label in self.head) and (self.tail is None or tail.label in self.tail)

    def in_words(self) -> str:
        """Say from what to what, for a message or a prompt."""
        head, tail = (
            "any" if labels is None else " or ".join(json_text(label) for label in sorted(labels))
            for labels in (self.head, self.tail)
        )
        return f"from {head} to {tail}"


_ANY = Ends()


@dataclass(frozen=True)
class RelationsTask:
    """Every proposed span and every proposed arc is a unit, yes or no; an arc falls with its spans.

    A value is {spans: [{start, end, label}], relations: [{head, tail, type}]}: head and tail count the spans from 0.
    `distance` is 1 − F1 over spans and arcs together.
    between: type -> what it may join; a type that is not there joins any.
    """

    labels: tuple[Label, ...]
    types: tuple[Label, ...]
    overlap: str = "any"
    field: str | None = None
    tolerance: float = 0.0
    between: Mapping[str, Ends] = dataclass_field(default_factory=dict[str, Ends])
    discontinuous: bool = False
    name: str = "labelwright/relations"

    @cached_property
    def rules(self) -> Rules:
        """Say what spans may be."""
        index = {label.value: place for place, label in enumerate(self.labels)}
        return Rules(index, label_names(self.labels), self.overlap, self.field, self.discontinuous)

    @cached_property
    def _types(self) -> Mapping[str, int]:
        return {label.value: place for place, label in enumerate(self.types)}

    def parse(self, raw: object) -> Value:
        given = object_of(raw, _PARTS, "", "set of relations")
        stated = list_of(given["spans"], "spans", path=".spans")
        spans = parse_spans(stated, self.rules, ".spans")
        # Arcs count the spans as they were given; a value keeps them in order.
        placed = [parse_spans([one], self.rules)[0] for one in stated]
        arcs: list[Arc] = []
        for place, one in enumerate(list_of(given["relations"], "relations", path=".relations")):
            path = f".relations[{place}]"
            arc = object_of(one, ("head", "tail", "type"), path, "relation")
            head, tail = (placed[_place(arc[end], len(placed), f"{path}.{end}")] for end in ("head", "tail"))
            arcs.append(Arc(head, self._type(arc["type"], f"{path}.type"), tail))
        return Value(spans, self._checked(arcs, ".relations"))

    def _type(self, raw: object, path: str) -> str:
        if not isinstance(raw, str) or raw not in self._types:
            raise InvalidValue(path, f"{in_short(raw)} is no type of relation", did_you_mean(raw, self._types))
        return raw

    def _checked(self, arcs: Sequence[Arc], path: str) -> tuple[Arc, ...]:
        seen: set[Arc] = set()
        for place, arc in enumerate(arcs):
            if arc.head == arc.tail:
                raise InvalidValue(f"{path}[{place}]", "a span is related to itself", "; head and tail must differ")
            ends = self.between.get(arc.type, _ANY)
            if not ends.fit(arc.head, arc.tail):
                problem = f"{arc.type!r} may not lead from a {arc.head.label!r} to a {arc.tail.label!r}"
                raise InvalidValue(f"{path}[{place}]", problem, f"; it leads {ends.in_words()}")
            if arc in seen:
                raise InvalidValue(f"{path}[{place}]", "this relation is there twice", "; remove one")
            seen.add(arc)
        return self._in_order(arcs)

    def _in_order(self, arcs: Collection[Arc]) -> tuple[Arc, ...]:
        def place(span: Span) -> tuple[int, int, int, Pieces]:
            return span.start, span.end, self.rules.index[span.label], span.pieces

        return tuple(sorted(arcs, key=lambda arc: (place(arc.head), place(arc.tail), self._types[arc.type])))

    def check_item(self, value: Value, content: Mapping[str, Json]) -> None:
        check_places(value.spans, content, self.rules)

    def dump(self, value: Value) -> Json:
        place = {span: at for at, span in enumerate(value.spans)}
        return {
            "spans": [dump_span(span) for span in value.spans],
            "relations": [{"head": place[arc.head], "tail": place[arc.tail], "type": arc.type} for arc in value.arcs],
        }

    def answer_schema(self) -> dict[str, Json]:
        span = quote_schema([label.value for label in self.labels], discontinuous=self.discontinuous)
        arc = strict_object(
            {"head": span, "type": {"type": "string", "enum": [label.value for label in self.types]}, "tail": span}
        )
        return strict_object({"spans": {"type": "array", "items": span}, "relations": {"type": "array", "items": arc}})

    def read_answer(self, raw: object, shown: Shown) -> Value:
        given = object_of(raw, _PARTS, "", "set of relations")
        spans, ordered = read_quotes(given["spans"], self.rules, shown, ".spans")
        listed = cast("list[object]", given["spans"])
        stated = [read_quote(one, self.rules, f".spans[{place}]") for place, one in enumerate(listed)]
        names = label_names(self.types)
        arcs: list[Arc] = []
        for place, one in enumerate(list_of(given["relations"], "relations", path=".relations")):
            path = f".relations[{place}]"
            arc = object_of(one, ("head", "type", "tail"), path, "relation")
            head, tail = (self._quoted(arc[end], stated, spans, f"{path}.{end}") for end in ("head", "tail"))
            kind = arc["type"]
            named = names.get(kind, kind) if isinstance(kind, str) else kind
            arcs.append(Arc(head, self._type(named, f"{path}.type"), tail))
        return Value(tuple(ordered), self._checked(arcs, ".relations"))

    def _quoted(self, raw: object, stated: Sequence[Stated], spans: Sequence[Span], path: str) -> Span:
        """Find the span that an end of a relation quotes: the one written alike, else the only one of these words."""
        wanted = read_quote(raw, self.rules, path)
        alike = [span for one, span in zip(stated, spans, strict=True) if one == wanted]
        if alike:
            return alike[0]
        same_words = [span for one, span in zip(stated, spans, strict=True) if _words(one) == _words(wanted)]
        if len(same_words) == 1:
            return same_words[0]
        told = " … ".join(repr(one) for one in _words(wanted)[1:])
        problem = f"{told} ({wanted.label}) is " + ("not among the spans" if not same_words else "several spans")
        raise InvalidValue(path, problem, "; write it exactly as it stands in `spans`")

    def write_answer(self, value: Value, shown: Shown) -> Json:
        quoted = Quoted(self.rules, shown)
        written = {span: answer for span in value.spans if (answer := quoted(span)) is not None}
        return {
            "spans": list(written.values()),
            "relations": [
                {"head": written[arc.head], "type": arc.type, "tail": written[arc.tail]}
                for arc in value.arcs
                if arc.head in written and arc.tail in written
            ],
        }

    def describe(self) -> str:
        where = f" in `{self.field}`" if self.field else ""
        between = "".join(f"{json_text(kind)} leads {ends.in_words()}.\n" for kind, ends in self.between.items())
        return (
            f"First mark the parts{where} that one of these labels applies to:\n{describe_labels(self.labels)}\n"
            f"Then say how they relate, from head to tail, by these types:\n{describe_labels(self.types)}\n{between}"
            'The answer is {"spans": [...], "relations": [...]}. '
            f"A span is {quoted_form(discontinuous=self.discontinuous)}: "
            f"{quote_rules(discontinuous=self.discontinuous)} "
            'A relation is {"head", "type", "tail"}; head and tail are written exactly as in "spans".'
        )

    def decompose(self, values: Sequence[Value]) -> Ballots:
        spans = in_order({span for value in values for span in value.spans}, self.rules)
        arcs = self._in_order({arc for value in values for arc in value.arcs})
        proposed: tuple[Span | Arc, ...] = (*spans, *arcs)
        said: list[set[Span | Arc]] = [{*value.spans, *value.arcs} for value in values]
        unit = [u for u in range(len(proposed)) for _ in said]
        annotator = [a for _ in proposed for a in range(len(said))]
        option = [_YES if one in parts else _NO for one in proposed for parts in said]
        return Ballots(unit, annotator, option, len(proposed), 2, "local", meaning=proposed)

    def compose(self, posterior: Sequence[Posterior], ballots: Ballots) -> Value:
        pairs = zip(cast("Sequence[Span | Arc]", ballots.meaning), posterior, strict=True)
        weights = {one: float(p[_YES]) for one, p in pairs if float(p[_YES]) > float(p[_NO])}
        spans = kept_apart([one for one in weights if isinstance(one, Span)], weights.__getitem__, self.rules)
        kept = set(spans)
        arcs = [one for one in weights if isinstance(one, Arc) and one.head in kept and one.tail in kept]
        return Value(spans, self._in_order(arcs))

    def distance(self, a: Value, b: Value) -> float:
        return unshared([*a.spans, *a.arcs], [*b.spans, *b.arcs])

    def logprob_labels(self) -> Mapping[str, str] | None:
        return None


def _words(stated: Stated) -> tuple[str, ...]:
    """Give the label and the words of a quoted span, wherever they stand."""
    return (stated.label, stated.quote.text, *(one.text for one in stated.more))


def _place(raw: object, n: int, path: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw < n:
        raise InvalidValue(path, f"{in_short(raw)} is no span", f"; there are {n}, counted from 0")
    return raw


class Relations:
    """The task type."""

    name = "labelwright/relations"
    alias = "relations"

    def label_lists(self, settings: Mapping[str, Json]) -> Mapping[str, Labels]:
        return {key: labels_at(settings, key) for key in (MAIN_LABELS, _TYPES)}

    def with_labels(
        self, settings: Mapping[str, Json], among: str, written: Sequence[Json], moved: Mapping[str, Sequence[str]]
    ) -> dict[str, Json]:
        """Put the list in; what `between` says of a label or a type is said of what it becomes."""
        changed: dict[str, Json] = {**settings, among: list(written)}
        between = settings.get("between")
        if isinstance(between, Mapping):
            changed["between"] = _moved_between(between, moved, of_types=among == _TYPES)
        return changed

    def relabel(self, value: Json, names: Mapping[str, str], among: str = MAIN_LABELS) -> Json:
        """Rename the labels of spans, or the types of relations; arcs follow their spans where two become one."""
        if not isinstance(value, Mapping) or not isinstance(value.get("spans"), list):
            return value
        of_types = among == _TYPES
        spans = [one if of_types else renamed(one, names) for one in cast("list[Json]", value["spans"])]
        kept = distinct_marks(spans)
        place = [kept.index(one) for one in spans]
        arcs: list[Json] = []
        for one in cast("list[dict[str, Json]]", value.get("relations", [])):
            moved: dict[str, Json] = {**one, **{end: place[cast("int", one[end])] for end in ("head", "tail")}}
            if of_types:
                moved["type"] = names.get(str(one["type"]), one["type"])
            if moved["head"] != moved["tail"] and moved not in arcs:
                arcs.append(moved)
        return {**value, "spans": kept, "relations": arcs}

    def labels_in(self, value: Json, among: str = MAIN_LABELS) -> frozenset[str]:
        if not isinstance(value, Mapping):
            return frozenset()
        if among == _TYPES:
            arcs = cast("Sequence[Mapping[str, Json]]", value.get("relations") or ())
            return frozenset(str(arc["type"]) for arc in arcs)
        return marked_labels(value.get("spans"))

    def bind(self, settings: Mapping[str, Json]) -> RelationsTask:
        others = ("types", "overlap", "field", "tolerance", "between", "discontinuous")
        labels = read_labels(settings, at_least=1, others=others)
        types = read_labels({"types": settings.get("types")}, at_least=1, key="types")
        return RelationsTask(
            labels,
            types,
            read_one_of(settings, "overlap", OVERLAPS),
            read_text(settings, "field"),
            read_share(settings, "tolerance", 0.0),
            _read_between(settings.get("between"), labels, types),
            read_flag(settings, "discontinuous", default=False),
        )

    def settings_schema(self) -> dict[str, Json]:
        names: dict[str, Json] = {"type": "array", "items": {"type": "string"}, "minItems": 1}
        ends: dict[str, Json] = {
            "type": "object",
            "properties": {"head": names, "tail": names},
            "additionalProperties": False,
        }
        return {
            "type": "object",
            "properties": {
                "labels": label_list_schema(1),
                "types": label_list_schema(1),
                "overlap": {"enum": list(OVERLAPS)},
                "field": {"type": "string"},
                "tolerance": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
                "between": {"type": "object", "additionalProperties": ends},
                "discontinuous": {"type": "boolean"},
            },
            "required": ["labels", "types"],
            "additionalProperties": False,
        }


def _moved_between(between: Mapping[str, Json], moved: Mapping[str, Sequence[str]], *, of_types: bool) -> Json:
    if not of_types:
        return {
            kind: {end: renamed_list(labels, moved) for end, labels in cast("Mapping[str, Json]", ends).items()}
            for kind, ends in between.items()
        }
    joined: dict[str, Json] = {}
    for kind, ends in between.items():
        for name in moved.get(kind, (kind,)):
            joined[name] = _either(
                cast("Mapping[str, Json] | None", joined.get(name)), cast("Mapping[str, Json]", ends)
            )
    # What becomes one with a type that may join any joins any.
    free = {name for kind, names in moved.items() if kind not in between for name in names}
    return {name: ends for name, ends in joined.items() if name not in free}


def _either(one: Mapping[str, Json] | None, other: Mapping[str, Json]) -> Json:
    """Give what may be joined by one or by the other."""
    if one is None:
        return dict(other)
    ends: dict[str, Json] = {}
    for end in ("head", "tail"):
        a, b = one.get(end), other.get(end)
        if isinstance(a, list | tuple) and isinstance(b, list | tuple):
            ends[end] = list(dict.fromkeys(cast("list[str]", [*a, *b])))
    return ends


def _read_between(raw: object, labels: Sequence[Label], types: Sequence[Label]) -> Mapping[str, Ends]:
    """Read {type: {head: [labels], tail: [labels]}}. Raises InvalidValue."""
    if raw is None:
        return MappingProxyType({})
    if not isinstance(raw, Mapping):
        hint = ", such as between: {met: {head: [person], tail: [person]}}"
        raise InvalidValue("between", f"{in_short(raw)} says nothing of any type", hint)
    kinds, known = [one.value for one in types], [one.value for one in labels]
    found: dict[str, Ends] = {}
    for kind, stated in cast("Mapping[object, object]", raw).items():
        name = read_label(kind, kinds, "between")
        if not isinstance(stated, Mapping):
            raise InvalidValue(
                f"between.{name}", f"{in_short(stated)} has no head and no tail", "; give lists of labels"
            )
        given = cast("Mapping[str, Json]", stated)
        check_known(given, ("head", "tail"))
        head, tail = (_read_end(given.get(end), known, f"between.{name}.{end}") for end in ("head", "tail"))
        found[name] = Ends(head, tail)
    return MappingProxyType(found)


def _read_end(raw: object, known: Sequence[str], path: str) -> frozenset[str] | None:
    if raw is None:
        return None
    return frozenset(
        read_label(one, known, f"{path}[{at}]") for at, one in enumerate(list_of(raw, "labels", path=path))
    )


TASK_TYPE = Relations()
