"""Has the catalogue changed since the lines of a draft were priced?

A line knows the price list item and the version of the product that it was priced by. Whether those are still
the ones of today is asked of the catalogue, so that nothing has to be marked when a price changes.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from models.document import LineType
from models.lifecycle import Fact
from models.moment import Moment
from models.opportunity import Opportunity, OpportunityLine, OpportunityStatus
from models.price_list import PriceListItem
from models.pricing import PricingMethod
from models.product import Product, ProductVersion
from models.quote import Quote, QuoteLine, QuoteStatus

# What a computed price is computed from.
_BASIS = ("list_price", "current_cost", "standard_cost", "currency_code", "default_unit_id")
_EDITED = {str(QuoteStatus.DRAFT), str(OpportunityStatus.OPEN)}


def price_outdated_facts(entity: type[Any]) -> tuple[Fact, ...]:
    """Return what ``is_price_outdated`` needs to know of a document, or of one of its lines."""
    table, document = (QuoteLine, Quote) if entity in {QuoteLine, Quote} else (OpportunityLine, Opportunity)
    priced = _Priced(table, document, is_line=entity is table)
    return (
        Fact("price_edited_in", lambda row: priced.of(row, priced.document.status, limit=True)),
        Fact("price_next_from", priced.next_from),
        Fact("price_ended_on", lambda row: priced.of(row, func.min(priced.own.valid_to))),
        Fact("price_is_stale", priced.is_stale),
    )


def is_price_outdated(values: Mapping[str, Any], moment: Moment) -> bool:
    """Say whether repricing today would find another price; what is no longer edited is not outdated."""
    following, last = values["price_next_from"], values["price_ended_on"]
    return str(values["price_edited_in"]) in _EDITED and bool(
        values["price_is_stale"]
        or (following is not None and following <= moment.today)
        or (last is not None and last < moment.today)
    )


class _Priced:
    """The lines of a document, or one of them, whose prices are the catalogue's."""

    def __init__(self, table: type[Any], document: type[Any], *, is_line: bool) -> None:
        self.line, self.document, self.own = aliased(table), aliased(document), aliased(PriceListItem)
        self.is_line = is_line
        self.parent = table.part_of

    def of(self, row: Any, wanted: Any, *, limit: bool = False) -> Any:
        """Return a value of the lines of ``row`` as one scalar."""
        statement = self._from(row, select(wanted))
        return (statement.limit(1) if limit else statement).scalar_subquery()

    def next_from(self, row: Any) -> Any:
        """Return the first day of the next price of a line."""
        after = aliased(PriceListItem)
        is_later = or_(
            and_(
                col(self.own.price_list_id) == after.price_list_id,
                col(after.valid_from) > self.own.valid_from,
            ),
            and_(self._has_moved_or_none(), col(after.valid_to).is_(None)),
        )
        same = and_(
            col(after.price_list_id) == self.document.price_list_id,
            col(after.product_id) == self.line.product_id,
            col(after.unit_id) == self.line.counted_in_id,
            is_later,
        )
        return self._from(row, select(func.min(after.valid_from))).join(after, same).scalar_subquery()

    def is_stale(self, row: Any) -> Any:
        """Say whether a line has a price of another price list, or of what a product was before."""
        quoted, latest, product = aliased(ProductVersion), aliased(ProductVersion), aliased(Product)
        differs = or_(*(getattr(quoted, name).is_distinct_from(getattr(latest, name)) for name in _BASIS))
        is_computed = or_(
            col(self.own.id).is_(None), col(self.own.pricing_method) != PricingMethod.CURRENCY_AMOUNT
        )
        moved = and_(col(self.own.id).is_not(None), self._has_moved_or_none())
        statement = (
            self._from(row, select(self.line.id))
            .join(quoted, quoted.id == self.line.product_version_id)
            .join(product, product.id == self.line.product_id)
            .join(
                latest, and_(col(latest.product_id) == product.id, col(latest.revision) == product.revision)
            )
            .where(or_(moved, and_(is_computed, differs)))
        )
        return exists(statement)

    def _has_moved_or_none(self) -> ColumnElement[bool]:
        """Return the condition that a line's price is not of the document's price list."""
        return col(self.own.price_list_id).is_distinct_from(self.document.price_list_id)

    def _from(self, row: Any, statement: Any) -> Any:
        """Read the lines of ``row`` with a price of the catalogue, with their document and that price."""
        mine = self.line.id == row.id if self.is_line else self.document.id == row.id
        return (
            statement.select_from(self.line)
            .join(self.document, self.document.id == getattr(self.line, self.parent))
            .outerjoin(self.own, self.own.id == self.line.price_list_item_id)
            .where(
                mine,
                self.line.product_id.is_not(None),
                self.line.is_price_overridden.is_(False),
                self.line.line_type != LineType.REQUIRED_BUNDLE_PRODUCT,
            )
        )
