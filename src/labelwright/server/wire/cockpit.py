"""The cockpit and the dashboard on the wire. Shares are between 0 and 1, money in USD; null = not known."""

from __future__ import annotations

from pydantic import BaseModel, Field, JsonValue

from labelwright.server.wire.jobs import ShownBudget
from labelwright.server.wire.projects import QueueLine


class Rung(BaseModel):
    """What one limit would give. Only the frozen one is a certificate; the others are planning figures.

    coverage: of the items outside the calibration sample.  n_left: items people would still label; n_audit: accepted
    ones they would check; n_labels: answers in all.  n_start: what acceptance takes at least of the labelled sample.
    threshold: null also where each group has its own.
    """

    target_error: float
    is_frozen: bool
    is_certified: bool
    threshold: float | None
    n_accepted: int
    coverage: float
    n_left: int
    n_audit: int
    n_labels: int
    n_start: int
    reason: str | None


class CurvePoint(BaseModel):
    """Error among the accepted at one score, as the sample has it."""

    threshold: float
    coverage: float
    risk: float | None
    low: float | None
    high: float | None


class CertificateInForce(BaseModel):
    """What is certified, in its own words."""

    id: str
    target_error: float
    confidence_level: float
    n_pool: int
    n_calibration: int
    n_accepted: int
    statement: str | None
    promise: str | None


class CockpitQuestion(BaseModel):
    """A question. n_by_hand: answers people would give if nothing were accepted.

    is_plain: one threshold, right or wrong.
    """

    name: str
    title: str
    n_accepted_now: int
    void_because: list[str]
    certificate: CertificateInForce | None
    rungs: list[Rung]
    risk_coverage: list[CurvePoint]
    n_by_hand: int
    is_plain: bool = True


class DueOfQuestion(BaseModel):
    """What applying would change. n_sample: items of the blind sample, which people have labelled.

    n_answered: of the n_people that go to people, how many they have answered already, and are not asked again.
    """

    name: str
    n_accept: int
    n_people: int
    n_answered: int
    n_sample: int


class Due(BaseModel):
    """What applying would change now. blocked: why it cannot be applied."""

    blocked: str | None
    n_items: int
    questions: list[DueOfQuestion]


class Cockpit(BaseModel):
    """All there is to weigh. plan: the calibration's; wage_per_hour: overhead included.

    n_uncovered: items that came after the pool was frozen, which no certificate covers and nobody has labelled.
    """

    project: str
    n_items: int
    model: str | None
    recorded: bool
    plan: str | None
    target_error: float
    calibration_size: int | None
    review_votes: int
    audit_share: float
    seconds_per_answer: float | None
    wage_per_hour: float | None
    due: Due
    questions: list[CockpitQuestion]
    n_uncovered: int = 0


class SampledItem(BaseModel):
    """An item of the sample. probability: calibrated; null = none is shown."""

    id: str
    excerpt: str
    label: JsonValue
    score: float
    probability: float | None


class CockpitSample(BaseModel):
    """Ten random items at or above a score, best first, and the five just below. n_above: of how many."""

    n_above: int
    accepted: list[SampledItem]
    below: list[SampledItem]


class ApplyPlan(BaseModel):
    """The plan as the cockpit told it: another one in force is a conflict. null: a project without a model."""

    plan: str | None = Field(max_length=100)


class Applied(BaseModel):
    """routes: question -> route -> how many items are there now. n_routed: decisions that this request wrote.

    answered: question -> how many of those that go to people (`review`) they have answered already.
    """

    run: str
    n_routed: int
    routes: dict[str, dict[str, int]]
    answered: dict[str, int]


class NextStep(BaseModel):
    """What to run next, and why."""

    command: str
    why: str


class CalibrationState(BaseModel):
    """Where the calibration stands."""

    state: str
    void_because: list[str]


class StateCount(BaseModel):
    """How many items have a label of record of this kind."""

    state: str
    n: int


class AuditState(BaseModel):
    """The audit of what is accepted. alarm: what it says, once it rings."""

    n_drawn: int
    n_checked: int
    n_wrong: int
    low: float | None
    high: float | None
    alarm: str | None


class DashboardQuestion(BaseModel):
    """A question's items by state; their audit.

    n_same: pairs of two people's blind answers with the same label, of n_pairs.
    n_findings: parts of the data in which the model errs more often; null when nobody has looked.
    """

    name: str
    title: str
    states: list[StateCount]
    audit: AuditState | None
    n_same: int
    n_pairs: int
    n_findings: int | None


class HourCount(BaseModel):
    """Submissions in an hour, in UTC: `2026-11-05T13`."""

    hour: str
    n: int


class PersonDone(BaseModel):
    """What somebody did. seconds: median of an item.  agreement: share of n_pairs blind pairs with the same label."""

    name: str
    is_simulated: bool
    n_labels: int
    n_items: int
    seconds: float | None
    agreement: float | None
    n_pairs: int
    last_at: str | None


class CostSoFar(BaseModel):
    """In USD. missing: what the sum leaves out."""

    total: float
    calls: float
    machines: float
    people: float
    people_seconds: float
    is_estimate: bool
    missing: list[str]


class Dashboard(BaseModel):
    """How the project goes. people: by name."""

    project: str
    n_items: int
    n_labels: int
    recorded: bool
    next: NextStep
    calibration: CalibrationState
    questions: list[DashboardQuestion]
    queue: list[QueueLine]
    hours: list[HourCount]
    people: list[PersonDone]
    cost: CostSoFar
    budget: ShownBudget
