"""Every error of Labelwright, in one tree.

LabelwrightError
├── InvalidInput              what somebody gave us cannot be used
│   ├── InvalidValue          one value, at one place
│   ├── InvalidFile           a file, with the line where known
│   └── InvalidConfiguration  project.yaml, with line and nearest valid choice
├── NotFound
│   └── WorkspaceMissing
├── Conflict                  somebody else was there first
│   ├── AlreadyExists
│   ├── VersionConflict       the optimistic lock of a stream
│   ├── IdempotencyConflict   one key, two bodies
│   └── LeaseLost             the claim on a queue entry is not yours
├── NotAllowed                who you are does not permit it
│   └── NotSignedIn
├── NotReady                  a stage that must come first has not run
│   └── NotCalibrated
├── BudgetSpent               what is left does not pay for another call
├── StorageFailure
│   ├── LedgerBroken          the hash chain does not hold
│   └── WorkspaceTooNew       written by a later version
└── ProviderFailure           a model's endpoint failed in a way a rerun may mend
    └── ProviderRefused       key, quota or permission: the run stops at once

Each message says what was wrong with which value, where, and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path


def did_you_mean(value: object, choices: Iterable[object]) -> str:
    """Give "; did you mean 'x'?" for the nearest choice, else the choices, else "".

    >>> did_you_mean("spma", ["spam", "ham"])
    "; did you mean 'spam'?"
    >>> did_you_mean("xyz", ["spam", "ham"])
    "; choose one of 'spam', 'ham'"
    """
    names = [str(choice) for choice in choices]
    near = difflib.get_close_matches(str(value), names, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    if not names:
        return ""
    shown = ", ".join(repr(name) for name in names[:12])
    return f"; choose one of {shown}" + (f" (and {len(names) - 12} more)" if len(names) > 12 else "")


class LabelwrightError(Exception):
    """Anything Labelwright says no to."""


class InvalidInput(LabelwrightError):
    """What was given cannot be used."""


class InvalidValue(InvalidInput):
    """One value is wrong, at `path`."""

    def __init__(self, path: str, problem: str, hint: str = "") -> None:
        self.path, self.problem, self.hint = path, problem, hint
        super().__init__(f"{path}: {problem}{hint}" if path else f"{problem}{hint}")


class InvalidFile(InvalidInput):
    """A file cannot be used; names the line where there is one."""

    def __init__(self, file: str | Path, problem: str, *, line: int | None = None, hint: str = "") -> None:
        self.file, self.problem, self.line, self.hint = str(file), problem, line, hint
        where = f"{file}" if line is None else f"{file}, line {line}"
        super().__init__(f"{where}: {problem}{hint}")


class InvalidConfiguration(InvalidFile):
    """project.yaml cannot be used."""


class NotFound(LabelwrightError):
    """There is no such thing."""


class WorkspaceMissing(NotFound):
    """No workspace in this folder; make one with `labelwright init`."""

    def __init__(self, path: str | Path) -> None:
        super().__init__(f"no workspace in {path}; make one with: labelwright init {path}")


class Conflict(LabelwrightError):
    """Somebody else was there first."""


class AlreadyExists(Conflict):
    """The name is taken."""


class VersionConflict(Conflict):
    """The stream has moved on since it was read."""

    def __init__(self, stream: str, expected: int, found: int) -> None:
        self.stream, self.expected, self.found = stream, expected, found
        super().__init__(f"stream {stream!r} is at version {found}, not {expected}: read it again and retry")


class IdempotencyConflict(Conflict):
    """An idempotency key came back with another body."""

    def __init__(self, key: str) -> None:
        super().__init__(f"idempotency key {key!r} was used before with another body; use a new key for a new request")


class LeaseLost(Conflict):
    """The claim on a queue entry is not, or no longer, the caller's."""


class NotAllowed(LabelwrightError):
    """Who you are does not permit it."""


class NotSignedIn(NotAllowed):
    """No valid session or token came with the request."""


class NotReady(LabelwrightError):
    """A stage that must come first has not run."""


class NotCalibrated(NotReady):
    """A decision needs calibration labels, and there are none."""


class BudgetSpent(LabelwrightError):
    """What is left of the budget does not pay for another call: what was answered is kept, the rest stays due."""


class StorageFailure(LabelwrightError):
    """The database cannot be used."""


class LedgerBroken(StorageFailure):
    """The hash chain does not hold at `position`."""

    def __init__(self, position: int, problem: str) -> None:
        self.position, self.problem = position, problem
        super().__init__(f"the ledger is broken at position {position}: {problem}; restore a backup made before it")


class WorkspaceTooNew(StorageFailure):
    """The workspace was written by a later version of Labelwright."""


class ProviderFailure(LabelwrightError):
    """A model's endpoint failed."""


class ProviderRefused(ProviderFailure):
    """A model's endpoint refuses us (key, quota, permission): the run stops at once."""
