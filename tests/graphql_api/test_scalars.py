"""Which leaf values are taken, which are refused, and does each refusal name the way out?"""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from graphql import GraphQLError, GraphQLSchema, parse_value
from graphql.utilities import value_from_ast

from graphql_api.schema import build_schema
from graphql_api.types.scalars import parse_currency_code, parse_date, parse_date_time, parse_decimal

SCHEMA: GraphQLSchema = build_schema()._schema


def literal(scalar: str, text: str) -> object:
    """Return what a scalar makes of a literal in a document."""
    return SCHEMA.type_map[scalar].parse_literal(parse_value(text), None)  # type: ignore[attr-defined]  # A scalar.


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12.50", "12.50"),
        ("-0.000001", "-0.000001"),
        ("999999999999999999.999999", "999999999999999999.999999"),
        ("000000000000000000000007", "7"),
        ("1.0000000000", "1.0000000000"),
        ("-0", "0"),
        (7, "7"),
        (-3, "-3"),
    ],
)
def test_a_decimal_comes_in_as_a_string_or_an_integer(value: object, expected: str) -> None:
    """A variable's string or integer is taken exactly, zeros without value do not count as digits."""
    parsed = parse_decimal(value)
    assert (parsed, parsed.is_signed()) == (Decimal(expected), expected.startswith("-"))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1.5, "Decimal cannot take the JSON number 1.5, a binary float"),
        (float("nan"), "Decimal cannot take the JSON number nan, a binary float"),
        (float("inf"), "Decimal cannot take the JSON number inf, a binary float"),
        (True, "Decimal cannot take True: send a string"),
        (None, "Decimal cannot take None: send a string"),
        ([], "Decimal cannot take []: send a string"),
        ("NaN", "Decimal cannot take 'NaN': exponents, NaN and infinities are not taken"),
        ("-Infinity", "Decimal cannot take '-Infinity': exponents"),
        ("1e5", "Decimal cannot take '1e5': exponents"),
        ("1e999999", "Decimal cannot take '1e999999': exponents"),
        ("", "Decimal cannot take '': exponents"),
        (" 1", "Decimal cannot take ' 1': exponents"),
        ("1.", "Decimal cannot take '1.': exponents"),
        (".5", "Decimal cannot take '.5': exponents"),
        ("1,000", "Decimal cannot take '1,000': exponents"),
        ("1_000", "Decimal cannot take '1_000': exponents"),
        ("٣", "Decimal cannot take '٣': exponents"),
        ("1\n", "Decimal cannot take '1\\n': exponents"),
        ("0.0000001", "'0.0000001' has 0 and 7."),
        ("1000000000000000000", "'1000000000000000000' has 19 and 0."),
        (10**18, "Decimal takes at most 18 digits before the point."),
        pytest.param(10**100_000, "Decimal takes at most 18 digits before the point.", id="huge integer"),
        pytest.param("9" * 100_000, "has 100000 and 0.", id="huge text"),
    ],
)
def test_what_is_no_plain_decimal_is_refused(value: object, message: str) -> None:
    """Floats, NaN, infinities, exponents, and more than 18 + 6 digits are refused."""
    with pytest.raises(GraphQLError) as refusal:
        parse_decimal(value)
    assert message in refusal.value.message


def test_a_refused_decimal_names_the_way_out() -> None:
    """The message for a float says which forms are taken."""
    with pytest.raises(GraphQLError) as refusal:
        parse_decimal(0.1)
    assert refusal.value.message == (
        'Decimal cannot take the JSON number 0.1, a binary float: send a string such as "12.50" or an '
        "integer; in the document itself, 12.50 is taken as written."
    )


@pytest.mark.parametrize("text", ["0.1", '"0.1"'])
def test_a_decimal_literal_is_taken_from_its_text(text: str) -> None:
    """A decimal in the document never passes through a float."""
    assert literal("Decimal", text) == Decimal("0.1")


def test_a_long_decimal_literal_keeps_all_its_digits() -> None:
    """24 digits are more than a float holds, and all of them arrive."""
    assert literal("Decimal", "123456789012345678.123456") == Decimal("123456789012345678.123456")


@pytest.mark.parametrize("text", ["1e5", "1.5E-3", "true", "EUR", "[1]", "{a: 1}"])
def test_other_literals_are_no_decimals(text: str) -> None:
    """Exponents and other kinds of literals are refused in the document as well."""
    with pytest.raises(GraphQLError, match=r"^Decimal cannot take"):
        literal("Decimal", text)


