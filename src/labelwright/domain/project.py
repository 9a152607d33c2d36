"""A project: label schema, guideline and policy under one name, each version kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from labelwright.domain.canonical import Json, digest
from labelwright.domain.contents import ShownField
from labelwright.domain.ids import ProjectId, QuestionName

ConfidenceSource: TypeAlias = Literal[
    "verbalised", "logprob", "decisions", "consistency", "p_true", "agreement", "neighbours", "combined", "none"
]
"""`consistency`: share of a model's own samples.  `p_true`: its word on its own answer.  `agreement`: of other models.
`neighbours`: share of the nearest reviewed items with the same label.  `combined`: all signals, weighed by people's
labels."""
Display: TypeAlias = Literal["hidden", "shown", "prefilled", "after_choice", "judge"]
"""How an entry shows what the model says.  `shown`: beside the question.  `prefilled`: taken over beforehand.
`after_choice`: once the person has answered, who may then change the answer.  `judge`: prefilled, and whoever changes
it says why."""
SuggestionMode: TypeAlias = Literal["shown", "hidden", "auto", "prefilled", "after_choice", "judge"]
"""A display for all; `auto`: shown, until measured effects say that showing does harm."""
CalibrationDraw: TypeAlias = Literal["uniform", "focused"]
"""`focused`: where that is expected to pay, the sample that certifies is drawn from the surest items alone."""
Cooperation: TypeAlias = Literal["triage", "sequential", "joint", "judge"]
"""Who decides.  `triage`: what a certificate covers is accepted unseen.  `sequential`: a person decides on every item.
`joint`: person and model answer by themselves, and a second person is asked where they differ.  `judge`: a person
decides on every item; a model reviews the answer afterwards, and the person keeps or changes it."""
DrawnPer: TypeAlias = Literal["entry", "person"]
"""What chance draws a display for, where several have shares.  `person`: all entries of a person go out alike."""
Delivery: TypeAlias = Literal["live", "batch"]
"""`batch`: through the provider's batch API, at a discount and within a day."""
Ensemble: TypeAlias = Literal["first", "jury", "cascade"]
"""How several models label.  `first`: it alone.  `jury`: all, weighed.  `cascade`: cheapest first, the unsure on."""
CascadeKeep: TypeAlias = Literal["ranks", "certified"]
"""What a link of a cascade keeps.  `ranks`: the share it is surest of.  `certified`: what its own certified threshold
covers; only the rest is asked of the next."""
ExampleChoice: TypeAlias = Literal["none", "fixed", "nearest", "balanced"]
LongItemRule: TypeAlias = Literal["refuse", "truncate", "chunk"]
CertifyMethod: TypeAlias = Literal["fixed_sequence", "sgr", "conformal"]
"""`fixed_sequence`: the guarantee.  `sgr`: a search by halves.  `conformal`: holds on average over samples only."""
CertifyLoss: TypeAlias = Literal["exact", "distance", "costs"]
LossTest: TypeAlias = Literal["betting", "hoeffding-bentkus"]
GroupSplit: TypeAlias = Literal["together", "each"]
PiiMode: TypeAlias = Literal["off", "redact", "pseudonymise", "block"]
AlarmResponse: TypeAlias = Literal["tell", "recall"]


PATH_SEPARATOR = " > "
"""Joins the names of a path where it is written as one text."""


@dataclass(frozen=True, slots=True)
class ShowWhen:
    """Ask a question only where another one, earlier in the schema, has one of these answers.

    An answer that is a list (several labels, a path) meets it by holding one of `values`, or by beginning with the
    names that one of them joins, `animal > dog`.  The page has the same rule (`domain/asked.ts`).
    """

    question: QuestionName
    values: tuple[Json, ...]

    def is_met_by(self, answer: Json) -> bool:
        """Say whether an answer to that other question lets this one be asked."""
        if not isinstance(answer, list | tuple):
            return any(one == answer for one in self.values)
        return any(one in answer or _begins_with(answer, one) for one in self.values)


def _begins_with(path: Sequence[Json], value: Json) -> bool:
    if not isinstance(value, str) or PATH_SEPARATOR not in value:
        return False
    names = value.split(PATH_SEPARATOR)
    return list(path[: len(names)]) == names


@dataclass(frozen=True, slots=True)
class Question:
    """One named question about an item: a task type and its settings.

    show_when: None = it is asked of every item.  required: whether people must answer it where it is asked.
    """

    name: QuestionName
    type: str
    settings: Mapping[str, Json]
    title: str = ""
    help: str = ""
    show_when: ShowWhen | None = None
    required: bool = True

    @property
    def is_always_asked(self) -> bool:
        """Whether every item gets an answer to it. Only then can a certificate speak of it."""
        return self.required and self.show_when is None


