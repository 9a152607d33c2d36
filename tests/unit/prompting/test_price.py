from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.domain.project import ModelSource
from labelwright.errors import InvalidFile
from labelwright.prompting.price import (
    Price,
    PriceRow,
    built_in_prices,
    micro_usd,
    price_for,
    price_of,
    read_prices,
)
from labelwright.prompting.usage import Usage

TODAY = date(2026, 11, 21)


def test_a_call_costs_tokens_times_price() -> None:
    # gpt-4o-mini: 0.15 in, 0.075 cached, 0.60 out per million; 800 fresh, 200 cached, 50 out
    price = price_of("gpt-4o-mini", on=TODAY, rows=built_in_prices())
    assert price is not None
    cost = price.cost_pico(Usage(1000, 50, 200))
    assert cost == 800 * 150_000 + 200 * 75_000 + 50 * 600_000
    assert micro_usd(cost) == 165  # $0.000165


tokens = st.integers(0, 200_000)


@given(st.lists(st.tuples(tokens, tokens, tokens), max_size=30))
def test_m3_a_sum_of_costs_is_exact(calls: list[tuple[int, int, int]]) -> None:
    """M3: no rounding per call; the sum is rounded up once."""
    price = Price(input=100_000, output=500_000, cached_input=10_000)
    usages = [Usage(max(a, b), c, min(a, b)) for a, b, c in calls]
    exact = sum(
        (
            Fraction(u.prompt_tokens - u.cached_tokens, 10_000_000)
            + Fraction(u.cached_tokens, 100_000_000)
            + Fraction(u.completion_tokens, 2_000_000)
            for u in usages
        ),
        Fraction(0),
    )
    total = sum(price.cost_pico(u) for u in usages)
    assert Fraction(total, 10**12) == exact
    assert 0 <= micro_usd(total) - exact * 10**6 < 1


def test_long_prompts_have_their_own_price() -> None:
    price = price_of("claude-haiku-5-5", on=TODAY, rows=built_in_prices())
    assert price is not None
    assert price.cost_pico(Usage(100_000, 0)) == 100_000 * 100_000
    assert price.cost_pico(Usage(100_001, 0)) == 100_001 * 500_000


def test_what_is_written_to_the_cache_costs_a_quarter_more_unless_stated() -> None:
    # 100 fresh, 800 read, 100 written; output 10: 100 * 1000 + 800 * 100 + 100 * 1250 + 10 * 5000
    usage = Usage(1000, 10, cached_tokens=800, cache_write_tokens=100)
    assert Price(1000, 5000, cached_input=100).cost_pico(usage) == 100_000 + 80_000 + 125_000 + 50_000
    assert Price(1000, 5000, cached_input=100, cache_write=0).cost_pico(usage) == 100_000 + 80_000 + 50_000
    assert Price(1001, 0).cost_pico(Usage(1, 0, cache_write_tokens=1)) == 1252  # 1251.25, rounded up


def test_an_unknown_model_has_no_price_rather_than_none_to_pay() -> None:
    assert price_of("nobody-9000", on=TODAY, rows=built_in_prices()) is None
    assert price_for(ModelSource("nobody-9000", "http://localhost/v1"), on=TODAY) is None


def test_a_dated_variant_has_the_price_of_its_family() -> None:
    rows = built_in_prices()
    assert price_of("gpt-4o-2024-08-06", on=TODAY, rows=rows) == price_of("gpt-4o", on=TODAY, rows=rows)
    assert price_of("claude-haiku-4-5-20251001", on=TODAY, rows=rows) == price_of(
        "claude-haiku-4-5", on=TODAY, rows=rows
    )


def test_the_price_in_force_on_the_day_counts() -> None:
    rows = [PriceRow("m", date(2026, 1, 1), Price(2, 2)), PriceRow("m", date(2026, 7, 1), Price(1, 1))]
    assert price_of("m", on=date(2026, 6, 30), rows=rows) == Price(2, 2)
    assert price_of("m", on=date(2026, 7, 1), rows=rows) == Price(1, 1)
    assert price_of("m", on=date(2025, 12, 31), rows=rows) is None


