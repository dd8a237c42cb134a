"""An API key is listed, and ends when it is revoked."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from bot.db import reading, writing
from bot.errors import NotThere, Refused
from bot.people import keys
from tests.conftest import NOW


def made(engine: Engine, name: str) -> tuple[str, str]:
    """(the key, its id)."""
    with writing(engine) as session:
        key, row = keys.make_key(session, name, NOW)
        return key, row.id


def opens(engine: Engine, key: str) -> bool:
    with reading(engine) as session:
        return keys.holder(session, key) is not None


def test_a_revoked_key_opens_nothing_and_others_still_do(engine: Engine) -> None:
    (crm, _), (other, _) = made(engine, "crm"), made(engine, "prometheus")
    for _ in range(2):  # again changes nothing
        with writing(engine) as session:
            assert keys.revoke(session, "crm", NOW).revoked_at == NOW
    assert not opens(engine, crm)
    assert opens(engine, other)
    with reading(engine) as session:
        assert sorted((key.name, bool(key.revoked_at)) for key in keys.every(session)) == [("crm", True), ("prometheus", False)]


def test_of_several_keys_of_one_name_one_is_meant_by_its_id(engine: Engine) -> None:
    (_, first), (second_key, second) = made(engine, "crm"), made(engine, "crm")
    with writing(engine) as session:
        with pytest.raises(Refused, match="use the id"):
            keys.revoke(session, "crm", NOW)
        with pytest.raises(NotThere, match="there is no key x"):
            keys.revoke(session, "x", NOW)
        keys.revoke(session, second, NOW)
    assert not opens(engine, second_key)
    with writing(engine) as session:  # the name means the one that is left
        assert keys.revoke(session, "crm", NOW).id == first
