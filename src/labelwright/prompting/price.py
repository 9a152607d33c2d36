"""What a call costs: tokens times the price in force on its day, in whole numbers.

Prices are kept in micro-USD per million tokens, which is pico-USD per token: a call's cost is then an exact integer of
pico-USD, and a sum of a million of them is exact too. Round up once, at the end (`micro_usd`). A model without a known
price costs "unknown" (None), never nothing.

Source of the price list: CONTRACTS II.8, read on 2026-11-21; each row says since when it holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import orjson

from labelwright.domain.project import ModelSource
from labelwright.errors import InvalidFile
from labelwright.prompting.usage import Usage

PICO_PER_MICRO = 1_000_000
_WHOLE = 1_000
_HALF = 500
_PRICED_APART = frozenset({"openai-decisions"})
"""Providers at which a model does not cost what it costs elsewhere: without a row of their own, it is unknown."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in micro-USD.

    cached_input: for prompt tokens read from the provider's cache; None = as `input`.
    cache_write: for prompt tokens written into it; None = a quarter more than `input`, as OpenAI and Anthropic ask.
    long_from: prompts of more tokens than this cost `long_input` and `long_output` instead; None = no such step.
    batch: thousandths of all this that a call through the provider's batch API costs (OpenAI and Anthropic: half).
    """

    input: int
    output: int
    cached_input: int | None = None
    long_from: int | None = None
    long_input: int | None = None
    long_output: int | None = None
    cache_write: int | None = None
    batch: int = _HALF

    def cost_pico(self, usage: Usage, *, batch: bool = False) -> int:
        """Give the exact cost of one call, in pico-USD (of a batch's, rounded up to a whole one).

        >>> Price(input=100_000, output=500_000).cost_pico(Usage(prompt_tokens=30, completion_tokens=4))
        5000000
        >>> Price(input=100_000, output=500_000).cost_pico(Usage(prompt_tokens=30, completion_tokens=4), batch=True)
        2500000
        """
        is_long = self.long_from is not None and usage.prompt_tokens > self.long_from
        per_input = self.long_input if is_long and self.long_input is not None else self.input
        per_output = self.long_output if is_long and self.long_output is not None else self.output
        per_cached = per_input if self.cached_input is None else min(self.cached_input, per_input)
        per_written = -(-per_input * 5 // 4) if self.cache_write is None else self.cache_write
        fresh = usage.prompt_tokens - usage.cached_tokens - usage.cache_write_tokens
        live = (
            fresh * per_input
            + usage.cached_tokens * per_cached
            + usage.cache_write_tokens * per_written
            + usage.completion_tokens * per_output
        )
        return self.in_batch(live) if batch else live

    def in_batch(self, pico_usd: int) -> int:
        """Give what a batch costs whose calls would cost so much one by one."""
        return -(-pico_usd * self.batch // _WHOLE)


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price and the day from which it holds."""

    model: str
    effective_from: date
    price: Price


def micro_usd(pico_usd: int) -> int:
    """Round up to whole micro-USD.

    >>> micro_usd(1), micro_usd(5_000_000)
    (1, 5)
    """
    return -(-pico_usd // PICO_PER_MICRO)


def price_of(model: str, *, on: date, rows: Sequence[PriceRow]) -> Price | None:
    """Give the price in force on a day; None when the list does not know the model, or not yet.

    A dated variant (`gpt-4o-2024-08-06`) has the price of its undated name when it has none of its own.
    """
    for name in (model, _undated(model)):
        known = [row for row in rows if row.model == name and row.effective_from <= on]
        if known:
            return max(known, key=lambda row: row.effective_from).price
    return None


def price_for(source: ModelSource, *, on: date, own: Sequence[PriceRow] = ()) -> Price | None:
    """Give a configured model's price: its own figures, else the user's list (`own`), else the built-in one.

    A row `provider:model` goes before the row of the model alone.
    """
    if source.price_input is not None and source.price_output is not None:
        return Price(input=source.price_input, output=source.price_output)
    for rows in (own, built_in_prices()):
        found = price_of(f"{source.provider}:{source.model}", on=on, rows=rows)
        if found is None and source.provider not in _PRICED_APART:
            found = price_of(source.model, on=on, rows=rows)
        if found is not None:
            return found
    return None


@cache
def built_in_prices() -> tuple[PriceRow, ...]:
    """Give the price list that comes with the package."""
    source = files("labelwright.prompting") / "prices.json"
    return _rows("prices.json", source.read_bytes())


def read_prices(path: Path) -> tuple[PriceRow, ...]:
    """Read a user's price list, in the form of the built-in one. Raises InvalidFile."""
    return _rows(str(path), path.read_bytes())


def _rows(file: str, text: bytes) -> tuple[PriceRow, ...]:
    try:
        stated = cast("dict[str, Any]", orjson.loads(text))
        return tuple(_row(file, row) for row in cast("list[dict[str, Any]]", stated["prices"]))
    except orjson.JSONDecodeError as problem:
        raise InvalidFile(file, f"not valid JSON ({problem})") from problem
    except (KeyError, TypeError) as problem:
        raise InvalidFile(file, f"no price list ({problem!r})", hint='; it needs {"prices": [...]}') from problem


def _row(file: str, row: Mapping[str, Any]) -> PriceRow:
    model = str(row["model"])
    known = {
        *("model", "effective_from", "input", "output", "cached_input", "cache_write"),
        *("long_from", "long_input", "long_output", "batch"),
    }
    extra = sorted(set(row) - known)
    if extra:
        raise InvalidFile(file, f"model {model!r}: unknown key {extra[0]!r}")
    try:
        return PriceRow(
            model=model,
            effective_from=date.fromisoformat(str(row["effective_from"])),
            price=Price(
                input=_micro(row["input"]),
                output=_micro(row["output"]),
                cached_input=_micro_or_none(row.get("cached_input")),
                long_from=None if row.get("long_from") is None else int(row["long_from"]),
                long_input=_micro_or_none(row.get("long_input")),
                long_output=_micro_or_none(row.get("long_output")),
                cache_write=_micro_or_none(row.get("cache_write")),
                batch=_share(row.get("batch", "0.5")),
            ),
        )
    except (ValueError, InvalidOperation) as problem:
        raise InvalidFile(
            file, f"model {model!r}: {problem}", hint='; write prices as text, such as "0.10"'
        ) from problem


def _micro_or_none(usd: object) -> int | None:
    return None if usd is None else _micro(usd)


def _micro(usd: object) -> int:
    """Read USD per million tokens, written as text so that no binary fraction creeps in, as micro-USD."""
    if not isinstance(usd, str):
        raise ValueError(f"price {usd!r} is not text")  # noqa: TRY004 - reported like every other wrong value
    micro = Decimal(usd) * 1_000_000
    if not micro.is_finite() or micro < 0 or micro != int(micro):
        raise ValueError(f"price {usd!r} is no amount of whole micro-USD")
    return int(micro)


def _share(text: object) -> int:
    """Read a share between 0 and 1, written as text, as whole thousandths."""
    if not isinstance(text, str):
        raise ValueError(f"share {text!r} is not text")  # noqa: TRY004 - reported like every other wrong value
    thousandths = Decimal(text) * _WHOLE
    if not thousandths.is_finite() or not 0 <= thousandths <= _WHOLE or thousandths != int(thousandths):
        raise ValueError(f"share {text!r} is no number of whole thousandths between 0 and 1")
    return int(thousandths)


def _undated(model: str) -> str:
    """Take the date off a model's name: `gpt-4o-2024-08-06` and `claude-haiku-4-5-20251001` both lose theirs."""
    name, _, last = model.rpartition("-")
    if len(last) == 8 and last.isdigit():
        return name
    parts = model.rsplit("-", 3)
    if len(parts) == 4 and [len(part) for part in parts[1:]] == [4, 2, 2] and all(p.isdigit() for p in parts[1:]):
        return parts[0]
    return model
