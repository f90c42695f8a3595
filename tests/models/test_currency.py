"""Do documents keep the exchange rate of the day they left their draft, and their total in our currency?"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from models.currency import ExchangeRate
from models.money import in_base
from tests.desk import TODAY, Desk, told
from tests.factories import Item, make_invoice, make_invoice_draft, make_opportunity

DOLLARS = "1.083712345678"


def _rate(desk: Desk, rate: str = DOLLARS, currency: str = "USD", **given: Any) -> str:
    made: str = desk.do("set_exchange_rate", currency_code=currency, rate=rate, **given)["exchange_rate"]
    return made


def _kept(desk: Desk, key: str) -> tuple[str | None, Decimal | None]:
    row = desk.row(key)
    return (None if row.exchange_rate is None else f"{row.exchange_rate:f}"), row.base_total


def test_a_rate_has_twelve_places(desk: Desk) -> None:
    """All of them come back, on both engines."""
    assert str(desk.read(ExchangeRate, _rate(desk)).rate) == DOLLARS


def test_documents_keep_the_rate_of_their_day(desk: Desk) -> None:
    """A quote from its activation, an order from its making, an invoice from its issue."""
    _rate(desk)
    opportunity = make_opportunity(desk, [Item("1", "100", tax="0")], currency="USD")
    assert _kept(desk, opportunity) == (DOLLARS, Decimal("92.28"))
    quote = desk.do("generate_quote_from_opportunity", id=opportunity)["quote"]
    assert _kept(desk, quote) == (None, None)
    desk.do("activate_quote", id=quote)
    _rate(desk, "2", valid_from=TODAY + timedelta(days=1))
    later = desk.later(days=1)
    order = later.do("accept_quote", id=quote)["order"]
    assert _kept(desk, quote) == (DOLLARS, Decimal("92.28"))
    assert _kept(desk, order) == ("2.000000000000", Decimal(50))
    assert _kept(desk, opportunity) == ("2.000000000000", Decimal(50))
    later.do("fulfill_order", id=order)
    invoice = later.do("invoice_order", id=order)["invoice"]
    assert _kept(desk, invoice) == (None, None)
    later.do("issue_invoice", id=invoice)
    _rate(desk, "4", valid_from=TODAY + timedelta(days=2))
    assert _kept(desk, invoice) == ("2.000000000000", Decimal(50))


def test_an_invoice_has_the_rate_of_its_date(desk: Desk) -> None:
    """It may be issued with a date that is past, before today's rate."""
    _rate(desk)
    invoice = make_invoice_draft(desk, [Item("1", "100", tax="0")], currency="USD")
    later = desk.later(days=3)
    _rate(later, "2")
    later.do("issue_invoice", id=invoice, issued_on=TODAY + timedelta(days=1))
    assert _kept(desk, invoice) == (DOLLARS, Decimal("92.28"))


def test_a_credit_note_has_the_rate_of_its_invoice(desk: Desk) -> None:
    """So that it takes the invoice back in our currency too, whatever the rate is by then."""
    _rate(desk, "2")
    invoice = make_invoice(desk, [Item("1", "100", tax="0")], currency="USD")
    unrated = make_invoice(desk, [Item("1", "100", tax="0")], currency="JPY")
    later = desk.later(days=1)
    for code in ("USD", "JPY"):
        _rate(later, "4", code)
    part = later.do("create_credit_note", id=invoice, reason="PRICE_REDUCTION", amount=Decimal(25))
    assert _kept(desk, part["credit_note"]) == ("2.000000000000", Decimal("12.5"))
    whole = later.do("create_credit_note", id=invoice, reason="CORRECTION")["credit_note"]
    assert _kept(desk, whole) == ("2.000000000000", Decimal("37.5"))
    assert desk.row(whole).base_currency_code == "EUR"
    none = later.do("create_credit_note", id=unrated, reason="CORRECTION")["credit_note"]
    assert _kept(desk, none) == (None, None)


def test_closed_records_keep_their_exchange_rate(desk: Desk) -> None:
    """Whatever the rate becomes after a win, a loss or the end of a quote (espocrm#1429)."""
    _rate(desk)
    won, lost, quoted = (
        make_opportunity(desk, [Item("1", "100", tax="0")], currency="USD") for _ in range(3)
    )
    quote = desk.do("generate_quote_from_opportunity", id=quoted)["quote"]
    desk.do("activate_quote", id=quote)
    desk.do("win_opportunity", id=won)
    desk.do("lose_opportunity", id=lost, reason="CANCELED")
    desk.do("close_quote", id=quote, reason="LOST")
    _rate(desk, "2", valid_from=TODAY + timedelta(days=1))
    later = desk.later(days=1)
    assert [_kept(later, each) for each in (won, lost, quote)] == [(DOLLARS, Decimal("92.28"))] * 3
    later.do("reopen_opportunity", id=lost, reason="They called.")
    later.do("win_opportunity", id=lost)
    assert _kept(later, lost) == ("2.000000000000", Decimal(50))


def test_our_own_currency_has_the_rate_one(desk: Desk) -> None:
    """And one without a rate has none: nothing is guessed."""
    assert _kept(desk, make_opportunity(desk)) == ("1.000000000000", Decimal(238))
    assert _kept(desk, make_opportunity(desk, currency="JPY")) == (None, None)


def test_an_amount_is_rounded_to_our_digits() -> None:
    """100 yen at 160.5 are 0.62 euros; 1 euro at 0.0062 of a yen is 161 yen."""
    assert in_base(Decimal(100), Decimal("160.5"), "EUR") == Decimal("0.62")
    assert in_base(Decimal(1), Decimal("0.0062"), "JPY") == Decimal(161)


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"currency_code": "EUR"}, "VALIDATION", "currencyCode"),
        ({"currency_code": "XXX"}, "VALIDATION", "currencyCode"),
        ({"rate": "0"}, "VALIDATION", "rate"),
        ({"rate": "-1"}, "VALIDATION", "rate"),
        ({"rate": "1.0000000000001"}, "VALIDATION", "rate"),
        ({"rate": "9000001"}, "VALIDATION", "rate"),
        ({"currency_code": "USD"}, "RATE_TAKEN", "validFrom"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(desk: Desk, given: dict[str, Any], code: str, field: str) -> None:
    """Each impossible value is refused with its path."""
    _rate(desk)
    refusal = desk.refused("set_exchange_rate", **{"currency_code": "CHF", "rate": "1"} | given)
    assert told(refusal) == (code, ("input", field))
