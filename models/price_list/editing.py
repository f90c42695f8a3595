"""How is a price list written down, and how does a price change? By a new row, never by another value."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from sqlmodel import select

from models.discount_list import DiscountList, DiscountListStatus
from models.document import require_currency
from models.errors import Blocker, Invalid, NotFound
from models.lifecycle import KEEP, Change, Kept, Reference, kept, transition
from models.price_list.tables import PriceList, PriceListItem, PriceListStatus, QuantitySellingOption
from models.pricing import PricingMethod, RoundingOption, RoundingPolicy
from models.product import Product, ProductStatus
from models.unit import unit_named


@transition(PriceList, event="price_list.created")
def create_price_list(
    change: Change,
    *,
    name: Annotated[str, "Name; unique."],
    currency_code: Annotated[
        str | None, "ISO 4217 currency of its prices; the organisation's where left out."
    ] = None,
    valid_from: Annotated[date | None, "The first day that documents are priced by it."] = None,
    valid_to: Annotated[date | None, "The last day, itself included."] = None,
    description: Annotated[str | None, "Whom or what it is for."] = None,
) -> PriceList:
    """Make a price list (Dataverse: Create pricelevel). addPriceListItem adds the prices."""
    change.require_free_name(PriceList, name)
    _require_dates(valid_from, valid_to)
    return change.add(
        change.new(
            PriceList,
            name=name,
            description=description,
            currency_code=require_currency(currency_code or change.moment.organization.currency_code),
            valid_from=valid_from,
            valid_to=valid_to,
        ),
        status=PriceListStatus.ACTIVE,
        reason="ACTIVE",
    )


@transition(PriceList, event="price_list.updated", sources=tuple(PriceListStatus))
def update_price_list(
    change: Change,
    price_list: PriceList,
    *,
    name: Annotated[str | Kept, "Name; unique."] = KEEP,
    valid_from: Annotated[date | Kept | None, "The first day that documents are priced by it."] = KEEP,
    valid_to: Annotated[date | Kept | None, "The last day, itself included."] = KEEP,
    description: Annotated[str | Kept | None, "Whom or what it is for."] = KEEP,
) -> None:
    """Change a price list's name or dates. Its currency stays: its prices are in it."""
    if not isinstance(name, Kept) and name != price_list.name:
        change.require_free_name(PriceList, name)
        price_list.name = name
    price_list.description = kept(description, price_list.description)
    price_list.valid_from = kept(valid_from, price_list.valid_from)
    price_list.valid_to = kept(valid_to, price_list.valid_to)
    _require_dates(price_list.valid_from, price_list.valid_to)


@transition(
    PriceList,
    event="price_list.deactivated",
    sources=(PriceListStatus.ACTIVE,),
    target=PriceListStatus.INACTIVE,
    reason="INACTIVE",
)
def deactivate_price_list(change: Change, price_list: PriceList) -> None:
    """Price no more lines by a price list (Dataverse: SetState). Lines that have a price keep it."""
    del change, price_list


@transition(
    PriceList,
    event="price_list.activated",
    sources=(PriceListStatus.INACTIVE,),
    target=PriceListStatus.ACTIVE,
    reason="ACTIVE",
)
def activate_price_list(change: Change, price_list: PriceList) -> None:
    """Price lines by a price list again (Dataverse: SetState)."""
    del change, price_list


@dataclass
class EditedPriceListItem:
    """The price that was added or ended."""

    price_list_item: Annotated[PriceListItem, "The price that was added or ended."]


@transition(PriceList, event="price_list.item_added", sources=tuple(PriceListStatus))
def add_price_list_item(
    change: Change,
    price_list: PriceList,
    *,
    product_id: Annotated[UUID, Reference("product"), "The product."],
    unit: Annotated[
        str | None, "The unit that the price is for, by name; the product's default unit where left out."
    ] = None,
    pricing_method: Annotated[
        PricingMethod, "What the price is computed from."
    ] = PricingMethod.CURRENCY_AMOUNT,
    amount: Annotated[Decimal | None, "The price of one unit, for CURRENCY_AMOUNT."] = None,
    percent: Annotated[Decimal | None, "Percent, for every other method."] = None,
    rounding_policy: Annotated[
        RoundingPolicy, "Which way a computed price is rounded."
    ] = RoundingPolicy.NONE,
    rounding_option: Annotated[
        RoundingOption, "What a computed price is rounded to."
    ] = RoundingOption.MULTIPLE_OF,
    rounding_amount: Annotated[Decimal, "What it is a multiple of, or ends in."] = Decimal(0),
    quantity_selling_option: Annotated[
        QuantitySellingOption, "Which quantities are sold at the price."
    ] = QuantitySellingOption.NO_CONTROL,
    discount_list_id: Annotated[
        UUID | None, Reference("discount_list"), "The volume discounts that are taken off it."
    ] = None,
    valid_from: Annotated[
        date | None, "The first day of the price, today or later; today where left out."
    ] = None,
) -> EditedPriceListItem:
    """Set the price of a product on a price list from a day on (Dataverse: Create productpricelevel).

    The price that was valid until then ends the day before. Lines keep theirs until they are repriced.
    """
    product = _priced(change, price_list, product_id, pricing_method)
    begins = valid_from or change.moment.today
    if begins < change.moment.today:
        message = f"validFrom {begins} is past; today is {change.moment.today}: prices change today or later."
        raise Invalid(message, path=("input", "validFrom"), code="INVALID_DATES")
    discounts = None if discount_list_id is None else _discounts(change, price_list, discount_list_id)
    unit_id = product.default_unit_id
    if unit not in {None, product.unit}:
        unit_id = unit_named(change.session, product.unit_group_id, unit).id
    item = change.new(
        PriceListItem,
        price_list_id=price_list.id,
        product_id=product.id,
        unit_id=unit_id,
        currency_code=price_list.currency_code,
        pricing_method=pricing_method,
        amount=amount,
        percent=percent,
        rounding_policy=rounding_policy,
        rounding_option=rounding_option,
        rounding_amount=rounding_amount,
        quantity_selling_option=quantity_selling_option,
        discount_list_id=discounts,
        valid_from=begins,
    )
    item.rule.check()
    _require_new(change, item, product)
    return EditedPriceListItem(change.add(item))