@dataclass(frozen=True, slots=True)
class LabelSchema:
    """The questions of a project, under a version."""

    version: int
    questions: tuple[Question, ...]

    def question(self, name: str) -> Question | None:
        """Give the question of that name, if there is one."""
        return next((q for q in self.questions if q.name == name), None)

    @property
    def always_asked(self) -> tuple[Question, ...]:
        """Give the questions that every item is asked: those that are calibrated, certified and accepted."""
        return tuple(q for q in self.questions if q.is_always_asked)

    def shown(self, asked: Collection[str], answers: Mapping[str, Json]) -> tuple[Question, ...]:
        """Give those of the questions `asked` together that are to be answered, by the answers so far.

        Where the question that a condition is about is not asked with it, the condition is known to be met.
        """
        found: list[Question] = []
        for question in self.questions:
            condition = question.show_when
            if question.name in asked and (
                condition is None
                or condition.question not in asked
                or (
                    any(condition.question == one.name for one in found)
                    and condition.question in answers
                    and condition.is_met_by(answers[condition.question])
                )
            ):
                found.append(question)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Guideline:
    """The instructions people and models read, as Markdown, under a version."""

    version: int
    text: str

    @property
    def hash(self) -> str:
        """Name the text by its content."""
        return digest(self.text)


DEFAULT_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where and by which protocol a model is called. Prices are micro-USD per million tokens.

    timeout_seconds: how long one request may take, connecting included; no part of what is asked.
    """

    model: str
    base_url: str
    api_key_env: str | None = None
    temperature: float = 0.0
    max_tokens: int = 512
    concurrency: int = 32
    price_input: int | None = None
    price_output: int | None = None
    provider: str = "openai"
    delivery: Delivery = "live"
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    """What the provider allows; None = what its headers say, else as fast as it answers."""
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS


@dataclass(frozen=True, slots=True)
class FlowChoice:
    """The labelling conversation: its name in `prompting/flows/`, and its settings as that flow reads them."""

    name: str = "repair"
    settings: Mapping[str, Json] = field(default_factory=dict[str, Json])


@dataclass(frozen=True, slots=True)
class CascadeRule:
    """How the links of a cascade share the items: see `CascadeKeep`."""

    keep: CascadeKeep = "ranks"


@dataclass(frozen=True, slots=True)
class ExamplePolicy:
    """Which reviewed items stand in the prompt as demonstrations.

    choose: `fixed`: the named ones.  `nearest`: the k most similar.  `balanced`: similar, varied, over the labels.
    k: how many.  items: the ids of `fixed`.  explain: whether a model first explains each one's label.
    """

    choose: ExampleChoice = "none"
    k: int = 5
    items: tuple[str, ...] = ()
    explain: bool = False


@dataclass(frozen=True, slots=True)
class LongItems:
    """What is done with an item of more than `most_tokens` (None = any length is sent whole)."""

    most_tokens: int | None = None
    rule: LongItemRule = "refuse"


@dataclass(frozen=True, slots=True)
class Privacy:
    """What may leave this machine.

    pii: what is done to personal data in a text before a model sees it.  never_leaves: fields no model is shown.
    local_only: no call leaves this machine or its network.  allowed_hosts: nowhere else (empty = anywhere).
    """

    pii: PiiMode = "off"
    never_leaves: tuple[str, ...] = ()
    local_only: bool = False
    allowed_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditPolicy:
    """What the audit of the accepted states, and what follows when it speaks against the certificate.

    level: of its intervals, over all looks together.  on_alarm: `tell` leaves it to people; `recall` takes the affected
    items back to review with the next `run` or `aggregate`.
    """

    level: float = 0.95
    on_alarm: AlarmResponse = "tell"


@dataclass(frozen=True, slots=True)
class Spending:
    """What calls may cost, in micro-USD. None = no limit, or no question asked.

    budget: of the project, over all its runs and workers.  confirm_above: a run that may cost more asks first.
    """

    budget: int | None = None
    confirm_above: int | None = None


@dataclass(frozen=True, slots=True)
class CostRates:
    """What work costs that no provider bills. In micro-USD per hour; None = not known, and said so.

    wage_per_hour: of the people who label.  gpu_per_hour: of machines that run models without a price.
    overhead: what comes on top of wages, as a share of them (payment of tasks, management, tools).
    """

    wage_per_hour: int | None = None
    gpu_per_hour: int | None = None
    overhead: float = 0.0


@dataclass(frozen=True, slots=True)
class CertifyRule:
    """What a certificate promises, and by which test. The default is one threshold, and right or wrong.

    by: None = one threshold; "label" = one per predicted label; else the metadata field that has one per value.
    split: whether the promise holds in all groups `together` (each at its share of the risk) or for `each` by itself.
    loss: `exact`: right or wrong.  `distance`: how far off, 0 up to `tolerance`.  `costs`: costs[said][truth], as a
    share of the largest.
    test: for losses between 0 and 1.
    """

    method: CertifyMethod = "fixed_sequence"
    by: str | None = None
    split: GroupSplit = "together"
    loss: CertifyLoss = "exact"
    tolerance: float = 0.0
    costs: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, Mapping[str, float]])
    test: LossTest = "betting"

    @property
    def is_plain(self) -> bool:
        """One threshold, right or wrong, in a fixed sequence: what everything else is an alternative to."""
        return self.method == "fixed_sequence" and self.by is None and self.loss == "exact"


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be accepted unseen, and how people are asked."""

    target_error: float = 0.1
    confidence_level: float = 0.95
    calibration_size: int | None = None
    """Items labelled blind for calibration; None = planned: min(300, N/3)."""
    calibration_votes: int = 1
    calibration_draw: CalibrationDraw = "uniform"
    """Whether the sample that certifies a learnt score comes from all items, or from the surest where that pays."""
    calibration_coin: bool = False
    """Whether a coin, drawn with the sample, lets tests err as often as they nearly may."""
    review_votes: int = 1
    audit_share: float = 0.05
    """Share of the accepted items reserved for a blind random audit."""
    blind_share: float = 0.1
    """Share of the review queue in which the suggestion is hidden, at random."""
    suggestions: SuggestionMode | Mapping[Display, float] = "shown"
    """One mode; or displays with their shares, by which each entry's, or each person's, is drawn at random."""
    suggestions_per: DrawnPer = "entry"
    cooperation: Cooperation = "triage"
    lease_seconds: int = 600
    seed: int = 1
    certify: CertifyRule = field(default_factory=CertifyRule)

    @property
    def hides_suggestions(self) -> bool:
        """No entry ever shows what the model says."""
        return self.suggestions == "hidden" or self.cooperation == "joint"


