"""How is an order made without a quote, and how are its terms and prices changed while it is active?"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from models.address import PostalAddress, write_address
from models.conversion.customer import AccountId, ContactId, CurrencyCode, PriceListId, customer
from models.conversion.lines import reprice_from_catalogue
from models.conversion.ordering import has_live_invoice, no_live_invoice
from models.document import (
    FreightTaxCodes,
    freeze,
    lines_to_price,
    reprice,
    require_terms,
    set_freight_taxes,
    set_terms,
    tax_rules,
)
from models.errors import Invalid
from models.lifecycle import KEEP, Change, Kept, Reference, Seen, guard, kept, transition
from models.numbering import next_number
from models.order import Order, OrderLine, OrderStatus
from models.price_list import put_price_list

RequestedDelivery = Annotated[date | None, "The day the customer wants the goods."]
PaymentTerms = Annotated[int | None, "Days until its invoices are due; the account's where left out."]
FreightTerms = Annotated[str | None, "Who bears the freight, for example an Incoterm such as DAP Hamburg."]
ShippingMethod = Annotated[str | None, "How the goods travel, for example parcel or full load."]
CustomerReference = Annotated[str | None, "The customer's own number for it."]
# What the customer agreed to pay: fixed while prices are locked, and once something is billed.
_PRICED = ("discount_percent", "discount_amount", "freight_amount", "freight_tax_codes")


def priced(arguments: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """Return the first of some arguments that was given, None where none of them was."""
    return next((name for name in names if not isinstance(arguments.get(name, KEEP), Kept)), None)


@guard("PRICES_LOCKED", "is_prices_locked", path=("input", "discountPercent"))
def terms_unlocked(seen: Seen) -> str | None:
    """Prices are unlocked, or neither price list, discounts nor freight are given."""
    if not seen.is_prices_locked or priced(seen.arguments, ("price_list_id", *_PRICED)) is None:
        return None
    return (
        "The prices of this order are locked: leave price list, discounts and freight out, "
        "or unlockOrderPricing first."
    )


@guard("HAS_INVOICES", has_live_invoice, path=("input", "discountPercent"))
def terms_unbilled(seen: Seen) -> str | None:
    """No invoice of the order is live, or neither discounts nor freight are given."""
    if not seen.has_live_invoice or priced(seen.arguments, _PRICED) is None:
        return None
    return "Something of this order is billed: leave discounts and freight out, or cancelInvoice first."


@guard("PRICES_LOCKED", "is_prices_locked")
def prices_unlocked(seen: Seen) -> str | None:
    """The prices are not locked already."""
    return "The prices of this order are locked already." if seen.is_prices_locked else None


@guard("PRICES_UNLOCKED", "is_prices_locked")
def prices_locked(seen: Seen) -> str | None:
    """The prices are locked."""
    return None if seen.is_prices_locked else "The prices of this order are not locked: they can be changed."


@transition(Order, event="order.created")
def create_order(
    change: Change,
    *,
    name: Annotated[str, "What it is about."],
    account_id: AccountId = None,
    contact_id: ContactId = None,
    currency_code: CurrencyCode = None,
    price_list_id: PriceListId = KEEP,
    customer_reference: CustomerReference = None,
    requested_delivery_on: RequestedDelivery = None,
    payment_terms_days: PaymentTerms = None,
    freight_terms: FreightTerms = None,
    shipping_method: ShippingMethod = None,
) -> Order:
    """Begin an order for a customer without a quote. addOrderLine adds what is ordered.

    Its prices are unlocked, and its addresses those of the account.
    """
    buyer = customer(change, "an order", account_id, contact_id, currency_code)
    _require_name(name)
    require_terms(payment_terms_days, "payment_terms_days")
    billing = None if buyer.account is None else buyer.account.billing_address_id
    shipping = None if buyer.account is None else buyer.account.shipping_address_id
    order = change.new(
        Order,
        **buyer.columns,
        **tax_rules(change.moment.organization),
        chain_id=change.begin_chain(),
        owner_id=change.viewer.user_id,
        name=name,
        number=next_number(change, "O"),
        customer_reference=customer_reference,
        bill_to_id=billing,
        ship_to_id=shipping or billing,
        requested_delivery_on=requested_delivery_on,
        payment_terms_days=payment_terms_days,
        freight_terms=freight_terms,
        shipping_method=shipping_method,
    )
    put_price_list(change, order, price_list_id)
    freeze(change, order)
    return change.add(order, status=OrderStatus.ACTIVE, reason="NEW")


@transition(
    Order,
    event="order.updated",
    sources=(OrderStatus.ACTIVE,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
    guards=(terms_unlocked, terms_unbilled),
)
def update_order(
    change: Change,
    order: Order,
    *,
    name: Annotated[str | Kept, "What it is about."] = KEEP,
    customer_reference: Annotated[str | Kept | None, "The customer's own number for it."] = KEEP,
    bill_to: Annotated[PostalAddress | Kept, "Where invoices go."] = KEEP,
    ship_to: Annotated[PostalAddress | Kept, "Where the goods go."] = KEEP,
    requested_delivery_on: Annotated[date | Kept | None, "The day the customer wants the goods."] = KEEP,
    payment_terms_days: Annotated[int | Kept | None, "Days until its invoices are due."] = KEEP,
    freight_terms: Annotated[str | Kept | None, "Who bears the freight, for example an Incoterm."] = KEEP,
    shipping_method: Annotated[str | Kept | None, "How the goods travel."] = KEEP,
    price_list_id: Annotated[
        UUID | Kept | None,
        Reference("price_list"),
        "What its lines are priced by from now on; those it has keep their prices.",
    ] = KEEP,
    discount_percent: Annotated[Decimal | Kept, "Percent off the lines' sum, taken off first."] = KEEP,
    discount_amount: Annotated[
        Decimal | Kept, "Amount off the lines' sum, taken off after the percentage."
    ] = KEEP,
    freight_amount: Annotated[Decimal | Kept, "Freight, added after discounts."] = KEEP,
    freight_tax_codes: FreightTaxCodes = KEEP,
) -> None:
    """Change the header of an active order: addresses, delivery, terms, and unlocked prices."""
    order.name = _require_name(kept(name, order.name))
    order.customer_reference = kept(customer_reference, order.customer_reference)
    if not isinstance(bill_to, Kept):
        order.bill_to_id = write_address(change, bill_to, ("input", "billTo")).id
    if not isinstance(ship_to, Kept):
        order.ship_to_id = write_address(change, ship_to, ("input", "shipTo")).id
    order.requested_delivery_on = kept(requested_delivery_on, order.requested_delivery_on)
    order.payment_terms_days = kept(payment_terms_days, order.payment_terms_days)
    require_terms(order.payment_terms_days, "payment_terms_days")
    order.freight_terms = kept(freight_terms, order.freight_terms)
    order.shipping_method = kept(shipping_method, order.shipping_method)
    put_price_list(change, order, price_list_id)
    set_terms(order, discount_percent, discount_amount, freight_amount)
    set_freight_taxes(change, order, freight_tax_codes)
    reprice(order, lines_to_price(change, order, OrderLine))


@transition(
    Order,
    event="order.pricing_locked",
    sources=(OrderStatus.ACTIVE,),
    when_read_only="RECORD_READ_ONLY",
    guards=(prices_unlocked,),
)
def lock_order_pricing(change: Change, order: Order) -> None:
    """Let the prices of an order stay as they are (Dataverse: LockSalesOrderPricing).

    Nothing is written in any more, and prices, discounts and freight do not change.
    """
    del change
    order.is_prices_locked = True


@transition(
    Order,
    event="order.pricing_unlocked",
    sources=(OrderStatus.ACTIVE,),
    when_read_only="RECORD_READ_ONLY",
    demands_version=True,
    guards=(prices_locked, no_live_invoice),
)
def unlock_order_pricing(change: Change, order: Order) -> None:
    """Let prices be changed, and take today's from the catalogue (Dataverse: UnlockSalesOrderPricing).

    Prices that were typed stay, until they are changed.
    """
    order.is_prices_locked = False
    reprice_from_catalogue(change, order, OrderLine)


def _require_name(name: str) -> str:
    """Return a name after checking that there is one.

    Raises:
        Invalid: it is empty.
    """
    if not name:
        message = "An order needs a name."
        raise Invalid(message, path=("input", "name"))
    return name