@transition(PriceList, event="price_list.item_ended", sources=tuple(PriceListStatus))
def end_price_list_item(
    change: Change,
    price_list: PriceList,
    *,
    item_id: Annotated[UUID, Reference("price_list_item"), "The price."],
    valid_to: Annotated[date | None, "The last day, itself included; today where left out."] = None,
) -> EditedPriceListItem:
    """Take a product off a price list after a day. Lines keep the price that they have."""
    item = _item(change, price_list, item_id)
    ends = valid_to or change.moment.today
    if ends < max(item.valid_from, change.moment.today):
        first = max(item.valid_from, change.moment.today)
        message = f"validTo {ends} is too early: the price can end on {first} or later."
        raise Invalid(message, path=("input", "validTo"), code="INVALID_DATES")
    item.valid_to = ends
    return EditedPriceListItem(item)


@transition(PriceList, event="price_list.item_removed", sources=tuple(PriceListStatus))
def remove_price_list_item(
    change: Change,
    price_list: PriceList,
    *,
    item_id: Annotated[UUID, Reference("price_list_item"), "The price."],
) -> None:
    """Delete a price that no line has (Dataverse: Delete productpricelevel): it was a typing error."""
    item = _item(change, price_list, item_id)
    if change.is_used(item):
        message = "Lines have this price: addPriceListItem sets the next one, endPriceListItem ends it."
        change.refuse(Blocker("HAS_DOWNSTREAM", message, ("input", "itemId")))
    change.remove(item)


def _priced(change: Change, price_list: PriceList, key: UUID, method: PricingMethod) -> Product:
    """Return a product that may get a price on a price list.

    Raises:
        NotFound: there is no such product.
        Blocked: it is retired, or its list price and costs are in another currency.
    """
    path = ("input", "productId")
    product = change.find(Product, key, path)
    if product.status is ProductStatus.RETIRED:
        message = (
            f"Product {product.number} is RETIRED; it gets no new prices: activateProduct sells it again."
        )
        change.refuse(Blocker("PRODUCT_NOT_ACTIVE", message, path))
    if method is not PricingMethod.CURRENCY_AMOUNT and product.currency_code != price_list.currency_code:
        message = (
            f"{method} is computed from prices and costs in {product.currency_code}; the price list is in "
            f"{price_list.currency_code}: use CURRENCY_AMOUNT."
        )
        change.refuse(Blocker("CURRENCY_MISMATCH", message, ("input", "pricingMethod")))
    return product


def _discounts(change: Change, price_list: PriceList, key: UUID) -> UUID:
    """Return the key of a discount list that may be used on a price list.

    Raises:
        NotFound: there is no such discount list.
        Blocked: it is inactive, or its amounts are in another currency.
    """
    path = ("input", "discountListId")
    found = change.find(DiscountList, key, path)
    if found.status is not DiscountListStatus.ACTIVE:
        message = f"The discount list {found.name} is {found.status}: activateDiscountList makes it ACTIVE."
        change.refuse(Blocker("DISCOUNT_LIST_INACTIVE", message, path))
    if found.currency_code not in {None, price_list.currency_code}:
        message = (
            f"The amounts of {found.name} are in {found.currency_code}, the price list is in "
            f"{price_list.currency_code}."
        )
        change.refuse(Blocker("CURRENCY_MISMATCH", message, path))
    return found.id


def _require_new(change: Change, item: PriceListItem, product: Product) -> None:
    """Refuse a second price for one day.

    Raises:
        Invalid: the product has a price from that day on.
    """
    key = ("price_list_id", "product_id", "unit_id", "valid_from")
    statement = select(PriceListItem.id).where(
        *(getattr(PriceListItem, name) == getattr(item, name) for name in key)
    )
    if change.session.exec(statement).first() is not None:
        message = (
            f"{product.name} has a price from {item.valid_from} on already: choose a later validFrom, or "
            "removePriceListItem takes that one off if no line has it."
        )
        raise Invalid(message, path=("input", "validFrom"), code="PRICE_EXISTS")


def _item(change: Change, price_list: PriceList, key: UUID) -> PriceListItem:
    """Return the item of a price list with that key.

    Raises:
        NotFound: the price list has no such item.
    """
    item = change.session.get(PriceListItem, key)
    if item is None or item.price_list_id != price_list.id:
        raise NotFound(PriceListItem.noun(), path=("input", "itemId"))
    return item


def _require_dates(begins: date | None, ends: date | None) -> None:
    """Refuse a price list that would end before it begins.

    Raises:
        Invalid: the last day lies before the first.
    """
    if begins and ends and ends < begins:
        message = f"validTo {ends} lies before validFrom {begins}."
        raise Invalid(message, path=("input", "validTo"), code="INVALID_DATES")
