"""Examples in the prompt and labels that certify are kept apart: the leak that would void the promise, tried."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from labelwright.adapters.embedders.hashed import HashedEmbedder
from labelwright.domain.canonical import Json
from labelwright.domain.project import ExamplePolicy
from labelwright.errors import NotReady
from labelwright.services.acceptance.calibrate import calibrate
from labelwright.services.acceptance.route import route
from labelwright.services.models.demonstrations import demonstrations, reserved_items
from tests.story.small_project import SmallProject, configuration, spread

N = 300
EXAMPLES = ExamplePolicy("nearest", k=5)


def certified() -> tuple[SmallProject, set[int], dict[int, Json]]:
    """A project whose sample is labelled and certifies, audited, and partly reviewed."""
    small = SmallProject.made(replace(configuration(), examples=EXAMPLES), n_items=N)
    said, sure, truth = spread(small.keys(), n_wrong_last=50)
    small.predict(said, sure)
    calibrate(small.id, storage=small.storage, world=small.world)
    small.work_queue(lambda item, _question, _person: truth[item])
    calibrate(small.id, storage=small.storage, world=small.world)
    route(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        sample = set(cast("dict[str, Any]", views.plan(small.id))["items"])
        audits = {item for item, _question in views.queued(small.id, "audit")}
    small.work_queue(lambda item, _question, _person: truth[item], most=len(audits) + 20)
    return small, sample | audits, truth


def shown(small: SmallProject) -> set[int]:
    with small.storage.reading() as views:
        return {int(item.key) for item in demonstrations(views, small.project, HashedEmbedder()).items}


def test_A4P_4_no_item_of_the_sample_or_audit_in_force_is_an_example() -> None:
    small, apart, _truth = certified()
    found = shown(small)
    assert found  # what people reviewed may be
    assert found.isdisjoint(apart)
    with small.storage.reading() as views:
        assert reserved_items(views, small.project) == apart


def test_a_sample_that_certifies_no_more_may_be_shown_and_is_not_drawn_again() -> None:
    small, apart, _truth = certified()
    small.reconfigure(
        replace(small.project.config, instruction="Be strict.")
    )  # another prompt: the certificate is void
    assert apart <= shown(small)
    keys = small.keys()
    said, sure, _ = spread(keys, n_wrong_last=50)
    small.predict(said, sure)
    calibrate(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        drawn = set(cast("dict[str, Any]", views.plan(small.id))["items"])
    # What has been an example has a person's label, and what has one is not drawn.
    assert drawn.isdisjoint(shown(small) | apart)


def drawn_first(examples: ExamplePolicy) -> tuple[SmallProject, str]:
    """Draw a sample; give its first item."""
    small = SmallProject.made(replace(configuration(), examples=examples), n_items=N)
    said, sure, _truth = spread(small.keys(), n_wrong_last=50)
    small.predict(said, sure)
    calibrate(small.id, storage=small.storage, world=small.world)
    with small.storage.reading() as views:
        first = cast("dict[str, Any]", views.plan(small.id))["items"][0]
        return small, str(views.item_ids(small.id)[first])


def test_a_named_example_of_the_sample_in_force_is_refused() -> None:
    _, name = drawn_first(EXAMPLES)
    small, again = drawn_first(ExamplePolicy("fixed", items=(name,)))
    assert again == name  # the draw depends on seed and pool alone
    small.work_queue(lambda _item, _question, _person: "good")
    with pytest.raises(NotReady, match="is in the sample that certifies"):
        shown(small)
