"""What a finding proposes to write: a rule that people can follow, of what they can see."""

from dataclasses import replace

import numpy as np

from labelwright.methods.slices import Finding
from labelwright.services.soundness.slice_fresh import kept_basis
from labelwright.services.soundness.slice_proposals import proposal, seen_by_people


def found(name: str) -> Finding:
    return Finding(
        conditions=((0, 0),),
        name=name,
        cell=("praise", "bug"),
        is_of_cell=False,
        n=32,
        n_wrong=17,
        error=0.53,
        rest_error=0.06,
        ratio=8.6,
        p=0.0001,
        q=0.001,
        member=np.ones(3, dtype=np.bool_),
    )


def test_a_guideline_is_never_told_to_follow_what_the_model_said_or_how_sure_it_was() -> None:
    conditions = [("label", "praise"), ("confidence", "up to 0.66")]
    said = proposal(found("label = praise and confidence = up to 0.66"), {}, [], seen=seen_by_people(conditions))
    assert "“Choose ‘bug’ and not ‘praise’ when …”" in said
    assert said.startswith("Items with label = praise and confidence = up to 0.66: 17 of 32")


def test_what_people_see_of_an_item_stands_in_the_rule() -> None:
    seen = seen_by_people([("source", "fax"), ("label", "praise")])
    assert seen == "source = fax"
    assert "“With source = fax, choose ‘bug’ and not ‘praise’ when …”" in proposal(
        found("source = fax"), {}, [], seen=seen
    )


def test_a_finding_that_an_older_run_kept_is_held_against_its_plain_counts() -> None:
    row = {"n": 32, "n_wrong": 17, "rest_error": 0.1, "is_of_cell": False}
    kept = kept_basis(row, {"n_audited": 132, "n_wrong": 27, "n_slices": 40, "n_cells": 10})
    assert (kept.n, kept.n_wrong, kept.rest_n, kept.n_looked) == (132, 27, 100, 50)
    few = kept_basis(row | {"is_of_cell": True}, {"n_audited": 132, "n_wrong": 27, "n_slices": 40, "n_cells": 10})
    assert (few.rest_n, few.rest_wrong) == (20, 2)


def test_a_confusion_is_counted_among_the_items_that_the_model_said_so_of() -> None:
    said = proposal(replace(found("source = fax"), is_of_cell=True), {}, [], seen="source = fax")
    assert said.startswith("Items with source = fax: 17 of 32 checked there and labelled “praise” are “bug” (53%")
    assert "mostly" not in said
    tag = replace(found("source = fax"), is_of_cell=True, cell=("", "price"))
    assert "17 of 32 checked there and not given “price” should have it" in proposal(tag, {}, [], seen="")
