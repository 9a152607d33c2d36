"""What was spent, in words: what nobody knows is never shown as nothing."""

from __future__ import annotations

from labelwright.cli.commands.budget_words import budget_facts

NOTHING = {"limit_micro": None, "spent_micro": 0, "reserved_micro": 0, "lost_micro": 0}


def test_calls_without_a_price_are_not_shown_as_free() -> None:
    assert budget_facts(NOTHING) == {"spent": "$0.0000"}
    assert budget_facts(NOTHING, is_whole=False) == {"spent": "not known: calls have no known price"}
    some = {**NOTHING, "spent_micro": 20_000}
    assert budget_facts(some, is_whole=False) == {"spent": "$0.0200, beside calls that have no known price"}
