"""What a demonstration found, as one JSON object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labelwright.demo.truth import TrueErrors
from labelwright.domain.canonical import Json


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """One question's figures. Counts are of (item, question) pairs.

    n_without_prediction: items for which the model gave no valid label.  reason: why nothing was certified, None when
    something was.  noise: the people's own estimated error η where several answered blind: against the truth, what is
    certified is the target plus η.
    """

    name: str
    n_items: int
    n_calibration: int
    n_auto_accepted: int
    n_audited: int
    n_human_labels: int
    n_without_prediction: int
    target_error: float
    confidence_level: float
    is_certified: bool
    threshold: float | None
    reason: str | None
    verdict: str
    noise: float | None
    statuses: Mapping[str, int]
    errors: TrueErrors

    def to_json(self) -> dict[str, Json]:
        """Give the figures under their published names."""
        return {
            "n_items": self.n_items,
            "n_calibration": self.n_calibration,
            "n_auto_accepted": self.n_auto_accepted,
            "auto_accepted_share": self.n_auto_accepted / self.n_items,
            "target_error": self.target_error,
            "confidence_level": self.confidence_level,
            "certified_error_upper": self.target_error if self.is_certified else None,
            **_errors(self.errors),
            "n_human_labels": self.n_human_labels,
            "n_audited": self.n_audited,
            "n_without_prediction": self.n_without_prediction,
            "threshold": self.threshold,
            "reason": self.reason,
            "verdict": self.verdict,
            "reviewer_noise": self.noise,
            "resolved": dict(self.statuses),
        }


@dataclass(frozen=True, slots=True)
class DemoResult:
    """A whole run. cost: USD, an estimate; None when a price was unknown.  sentences: what has to be said with it."""

    dataset: str
    model: str
    score: str
    people: str
    n_items: int
    n_calibration: int
    target_error: float
    confidence_level: float
    budget_human: int
    n_human_labels: int
    n_llm_calls: int
    cost: float | None
    seconds: float
    seed: int
    adopt: float
    reviewer_error: float
    workspace: str
    questions: tuple[QuestionResult, ...]
    sentences: tuple[str, ...] = field(default=())

    @property
    def errors(self) -> TrueErrors:
        """Give the errors pooled over all (item, question) pairs."""
        return sum((question.errors for question in self.questions), TrueErrors())

    @property
    def n_auto_accepted(self) -> int:
        """Count the accepted pairs."""
        return sum(question.n_auto_accepted for question in self.questions)

    @property
    def is_certified(self) -> bool:
        """Say whether anything was certified."""
        return any(question.is_certified for question in self.questions)

    def to_json(self) -> dict[str, Json]:
        """Give the published object.

        `n_items` and `n_calibration` count items.  With several questions the other top-level figures are over all
        (item, question) pairs, and `certified_error_upper` is the target when any question was certified; each
        question's own figures are under `questions`.
        """
        n_pairs = sum(question.n_items for question in self.questions)
        found: dict[str, Json] = {
            "dataset": self.dataset,
            "model": self.model,
            "score": self.score,
            "people": self.people,
            "n_items": self.n_items,
            "n_pairs": n_pairs,
            "n_calibration": self.n_calibration,
            "n_auto_accepted": self.n_auto_accepted,
            "auto_accepted_share": self.n_auto_accepted / n_pairs,
            "target_error": self.target_error,
            "confidence_level": self.confidence_level,
            "certified_error_upper": self.target_error if self.is_certified else None,
            **_errors(self.errors),
            "budget_human": self.budget_human,
            "n_human_labels": self.n_human_labels,
            "n_llm_calls": self.n_llm_calls,
            "cost": self.cost,
            "cost_is_estimate": True,
            "seconds": round(self.seconds, 2),
            "seed": self.seed,
            "adopt": self.adopt,
            "reviewer_error": self.reviewer_error,
            "workspace": self.workspace,
            "notes": list(self.sentences),
        }
        if len(self.questions) == 1:
            only = self.questions[0].to_json()
            kept = ("n_audited", "n_without_prediction", "threshold", "reason", "verdict", "reviewer_noise", "resolved")
            return found | {name: only[name] for name in kept}
        return found | {"questions": {question.name: question.to_json() for question in self.questions}}


def _errors(errors: TrueErrors) -> dict[str, Json]:
    return {
        "true_error_auto_accepted": errors.auto_accepted.rate,
        "true_error_final": errors.final.rate,
        "true_error_final_before_audit": errors.final_before_audit.rate,
        "true_error_model_only": errors.model_only.rate,
        "true_error_people_only": errors.people_only.rate,
    }
