"""What does the catalogue say of a line: which version of the product, which unit, which price?

A document's lines are looked up together, in a number of statements that does not grow with them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_
from sqlmodel import col, select

from models.discount_list import discounts_of
from models.document import Document, Line, LineType
from models.errors import Blocker, Invalid, NotFound, Path
from models.lifecycle import Change, Loading
from models.money import ZERO, plain
from models.price_list import PriceList, PriceListItem, QuantitySellingOption, items_on
from models.pricing import (
    PriceBasis,
    QuantityBreak,
    Rule,
    as_json,
    price_places,
    step,
    unit_price,
    volume_discount,
)
from models.product import SOLD, Product, ProductStructure, ProductVersion
from models.record import KEY
from models.unit import Unit, in_unit, named_among, units_of

_VOLUME = frozenset({Rule.VOLUME_PERCENT, Rule.VOLUME_AMOUNT})


@dataclass(frozen=True)
class Sold:
    """A product with the version that is sold of it: the one that was published last."""

    product: Product
    version: ProductVersion | None


@dataclass(frozen=True)
class Catalogue:
    """What the lines of a document need to know: products, prices of today, units, volume discounts."""

    price_list: PriceList | None
    sold: Mapping[UUID, Sold]
    items: Mapping[tuple[UUID, UUID], PriceListItem]
    units: Mapping[UUID, Unit]
    # By discount list; a price without one has no breaks.
    breaks: Mapping[UUID | None, list[QuantityBreak]]


def sold(change: Change, products: Iterable[UUID]) -> dict[UUID, Sold]:
    """Return products by their keys, each with the version that is sold."""
    keys = set(products)
    if len(keys) == 1:
        rows: Iterable[Any] = _SOLD.rows(change.session, key=keys.pop())
    else:
        rows = change.session.exec(_sold.where(col(Product.id).in_(keys))).all()
    return {product.id: Sold(product, version) for product, version in rows}


_latest = and_(col(ProductVersion.product_id) == Product.id, col(ProductVersion.revision) == Product.revision)
_sold = select(Product, ProductVersion).outerjoin(ProductVersion, _latest)
_SOLD = Loading(_sold.where(col(Product.id) == KEY), Product, ProductVersion)


def version_to_sell(change: Change, found: Mapping[UUID, Sold], key: UUID, path: Path) -> ProductVersion:
    """Return the version of a product that may be put on documents today.

    Raises:
        NotFound: there is no such product.
        Blocked: it is a family, not active, or not valid today.
    """
    if key not in found:
        raise NotFound(Product.noun(), path=path)
    product, version = found[key].product, found[key].version
    if product.status not in SOLD or version is None:
        message = f"Product {product.number} is {product.status}; only an active product goes on a document."
        change.refuse(Blocker("PRODUCT_NOT_ACTIVE", message, path))
    if product.structure is ProductStructure.PRODUCT_FAMILY:
        message = f"Product {product.number} is a PRODUCT_FAMILY; one of its products goes on a document."
        change.refuse(Blocker("PRODUCT_NOT_ACTIVE", message, path))
    first, last, today = version.valid_from, version.valid_to, change.moment.today
    if (first and today < first) or (last and last < today):
        message = (
            f"Product {product.number} is sold from {first or 'the beginning'} to {last or 'no end'}; "
            f"today is {today}."
        )
        change.refuse(Blocker("PRODUCT_NOT_ACTIVE", message, path))
    return version


def unit_of(
    change: Change,
    product: Product,
    version: ProductVersion,
    name: str | None,
    known: Iterable[Unit] | None = None,
) -> tuple[UUID, str]:
    """Return key and name of the unit that a line is counted in: the default unit unless one is named.

    The units are looked up unless they are ``known``.

    Raises:
        Invalid: the product's unit group has no such unit.
    """
    if name in {None, version.unit}:
        return version.default_unit_id, version.unit
    group = product.unit_group_id
    units = units_of(change.session, group) if known is None else known
    named = named_among((unit for unit in units if unit.unit_group_id == group), name)
    return named.id, named.name


def catalogue(
    change: Change, document: Document, lines: Iterable[Line], found: Mapping[UUID, Sold]
) -> Catalogue:
    """Look up what lines need whose products were ``found``."""
    lines = [line for line in lines if line.product_id in found]
    price_list = None if document.price_list_id is None else change.get(PriceList, document.price_list_id)
    today = change.moment.today
    items: dict[tuple[UUID, UUID], PriceListItem] = {}
    if lines and price_list is not None and price_list.holds_on(today):
        items = items_on(
            change.session, price_list.id, (line.product_id for line in lines if line.product_id), today
        )
    breaks = _breaks(change, items.values())
    return Catalogue(price_list, found, items, _units(change, lines, found), breaks)


def put_price(change: Change, document: Document, line: Line, listed: Catalogue, path: Path) -> None:
    """Give a line of a product its version, its price list item, and what follows from them.

    A price that was typed stands; what a bundle requires is paid with the bundle.

    Raises:
        Blocked: a price list is mandatory and does not have it, or may not be used; or currencies differ.
        Invalid: the quantity is not sold at that price, or the price has nothing to be computed from.
    """
    if line.product_id is None:
        return
    version = listed.sold[line.product_id].version
    if version is None:
        return
    line.product_version_id, line.price_list_item_id, line.price_steps = version.id, None, []
    line.volume_discount = ZERO
    if line.line_type is LineType.REQUIRED_BUNDLE_PRODUCT:
        line.price_per_unit = ZERO
        return
    item = _item(change, line, listed, path)
    if item is not None:
        line.price_list_item_id = item.id
        require_sold(line, item)
    if line.is_price_overridden:
        return
    basis = _basis(line, version, listed)
    if item is None:
        _require_currency(change, document, listed.sold[line.product_id].product, version, path)
        line.price_per_unit = listed_at = basis.list_price or ZERO
        line.price_steps = as_json([step(Rule.LIST_PRICE, {"list_price": listed_at}, listed_at)])
        return
    places = price_places(change.moment.organization.price_places, line.currency_code)
    found = unit_price(item.rule, basis, places)
    line.price_per_unit, line.price_steps = found.amount, as_json(found.steps)
    put_volume_discount(change, line, listed.breaks.get(item.discount_list_id, []))


def put_volume_discount(change: Change, line: Line, breaks: list[QuantityBreak]) -> None:
    """Give a line what quantity breaks take off each unit. A price that was typed is what was agreed."""
    if line.is_price_overridden:
        line.volume_discount = ZERO
        return
    places = price_places(change.moment.organization.price_places, line.currency_code)
    found = volume_discount(breaks, line.quantity, line.price_per_unit, places)
    price = [each for each in line.price_steps if each["rule"] not in _VOLUME]
    line.volume_discount, line.price_steps = found.amount, price + as_json(found.steps)


def follow_quantity(change: Change, lines: Sequence[Line]) -> None:
    """Give lines the volume discount of their quantities, by the price that each has whatever became of it.

    Raises:
        Invalid: a quantity is not sold at its price.
    """
    keys = {line.price_list_item_id for line in lines if line.price_list_item_id is not None}
    if not keys:
        return
    found = change.session.exec(select(PriceListItem).where(col(PriceListItem.id).in_(keys))).all()
    items, breaks = {item.id: item for item in found}, _breaks(change, found)
    for line in lines:
        if line.price_list_item_id is not None:
            item = items[line.price_list_item_id]
            require_sold(line, item)
            put_volume_discount(change, line, breaks.get(item.discount_list_id, []))


def require_sold(line: Line, item: PriceListItem) -> None:
    """Refuse a part of a unit where a price is for whole units.

    Raises:
        Invalid: the quantity is not whole.
    """
    if item.quantity_selling_option is QuantitySellingOption.WHOLE and line.quantity % 1:
        message = (
            f"Quantity {plain(line.quantity)}: at this price {line.description} is sold in whole units only."
        )
        raise Invalid(message, path=("input", "quantity"), code="FRACTIONAL_QUANTITY")


def _item(change: Change, line: Line, listed: Catalogue, path: Path) -> PriceListItem | None:
    """Return the price list item of a line; None where there is none and none is needed."""
    found = None
    if line.product_id is not None and line.counted_in_id is not None:
        found = listed.items.get((line.product_id, line.counted_in_id))
    if found is None and change.moment.organization.price_list_is_mandatory:
        change.refuse(_missing(change, line, listed.price_list, path))
    return found


def _missing(change: Change, line: Line, price_list: PriceList | None, path: Path) -> Blocker:
    """Return why a line has no price where a price list is mandatory."""
    if price_list is None:
        message = "The document has no price list: set its priceListId."
        return Blocker("PRICE_LIST_REQUIRED", message, path)
    if not price_list.holds_on(change.moment.today):
        days = f"{price_list.valid_from or 'the beginning'} to {price_list.valid_to or 'no end'}"
        message = (
            f"The price list {price_list.name} is {price_list.status}, and valid from {days}: set another "
            "priceListId, or use activatePriceList or updatePriceList."
        )
        return Blocker("PRICE_LIST_INACTIVE", message, path)
    message = (
        f"{line.description} has no price per {line.unit} on the price list {price_list.name} today: "
        "addPriceListItem sets one."
    )
    return Blocker("PRODUCT_NOT_IN_PRICE_LIST", message, path)


def _require_currency(
    change: Change, document: Document, product: Product, version: ProductVersion, path: Path
) -> None:
    """Refuse a list price in another currency than the document's."""
    if version.currency_code != document.currency_code:
        message = (
            f"Product {product.number} is priced in {version.currency_code}, "
            f"this document in {document.currency_code}."
        )
        change.refuse(Blocker("CURRENCY_MISMATCH", message, path))


