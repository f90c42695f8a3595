"""What is taken off a unit's price when many are bought? Discount lists and their quantity breaks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from sqlmodel import Field, Index, Session, col, select

from models.document import require_currency
from models.errors import Invalid
from models.lifecycle import KEEP, Change, Kept, transition
from models.money import Amount, plain, round_to
from models.pricing import QuantityBreak, require_breaks
from models.record import Identifier, Part, choice
from models.status import Staged, reason_key

# Dynamics: a quantity has five places, so that the least is 0.00001.
_QUANTITY_PLACES = 5


class DiscountType(StrEnum):
    """What the discounts of a list are typed as."""

    PERCENTAGE = "PERCENTAGE"
    AMOUNT = "AMOUNT"


class DiscountListStatus(StrEnum):
    """Whether new prices may use a discount list."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class DiscountList(Staged, table=True):
    """Volume discounts by quantity, which the items of price lists refer to."""

    __tablename__ = "discount_list"
    is_internal: ClassVar[bool] = True
    __table_args__ = (
        reason_key(),
        Index("ix_discount_list_created_at_id", "created_at", "id"),
        Index("ix_discount_list_updated_at_id", "updated_at", "id"),
    )

    status: DiscountListStatus = Field(sa_type=choice(DiscountListStatus))
    name: str = Field(max_length=160, unique=True)
    type: DiscountType = Field(sa_type=choice(DiscountType))
    # Of the amounts; null for percentages.
    currency_code: str | None = Field(default=None, max_length=3)


class Discount(Part, table=True):
    """What is taken off each unit when the quantity lies between two bounds, both included."""

    __tablename__ = "discount"
    is_internal: ClassVar[bool] = True
    __table_args__ = (Index("ix_discount_discount_list_id_low_quantity", "discount_list_id", "low_quantity"),)
    part_of: ClassVar[str] = "discount_list_id"

    discount_list_id: UUID = Field(foreign_key="discount_list.id", sa_type=Identifier)
    low_quantity: Decimal = Field(sa_type=Amount)
    # Null where there is no upper bound.
    high_quantity: Decimal | None = Field(default=None, sa_type=Amount)
    percent: Decimal | None = Field(default=None, sa_type=Amount)
    amount: Decimal | None = Field(default=None, sa_type=Amount)
    currency_code: str | None = Field(default=None, max_length=3)

    @property
    def quantity_break(self) -> QuantityBreak:
        """What pricing needs to know of it."""
        return QuantityBreak(self.low_quantity, self.high_quantity, self.percent, self.amount)


@dataclass
class DiscountBreak:
    """A quantity break of a discount list: what is taken off each unit between two quantities."""

    low: Annotated[Decimal, "From this quantity on, itself included; at least 0.00001."]
    high: Annotated[
        Decimal | None, "Up to this quantity, itself included; without an upper bound where left out."
    ] = None
    percent: Annotated[Decimal | None, "Percent off the price of each unit, in a list of percentages."] = None
    amount: Annotated[Decimal | None, "Amount off the price of each unit, in a list of amounts."] = None


@transition(DiscountList, event="discount_list.created")
def create_discount_list(
    change: Change,
    *,
    name: Annotated[str, "Name; unique."],
    type: Annotated[DiscountType, "Whether its discounts are percentages or amounts."],  # noqa: A002  # The field's term.
    breaks: Annotated[list[DiscountBreak], "Its quantity breaks, which do not overlap."],
    currency_code: Annotated[
        str | None, "ISO 4217 currency of its amounts; the organisation's where left out."
    ] = None,
) -> DiscountList:
    """Make a discount list with its quantity breaks (Dataverse: Create discounttype)."""
    change.require_free_name(DiscountList, name)
    if type is DiscountType.PERCENTAGE and currency_code is not None:
        message = "A list of percentages has no currency: leave currencyCode out."
        raise Invalid(message, path=("input", "currencyCode"))
    if type is DiscountType.AMOUNT:
        currency_code = require_currency(currency_code or change.moment.organization.currency_code)
    made = change.add(
        change.new(DiscountList, name=name, type=type, currency_code=currency_code),
        status=DiscountListStatus.ACTIVE,
        reason="ACTIVE",
    )
    _write(change, made, breaks)
    return made


@transition(
    DiscountList, event="discount_list.updated", sources=tuple(DiscountListStatus), demands_version=True
)
def update_discount_list(
    change: Change,
    discount_list: DiscountList,
    *,
    name: Annotated[str | Kept, "Name; unique."] = KEEP,
    breaks: Annotated[list[DiscountBreak] | Kept, "Its quantity breaks from now on, all of them."] = KEEP,
) -> None:
    """Change a discount list's name, or put other quantity breaks in the place of those that it has.

    Lines that have a volume discount keep it until their quantity changes or they are repriced.
    """
    if not isinstance(name, Kept) and name != discount_list.name:
        change.require_free_name(DiscountList, name)
        discount_list.name = name
    if not isinstance(breaks, Kept):
        for each in discounts_of(change.session, (discount_list.id,)):
            change.remove(each)
        _write(change, discount_list, breaks)


@transition(
    DiscountList,
    event="discount_list.deactivated",
    sources=(DiscountListStatus.ACTIVE,),
    target=DiscountListStatus.INACTIVE,
    reason="INACTIVE",
)
def deactivate_discount_list(change: Change, discount_list: DiscountList) -> None:
    """Keep new prices from using a discount list (Dataverse: SetState). Those that refer to it still do."""
    del change, discount_list


@transition(
    DiscountList,
    event="discount_list.activated",
    sources=(DiscountListStatus.INACTIVE,),
    target=DiscountListStatus.ACTIVE,
    reason="ACTIVE",
)
def activate_discount_list(change: Change, discount_list: DiscountList) -> None:
    """Let new prices use a discount list again (Dataverse: SetState)."""
    del change, discount_list


def discounts_of(session: Session, discount_lists: Iterable[UUID]) -> list[Discount]:
    """Return the quantity breaks of discount lists."""
    keys = set(discount_lists)
    return (
        list(session.exec(select(Discount).where(col(Discount.discount_list_id).in_(keys))).all())
        if keys
        else []
    )


def _write(change: Change, discount_list: DiscountList, breaks: Sequence[DiscountBreak]) -> None:
    """Write the quantity breaks of a discount list.

    Raises:
        Invalid: a bound or a discount out of range, one that is not of the list's type, or an overlap.
    """
    kind = "percent" if discount_list.type is DiscountType.PERCENTAGE else "amount"
    require_breaks([QuantityBreak(each.low, each.high, each.percent, each.amount) for each in breaks])
    for index, each in enumerate(breaks):
        if getattr(each, kind) is None:
            message = (
                f"The discounts of {discount_list.name} are of the type {discount_list.type}: pass {kind}."
            )
            raise Invalid(message, path=("input", "breaks", index, kind))
        for bound in ("low", "high"):
            quantity = getattr(each, bound)
            if quantity is not None and round_to(quantity, _QUANTITY_PLACES) != quantity:
                places = _QUANTITY_PLACES
                message = f"{bound} is {plain(quantity)}; a quantity has {places} digits behind the point."
                raise Invalid(message, path=("input", "breaks", index, bound))
        change.add(
            change.new(
                Discount,
                discount_list_id=discount_list.id,
                low_quantity=each.low,
                high_quantity=each.high,
                percent=each.percent,
                amount=each.amount,
                currency_code=discount_list.currency_code,
            )
        )
