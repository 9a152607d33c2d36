"""The columns that tables are made of.

JSON is text, truth is 0 or 1, times are RFC 3339 text or epoch seconds: no driver needs a type of its own.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, Text

metadata = MetaData()

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""Whole numbers of 64 bits."""


def number_column(name: str) -> Column[int]:
    """Give the number a row gets by itself."""
    return Column(name, NUMBER, primary_key=True, autoincrement=True)


def position_column() -> Column[int]:
    """Give the position of the event that brought the row."""
    return Column("position", NUMBER, ForeignKey("ledger.position"), nullable=False)


def item_column() -> Column[int]:
    """Give the item that the row is about."""
    return Column("item", NUMBER, ForeignKey("item.key"), nullable=False)


def text_column(name: str, *, primary_key: bool = False) -> Column[str]:
    """Give a text that is never missing."""
    return Column(name, Text, primary_key=primary_key, nullable=False)


def integer_column(name: str, *, primary_key: bool = False) -> Column[int]:
    """Give a whole number that is never missing."""
    return Column(name, NUMBER, primary_key=primary_key, nullable=False, autoincrement=False)


def optional_integer(name: str) -> Column[int]:
    """Give a whole number that may be missing."""
    return Column(name, NUMBER)
