"""Which taxes does the company know, and at which rate on which day?"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Index, col, select

from models.errors import Invalid, Path
from models.lifecycle import Change, transition
from models.money import Amount, require_percent
from models.pricing import Tax, Taxes
from models.record import Identifier, Part, choice
from models.status import Staged, reason_key


class TaxCodeStatus(StrEnum):
    """Whether a tax may be put on lines."""

    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


class TaxCode(Staged, table=True):
    """A tax under the code that people use. Its rates are valid from a day each."""

    __tablename__ = "tax_code"
    __table_args__ = (
        reason_key(),
        Index("ix_tax_code_created_at_id", "created_at", "id"),
        Index("ix_tax_code_updated_at_id", "updated_at", "id"),
    )

    status: TaxCodeStatus = Field(sa_type=choice(TaxCodeStatus))
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=160)
    # Prices contain it.
    is_inclusive: bool = False
    # It is on the base including the taxes named before it.
    is_on_previous: bool = False
    # Why nothing is due: set, there is no rate.
    exempt_reason: str | None = Field(default=None, max_length=300)


class TaxRate(Part, table=True):
    """The rate of a tax from a day on, until its next rate. Never changed: a new rate is a new row."""

    __tablename__ = "tax_rate"
    __table_args__ = (UniqueConstraint("tax_code_id", "valid_from"),)
    part_of: ClassVar[str] = "tax_code_id"

    tax_code_id: UUID = Field(foreign_key="tax_code.id", sa_type=Identifier)
    valid_from: date
    percent: Decimal = Field(sa_type=Amount)


@transition(TaxCode, event="tax_code.created")
def create_tax_code(
    change: Change,
    *,
    code: Annotated[str, "The code that lines name it by, for example VAT; unique."],
    name: Annotated[str, "What it is called in full."],
    percent: Annotated[
        Decimal | None, "Its rate in percent; left out where it is exempt or addTaxRate follows."
    ] = None,
    valid_from: Annotated[date | None, "The first day of the rate; today where it is left out."] = None,
    is_inclusive: Annotated[bool, "Whether prices contain it."] = False,
    is_on_previous: Annotated[bool, "Whether it is on the base including the taxes named before it."] = False,
    exempt_reason: Annotated[
        str | None, "Why nothing is due, as documents say it; such a tax has no rate."
    ] = None,
) -> TaxCode:
    """Add a tax that lines, products and freight can name."""
    for field, value in (("code", code), ("name", name)):
        if not value:
            message = f"A tax code needs a {field}."
            raise Invalid(message, path=("input", field))
    if exempt_reason is not None and percent is not None:
        message = "A tax with an exemptReason has no rate: leave percent out."
        raise Invalid(message, path=("input", "percent"))
    if change.session.exec(select(TaxCode.id).where(TaxCode.code == code)).first() is not None:
        message = f"There is a tax code {code} already; codes are unique."
        raise Invalid(message, path=("input", "code"), code="NUMBER_TAKEN")
    made = change.add(
        change.new(
            TaxCode,
            code=code,
            name=name,
            is_inclusive=is_inclusive,
            is_on_previous=is_on_previous,
            exempt_reason=exempt_reason or None,
        ),
        status=TaxCodeStatus.ACTIVE,
        reason="ACTIVE",
    )
    if percent is not None:
        _write_rate(change, made, percent, valid_from)
    return made


@transition(TaxCode, event="tax_code.rate_added", sources=(TaxCodeStatus.ACTIVE,))
def add_tax_rate(
    change: Change,
    tax_code: TaxCode,
    *,
    percent: Annotated[Decimal, "The rate in percent, for example 19."],
    valid_from: Annotated[date | None, "The first day of the rate; today where it is left out."] = None,
) -> None:
    """Add the rate of a tax from a day on. Documents that are priced keep theirs."""
    if tax_code.exempt_reason is not None:
        message = f"Tax code {tax_code.code} is exempt; createTaxCode makes one with a rate."
        raise Invalid(message, path=("input", "percent"))
    statement = select(TaxRate.id).where(
        TaxRate.tax_code_id == tax_code.id, TaxRate.valid_from == (valid_from or change.moment.today)
    )
    if change.session.exec(statement).first() is not None:
        message = f"Tax code {tax_code.code} has a rate from that day already; rates are not overwritten."
        raise Invalid(message, path=("input", "validFrom"), code="RATE_TAKEN")
    _write_rate(change, tax_code, percent, valid_from)


@transition(
    TaxCode,
    event="tax_code.retired",
    sources=(TaxCodeStatus.ACTIVE,),
    target=TaxCodeStatus.RETIRED,
    reason="RETIRED",
)
def retire_tax_code(change: Change, tax_code: TaxCode) -> None:
    """Take a tax out of use. Documents that have it keep it."""
    del change, tax_code


@transition(
    TaxCode,
    event="tax_code.reactivated",
    sources=(TaxCodeStatus.RETIRED,),
    target=TaxCodeStatus.ACTIVE,
    reason="ACTIVE",
)
def reactivate_tax_code(change: Change, tax_code: TaxCode) -> None:
    """Bring a retired tax back into use."""
    del change, tax_code


KnownTaxes = Mapping[str, tuple[TaxCode, Decimal | None]]
"""Taxes by code, each with its rate of today; None for one that has none."""


def known_taxes(change: Change, codes: Iterable[str], keys: Iterable[UUID] = ()) -> KnownTaxes:
    """Return the taxes of these codes, and those of these keys, at their rates of today."""
    statement = (
        select(TaxCode, TaxRate)
        .join(TaxRate, isouter=True)
        .where(
            col(TaxCode.code).in_(set(codes)) | col(TaxCode.id).in_(set(keys)),
            (col(TaxRate.valid_from) <= change.moment.today) | col(TaxRate.id).is_(None),
        )
        .order_by(col(TaxRate.valid_from))
    )
    rows: Sequence[tuple[TaxCode, TaxRate | None]] = change.session.exec(statement).all()
    return {found.code: (found, None if rate is None else rate.percent) for found, rate in rows}


def taxes_of(change: Change, codes: Sequence[str], field: str, known: KnownTaxes | None = None) -> Taxes:
    """Return the taxes of these codes at their rates of today, in their order.

    Raises:
        Invalid: a code that is unknown, retired or named twice, or has no rate yet; the path has its index.
    """
    known = known_taxes(change, codes) if known is None else known
    for index, code in enumerate(codes):
        path = ("input", field, index)
        if code in codes[:index]:
            message = f"Tax code {code} is named twice."
            raise Invalid(message, path=path)
        if code not in known:
            message = (
                f"There is no tax code {code} with a rate by {change.moment.today}: addTaxRate adds one."
            )
            raise Invalid(message, path=path, code="TAX_RATE_MISSING")
        _require_usable(*known[code], path)
    return tuple(_tax(*known[code]) for code in codes)


def usable_tax_code(change: Change, key: UUID) -> TaxCode:
    """Return a tax that may be given to a product.

    Raises:
        NotFound: there is none of that id.
        Invalid: it is retired.
    """
    path = ("input", "taxCodeId")
    tax_code = change.find(TaxCode, key, path)
    _require_active(tax_code, path)
    return tax_code


def _require_active(tax_code: TaxCode, path: Path) -> None:
    """Refuse a tax that is retired.

    Raises:
        Invalid: it is.
    """
    if tax_code.status is not TaxCodeStatus.ACTIVE:
        message = f"Tax code {tax_code.code} is retired; reactivateTaxCode brings it back."
        raise Invalid(message, path=path, code="TAX_CODE_RETIRED")


def _require_usable(tax_code: TaxCode, percent: Decimal | None, path: Path) -> None:
    """Refuse a tax that is retired, or has no rate at all.

    Raises:
        Invalid: it is retired, or has no rate.
    """
    _require_active(tax_code, path)
    if percent is None and tax_code.exempt_reason is None:
        message = f"Tax code {tax_code.code} has no rate: addTaxRate adds one."
        raise Invalid(message, path=path, code="TAX_RATE_MISSING")


def _tax(tax_code: TaxCode, percent: Decimal | None) -> Tax:
    """Return a tax at its rate."""
    return Tax(
        tax_code.code,
        percent or Decimal(0),
        tax_code.is_inclusive,
        tax_code.is_on_previous,
        tax_code.exempt_reason or "",
    )


def _write_rate(change: Change, tax_code: TaxCode, percent: Decimal, valid_from: date | None) -> None:
    """Write a rate of a tax."""
    require_percent(percent, "percent")
    change.add(
        change.new(
            TaxRate, tax_code_id=tax_code.id, valid_from=valid_from or change.moment.today, percent=percent
        )
    )
