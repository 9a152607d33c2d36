"""Invitations, sessions and idempotency keys."""

from __future__ import annotations

import pytest

from labelwright.domain.ids import AnnotatorId
from labelwright.errors import (
    IdempotencyConflict,
    NotFound,
)
from labelwright.ports.access import StoredResponse
from labelwright.ports.storage import Storage
from labelwright.testing.storage_build import (
    PROJECT,
    begin,
)

ANN, BOB = AnnotatorId("id-ann"), AnnotatorId("id-bob")


class AccessSuite:
    """Invitations, sessions and idempotency keys."""

    def test_an_invitation_is_used_as_often_as_it_says_and_not_after_its_time(self, storage: Storage) -> None:
        begin(storage)
        storage.write(lambda t: t.add_invite("hash-1", PROJECT, ANN, expires_at=2000.0, uses=1))
        assert storage.write(lambda t: t.redeem_invite("hash-1", now=2000.0)) is None
        redeemed = storage.write(lambda t: t.redeem_invite("hash-1", now=1999.0))
        assert redeemed is not None
        assert (redeemed.annotator.name, redeemed.project) == ("ann", PROJECT)
        assert storage.write(lambda t: t.redeem_invite("hash-1", now=1999.0)) is None
        assert storage.write(lambda t: t.redeem_invite("hash-2", now=1999.0)) is None
        with pytest.raises(NotFound):
            storage.write(lambda t: t.add_invite("h", PROJECT, AnnotatorId("zoe"), expires_at=2000.0, uses=1))

    def test_a_session_speaks_for_somebody_until_it_ends(self, storage: Storage) -> None:
        begin(storage)
        storage.write(lambda t: t.add_session("hash-1", PROJECT, ANN, expires_at=2000.0))
        with storage.reading() as views:
            session = views.session("hash-1", now=1999.0)
            assert session is not None
            assert session.annotator.id == ANN
            assert views.session("hash-1", now=2000.0) is None
            assert views.session("hash-2", now=1999.0) is None
        storage.write(lambda t: t.end_session("hash-1"))
        with storage.reading() as views:
            assert views.session("hash-1", now=1999.0) is None

    def test_R3_a_key_is_answered_once(self, storage: Storage) -> None:
        begin(storage)
        response = StoredResponse("body-hash", 201, b'{"a":1}')
        storage.write(lambda t: t.remember("key", ANN, response, now=1.0))
        with storage.reading() as views:
            assert views.remembered("key", ANN) == response
            assert views.remembered("key", BOB) is None
            assert views.remembered("other", ANN) is None
        with pytest.raises(IdempotencyConflict):
            storage.write(lambda t: t.remember("key", ANN, response, now=2.0))

    def test_keys_older_than_a_week_are_forgotten_a_few_at_a_time(self, storage: Storage) -> None:
        begin(storage)
        week, response = 7 * 86_400.0, StoredResponse("body-hash", 201, b"{}")
        for number in range(10):
            storage.write(lambda t, n=number: t.remember(f"old {n}", ANN, response, now=float(n)))
        storage.write(lambda t: t.remember("young", BOB, response, now=10.0))
        storage.write(lambda t: t.remember("now", BOB, response, now=week + 10.0))
        with storage.reading() as views:
            kept = [n for n in range(10) if views.remembered(f"old {n}", ANN) is not None]
            assert kept == [8, 9]  # eight at a time, the oldest first
        storage.write(lambda t: t.remember("later", BOB, response, now=week + 10.0))
        with storage.reading() as views:
            assert views.remembered("old 9", ANN) is None
            assert views.remembered("young", BOB) == views.remembered("now", BOB) == response