def test_a_projects_own_price_goes_before_any_list() -> None:
    source = ModelSource("gpt-4o", "http://localhost/v1", price_input=7, price_output=9)
    assert price_for(source, on=TODAY) == Price(7, 9)
    own = [PriceRow("gpt-4o", TODAY, Price(1, 1))]
    assert price_for(ModelSource("gpt-4o", "http://localhost/v1"), on=TODAY, own=own) == Price(1, 1)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "not valid JSON"),
        ("{}", "no price list"),
        ('{"prices": [{"model": "m", "effective_from": "2026-01-01", "input": 0.1, "output": "1"}]}', "is not text"),
        ('{"prices": [{"model": "m", "effective_from": "2026-01-01", "input": "-1", "output": "1"}]}', "no amount"),
        ('{"prices": [{"model": "m", "effective_from": "soon", "input": "1", "output": "1"}]}', "model 'm'"),
        ('{"prices": [{"model": "m", "effective_from": "2026-01-01", "in": "1"}]}', "unknown key 'in'"),
    ],
)
def test_a_price_list_that_cannot_be_used_says_why(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "prices.json"
    file.write_text(text)
    with pytest.raises(InvalidFile, match=problem):
        read_prices(file)


def test_decisions_are_priced_apart_from_chat_and_unknown_where_no_row_is_theirs() -> None:
    def price(model: str, provider: str) -> Price | None:
        return price_for(ModelSource(model, "http://h/v1", provider=provider), on=TODAY)

    chat, decisions = price("gpt-6-luna", "openai"), price("gpt-6-luna", "openai-decisions")
    assert chat is not None
    assert decisions is not None
    usage = Usage(1_000_000, 1_000_000)
    assert (chat.cost_pico(usage), decisions.cost_pico(usage)) == (600_000 * 10**6, 100_000 * 10**6)
    assert price("gpt-6-sol", "openai-decisions") is None
    assert price("claude-haiku-4-5", "anthropic") == price("claude-haiku-4-5", "openai")


def test_a_users_row_may_name_the_provider_too() -> None:
    own = [PriceRow("anthropic:m", TODAY, Price(1, 1)), PriceRow("m", TODAY, Price(2, 2))]
    for provider, expected in (("anthropic", Price(1, 1)), ("openai", Price(2, 2))):
        assert price_for(ModelSource("m", "http://h/v1", provider=provider), on=TODAY, own=own) == expected


def test_a_batch_costs_half_where_the_list_says_nothing_else(tmp_path: Path) -> None:
    # claude-haiku-4-5 live: 30 x $1.00 + 4 x $5.00 per million = 50 micro-USD; in a batch 0.50 and 2.50
    price = price_of("claude-haiku-4-5", on=TODAY, rows=built_in_prices())
    assert price is not None
    assert price.cost_pico(Usage(30, 4), batch=True) == 30 * 500_000 + 4 * 2_500_000
    assert Price(input=1, output=1).cost_pico(Usage(3, 0), batch=True) == 2  # 1.5, rounded up
    own = tmp_path / "prices.json"
    row = '{"model": "m", "effective_from": "2026-01-01", "input": "1", "output": "1", "batch": "%s"}'
    own.write_text('{"prices": [' + row % "0.75" + "]}")
    dearer = price_of("m", on=TODAY, rows=read_prices(own))
    assert dearer is not None
    assert dearer.cost_pico(Usage(4, 0), batch=True) == 3_000_000
    own.write_text('{"prices": [' + row % "1.5" + "]}")
    with pytest.raises(InvalidFile, match=r"share '1\.5' is no number"):
        read_prices(own)


def test_a_model_without_a_batch_api_has_no_discount() -> None:
    price = price_of("deepseek-chat", on=TODAY, rows=built_in_prices())
    assert price is not None
    assert price.cost_pico(Usage(30, 4), batch=True) == price.cost_pico(Usage(30, 4))
