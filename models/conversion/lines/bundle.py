"""Which lines belong together because they were sold as one?

A bundle's line is followed by those of its products, which know it by its lineage: so they find each other on
the quote, the order and the invoice as well. What is required is paid with the bundle; what is optional has a
price of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar
from uuid import UUID

from sqlmodel import col, select

from models.conversion.line_terms import put_product_taxes
from models.conversion.lines.catalogue import Sold, sold, version_to_sell
from models.conversion.lines.known import Known
from models.document import Document, Line, LineType
from models.errors import Blocker, Invalid, NotFound
from models.lifecycle import Change
from models.money import ZERO, plain, round_to
from models.product import BundleProduct, ProductVersion
from models.record import new_id

AnyLine = TypeVar("AnyLine", bound=Line)


@dataclass(frozen=True)
class Bundle(Generic[AnyLine]):
    """The line of a bundle that is about to be written."""

    change: Change
    table: type[AnyLine]
    line: AnyLine
    known: Known

    def parts(self, version: ProductVersion, optional: list[UUID] | None) -> list[AnyLine]:
        """Return the lines of what the bundle is made of.

        Raises:
            Invalid: a product is asked for that is not an optional one of the bundle.
            Blocked: one of the products is no longer sold.
        """
        parts = self.known.bundles.get(version.id, [])
        offered = {part.product_id for part in parts if not part.is_required}
        if unknown := set(optional or ()) - offered:
            message = f"{len(unknown)} of optionalProductIds are not optional products of {version.name}."
            raise Invalid(message, path=("input", "optionalProductIds"))
        wanted = offered if optional is None else set(optional)
        chosen = [part for part in parts if part.is_required or part.product_id in wanted]
        return [self._part(part, number) for number, part in enumerate(chosen, self.line.position + 1)]

    def _part(self, part: BundleProduct, position: int) -> AnyLine:
        """Return the line of one product of the bundle, with the taxes of the product."""
        owner, found = self.table.part_of, self.known.sold
        version = version_to_sell(self.change, found, part.product_id, ("input", "productId"))
        required, optional = LineType.REQUIRED_BUNDLE_PRODUCT, LineType.OPTIONAL_BUNDLE_PRODUCT
        line = self.change.new(
            self.table,
            **{owner: getattr(self.line, owner)},
            lineage_id=new_id(),
            bundle_lineage_id=self.line.lineage_id,
            line_type=required if part.is_required else optional,
            position=position,
            product_id=part.product_id,
            description=version.name,
            quantity=part.quantity * self.line.quantity,
            counted_in_id=version.default_unit_id,
            unit=version.unit,
            currency_code=self.line.currency_code,
            price_per_unit=ZERO,
        )
        put_product_taxes(self.change, line, version, self.known.taxes)
        _require_whole(line, found)
        return line


def line_of(change: Change, document: Document, table: type[AnyLine], key: UUID) -> AnyLine:
    """Return the line of the document with that key.

    Raises:
        NotFound: the document has no such line.
    """
    statement = select(table).where(col(table.id) == key, getattr(table, table.part_of) == document.id)
    line: AnyLine | None = change.session.exec(statement).one_or_none()
    if line is None:
        raise NotFound(table.noun(), path=("input", "lineId"))
    return line


def with_parts(change: Change, document: Document, table: type[AnyLine], key: UUID) -> list[AnyLine]:
    """Return a line of a document, and where it is a bundle's those of what it is made of.

    Raises:
        NotFound: the document has no such line.
    """
    line = line_of(change, document, table, key)
    return [line, *parts_of(change, document, table, line)]


def parts_of(change: Change, document: Document, table: type[AnyLine], line: AnyLine) -> Sequence[AnyLine]:
    """Return the lines of what the bundle of a line is made of; none where it is no bundle's."""
    if line.line_type is not LineType.BUNDLE:
        return []
    of_document = getattr(table, table.part_of) == document.id
    statement = select(table).where(of_document, col(table.bundle_lineage_id) == line.lineage_id)
    return change.session.exec(statement.order_by(col(table.position), col(table.id))).all()


def scale_parts(
    change: Change, bundle: AnyLine, parts: Sequence[AnyLine], before: Decimal
) -> Sequence[AnyLine]:
    """Let the quantities of what a bundle is made of follow the bundle's, and return those lines.

    Raises:
        Invalid: a product of the bundle is not sold in such parts.
    """
    found = sold(change, (part.product_id for part in parts if part.product_id)) if parts else {}
    for part in parts:
        part.quantity = part.quantity * bundle.quantity / before
        _require_whole(part, found)
    return parts


def require_alone(change: Change, line: Line, way_out: str) -> None:
    """Refuse to touch what a bundle is never sold without.

    Raises:
        Blocked: the line is that of a required product of a bundle.
    """
    if line.line_type is LineType.REQUIRED_BUNDLE_PRODUCT:
        message = f"{line.description} belongs to a bundle that is never sold without it: {way_out}."
        change.refuse(Blocker("REQUIRED_BUNDLE_PRODUCT", message, ("input", "lineId")))


def _require_whole(line: Line, found: Mapping[UUID, Sold]) -> None:
    """Refuse a quantity of a bundle that makes another one of its products finer than it is sold."""
    version = None if line.product_id is None else found[line.product_id].version
    if version is not None and round_to(line.quantity, version.quantity_places) != line.quantity:
        message = (
            f"That would be {plain(line.quantity)} of {version.name}, which is finer than it is sold: "
            f"it has {version.quantity_places} digits behind the point."
        )
        raise Invalid(message, path=("input", "quantity"), code="FRACTIONAL_QUANTITY")
