"""The form of what project.yaml says about people at the desk: how they are spared, whom they may ask."""

from __future__ import annotations

from pydantic import Field

from labelwright.domain.project import Assistant, Wellbeing
from labelwright.settings.form.strict import Strict


class WellbeingModel(Strict):
    """What is covered until a person uncovers it, and when they are reminded to rest."""

    warning: str = Field(default="", max_length=300)
    warning_field: str | None = Field(default=None, min_length=1)
    break_minutes: int | None = Field(default=None, ge=1, le=480)
    break_items: int | None = Field(default=None, ge=1, le=100_000)

    def wellbeing(self) -> Wellbeing:
        return Wellbeing(**self.model_dump())


class AssistantModel(Strict):
    """Whom people may ask about the item before them."""

    model: str
    max_questions_per_item: int = Field(default=5, ge=1, le=50)

    def assistant(self) -> Assistant:
        return Assistant(self.model, self.max_questions_per_item)
