"""`labelwright replay` on a bad day: faults, limits and bills on demand, as the real providers have them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from labelwright.prompting.failures import (
    KeyRefused,
    MalformedAnswer,
    QuotaSpent,
    RateLimited,
    ServerFailed,
)
from tests.contract.recording import answer_of, asked_of, block, prompt_for
from tests.replaying import replaying

FAULTS: list[tuple[tuple[str, ...], type[Exception]]] = [
    (("--rate-429", "1", "--retry-after", "0.5"), RateLimited),
    (("--rate-500", "1"), ServerFailed),
    (("--rate-malformed", "1"), MalformedAnswer),
    (("--quota", "0"), QuotaSpent),
    (("--demand-key", "sk-1"), KeyRefused),
]


@pytest.mark.parametrize(("options", "failure"), FAULTS)
async def test_faults_on_demand_look_to_a_client_like_the_real_ones(
    recording: Path, options: tuple[str, ...], failure: type[Exception]
) -> None:
    with replaying(recording, *options) as faulty:
        for _ in range(6):
            with pytest.raises(failure) as caught:
                await answer_of(faulty, "plain", prompt_for())
            assert getattr(caught.value, "retry_after", None) == (0.5 if failure is RateLimited else None)


def test_fault_rates_are_drawn_by_seed(recording: Path) -> None:
    def statuses(seed: str) -> list[int]:
        with replaying(recording, "--rate-429", "0.3", "--rate-500", "0.2", "--seed", seed) as faulty:
            return [faulty.ask("plain", block("Fine.")).status_code for _ in range(40)]

    first = statuses("7")
    assert first == statuses("7") != statuses("8")
    assert {200, 429, 500} == set(first)


def test_a_limit_refuses_exactly_what_is_above_and_says_when_to_come_again(recording: Path) -> None:
    """One request in ten seconds, three at once: of five, two are refused."""
    with replaying(recording, "--rpm", "6", "--burst-seconds", "30") as limited:
        answers = [limited.ask("plain", block("Fine.")) for _ in range(5)]
        statuses = [answer.status_code for answer in answers]
        assert (statuses, limited.stats()["over_limit"]) == ([200, 200, 200, 429, 429], 2)
        assert [answer.headers["x-ratelimit-remaining-requests"] for answer in answers[:3]] == ["2", "1", "0"]
        wait = int(answers[4].headers["retry-after-ms"]) / 1000
        assert 1 < wait <= 10
        assert limited.stats()["early_retries"] == 1, "the fifth came before the time that the fourth was told"


def test_who_comes_after_the_stated_wait_passes(recording: Path) -> None:
    with replaying(recording, "--rpm", "120", "--burst-seconds", "0.5") as limited:
        answers = [limited.ask("plain", block("Fine."))]
        while answers[-1].status_code == 200:  # on a busy machine half a second may pass in between
            answers.append(limited.ask("plain", block("Fine.")))
        time.sleep(int(answers[-1].headers["retry-after-ms"]) / 1000)
        assert limited.ask("plain", block("Fine.")).status_code == 200
        assert limited.stats()["early_retries"] == 0


def test_tokens_are_limited_too_in_each_protocols_words(recording: Path) -> None:
    with replaying(recording, "--tpm", "60", "--burst-seconds", "10") as limited:
        turn = [{"role": "user", "content": block("Fine.")}]
        body = {"model": "plain", "max_tokens": 9, "messages": turn}
        answers = [limited.client.post(limited.url + "/messages", json=body) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 429, 429]
        assert answers[1].headers["anthropic-ratelimit-tokens-limit"] == "60"
        assert answers[1].json()["error"]["type"] == "rate_limit_error"


def test_what_was_billed_is_told_apart_from_what_the_client_can_know(recording: Path) -> None:
    with replaying(recording, "--fault", "missing-usage=1") as vague:
        told = vague.ask("plain", block("Fine.")).json()
        counts = vague.stats()
    assert "usage" not in told
    bill = {"answers": 1, "tokens_in": -(-len(block("Fine.")) // 4), "tokens_out": 1}
    assert counts["billed"] == bill
    assert counts["billed_untold"] == {**bill, "by_fault": {"missing-usage": 1}}


def test_who_hangs_up_is_billed_all_the_same(recording: Path) -> None:
    with replaying(recording, "--latency-ms", "300") as slow:
        with pytest.raises(httpx.ReadTimeout):
            slow.client.post(slow.url + "/chat/completions", json=asked_of("plain"), timeout=0.1)
        until = time.monotonic() + 60
        while (counts := slow.stats())["billed"]["answers"] == 0 and time.monotonic() < until:
            time.sleep(0.05)
    assert (counts["billed"]["answers"], counts["billed_untold"]["by_fault"]) == (1, {"hung up": 1})


def test_a_fault_belongs_to_its_request_whatever_the_order(recording: Path) -> None:
    def statuses(texts: list[str]) -> dict[str, int]:
        with replaying(recording, "--fault", "500=0.5", "--seed", "3") as faulty:
            return {text: faulty.ask("plain", block("Fine.") + text).status_code for text in texts}

    names = [f" {i}" for i in range(12)]
    assert statuses(names) == statuses(names[::-1])


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--fault", "429s=0.1"), "there is no fault '429s'; did you mean '429'?"),
        (("--fault", "429"), "names no share between 0 and 1, such as 429=0.05"),
        (("--fault", "429=2"), "names no share between 0 and 1"),
        (("--fault", "429=0.6", "--rate-500", "0.6"), "sum to 1.2"),
    ],
)
def test_a_wrong_fault_is_a_clear_error(recording: Path, options: tuple[str, ...], problem: str) -> None:
    command = [sys.executable, "-m", "labelwright.cli", "replay", str(recording), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, problem in " ".join(done.stderr.split())) == (1, True), done.stderr
