"""What is a price list, and which of its prices does a document have on a day?"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import aliased
from sqlmodel import Field, Index, Session, col, func, select

from models.document import Document
from models.errors import Blocker
from models.lifecycle import Change, Kept, kept
from models.money import Amount
from models.pricing import PriceRule, PricingMethod, Rounding, RoundingOption, RoundingPolicy
from models.record import Identifier, Part, choice
from models.status import Staged, reason_key


class PriceListStatus(StrEnum):
    """Whether documents may be priced by a price list."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class QuantitySellingOption(StrEnum):
    """Which quantities are sold at a price."""

    NO_CONTROL = "NO_CONTROL"
    WHOLE = "WHOLE"
    WHOLE_AND_FRACTIONAL = "WHOLE_AND_FRACTIONAL"


class PriceList(Staged, table=True):
    """Prices in one currency, for some customers or some season."""

    __tablename__ = "price_list"
    is_internal: ClassVar[bool] = True
    __table_args__ = (
        reason_key(),
        Index("ix_price_list_created_at_id", "created_at", "id"),
        Index("ix_price_list_updated_at_id", "updated_at", "id"),
    )

    status: PriceListStatus = Field(sa_type=choice(PriceListStatus))
    name: str = Field(max_length=160, unique=True)
    description: str | None = Field(default=None, max_length=2000)
    currency_code: str = Field(max_length=3)
    # Both days included; without a bound where null.
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Say whether documents of that day may be priced by it."""
        begun = self.valid_from is None or self.valid_from <= day
        ended = self.valid_to is not None and self.valid_to < day
        return self.status is PriceListStatus.ACTIVE and begun and not ended


class PriceListItem(Part, table=True):
    """The price of a product in a unit on a price list, from a day on.

    A price is never overwritten: the next one is another row with a later first day, which ends this one.
    """

    __tablename__ = "price_list_item"
    is_internal: ClassVar[bool] = True
    __table_args__ = (UniqueConstraint("price_list_id", "product_id", "unit_id", "valid_from"),)
    part_of: ClassVar[str] = "price_list_id"

    price_list_id: UUID = Field(foreign_key="price_list.id", sa_type=Identifier)
    product_id: UUID = Field(foreign_key="product.id", sa_type=Identifier, index=True)
    unit_id: UUID = Field(foreign_key="unit.id", sa_type=Identifier, index=True)
    # The price list's.
    currency_code: str = Field(max_length=3)
    pricing_method: PricingMethod = Field(sa_type=choice(PricingMethod))
    amount: Decimal | None = Field(default=None, sa_type=Amount)
    percent: Decimal | None = Field(default=None, sa_type=Amount)
    rounding_policy: RoundingPolicy = Field(sa_type=choice(RoundingPolicy))
    rounding_option: RoundingOption = Field(sa_type=choice(RoundingOption))
    rounding_amount: Decimal = Field(sa_type=Amount)
    quantity_selling_option: QuantitySellingOption = Field(sa_type=choice(QuantitySellingOption))
    discount_list_id: UUID | None = Field(
        default=None, foreign_key="discount_list.id", sa_type=Identifier, index=True
    )
    valid_from: date
    # The last day, itself included; until the next price where null.
    valid_to: date | None = None

    @property
    def rule(self) -> PriceRule:
        """How the price of one unit is computed."""
        rounding = Rounding(self.rounding_policy, self.rounding_option, self.rounding_amount)
        return PriceRule(self.pricing_method, self.amount, self.percent, rounding)


def put_price_list(change: Change, document: Document, key: UUID | Kept | None) -> None:
    """Price a document's lines by another price list from now on, or by none, where that was said.

    Raises:
        NotFound: there is no such price list.
        Blocked: its prices are in another currency.
    """
    if isinstance(key, Kept) or key is None:
        document.price_list_id = kept(key, document.price_list_id)
        return
    path = ("input", "priceListId")
    found = change.find(PriceList, key, path)
    if found.currency_code != document.currency_code:
        own = document.currency_code
        message = f"The price list {found.name} is in {found.currency_code}, this document in {own}."
        change.refuse(Blocker("CURRENCY_MISMATCH", message, path))
    document.price_list_id = found.id


def default_price_list(session: Session, key: UUID | None, currency_code: str) -> UUID | None:
    """Return the default price list of an account where it may price a document of that currency."""
    found = None if key is None else session.get(PriceList, key)
    return None if found is None or found.currency_code != currency_code else found.id


def items_on(
    session: Session, price_list: UUID, products: Iterable[UUID], day: date
) -> dict[tuple[UUID, UUID], PriceListItem]:
    """Return the prices of products on a price list that are valid on a day, by product and unit."""
    other = aliased(PriceListItem)
    same = [
        getattr(other, name) == getattr(PriceListItem, name)
        for name in ("price_list_id", "product_id", "unit_id")
    ]
    latest = select(func.max(other.valid_from)).where(*same, other.valid_from <= day).scalar_subquery()
    statement = select(PriceListItem).where(
        PriceListItem.price_list_id == price_list,
        col(PriceListItem.product_id).in_(set(products)),
        PriceListItem.valid_from == latest,
        col(PriceListItem.valid_to).is_(None) | (col(PriceListItem.valid_to) >= day),
    )
    return {(each.product_id, each.unit_id): each for each in session.exec(statement).all()}
