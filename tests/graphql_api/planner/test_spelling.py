"""Does the database write values as the rest of the server does?"""

import json
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, Float, String, column, literal, select, union_all

from graphql_api.planner.leaf import money_text
from graphql_api.planner.planner import dialect_of
from graphql_api.planner.script import Pieces, Spelled
from graphql_api.planner.spelling import constant, money, or_null, spelled, together
from models.database import Database
from models.money import CURRENCY_DIGITS, LARGEST, PLACES, SCALE, Amount, plain

_LARGEST = int(LARGEST) * SCALE
_EDGES = (0, 1, 10, 9_999, 10_000, 999_999, 1_000_000, 1_010_000, 12_500_000, 100_000_000, _LARGEST)


def _amounts() -> list[int]:
    """Return amounts of every kind: few and many digits before and behind the point, on both sides of 0."""
    chosen = random.Random(6)  # noqa: S311  # No secret.
    some = [
        chosen.randrange(10 ** chosen.randint(1, 18)) // 10**zeros * 10**zeros
        for zeros in range(8)
        for _ in range(9)
    ]
    return [sign * each for each in (*_EDGES, *some) for sign in (1, -1)]


def _written(
    database: Database, rows: Sequence[tuple[int, str | None]], pieces: Callable[..., Pieces]
) -> list[str]:
    """Return what the database writes of amounts and their currencies."""
    given = union_all(
        *[
            select(
                literal(at).label("at"),
                literal(amount, BigInteger).label("amount"),
                literal(code, String).label("code"),
            )
            for at, (amount, code) in enumerate(rows)
        ]
    ).subquery("given")
    text = together(pieces(given.c.amount, given.c.code))
    with database.reading() as session:
        return list(session.execute(select(text).select_from(given).order_by(given.c.at)).scalars())


@pytest.mark.parametrize("code", ["EUR", "JPY", "KWD", "CLF"])
def test_money_has_the_digits_of_its_currency_or_more(database: Database, code: str) -> None:
    """To the last of them, as what a function of the models returns is written."""
    rows = [(each, code) for each in _amounts()]

    found = _written(database, rows, money)

    assert [json.loads(each) for each in found] == [money_text(*each) for each in rows]


def test_an_amount_without_a_currency_is_a_number(database: Database) -> None:
    """Without zeros behind the point."""
    amounts = _amounts()

    found = _written(database, [(each, None) for each in amounts], money)

    assert [json.loads(each) for each in found] == [plain(Decimal(each).scaleb(-PLACES)) for each in amounts]


def test_every_currency_has_its_digits(database: Database) -> None:
    """Those of ISO 4217."""
    rows = [(1_500_000, each) for each in CURRENCY_DIGITS]

    found = _written(database, rows, money)

    assert [json.loads(each) for each in found] == [money_text(*each) for each in rows]


def test_a_decimal_has_no_zeros_behind_the_point(database: Database) -> None:
    """Nor a point that nothing stands behind."""
    amounts = _amounts()
    declared: Column[Any] = Column("quantity", Amount(), nullable=False)
    dialect = dialect_of(database.dialect)

    found = _written(database, [(each, None) for each in amounts], lambda x, _: spelled(x, declared, dialect))

    assert [json.loads(each) for each in found] == [plain(Decimal(each).scaleb(-PLACES)) for each in amounts]


def test_what_is_null_is_written_so(database: Database) -> None:
    """In its place stands null, and nothing of what surrounds the value."""
    declared: Column[Any] = Column("code", String(3))
    dialect = dialect_of(database.dialect)

    found = _written(
        database,
        [(1, "EUR"), (2, None)],
        lambda _, code: or_null(code.is_(None), ["{", *spelled(code, declared, dialect), "}"]),
    )

    assert found == ['{"EUR"}', "null"]


@pytest.mark.parametrize("release", [None, (15, 1), (16, 10), (17,), (18, 4)])
def test_an_older_server_is_asked_for_what_it_has(
    database: Database, release: tuple[int, ...] | None
) -> None:
    """PostgreSQL 17 brought ``json_scalar``; an older one, and one that is not known yet, writes the same."""
    dialect = dialect_of(database.dialect)
    dialect.server_version_info = release
    texts = ['say "no"', "back\\slash", "tab\tand\x1e", "é €", "", None]
    declared: Column[Any] = Column("note", String())
    rows = union_all(*[select(literal(each, String).label("note")) for each in texts]).subquery("given")
    text = together(spelled(rows.c.note, declared, dialect))
    compiled = select(text).select_from(rows).compile(dialect=dialect, compile_kwargs={"literal_binds": True})

    with database.reading() as session:
        found = session.connection().exec_driver_sql(str(compiled).replace("%", "%%")).scalars().all()

    if database.dialect == "postgresql":
        assert ("json_scalar(" in str(compiled)) == (release is not None and release[0] > 16)
        assert ("to_json(" in str(compiled)) == (release is None or release[0] < 17)
    assert [json.loads(each) for each in found] == texts


def test_a_text_may_have_more_pieces_than_a_function_has_arguments(database: Database) -> None:
    """PostgreSQL takes a hundred. A quote of our own does not end the literal."""
    pieces = [piece for at in range(250) for piece in (f"'{at}", Spelled(constant(",")))]

    (found,) = _written(database, [(1, None)], lambda *_: pieces)

    assert found == "".join(f"'{at}," for at in range(250))


def test_what_has_no_form_in_json_is_a_fault_of_ours(database: Database) -> None:
    """It is named when the plan is made, not when a row is read."""
    declared: Column[Any] = Column("rate", Float(), nullable=False)

    with pytest.raises(TypeError, match="has no form in JSON"):
        spelled(column("rate"), declared, dialect_of(database.dialect))
