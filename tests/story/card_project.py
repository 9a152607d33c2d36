"""A project that went through the loop, and its data-set card."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from labelwright import bootstrap
from labelwright.domain.canonical import Json
from labelwright.services.card.card import build_card
from tests.story.small_project import SmallProject
from tests.story.test_estimate import finished


def card_of(small: SmallProject) -> Any:  # noqa: ANN401 - JSON
    with small.storage.reading() as views:
        return build_card(views, small.id)


def first(small: SmallProject) -> Any:  # noqa: ANN401
    return card_of(small)["questions"][0]["card"]


def exported(small: SmallProject, folder: Path, **options: Any) -> Any:  # noqa: ANN401
    return bootstrap.export(small.id, folder, storage=small.storage, world=small.world, **options)


def checked(small: SmallProject, folder: Path) -> Any:  # noqa: ANN401
    return bootstrap.check_card(folder, storage=small.storage, project=small.id)


def project_with_everything(seed: int = 1) -> tuple[SmallProject, dict[int, Json]]:
    """Take a project of 400 items through the loop: calibrated, certified, audited, a part reviewed."""
    _, truth, small = finished(seed, n_reviewed=60)
    return small, truth


@cache
def the_project() -> tuple[SmallProject, dict[int, Json]]:
    """Give the same for tests that only look: exports do not change what a card says."""
    return project_with_everything()
