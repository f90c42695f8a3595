"""Which columns tell how a stored document, or a line of it, came to its price?

The steps are made of what is stored, so that they tell of the figures that count, whatever the rules are now.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from models.document.priced import line_price, position_of, terms_of
from models.pricing import Rule, Step, explain_document, explain_line, from_json, taxes_from_json

LINE_FIGURES = (
    "quantity",
    "price_per_unit",
    "price_steps",
    "volume_discount",
    "discount_amount",
    "discount_per_unit",
    "tax_percent",
    "typed_tax",
    "taxes",
    "base_amount",
    "discount_share",
    "tax_amount",
    "included_tax_amount",
    "currency_code",
)
"""What a line is explained by."""

DOCUMENT_FIGURES = (
    "currency_code",
    "discount_percent",
    "discount_amount",
    "freight_amount",
    "freight_taxes",
    "tax_rounding",
    "tax_base",
    "tax_mode",
    "line_total",
    "discount_total",
    "taxes",
    "total",
)
"""What a document is explained by."""


# A percentage and what it comes to give away what it is on: the price made of a cost is told as it stands.
_OF_COSTS = frozenset({Rule.PERCENT_MARKUP, Rule.PERCENT_MARGIN})


def explained_line(values: Mapping[str, Any], *, sees_costs: bool) -> tuple[Step, ...]:
    """Return the steps of a line, of its columns by name; of a cost only where ``sees_costs``."""
    line: Any = SimpleNamespace(**values)
    steps = from_json(line.price_steps)
    if not sees_costs and any(each.rule in _OF_COSTS for each in steps):
        steps = ()
    return explain_line(position_of(line), line_price(line), steps)


def explained_document(values: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return the steps of a document, of its columns by name."""
    row: Any = SimpleNamespace(**values)
    return explain_document(
        terms_of(row), row.line_total, row.discount_total, taxes_from_json(row.taxes), row.total
    )
