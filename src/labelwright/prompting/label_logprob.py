"""How probable a model found the label it wrote, from the log-probabilities of the label's own tokens.

Only the tokens that spell the label's *value* count, found by byte offset; scaffolding (braces, keys, quotes) never
does. At each of them the alternatives that begin another label are the competition: the probability of the written
label is renormalised over the label set, token by token, until no other label is left. What fits no label is reported
as off-label mass: much of it means that the model wanted to write something else.

Source: OpenAI chat completions reference (`logprobs`); Kadavath et al. (2022), arXiv:2207.05221, section 2, on reading
answers from token probabilities.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from labelwright.prompting.chat import TokenLogprob


@dataclass(frozen=True, slots=True)
class LabelProbability:
    """What the tokens say about the written label.

    probability: of it, among the labels.  off_label: mass on what begins no label, unseen alternatives included, at the
    worst place.
    """

    probability: float
    off_label: float


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
    probability, off_label = 1.0, 0.0
    offset = 0
    for token in tokens:
        end = offset + len(token.text)
        if end <= start:
            offset = end
            continue
        scaffold = token.text[: max(0, start - offset)]
        part = token.text[len(scaffold) :]
        if not _agree(part, written[done:]):
            return None
        mass = _mass(token, scaffold, left, done, label)
        if mass.on_labels <= 0.0:
            return None
        off_label = max(off_label, min(1.0, max(0.0, 1.0 - mass.on_labels)))
        probability *= min(1.0, mass.on_written / mass.on_labels)
        left = {name: text for name, text in left.items() if _agree(part, text[done:])}
        done += len(part)
        if len(left) == 1 or done >= len(written):
            return LabelProbability(probability, off_label)
        offset = end
    return None


@dataclass(frozen=True, slots=True)
class _Mass:
    on_labels: float
    on_written: float


def _mass(token: TokenLogprob, scaffold: bytes, left: dict[str, bytes], done: int, label: str) -> _Mass:
    """Sum the probability of what may begin any label, and of what may begin the written one.

    An alternative that was not taken and begins several labels is shared out evenly: where it would have led is unseen.
    """
    on_labels = on_written = 0.0
    for text, logprob in ({a.text: a.logprob for a in token.alternatives} | {token.text: token.logprob}).items():
        if not text.startswith(scaffold) or len(text) == len(scaffold):
            continue
        part = text[len(scaffold) :]
        names = [name for name, spelled in left.items() if _agree(part, spelled[done:])]
        if not names:
            continue
        probability = math.exp(logprob)
        on_labels += probability
        if label in names:
            on_written += probability if text == token.text else probability / len(names)
    return _Mass(on_labels, on_written)


def _agree(part: bytes, rest: bytes) -> bool:
    """Whether a token's bytes and the rest of a label's spelling begin alike, as far as both go."""
    return rest.startswith(part) or (bool(rest) and part.startswith(rest))


def _spelling(label: str) -> bytes:
    """Give the label as it stands in JSON, with the closing quote: that ends it, and tells `no` from `not`."""
    return json.dumps(label, ensure_ascii=False)[1:].encode("utf-8", "surrogatepass")
