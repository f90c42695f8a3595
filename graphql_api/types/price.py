"""What does the schema show of how a price is made up?"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from graphql_api.planner.backing import Computed
from graphql_api.types.backed import Declared, computed, describe, given, list_of, shown
from graphql_api.types.money import Money
from models.access import Viewer
from models.moment import Moment, TaxBase, TaxMode, TaxRounding
from models.money import digits
from models.pricing import TaxAmount as Due
from models.pricing import taxes_from_json

describe(
    TaxRounding,
    "Where tax is rounded.",
    DOCUMENT="Once per code and rate of the document; the amount is shared over its lines.",
    LINE="On every line.",
)
describe(
    TaxBase,
    "What is taxed.",
    AFTER_DISCOUNTS="What is left after all discounts.",
    BEFORE_DOCUMENT_DISCOUNT="The lines' net amounts: the document's own discount leaves the tax as it is.",
)
describe(
    TaxMode,
    "Where the tax of a line comes from.",
    COMPUTED="It is computed from the rates of its taxes.",
    TYPED="It is typed as an amount, as in Dynamics.",
)


@shown
class TaxAmount:
    """How much of a tax is due, and on how much: of a line, of freight, or of a whole document."""

    code = given(str, "The tax's code; empty for a plain percentage, or a typed amount.")
    percent = given(Decimal, "The rate in percent, for example 19.")
    is_inclusive = given(bool, "Whether the prices include it.")
    is_on_previous = given(bool, "Whether it is on the base including the taxes before it.")
    exempt_reason = given(str | None, "Why nothing is due; null where it is a tax like others.")
    base = given(Money, "What it is on.")
    amount = given(Money, "What is due.")


def shown_money(amount: Decimal, currency_code: str) -> dict[str, str]:
    """Return an amount as ``Money`` shows it."""
    return {"amount": f"{amount:.{digits(currency_code)}f}", "currency_code": currency_code}


def shown_tax(due: Due, currency_code: str) -> dict[str, Any]:
    """Return an amount of tax as ``TaxAmount`` shows it."""
    return {
        "code": due.tax.code,
        "percent": due.tax.percent,
        "is_inclusive": due.tax.is_inclusive,
        "is_on_previous": due.tax.is_on_previous,
        "exempt_reason": due.tax.exempt_reason or None,
        "base": shown_money(due.base, currency_code),
        "amount": shown_money(due.amount, currency_code),
    }


def breakdown(description: str) -> Any:
    """Declare the taxes that the column of the attribute's name keeps, each with its base and amount."""

    def make(owner: Any, attribute: str) -> Any:
        def listed(values: Mapping[str, Any], viewer: Viewer, moment: Moment) -> list[dict[str, Any]]:
            del viewer, moment
            return [shown_tax(each, values["currency_code"]) for each in taxes_from_json(values[attribute])]

        source = Computed((attribute, "currency_code"), listed)
        declared: Declared = computed(source, list_of(TaxAmount), description)
        return declared.make(owner, attribute)

    return Declared(make)