def _basis(line: Line, version: ProductVersion, listed: Catalogue) -> PriceBasis:
    """Return list price and costs of one unit that a line is counted in."""
    counted_in, default = line.counted_in_id or version.default_unit_id, version.default_unit_id
    amounts = (version.list_price, version.current_cost, version.standard_cost)
    if counted_in == default:
        return PriceBasis(*amounts)
    units = listed.units[default], listed.units[counted_in]
    return PriceBasis(*(None if amount is None else in_unit(amount, *units) for amount in amounts))


def _units(change: Change, lines: Iterable[Line], found: Mapping[UUID, Sold]) -> dict[UUID, Unit]:
    """Return the units of lines that are counted in another one than their product's default."""
    keys: set[UUID] = set()
    for line in lines:
        version = found[line.product_id].version if line.product_id else None
        counted_in = line.counted_in_id
        if version is not None and counted_in is not None and counted_in != version.default_unit_id:
            keys |= {version.default_unit_id, counted_in}
    if not keys:
        return {}
    return {unit.id: unit for unit in change.session.exec(select(Unit).where(col(Unit.id).in_(keys))).all()}


def _breaks(change: Change, items: Iterable[PriceListItem]) -> dict[UUID | None, list[QuantityBreak]]:
    """Return the quantity breaks of prices by their discount lists, active or not."""
    found: dict[UUID | None, list[QuantityBreak]] = {}
    keys = {item.discount_list_id for item in items if item.discount_list_id is not None}
    for each in discounts_of(change.session, keys):
        found.setdefault(each.discount_list_id, []).append(each.quantity_break)
    return found