def test_a_decimal_goes_out_as_a_plain_string() -> None:
    """Neither exponents nor trailing zeros go out."""
    assert SCHEMA.type_map["Decimal"].serialize(Decimal("1.250E+3")) == "1250"  # type: ignore[attr-defined]  # A scalar.


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-31T09:30:00Z", datetime(2026, 3, 31, 9, 30, tzinfo=UTC)),
        ("2026-03-31T11:30:00+02:00", datetime(2026, 3, 31, 9, 30, tzinfo=UTC)),
        ("2026-03-31T09:30:00.123456Z", datetime(2026, 3, 31, 9, 30, 0, 123456, tzinfo=UTC)),
        ("2026-03-31T09:30:00.5-00:30", datetime(2026, 3, 31, 10, 0, 0, 500000, tzinfo=UTC)),
    ],
)
def test_an_instant_comes_in_with_its_zone(value: str, expected: datetime) -> None:
    """Any offset is taken, and becomes UTC."""
    parsed = parse_date_time(value)
    assert (parsed, parsed.tzinfo) == (expected, UTC)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2026-03-31T09:30:00", "DateTime '2026-03-31T09:30:00' has no time zone: send RFC 3339 with a zone"),
        ("2026-03-31", "DateTime cannot take '2026-03-31': send RFC 3339 with a zone"),
        ("2026-02-30T09:30:00Z", "there is no such instant"),
        ("2026-03-31T25:00:00Z", "there is no such instant"),
        ("0001-01-01T00:00:00+23:59", "there is no such instant"),
        ("2026-03-31T09:30:00.1234567Z", "DateTime cannot take"),
        ("2026-03-31T09:30:00Z ", "DateTime cannot take"),
        (1774949400, "DateTime cannot take 1774949400: send RFC 3339 with a zone"),
        (None, "DateTime cannot take None"),
    ],
)
def test_what_is_no_instant_is_refused(value: object, message: str) -> None:
    """Times without a zone, days, numbers, and instants that do not exist are refused."""
    with pytest.raises(GraphQLError) as refusal:
        parse_date_time(value)
    assert message in refusal.value.message


def test_an_instant_goes_out_in_utc() -> None:
    """RFC 3339 with Z."""
    instant = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)
    assert SCHEMA.type_map["DateTime"].serialize(instant) == "2026-03-31T09:30:00Z"  # type: ignore[attr-defined]  # A scalar.


def test_a_day_comes_in_as_a_day() -> None:
    """A calendar day has no time and no zone."""
    assert parse_date("2028-02-29") == date(2028, 2, 29)


@pytest.mark.parametrize(
    "value", ["2026-02-29", "2026-3-1", "20260301", "2026-03-31T00:00:00Z", 1774949400, None]
)
def test_what_is_no_day_is_refused(value: object) -> None:
    """Days that do not exist, other spellings, and instants are refused."""
    with pytest.raises(GraphQLError, match=r"^Date cannot take .*such as 2026-03-31, without a time\.$"):
        parse_date(value)


def test_a_currency_comes_in_by_its_code() -> None:
    """An ISO 4217 code in use is taken."""
    assert parse_currency_code("JPY") == "JPY"


@pytest.mark.parametrize("value", ["eur", "EURO", "XXX", "", 978, None])
def test_what_is_no_currency_is_refused(value: object) -> None:
    """Other texts and numbers are refused, with an example."""
    with pytest.raises(GraphQLError, match="send an ISO 4217 code in capitals, such as EUR, USD or JPY"):
        parse_currency_code(value)


@pytest.mark.parametrize(
    ("scalar", "text"), [("DateTime", "20260331"), ("Date", "2026"), ("CurrencyCode", "EUR")]
)
def test_texts_are_written_as_strings_in_the_document(scalar: str, text: str) -> None:
    """A number or a bare word is not a text, and the message shows one."""
    with pytest.raises(GraphQLError, match=rf'^{scalar} cannot take .*send it as a string, such as "'):
        literal(scalar, text)


def test_a_shown_value_is_cut() -> None:
    """A huge value does not make a huge message."""
    with pytest.raises(GraphQLError) as refusal:
        parse_date("x" * 10_000)
    assert len(refusal.value.message) < 200


@pytest.mark.parametrize("scalar", ["Decimal", "DateTime", "Date", "CurrencyCode"])
def test_each_scalar_says_where_it_is_specified(scalar: str) -> None:
    """Introspection leads a client to the scalar's specification."""
    url = SCHEMA.type_map[scalar].specified_by_url  # type: ignore[attr-defined]  # A scalar.
    assert url.startswith("https://")


def test_a_whole_argument_is_coerced_exactly() -> None:
    """The scalar is the one that the schema's inputs use."""
    line = SCHEMA.type_map["AddQuoteLineInput"].fields["quantity"].type  # type: ignore[attr-defined]  # An input type.
    assert value_from_ast(parse_value("0.30"), line) == Decimal("0.30")
