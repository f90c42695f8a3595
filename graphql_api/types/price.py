"""What does the schema show of how a price is made up?"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from graphql_api.planner.backing import Computed
from graphql_api.types.backed import Declared, computed, describe, given, list_of, shown
from graphql_api.types.money import Money
from models.access import Viewer
from models.document import DOCUMENT_FIGURES, LINE_FIGURES, explained_document, explained_line
from models.moment import Moment, TaxBase, TaxMode, TaxRounding
from models.money import digits, in_base
from models.pricing import Rule, Step, taxes_from_json
from models.pricing import TaxAmount as Due
from models.record import camel

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


describe(
    Rule,
    "What a step of a computation does with its inputs.",
    name="PricingRule",
    LIST_PRICE="Takes the list price of the product.",
    CURRENCY_AMOUNT="Takes the amount of the price list item.",
    PERCENT_OF_LIST="Takes a percentage of the list price.",
    PERCENT_MARKUP="Adds a percentage of the cost to the cost.",
    PERCENT_MARGIN="Makes the cost what the margin, a percentage of the price, leaves of the price.",
    ROUNDING_POLICY="Rounds by the policy that the subject names: to an end, or to a multiple.",
    VOLUME_PERCENT="Takes a percentage of the unit price off, for the quantity.",
    VOLUME_AMOUNT="Takes an amount off each unit, for the quantity.",
    TYPED_PRICE="Takes the price that was typed.",
    BASE_AMOUNT="Quantity times price less volume discount.",
    MANUAL_DISCOUNT="The discount of the line, and quantity times that of each unit.",
    NET_AMOUNT="Base amount less manual discounts.",
    LINE_TOTAL="The sum of the lines' net amounts.",
    PERCENT_DISCOUNT="The document's percentage of the lines.",
    DISCOUNT_TOTAL="The percentage and the fixed discount together.",
    DISCOUNT_SHARE="The line's part of the document's discount, in proportion to its net amount.",
    TAX="A percentage of the base, added; the subject is the tax's code.",
    TAX_INCLUDED="A percentage of the base, which the price includes; the subject is the tax's code.",
    TAX_TYPED="Takes the tax that was typed.",
    TAX_TOTAL="The sum of the taxes.",
    EXTENDED_AMOUNT="Net amount plus the tax that the price does not include.",
    TOTAL="Lines less discount, plus freight and the tax that prices do not include.",
)


@shown
class PriceInput:
    """A figure that goes into a step."""

    name = given(str, "What it is, for example quantity or percent.")
    value = given(Decimal, "How large it is.")


@shown
class PriceStep:
    """One step of a computation: its inputs, what it does with them, and what comes out."""

    rule = given(Rule, "What it does.")
    subject = given(str | None, "What it is about, for example the code of a tax; null where it is plain.")
    inputs = given(list_of(PriceInput), "What goes in.")
    output = given(Decimal, "What comes out, rounded where the rule rounds.")
    rounding = given(Decimal, "What rounding did: the output less the exact value, to twelve places.")


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


@shown
class BaseAmounts:
    """A document's amounts in the organisation's currency, each rounded by itself: the total counts."""

    exchange_rate = given(Decimal, "Units of the document's currency for one of the organisation's.")
    line_total = given(Money, "The lines' sum.")
    discount_total = given(Money, "The document's own discount.")
    freight_amount = given(Money, "The freight.")
    tax_total = given(Money, "The tax.")
    included_tax_total = given(Money, "What of the tax the prices include.")
    total = given(Money, "What the customer pays.")


_IN_BASE = ("line_total", "discount_total", "freight_amount", "tax_total", "included_tax_total", "total")


def _in_base(values: Mapping[str, Any], viewer: Viewer, moment: Moment) -> dict[str, Any] | None:
    """Return a document's amounts in the organisation's currency."""
    del viewer, moment
    rate, code = values["exchange_rate"], values["base_currency_code"]
    if rate is None or code is None:
        return None
    amounts = {name: shown_money(in_base(values[name], rate, code), code) for name in _IN_BASE}
    return {"exchange_rate": rate, **amounts}


def base_amounts() -> Any:
    """Declare a document's amounts in the organisation's currency."""
    return computed(
        Computed((*_IN_BASE, "exchange_rate", "base_currency_code"), _in_base),
        BaseAmounts | None,
        "Its amounts in the organisation's currency, once it has an exchange rate: an opportunity from its "
        "start, others from when they leave their draft; null where no rate was set.",
    )


def shown_step(made: Step) -> dict[str, Any]:
    """Return a step as ``PriceStep`` shows it."""
    return {
        "rule": made.rule,
        "subject": made.subject or None,
        "inputs": [{"name": camel(each.name), "value": each.value} for each in made.inputs],
        "output": made.output,
        "rounding": made.rounding,
    }


def line_trace() -> Any:
    """Declare the steps that a line's price is made of."""

    def listed(values: Mapping[str, Any], viewer: Viewer, moment: Moment) -> list[dict[str, Any]]:
        del moment
        return [shown_step(each) for each in explained_line(values, sees_costs=viewer.sees_costs)]

    return computed(
        Computed(LINE_FIGURES, listed), list_of(PriceStep), "How its price came about, step by step."
    )


def document_trace() -> Any:
    """Declare the steps that a document's total is made of."""

    def listed(values: Mapping[str, Any], viewer: Viewer, moment: Moment) -> list[dict[str, Any]]:
        del viewer, moment
        return [shown_step(each) for each in explained_document(values)]

    return computed(
        Computed(DOCUMENT_FIGURES, listed),
        list_of(PriceStep),
        "How its total came about, step by step; each line tells of itself.",
    )
