"""Are ids unique, ordered, and the same inside and outside?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from models.errors import MalformedId
from models.record import Identifier, Instant, camel, new_id, parse_id, public_id, records

_SQLITE = sqlite.dialect()
_POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]  # The same.


def test_ids_are_version_seven_and_ascend() -> None:
    """Ids made one after another, by several threads at once, are distinct and sort as they were made."""
    mine = [new_id() for _ in range(10_000)]
    assert mine == sorted(set(mine))
    assert {each.version for each in mine} == {7}
    with ThreadPoolExecutor(8) as threads:
        theirs = list(threads.map(lambda _: new_id(), range(10_000)))
    assert len(set(theirs)) == 10_000


@given(st.uuids())
def test_a_public_id_is_its_key(key: UUID) -> None:
    """What goes out comes back, for every key and every noun."""
    for noun in ("quote", "order_line"):
        text = public_id(noun, key)
        assert len(text) == len(noun) + 27
        assert parse_id(text) == (noun, key)


def test_a_public_id_is_a_typeid() -> None:
    """The example of the TypeID specification (0.3) comes out as it says."""
    key = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    assert public_id("prefix", key) == "prefix_01h455vb4pex5vsknk084sn02q"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quote",
        "quote_",
        "01h455vb4pex5vsknk084sn02q",
        "quote_01h455vb4pex5vsknk084sn02",
        "quote_01h455vb4pex5vsknk084sn02qq",
        "quote_81h455vb4pex5vsknk084sn02q",
        "quote_01h455vb4pex5vsknk084sn02l",
        "Quote_01h455vb4pex5vsknk084sn02q",
        "quote_01H455VB4PEX5VSKNK084SN02Q",
        "quote_01h455vb4pex5vsknk084sn02q\n",
        "x" * 10_000,
    ],
)
def test_what_is_no_id(text: str) -> None:
    """Too short, too long, too large, a letter that is left out, or a capital is not an id."""
    with pytest.raises(MalformedId) as refused:
        parse_id(text)
    assert refused.value.code == "MALFORMED_ID"
    assert len(refused.value.message) < 200


def test_a_key_is_sixteen_bytes_on_sqlite() -> None:
    """The embedded engine stores bytes, PostgreSQL its own type; both give a UUID back."""
    key, kind = new_id(), Identifier()
    assert kind.process_bind_param(key, _SQLITE) == key.bytes
    assert kind.process_result_value(key.bytes, _SQLITE) == key
    assert kind.process_bind_param(key, _POSTGRESQL) == key
    assert kind.process_bind_param(None, _SQLITE) is None


def test_an_instant_is_utc_text_on_sqlite() -> None:
    """A time with an offset is stored in UTC, to the microsecond, in a width that sorts."""
    local = datetime(2026, 3, 2, 10, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    kind = Instant()
    assert kind.process_bind_param(local, _SQLITE) == "2026-03-02T09:00:00.000005Z"
    assert kind.process_result_value("2026-03-02T09:00:00.000005Z", _SQLITE) == local
    assert kind.process_bind_param(local, _POSTGRESQL) == local.astimezone(UTC)
    with pytest.raises(ValueError, match="has no time zone"):
        kind.process_bind_param(local.replace(tzinfo=None), _SQLITE)


@pytest.mark.parametrize(("name", "spelt"), [("valid_until", "validUntil"), ("id", "id"), ("is_a_b", "isAB")])
def test_names_are_spelt_for_graphql(name: str, spelt: str) -> None:
    """A Python name becomes its GraphQL spelling."""
    assert camel(name) == spelt


def test_every_table_is_found_by_its_noun() -> None:
    """The nouns of the chain are there, each for the class that bears it."""
    found = records()
    assert all(table.noun() == noun for noun, table in found.items())
    assert {"lead", "account", "contact", "product", "opportunity", "quote", "order", "invoice"} <= set(found)
