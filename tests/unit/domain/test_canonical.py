from __future__ import annotations

import hashlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.domain.canonical import canonical_json, commitment, digest, merkle_root

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
).filter(lambda value: "\\ud" not in json.dumps(value))


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@given(values)
def test_what_was_written_reads_back_and_is_written_the_same_again(value: object) -> None:
    """Hashes are computed again from what a database gives back: reading must lose nothing that writing shows."""
    written = canonical_json(value)
    assert json.loads(written) == value
    assert canonical_json(json.loads(written)) == written


@given(st.dictionaries(st.text(alphabet="abcé", min_size=1), st.integers(), min_size=2))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert digest(value) == digest(dict(reversed(value.items())))


def test_nan_and_infinity_have_no_canonical_form() -> None:
    for value in (math.nan, math.inf):
        with pytest.raises(ValueError, match="not JSON compliant"):
            canonical_json({"score": value})


def test_a_tuple_is_a_list_and_letters_stay_letters() -> None:
    assert canonical_json(("ü", 1.0, None, True)) == '["ü",1.0,null,true]'.encode()


def test_a_digest_is_sha256_of_the_canonical_form() -> None:
    # sha256 of the three bytes  "a"
    assert digest("a") == hashlib.sha256(b'"a"').hexdigest()


@given(values, values)
def test_a_commitment_binds_to_value_and_salt(a: object, b: object) -> None:
    same = canonical_json(a) == canonical_json(b)
    assert (commitment(b"salt", a) == commitment(b"salt", b)) == same
    assert commitment(b"salt", a) != commitment(b"other salt", a)
    assert commitment(b"salt", a) != digest(a)


def test_the_root_of_a_tree_follows_rfc_6962() -> None:
    a, b, c = sha(b"\0a"), sha(b"\0b"), sha(b"\0c")
    assert merkle_root([]) == sha(b"").hex()
    assert merkle_root([b"a"]) == a.hex()
    assert merkle_root([b"a", b"b"]) == sha(b"\1" + a + b).hex()
    # three leaves: (a b) c, the odd one carried up unhashed
    assert merkle_root([b"a", b"b", b"c"]) == sha(b"\1" + sha(b"\1" + a + b) + c).hex()
    d, e = sha(b"\0d"), sha(b"\0e")
    # five: ((a b) (c d)) e
    four = sha(b"\1" + sha(b"\1" + a + b) + sha(b"\1" + c + d))
    assert merkle_root([b"a", b"b", b"c", b"d", b"e"]) == sha(b"\1" + four + e).hex()


@given(st.lists(st.binary(max_size=4), max_size=9), st.lists(st.binary(max_size=4), max_size=9))
def test_different_leaves_have_different_roots(a: list[bytes], b: list[bytes]) -> None:
    assert (merkle_root(a) == merkle_root(b)) == (a == b)


def test_a_node_cannot_pass_for_a_leaf() -> None:
    """Second pre-images: the two children of a root, glued, are not its only leaf."""
    inner = sha(b"\0a") + sha(b"\0b")
    assert merkle_root([b"a", b"b"]) != merkle_root([inner])
