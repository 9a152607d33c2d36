"""Simulated people at the desk: clients of the HTTP API that the browser uses, holding invites like anybody.

They work in rounds: each takes a handful of entries in turn, then all answers go out at once. Who gets which entry is
then the same in every run, however fast the machine is.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp
import orjson

from labelwright.demo.people import AnswerBook
from labelwright.domain.canonical import Json
from labelwright.errors import LabelwrightError

AT_ONCE = 5
_TRIES = 6
_API = "/api/v1"

Tick = Callable[[int], None]


class ReviewersStopped(LabelwrightError):
    """The server refused what a simulated person asked."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one shift did. n_labels: answers to questions.  adopted: wrong suggestions that were taken over."""

    n_entries: int
    n_labels: int
    n_shown: int
    n_skipped: int


@dataclass(slots=True)
class Desk:
    """The simulated people of one project, signed in.

    votes: how many answers each item got so far in this run; an item's next answer comes from its next slot.
    """

    base_url: str
    project: str
    book: AnswerBook
    tokens: tuple[str, ...]
    votes: Counter[str] = field(default_factory=Counter[str])

    def work(self, *, most_labels: int | None, tick: Tick) -> Work:
        """Answer entries until none is left, or until one more would exceed `most_labels` answers.

        tick: called after each round with the labels given so far.
        """
        return asyncio.run(self._work(most_labels, tick))

    async def _work(self, most_labels: int | None, tick: Tick) -> Work:
        n_entries = n_labels = n_shown = n_skipped = 0
        async with _client(self.base_url) as client:
            while True:
                left = None if most_labels is None else most_labels - n_labels
                taken, is_spent = await self._take(client, left)
                sent = await asyncio.gather(*(self._answer(client, token, entry) for token, entry in taken))
                n_entries += len(taken)
                n_labels += sum(n for n in sent)
                n_skipped += sum(n == 0 for n in sent)
                n_shown += sum(bool(entry["suggestions"]) for _, entry in taken)
                if taken:
                    tick(n_labels)
                if is_spent or not taken:
                    return Work(n_entries, n_labels, n_shown, n_skipped)

    async def _take(
        self, client: aiohttp.ClientSession, left: int | None
    ) -> tuple[list[tuple[str, dict[str, Any]]], bool]:
        """Let each person take up to `AT_ONCE` entries, one after another; True when the budget ends here."""
        taken: list[tuple[str, dict[str, Any]]] = []
        is_spent = False
        for token in self.tokens:
            if is_spent:
                break
            wanted = AT_ONCE if left is None else min(AT_ONCE, left)
            if wanted <= 0:
                return taken, True
            path = f"/projects/{self.project}/leases"
            found = await _call(client, token, "POST", path, {"count": wanted})
            for entry in cast("list[dict[str, Any]]", found["entries"]):
                n_questions = len(entry["questions"])
                if left is not None and n_questions > left:
                    await _call(client, token, "DELETE", f"{path}/{entry['lease']}")
                    is_spent = True
                    continue
                left = None if left is None else left - n_questions
                taken.append((token, entry))
        return taken, is_spent or left == 0

    async def _answer(self, client: aiohttp.ClientSession, token: str, entry: Mapping[str, Any]) -> int:
        item = str(entry["item"]["id"])
        slot = self.votes[item]
        self.votes[item] += 1
        suggestions = cast("Mapping[str, Mapping[str, Json]]", entry["suggestions"] or {})
        answers = {
            question: self.book.answer(item, question, slot, suggestions.get(question, {}).get("value"))
            for question in entry["questions"]
        }
        key = hashlib.blake2b(f"{token}\0{entry['lease']}".encode(), digest_size=16).hexdigest()
        if any(value is None for value in answers.values()):
            body: dict[str, object] = {"lease": entry["lease"], "reason": "nobody recorded an answer to this item"}
            await _call(client, token, "POST", f"/projects/{self.project}/skips", body, key=key)
            return 0
        body = {"lease": entry["lease"], "answers": answers, "seconds": 0.0}
        await _call(client, token, "POST", f"/projects/{self.project}/submissions", body, key=key)
        return len(answers)


def sign_in(base_url: str, project: str, book: AnswerBook, *, invites: Sequence[str]) -> Desk:
    """Redeem one-time invites, one per simulated person."""

    async def redeem() -> tuple[str, ...]:
        async with _client(base_url) as client:
            found = [await _call(client, None, "POST", "/sessions", {"invite": invite}) for invite in invites]
            return tuple(str(session["token"]) for session in found)

    return Desk(base_url, project, book, asyncio.run(redeem()))


def _client(base_url: str) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(base_url, timeout=aiohttp.ClientTimeout(total=60))


async def _call(
    client: aiohttp.ClientSession,
    token: str | None,
    method: str,
    path: str,
    body: Mapping[str, object] | None = None,
    *,
    key: str | None = None,
) -> dict[str, Any]:
    """Send one request, again under the same key when the network or the server falters, as the page does."""
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if key is not None:
        headers["Idempotency-Key"] = key
    sent = None if body is None else orjson.dumps(body)
    problem = ""
    for attempt in range(_TRIES):
        try:
            async with client.request(method, _API + path, data=sent, headers=headers) as response:
                text = await response.read()
                if response.status < 400:
                    return orjson.loads(text) if text else {}
                problem = f"{response.status} {text[:500].decode(errors='replace')}"
                if response.status != 429 and response.status < 500:
                    break
        except aiohttp.ClientError as error:
            problem = repr(error)
        await asyncio.sleep(0.05 * 2**attempt)
    raise ReviewersStopped(f"a simulated person could not {method} {path}: {problem}")
