"""What is an amount in the organisation's own currency? Exchange rates from a day on each."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Index, col, select

from models.errors import Invalid
from models.lifecycle import Change, transition
from models.money import LARGEST_RATE, RATE_PLACES, Rate, require_currency
from models.record import Versioned

_RATE = re.compile(rf"[0-9]{{1,7}}(\.[0-9]{{1,{RATE_PLACES}}})?")


class ExchangeRate(Versioned, table=True):
    """How many units of a currency one unit of the organisation's is, from a day on. Never changed."""

    __tablename__ = "exchange_rate"
    __table_args__ = (
        UniqueConstraint("currency_code", "valid_from"),
        Index("ix_exchange_rate_created_at_id", "created_at", "id"),
        Index("ix_exchange_rate_updated_at_id", "updated_at", "id"),
        Index("ix_exchange_rate_valid_from_id", "valid_from", "id"),
    )

    currency_code: str = Field(max_length=3)
    valid_from: date
    rate: Decimal = Field(sa_type=Rate)


@transition(ExchangeRate, event="exchange_rate.set")
def set_exchange_rate(
    change: Change,
    *,
    currency_code: Annotated[str, "ISO 4217 code of the currency."],
    rate: Annotated[
        str,
        "Units of the currency for one of the organisation's, above zero, with up to twelve places: 1.0837.",
    ],
    valid_from: Annotated[date | None, "The first day of the rate; today where it is left out."] = None,
) -> ExchangeRate:
    """Set the rate of a currency from a day on. Documents that have left their draft keep theirs."""
    require_currency(currency_code)
    if currency_code == change.moment.organization.currency_code:
        message = f"{currency_code} is the organisation's own currency: its rate is 1."
        raise Invalid(message, path=("input", "currencyCode"))
    value = Decimal(rate) if _RATE.fullmatch(rate) else Decimal(0)
    if not 0 < value <= LARGEST_RATE:
        message = f"rate is {rate!r}; it is a number above zero with at most {RATE_PLACES} places."
        raise Invalid(message, path=("input", "rate"))
    day = valid_from or change.moment.today
    statement = select(ExchangeRate.id).where(
        ExchangeRate.currency_code == currency_code, ExchangeRate.valid_from == day
    )
    if change.session.exec(statement).first() is not None:
        message = f"{currency_code} has a rate from {day} already; rates are not overwritten."
        raise Invalid(message, path=("input", "validFrom"), code="RATE_TAKEN")
    return change.add(change.new(ExchangeRate, currency_code=currency_code, valid_from=day, rate=value))


def rate_of(change: Change, currency_code: str, day: date) -> Decimal | None:
    """Return the rate of a currency on a day: 1 for the organisation's own, None where none was set."""
    if currency_code == change.moment.organization.currency_code:
        return Decimal(1)
    statement = (
        select(ExchangeRate)
        .where(
            ExchangeRate.currency_code == currency_code,
            col(ExchangeRate.valid_from) <= day,
        )
        .order_by(col(ExchangeRate.valid_from).desc())
        .limit(1)
    )
    found = change.session.exec(statement).first()
    return None if found is None else found.rate
