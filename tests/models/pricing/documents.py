"""Which documents does hypothesis try the pricing on? Any that a person could type, in every mode."""

import os
from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from models.money import digits, round_money
from models.pricing import Position, Tax, TaxBase, Taxes, TaxMode, TaxRounding, Terms

# Fifty documents a property keep the suite quick; PRICING_EXAMPLES=10000 looks longer.
EXAMPLES = int(os.environ.get("PRICING_EXAMPLES", "50"))

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])

_VAT = Tax("VAT", Decimal(19))
_REDUCED = Tax("VAT", Decimal(7))
_GST = Tax("GST", Decimal(5))
_COMPOUND = Tax("QST", Decimal("9.5"), is_on_previous=True)
_INCLUDED = Tax("MWST", Decimal("8.1"), is_inclusive=True)
_INCLUDED_ON = Tax("CITY", Decimal("2.5"), is_inclusive=True, is_on_previous=True)
_EXEMPT = Tax("EXPORT", Decimal(0), exempt_reason="Delivered outside of the union.")
TAXES = st.sampled_from(
    [
        (),
        (_VAT,),
        (_REDUCED,),
        (_GST, _COMPOUND),
        (_INCLUDED,),
        (_INCLUDED, _INCLUDED_ON),
        (_INCLUDED, _COMPOUND),
        (_VAT, _GST),
        (_GST, _INCLUDED_ON),
        (_EXEMPT,),
    ]
)


def amounts(least: int, most: int, places: int) -> st.SearchStrategy[Decimal]:
    """Return exact decimals with so many places: far quicker to draw than hypothesis' own."""
    return st.integers(least * 10**places, most * 10**places).map(
        lambda coins: Decimal(coins).scaleb(-places)
    )


def positions(places: int) -> st.SearchStrategy[Position]:
    """Return lines; quantity and price may be negative."""
    return st.builds(
        Position,
        amounts(-50, 500, 3),
        amounts(-50, 2000, 4),
        amounts(0, 20, places),
        TAXES,
        st.sampled_from([Decimal(0), Decimal("0.75")]),
        st.sampled_from([Decimal(0), Decimal("1.125")]),
        amounts(-5, 50, places),
    )


@st.composite
def documents(draw: st.DrawFn) -> tuple[list[Position], Terms]:
    """Return a document with anything in it."""
    currency = draw(CURRENCIES)
    places = digits(currency)
    lines = draw(st.lists(positions(places), min_size=1, max_size=8))
    terms = Terms(
        currency,
        draw(amounts(0, 100, 2)),
        draw(amounts(0, 300, places)),
        draw(amounts(0, 100, places)),
        draw(TAXES),
        draw(st.sampled_from(TaxRounding)),
        draw(st.sampled_from(TaxBase)),
        draw(st.sampled_from([TaxMode.COMPUTED, TaxMode.COMPUTED, TaxMode.TYPED])),
    )
    return lines, terms


@st.composite
def offers(draw: st.DrawFn) -> tuple[list[Position], Terms]:
    """Return a document as most are: nothing negative, no discount larger than what it is taken off."""
    found, terms = draw(documents())
    places = digits(terms.currency_code)
    lines = []
    for each in found:
        plain = replace(each, quantity=abs(each.quantity), price_per_unit=abs(each.price_per_unit))
        plain = replace(plain, discount_per_unit=Decimal(0), volume_discount=Decimal(0))
        base = round_money(plain.quantity * plain.price_per_unit, terms.currency_code)
        lines.append(replace(plain, discount_amount=draw(_up_to(base, places))))
    net = sum(
        (
            round_money(each.quantity * each.price_per_unit, terms.currency_code) - each.discount_amount
            for each in lines
        ),
        Decimal(0),
    )
    left = net - round_money(net * terms.discount_percent / 100, terms.currency_code)
    return lines, replace(terms, discount_amount=draw(_up_to(left, places)), tax_mode=TaxMode.COMPUTED)


def _up_to(most: Decimal, places: int) -> st.SearchStrategy[Decimal]:
    """Return amounts from nothing to ``most``."""
    return st.integers(0, int(most.scaleb(places))).map(lambda coins: Decimal(coins).scaleb(-places))


def untaxed(lines: list[Position]) -> list[Position]:
    """Return lines without taxes."""
    nothing: Taxes = ()
    return [replace(each, taxes=nothing, typed_tax=Decimal(0)) for each in lines]
