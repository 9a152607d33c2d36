"""The embedder that needs no download."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.adapters.embedders import HashedEmbedder
from labelwright.ports.embedder import Embedder

EMBEDDER: Embedder = HashedEmbedder()
FROZEN_COUNT = 53
FROZEN_PLACES = [0, 3, 9, 19, 27, 42, 44, 48]
FROZEN_VALUE = -0.10861165


def cosine(one: str, other: str) -> float:
    a, b = EMBEDDER.embed([one, other])
    return float(a @ b)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("The film was wonderful", "a wonderful film", "Stock prices fell in Tokyo"),
        ("Der Film war wunderbar", "ein wunderbarer Film", "Die Kurse fielen in Tokio"),
        ("这部电影很好看", "这部电影不好看", "东京股市下跌"),
        ("यह फिल्म बहुत अच्छी है", "यह फिल्म अच्छी थी", "बाज़ार गिर गया"),
        ("この映画は面白い", "面白い映画でした", "株価が下がった"),
    ],
)
def test_shared_wording_is_near_in_any_script(text: str, near: str, far: str) -> None:
    assert cosine(text, near) > cosine(text, far) + 0.2


def test_case_width_spacing_and_punctuation_do_not_count() -> None:
    assert cosine("A good  FILM!", "a good film") == pytest.approx(1)
    assert cosine("Ｆｕｌｌ　ｗｉｄｔｈ", "full width") == pytest.approx(1)


def test_a_text_without_letters_is_near_nothing() -> None:
    assert not EMBEDDER.embed(["", "  ", "!?", "\ud800"]).any()


def test_a_vector_depends_on_its_text_alone() -> None:
    texts = [f"text number {n} about {'cats' if n % 2 else 'dogs'}" for n in range(5_000)]
    together = EMBEDDER.embed(texts)
    assert together.dtype == np.float32
    for place in (0, 2_047, 2_048, 4_999):
        assert np.array_equal(EMBEDDER.embed([texts[place]])[0], together[place])
    assert EMBEDDER.embed([]).shape == (0, 512)


def test_the_vectors_of_this_version_are_frozen() -> None:
    # Demonstrations are chosen by them: a change of any is a new name.
    vector = EMBEDDER.embed(["The film was wonderful, 很好看"])[0]
    assert EMBEDDER.name == "hashed-1/512/4000"
    assert int(np.count_nonzero(vector)) == FROZEN_COUNT
    assert np.flatnonzero(vector)[:8].tolist() == FROZEN_PLACES
    assert float(vector[FROZEN_PLACES[0]]) == pytest.approx(FROZEN_VALUE, abs=1e-6)


@settings(max_examples=30)
@given(st.lists(st.text(max_size=40), max_size=6))
def test_rows_are_unit_or_zero_for_any_text(texts: list[str]) -> None:
    rows = EMBEDDER.embed(texts)
    assert rows.shape == (len(texts), 512)
    assert np.isin(np.round(np.linalg.norm(rows, axis=1), 4), [0.0, 1.0]).all()


def test_thousands_of_texts_take_a_second() -> None:
    texts = [f"a short text, number {n}, on nothing in particular but long enough to be read" for n in range(4_000)]
    started = time.process_time()
    EMBEDDER.embed(texts)
    assert 4_000 / (time.process_time() - started) > 2_000  # about 10,000 on a quiet machine