@dataclass(frozen=True, slots=True)
class Wellbeing:
    """How people are spared: what is covered until they uncover it, and when they are reminded to rest.

    warning: of all items; "" = of none.  warning_field: a metadata field that is empty, true or its item's own warning.
    break_minutes, break_items: of active work, after which the page suggests a break; None = it does not.
    """

    warning: str = ""
    warning_field: str | None = None
    break_minutes: int | None = None
    break_items: int | None = None


@dataclass(frozen=True, slots=True)
class Assistant:
    """The model that people may ask about the item before them. max_questions_per_item: of one person."""

    model: str
    max_questions_per_item: int = 5


@dataclass(frozen=True, slots=True)
class ProjectConfig:
    """All that `project.yaml` says, as one immutable version."""

    schema: LabelSchema
    guideline: Guideline
    policy: Policy
    content_fields: tuple[str, ...]
    """What an item shows, in this order."""
    models: tuple[ModelSource, ...] = ()
    """The first labels; the others only vote on how sure the first may be (confidence "agreement")."""
    confidence: ConfidenceSource = "verbalised"
    instruction: str = ""
    recorded: bool = False
    """The models are recordings: their answers were given to another prompt, their cost is an estimate."""
    version: int = 1
    ensemble: Ensemble = "first"
    signals: tuple[ConfidenceSource, ...] = ()
    """Further signals to keep beside the one that routes."""
    flow: FlowChoice = field(default_factory=FlowChoice)
    examples: ExamplePolicy = field(default_factory=ExamplePolicy)
    long_items: LongItems = field(default_factory=LongItems)
    privacy: Privacy = field(default_factory=Privacy)
    spending: Spending = field(default_factory=Spending)
    costs: CostRates = field(default_factory=CostRates)
    audit: AuditPolicy = field(default_factory=AuditPolicy)
    image_fields: tuple[str, ...] = ()
    """Those of `content_fields` that hold an image: a data URL, a link, or a file of the workspace."""
    wellbeing: Wellbeing = field(default_factory=Wellbeing)
    contents: tuple[ShownField, ...] = ()
    """How fields are shown to people, where project.yaml says more than a field's name."""
    assistant: Assistant | None = None
    """None: nobody can ask."""
    cascade: CascadeRule = field(default_factory=CascadeRule)

    @property
    def certifies_links(self) -> bool:
        """Each model of a cascade keeps what its own certified threshold covers."""
        return self.ensemble == "cascade" and self.cascade.keep == "certified"

    @property
    def labeller(self) -> str | None:
        """Name whose predictions are routed and suggested: a model, or what several make; None = nobody."""
        if not self.models:
            return None
        if self.ensemble != "first":
            return self.ensemble
        return "combined" if self.confidence == "combined" else self.models[0].model

    @property
    def kept_signals(self) -> tuple[ConfidenceSource, ...]:
        """The signals to ask for beside the one that routes. Several are combined: without any, the stated one is."""
        return ("verbalised",) if self.confidence == "combined" and not self.signals else self.signals

    @property
    def asked_models(self) -> tuple[ModelSource, ...]:
        """The models that are asked about every item. A cascade's are asked about what the one before passes on."""
        everybody = self.ensemble != "first" or self.confidence == "agreement" or "agreement" in self.signals
        return self.models if everybody else self.models[:1]


@dataclass(frozen=True, slots=True)
class Project:
    """A project and its configuration in force."""

    id: ProjectId
    name: str
    config: ProjectConfig
    created_at: str = ""
    tags: Mapping[str, Json] = field(default_factory=dict[str, Json])
