"""How probable a model found the label it wrote, from the log-probabilities of the label's own tokens.

Only the tokens that spell the label's *value* count, found by byte offset; scaffolding (braces, keys, quotes) never
does. At each of them the alternatives that begin another label are the competition: the probability of the written
label is renormalised over the label set, token by token, until no other label is left. What fits no label is reported
as off-label mass: much of it means that the model wanted to write something else. A label that no alternative begins
was too unlikely to be listed: it counts with half the probability of the least likely alternative listed (at most its
share of what is unseen), and the value is flagged as censored.

Source: OpenAI chat completions reference (`logprobs`); Kadavath et al. (2022), arXiv:2207.05221, section 2, on reading
answers from token probabilities.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from labelwright.prompting.chat import TokenLogprob

_TOO_UNLIKELY = -9999.0
"""What some providers write for a log-probability that they do not give."""


@dataclass(frozen=True, slots=True)
class LabelProbability:
    """What the tokens say about the written label.

    probability: of it, among the labels.  off_label: mass on what begins no label, unseen alternatives included, at the
    worst place.  censored: some label was too unlikely to be listed, so that the probability leans on a bound.
    distribution: of every label, where the first token that counts tells all of them apart; else empty.
    """

    probability: float
    off_label: float
    censored: bool = False
    distribution: Mapping[str, float] = field(default_factory=dict[str, float])


def answer_offset(tokens: Sequence[TokenLogprob], answer: str) -> int | None:
    """Give the byte at which an answer begins within what its tokens spell; None where they do not spell it just once.

    Some servers take what stands around the answer out of the text (llama.cpp does so with a Markdown fence), or never
    put it in (the mark of the end), and leave its tokens in.
    """
    spelled, written = b"".join(token.text for token in tokens), answer.encode("utf-8", "surrogatepass")
    place = spelled.find(written)
    return place if place >= 0 and spelled.find(written, place + 1) < 0 else None


def label_probability(
    tokens: Sequence[TokenLogprob], *, start: int, label: str, labels: Collection[str]
) -> LabelProbability | None:
    """Give the probability of a label that the answer spells as a JSON string.

    start: byte offset of the label's first byte within the answer (after its opening quote).
    labels: every label of the question, `label` among them.
    None = unknown: no token covers the label, or the tokens do not spell it, or no alternatives came.
    """
    spelled = {name: _spelling(name) for name in labels}
    written = spelled[label]
    left = dict(spelled)  # the labels that still agree with what was written so far
    done = 0  # bytes of `written` that earlier tokens spelled
    probability, off_label, censored = 1.0, 0.0, False
    distribution: dict[str, float] = {}
    offset = 0
    for token in tokens:
        end = offset + len(token.text)
        if end <= start or not token.text:
            offset = end
            continue
        scaffold = token.text[: max(0, start - offset)]
        part = token.text[len(scaffold) :]
        if not _agree(part, written[done:]):
            return None
        if len(left) > 1 and not token.alternatives:
            return None
        mass = _mass(token, scaffold, left, done)
        total = sum(mass.on.values())
        if total <= 0.0:
            return None
        off_label = max(off_label, min(1.0, max(0.0, 1.0 - total)))
        still = {name: text for name, text in left.items() if _agree(part, text[done:])}
        if done == 0 and len(still) == 1 and not mass.is_shared:
            distribution = {name: mass.on[name] / total for name in left}
        # What was written stands for all that it may yet become; which of them it is, the next tokens say.
        probability *= min(1.0, (mass.taken + (mass.on[label] - mass.taken / len(still))) / total)
        censored = censored or mass.censored
        left = still
        done += len(part)
        if len(left) == 1 or done >= len(written):
            return LabelProbability(probability, off_label, censored, distribution)
        offset = end
    return None


@dataclass(frozen=True, slots=True)
class _Mass:
    """Where one token's probability goes.

    on: per label.  taken: of the token that was written; it is shared out in `on` like any other.
    is_shared: an alternative begins several labels.  censored: a label was not listed.
    """

    on: Mapping[str, float]
    taken: float
    is_shared: bool
    censored: bool


def _mass(token: TokenLogprob, scaffold: bytes, left: Mapping[str, bytes], done: int) -> _Mass:
    """Share the probability of a token and its alternatives out over the labels that each may begin.

    An alternative that begins several labels is shared out evenly: where it would have led is unseen. At a label's
    first byte, ` A` counts as `A`.
    """
    listed = {a.text: a.logprob for a in token.alternatives} | {token.text: token.logprob}
    on = dict.fromkeys(left, 0.0)
    is_shared = False
    for text, logprob in listed.items():
        if not text.startswith(scaffold) or len(text) == len(scaffold):
            continue
        part = text[len(scaffold) :]
        names = [name for name, spelled in left.items() if _agree(part, spelled[done:])]
        if not names and done == 0:
            part = part.lstrip(b" ")
            names = [name for name, spelled in left.items() if part and _agree(part, spelled)]
        is_shared = is_shared or len(names) > 1
        for name in names:
            on[name] += math.exp(logprob) / len(names)
    unlisted = [name for name in left if on[name] <= 0.0]
    floor = _floor(list(listed.values()), len(unlisted)) if unlisted else 0.0
    return _Mass(
        on | dict.fromkeys(unlisted, floor),
        taken=math.exp(token.logprob),
        is_shared=is_shared,
        censored=floor > 0.0,
    )


def _floor(logprobs: Sequence[float], n_unlisted: int) -> float:
    """Give what an unlisted label counts with: half the least listed, at most its share of what is unseen."""
    stated = [logprob for logprob in logprobs if logprob > _TOO_UNLIKELY]
    if not stated:
        return 0.0
    unseen = max(0.0, 1.0 - sum(math.exp(logprob) for logprob in logprobs))
    return min(math.exp(min(stated)) / 2, unseen / n_unlisted)


def _agree(part: bytes, rest: bytes) -> bool:
    """Whether a token's bytes and the rest of a label's spelling begin alike, as far as both go."""
    return rest.startswith(part) or (bool(rest) and part.startswith(rest))


def _spelling(label: str) -> bytes:
    """Give the label as it stands in JSON, with the closing quote: that ends it, and tells `no` from `not`."""
    return json.dumps(label, ensure_ascii=False)[1:].encode("utf-8", "surrogatepass")
