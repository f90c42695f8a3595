"""Is everyone who they say they are?"""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlmodel import select

from graphql_api.auth import Authenticator, secret_of, secret_of_init
from graphql_api.errors import RequestRefused
from models.access import ApiKey, Role, User, issue_key, make_secret
from models.database import Database

PEPPER = b"pepper"


@pytest.fixture
def secret(database: Database) -> str:
    """Return the key of a partner."""
    now = datetime.now(UTC)
    with database.writing() as session:
        user = User(name="Harbor", role=Role.PARTNER, created_at=now, id=UUID(int=5))
        session.add(user)
        session.flush()
        secret = issue_key(session, user, "test", now=now, pepper=PEPPER)
        session.commit()
    return secret


def revoke(database: Database) -> None:
    """Revoke every key."""
    with database.writing() as session:
        for key in session.exec(select(ApiKey)):
            key.revoked_at = datetime.now(UTC)
            session.add(key)
        session.commit()


def clock(times: list[float]) -> Callable[[], float]:
    """Return a clock that stands at the last of some times."""
    return lambda: times[-1]


def test_key_speaks_for_its_user(database: Database, secret: str) -> None:
    """Id, name and role."""
    viewer = Authenticator(database, PEPPER, 5).viewer(secret)
    assert viewer is not None
    assert (viewer.id, viewer.name, viewer.role) == (UUID(int=5), "Harbor", Role.PARTNER)


def test_no_key_is_nobody(database: Database) -> None:
    """That is no fault: the schema can be read."""
    assert Authenticator(database, PEPPER, 5).viewer(None) is None


def test_unusable_keys_answer_the_same(database: Database, secret: str) -> None:
    """Malformed, unknown, of another pepper, revoked: nothing tells them apart."""
    messages = set()
    authenticator = Authenticator(database, PEPPER, 0)
    for each in ("", "x", secret[:-1], secret + "0", make_secret(), "sales_ü"):
        with pytest.raises(RequestRefused) as caught:
            authenticator.viewer(each)
        messages.add(str(caught.value))
        assert caught.value.status == 401
    with pytest.raises(RequestRefused) as caught:
        Authenticator(database, b"other", 0).viewer(secret)
    messages.add(str(caught.value))
    revoke(database)
    with pytest.raises(RequestRefused) as caught:
        authenticator.viewer(secret)
    messages.add(str(caught.value))
    assert messages == {"This API key is unknown or revoked; ask an admin for another."}


def test_revocation_holds_once_the_cache_has_forgotten(database: Database, secret: str) -> None:
    """Five seconds at most."""
    times = [100.0]
    authenticator = Authenticator(database, PEPPER, 5, clock(times))
    assert authenticator.viewer(secret) is not None
    revoke(database)
    times.append(104.9)
    assert authenticator.viewer(secret) is not None
    times.append(105.0)
    with pytest.raises(RequestRefused):
        authenticator.viewer(secret)


@pytest.mark.parametrize(
    ("headers", "secret"),
    [
        ({}, None),
        ({"authorization": "Bearer sales_1"}, "sales_1"),
        ({"authorization": "bearer   sales_1 "}, "sales_1"),
        ({"x-api-key": "sales_1"}, "sales_1"),
        ({"x-api-key": "sales_2", "authorization": "Bearer sales_1"}, "sales_1"),
    ],
)
def test_key_is_found_in_either_header(headers: dict[str, str], secret: str | None) -> None:
    """Authorization comes first."""
    assert secret_of(headers) == secret


@pytest.mark.parametrize("value", ["", "Basic c2FsZXM6MQ==", "Bearer", "Bearer  ", "sales_1"])
def test_other_scheme_is_refused(value: str) -> None:
    """Rather than taken for nobody."""
    with pytest.raises(RequestRefused, match="Authorization takes the form `Bearer sales_…`"):
        secret_of({"authorization": value})


def test_key_of_a_socket_comes_first_from_its_first_message() -> None:
    """In any spelling of the names; else from the handshake."""
    headers = {"x-api-key": "sales_2"}
    assert secret_of_init({"authorization": "Bearer sales_1"}, headers) == "sales_1"
    assert secret_of_init({"Authorization": "Bearer sales_1"}, {}) == "sales_1"
    assert secret_of_init({"X-Api-Key": "sales_1"}, {}) == "sales_1"
    assert secret_of_init({"authorization": 1}, headers) == "sales_2"
    assert secret_of_init({}, {}) is None
