"""Reading what people answered."""

from __future__ import annotations

from typing import Protocol

from labelwright.domain.annotation import Annotation, FirstAnswer, Purpose
from labelwright.domain.ids import AnnotationId, AnnotatorId, ItemKey, ProjectId, QuestionName


class AnswerReads(Protocol):
    """People's answers, and the submissions in which they came."""

    def annotations(
        self, project: ProjectId, *, question: str | None = None, purpose: Purpose | None = None
    ) -> list[Annotation]:
        """Give active and surplus annotations (not the retracted), oldest first."""
        ...

    def annotation(self, annotation: AnnotationId) -> Annotation | None: ...
    def submission(self, project: ProjectId, submission: str) -> list[Annotation]:
        """Give all annotations, retracted included, that came as one submission."""
        ...

    def last_submission(self, project: ProjectId, annotator: AnnotatorId) -> str | None:
        """Give the newest submission of that person that is not retracted."""
        ...

    def first_answers(self, project: ProjectId) -> list[FirstAnswer]:
        """Give what people said before a suggestion was revealed to them, oldest first."""
        ...

    def first_answers_of(
        self, project: ProjectId, annotator: AnnotatorId, item: ItemKey, in_round: int
    ) -> dict[QuestionName, FirstAnswer]:
        """Give what one person first said of one item in one round; empty: nothing was revealed to them."""
        ...

    def label_count(self, project: ProjectId) -> int:
        """Count answers by people, retracted ones excluded."""
        ...

    def submissions(
        self, project: ProjectId, annotator: AnnotatorId, *, before: int | None = None, limit: int = 20
    ) -> list[tuple[int, str]]:
        """Give that person's submissions that are not retracted, newest first, each with its number.

        before: only those with a smaller number (a cursor).
        """
        ...

    def submission_count(self, project: ProjectId, annotator: AnnotatorId) -> int:
        """Count that person's submissions, retracted ones excluded."""
        ...
