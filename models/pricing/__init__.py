"""What does something cost, and why? Pure functions of what is typed: no session, no SQL, no clock.

Unit prices (``unit_price``, ``volume_discount``), documents (``price``), their parts (``split``), and the
steps that explain each of them (``trace``).
"""

from models.pricing.document import LinePrice, Position, Priced, Terms, Totals, price
from models.pricing.explain import explain_document, explain_line
from models.pricing.rounding import NO_ROUNDING, Rounding, RoundingOption, RoundingPolicy, rounded
from models.pricing.split import (
    Billing,
    RateGroup,
    deduction,
    deposit,
    document_of,
    freight_price,
    less,
    negative,
    part_by_amount,
    part_of_line,
    price_of_group,
    rate_groups,
    rest_of,
    sum_of_lines,
)
from models.pricing.tax import (
    TYPED_TAX,
    Tax,
    TaxAmount,
    TaxBase,
    Taxes,
    TaxMode,
    TaxRounding,
    sum_by_tax,
    taxes_in,
)
from models.pricing.tax import as_json as taxes_as_json
from models.pricing.tax import from_json as taxes_from_json
from models.pricing.trace import Input, Rule, Step, as_json, from_json, step
from models.pricing.unit_price import (
    PriceBasis,
    PriceRule,
    PricingMethod,
    UnitPrice,
    price_places,
    unit_price,
)
from models.pricing.volume import QuantityBreak, VolumeDiscount, require_breaks, volume_discount

__all__ = [
    "NO_ROUNDING",
    "TYPED_TAX",
    "Billing",
    "Input",
    "LinePrice",
    "Position",
    "PriceBasis",
    "PriceRule",
    "Priced",
    "PricingMethod",
    "QuantityBreak",
    "RateGroup",
    "Rounding",
    "RoundingOption",
    "RoundingPolicy",
    "Rule",
    "Step",
    "Tax",
    "TaxAmount",
    "TaxBase",
    "TaxMode",
    "TaxRounding",
    "Taxes",
    "Terms",
    "Totals",
    "UnitPrice",
    "VolumeDiscount",
    "as_json",
    "deduction",
    "deposit",
    "document_of",
    "explain_document",
    "explain_line",
    "freight_price",
    "from_json",
    "less",
    "negative",
    "part_by_amount",
    "part_of_line",
    "price",
    "price_of_group",
    "price_places",
    "rate_groups",
    "require_breaks",
    "rest_of",
    "rounded",
    "step",
    "sum_by_tax",
    "sum_of_lines",
    "taxes_as_json",
    "taxes_from_json",
    "taxes_in",
    "unit_price",
    "volume_discount",
]
