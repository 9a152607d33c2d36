"""How much doubt the confirmations of one project may spend, all of them together."""

from __future__ import annotations

from dataclasses import dataclass

DELTA = 0.05
"""The chance that any finding of a project is confirmed though it is none, however often one confirms."""


@dataclass(frozen=True, slots=True)
class Account:
    """δ, and how many tests it has paid for.

    Test number k of a project may spend δ/(k(k + 1)); these add up to δ, however many tests follow. Tests that fall due
    together share what is theirs evenly, so that none of them is favoured. What a test is given depends on how many
    there are, never on what any of them found.
    Source: alpha spending over a sequence without end, as in Foster & Stine (2008), JRSS B 70(2), without their
    earnings: the promise is about *any* false confirmation, not about their share.

    >>> first = Account()
    >>> first.level(1), round(first.after(1).level(1), 4), round(first.after(4).spent, 4)
    (0.025, 0.0083, 0.04)
    """

    n_tests: int = 0
    delta: float = DELTA

    @property
    def spent(self) -> float:
        """What the tests so far have taken: δK/(K + 1)."""
        return self.delta * self.n_tests / (self.n_tests + 1)

    def level(self, n_due: int) -> float:
        """Give the level of each of the tests that fall due together."""
        return self.delta / ((self.n_tests + 1) * (self.n_tests + 1 + max(n_due, 0)))

    def after(self, n_due: int) -> Account:
        """Give the account when they are paid for."""
        return Account(self.n_tests + n_due, self.delta)
