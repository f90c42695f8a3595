"""Why does a line, or a document, come to what it does? Its figures as steps that can be computed again."""

from collections.abc import Sequence
from decimal import Decimal

from models.money import HUNDRED, ZERO, exactly
from models.pricing.document import LinePrice, Position, Terms
from models.pricing.tax import TYPED_TAX, TaxAmount
from models.pricing.trace import Rule, Step, step


def explain_line(position: Position, price: LinePrice, price_steps: Sequence[Step] = ()) -> tuple[Step, ...]:
    """Return the steps of a line, from its unit price to its extended amount; what is zero is left out."""
    each = position.price_per_unit
    steps = list(price_steps) or [step(Rule.TYPED_PRICE, {"price_per_unit": each}, each)]
    with exactly():
        base = {
            "quantity": position.quantity,
            "price_per_unit": each,
            "volume_discount": position.volume_discount,
        }
        exact = position.quantity * (each - position.volume_discount)
        steps.append(step(Rule.BASE_AMOUNT, base, price.base_amount, exact))
        if price.manual_discount:
            steps.append(_manual(position, price))
        net = {"base_amount": price.base_amount, "manual_discount": price.manual_discount}
        steps.append(step(Rule.NET_AMOUNT, net, price.net_amount))
        if price.discount_share:
            steps.append(step(Rule.DISCOUNT_SHARE, {"net_amount": price.net_amount}, price.discount_share))
        steps += _taxes(price.taxes, price.tax_amount)
    extended = {
        "net_amount": price.net_amount,
        "tax_amount": price.tax_amount,
        "included_tax_amount": price.included_tax_amount,
    }
    return (*steps, step(Rule.EXTENDED_AMOUNT, extended, price.extended_amount))


def explain_document(
    terms: Terms, line_total: Decimal, discount_total: Decimal, taxes: Sequence[TaxAmount], total: Decimal
) -> tuple[Step, ...]:
    """Return the steps of a document, from the sum of its lines to its total; what is zero is left out."""
    steps = [step(Rule.LINE_TOTAL, {"line_total": line_total}, line_total)]
    tax_total = sum((each.amount for each in taxes), ZERO)
    included = sum((each.amount for each in taxes if each.tax.is_inclusive), ZERO)
    with exactly():
        percent_part = discount_total - terms.discount_amount
        if terms.discount_percent:
            inputs = {"line_total": line_total, "percent": terms.discount_percent}
            exact = line_total * terms.discount_percent / HUNDRED
            steps.append(step(Rule.PERCENT_DISCOUNT, inputs, percent_part, exact))
        if discount_total:
            inputs = {"percent_discount": percent_part, "discount_amount": terms.discount_amount}
            steps.append(step(Rule.DISCOUNT_TOTAL, inputs, discount_total))
        steps += _taxes(taxes, tax_total)
    inputs = {
        "line_total": line_total,
        "discount_total": discount_total,
        "freight_amount": terms.freight_amount,
        "tax_total": tax_total,
        "included_tax_total": included,
    }
    return (*steps, step(Rule.TOTAL, inputs, total))


def _manual(position: Position, price: LinePrice) -> Step:
    """Return the step of a line's manual discounts."""
    inputs = {
        "discount_amount": position.discount_amount,
        "quantity": position.quantity,
        "discount_per_unit": position.discount_per_unit,
    }
    exact = position.discount_amount + position.quantity * position.discount_per_unit
    return step(Rule.MANUAL_DISCOUNT, inputs, price.manual_discount, exact)


def _taxes(taxes: Sequence[TaxAmount], total: Decimal) -> list[Step]:
    """Return a step for each tax, and their sum."""
    steps = []
    for each in taxes:
        inputs = {"base": each.base, "percent": each.tax.percent}
        exact: Decimal | None = each.base * each.tax.percent / HUNDRED
        rule = Rule.TAX_INCLUDED if each.tax.is_inclusive else Rule.TAX
        if each.tax == TYPED_TAX and each.amount:
            rule, inputs, exact = Rule.TAX_TYPED, {"typed_tax": each.amount}, None
        steps.append(step(rule, inputs, each.amount, exact, subject=each.tax.code))
    if len(taxes) > 1:
        named = {f"tax_{number}": each.amount for number, each in enumerate(taxes, 1)}
        steps.append(step(Rule.TAX_TOTAL, named, total))
    return steps
