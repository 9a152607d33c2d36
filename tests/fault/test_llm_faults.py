"""Every way a model provider can go wrong, 200 items each: nothing lost, nothing coerced, the bill exact."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from labelwright.adapters.chat.replay_faults import FAULTS
from labelwright.adapters.execution.retry import RetryPolicy
from labelwright.errors import ProviderRefused
from labelwright.testing.fault_run import (
    differences,
    ending_of,
    label,
    ledger_of,
    replaying,
    stats,
    write_recording,
    write_workspace,
)

N = 200
CONCURRENCY = 32
SECONDS = 4.0
"""How long the client waits where answers are slow on purpose; `late` and `drip` take longer. The others must not."""
PATIENT = 60.0
"""How long it waits otherwise: on a busy machine too, nothing else may come too late."""
QUICK = RetryPolicy(first_wait=0.02, longest_wait=0.2)
LINGERING = {"silent", "late", "drip"}
SLOW = ("--slow-seconds", "12", "--retry-after", "0.05")

RETRIED = {
    "429",
    "429-retry-after",
    "500",
    "502",
    "503",
    "reset",
    "silent",
    "schema-unsupported",
    "dropped",
    "cut",
    "late",
    "drip",
    "empty",
    "html",
    "broken-json",
    "array",
    "no-choices",
    "huge",
    "missing-usage",
    "null-content",
}
"""Asked again, or good as it is: every item gets its label."""
SHOWN_TO_THE_MODEL = {"length", "wrong-label", "extra-key", "missing-key", "duplicate-key", "nan", "prose"}
"""The model is shown its mistake once; who makes it twice is quarantined."""
QUARANTINED = {
    "400": "is rejected",
    "filtered-input": "content filter",
    "refusal": "refused",
    "content-filter": "content filter",
}
"""Asking again does not help: the item goes to people, with this in its reason."""
ENDING = {"401", "quota", "model-unknown", "redirect"}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recording(tmp_path_factory.mktemp("faults") / "recorded", N)


def test_every_fault_is_tried_here() -> None:
    assert set(FAULTS) == RETRIED | SHOWN_TO_THE_MODEL | set(QUARANTINED) | ENDING
    assert len(FAULTS) >= 21


def test_every_fault_is_documented(repository: Path) -> None:
    page = (repository / "docs" / "reference" / "replay.md").read_text()
    rows = re.findall(r"^\| `([\w-]+)` \| ([^|]+) \|", page, re.MULTILINE)
    told = {name: happens for name, happens in rows if name in FAULTS}
    assert set(told) == set(FAULTS)
    for name, happens in told.items():
        plain = re.sub(r"\s*\([^)]*\)|`", "", happens)
        assert plain == re.sub(r"`", "", FAULTS[name].happens), name


@pytest.mark.parametrize("fault", sorted(RETRIED | SHOWN_TO_THE_MODEL | set(QUARANTINED)))
def test_M3_M4_every_item_ends_and_the_ledger_is_the_providers_count(
    recorded: Path, tmp_path: Path, fault: str
) -> None:
    share = {"huge": 0.04, **dict.fromkeys(LINGERING, 0.08)}.get(fault, 0.2)
    with (
        replaying(recorded, "--fault", f"{fault}={share}", *SLOW) as url,
        write_workspace(tmp_path / "work", recorded, url, concurrency=CONCURRENCY) as workspace,
    ):
        label(workspace, seconds=SECONDS if fault in LINGERING else PATIENT, retry=QUICK)
        ending, ledger, counted = ending_of(workspace), ledger_of(workspace), stats(url)
        workspace.verify()
    assert counted["faults"][fault] >= 1, "the fault must have happened"
    assert differences(ledger, [counted]) == []
    assert (ending.lost, ending.coerced) == (0, 0)
    assert ending.right + sum(ending.quarantined.values()) == N
    if fault in RETRIED:
        assert ending.right == N
        assert counted["early_retries"] == 0
    elif fault in QUARANTINED:
        assert sum(ending.quarantined.values()) == counted["faults"][fault]
        assert all(QUARANTINED[fault] in reason for reason in ending.quarantined)
    else:
        assert ending.right > N * 0.85
        assert ledger.attempts <= 2 * N


@pytest.mark.parametrize("fault", sorted(ENDING))
def test_M6_a_refusal_ends_the_run_at_once_and_the_next_run_goes_on(recorded: Path, tmp_path: Path, fault: str) -> None:
    with replaying(recorded, "--fault", f"{fault}=0.02", "--latency-ms", "5") as url:
        port = url.removesuffix("/v1").rsplit(":", 1)[1]
        workspace = write_workspace(tmp_path / "work", recorded, url, concurrency=CONCURRENCY)
        with workspace, pytest.raises(ProviderRefused):
            label(workspace, seconds=PATIENT, retry=QUICK)
        first = stats(url)
    assert 1 <= first["faults"][fault] <= CONCURRENCY
    assert first["requests"] < N, "it went on after the refusal"
    with (
        replaying(recorded, "--port", port) as url,
        type(workspace).open(workspace.path) as workspace,
    ):
        label(workspace, seconds=PATIENT, retry=QUICK)
        ending, ledger, second = ending_of(workspace), ledger_of(workspace), stats(url)
    assert (ending.right, ending.lost, ending.coerced) == (N, 0, 0)
    assert differences(ledger, [first, second]) == []
    assert first["answers"] + second["answers"] == N, "a paid answer was asked for again"


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_M3_M4_a_mix_of_all_faults_at_30_percent(tmp_path: Path, provider: str) -> None:
    """The same with 20,000 items is `make bench-faults`."""
    n = 400
    recorded = write_recording(tmp_path / "recorded", n)
    with (
        replaying(recorded, "--fault", "all=0.3", *SLOW) as url,
        write_workspace(tmp_path / "work", recorded, url, concurrency=64, provider=provider) as workspace,
    ):
        label(workspace, seconds=SECONDS, retry=QUICK)
        ending, ledger, counted = ending_of(workspace), ledger_of(workspace), stats(url)
    assert differences(ledger, [counted]) == []
    assert (ending.lost, ending.coerced) == (0, 0)
    assert ending.right + sum(ending.quarantined.values()) == n
    assert ending.right > 0.9 * n
    assert len(counted["faults"]) > 25, "nearly all of them happen among so many"


def test_M6_a_limit_on_requests_is_never_tried_early(tmp_path: Path, recorded: Path) -> None:
    with (
        replaying(recorded, "--rpm", "12000", "--burst-seconds", "0.1", "--latency-ms", "20") as url,
        write_workspace(tmp_path / "work", recorded, url, concurrency=CONCURRENCY) as workspace,
    ):
        label(workspace, seconds=PATIENT, retry=RetryPolicy())
        ending, ledger, counted = ending_of(workspace), ledger_of(workspace), stats(url)
    assert (ending.right, ending.lost) == (N, 0)
    assert differences(ledger, [counted]) == []
    assert counted["early_retries"] == 0
