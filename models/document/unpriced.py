"""Which lines of a document have no price? What is given away has 0 typed; the others are asked about."""

from sqlalchemy import String, and_, cast, func, or_
from sqlmodel import col, select

from models.document.tables import Line, LineType
from models.lifecycle import Fact, Seen


def unpriced_lines(table: type[Line]) -> Fact:
    """Return the fact which lines of a document in ``table`` have no price, by their positions."""
    parent = getattr(table, table.part_of)
    unpriced = and_(
        col(table.product_id).is_not(None),
        col(table.is_price_overridden).is_(False),
        col(table.price_per_unit) == 0,
        # It is paid with its bundle.
        col(table.line_type) != LineType.REQUIRED_BUNDLE_PRODUCT,
    )
    return Fact(
        "unpriced_lines",
        lambda document: (
            select(func.aggregate_strings(cast(table.position, String), " "))
            .where(parent == document.id, or_(table.currency_code != document.currency_code, unpriced))
            .scalar_subquery()
        ),
    )


def told_unpriced(seen: Seen, way_out: str) -> str | None:
    """Say which lines have no price, and what gives them one; None where each has one."""
    if not seen.unpriced_lines:
        return None
    positions = ", ".join(sorted(seen.unpriced_lines.split(), key=int))
    return f"There is no price in {seen.currency_code} on line {positions}: {way_out}"
