"""What does a company have before its first deal? Taxes, products with prices, rivals, rules and people."""

from collections.abc import Sequence
from typing import Any

from tests.journeys.office import Branch, text_of

_STAGES = [
    {"code": "QUALIFY", "label": "Talk", "probability": 20},
    {"code": "CLOSE", "label": "Sign", "probability": 70},
]


def set_up(branch: Branch) -> dict[str, Sequence[str]]:
    """Write it down by the commands of an admin; return the public ids by noun."""

    def made(command: str, noun: str, **given: Any) -> str:
        answer = branch.post(0, text_of(command, f"{noun} {{ id }}"), "ada", input=given)
        assert answer["data"]["it"]["userErrors"] == [], answer
        return str(answer["data"]["it"][noun]["id"])

    tax = made("createTaxCode", "taxCode", code="VAT", name="Value-added tax", percent="19")
    made("createTaxCode", "taxCode", code="ECO", name="Levy", percent="1.5", isInclusive=True)
    steps = [{"low": "10", "high": "99.99999", "percent": "5"}, {"low": "100", "percent": "10"}]
    volume = made("createDiscountList", "discountList", name="Volume", type="PERCENTAGE", breaks=steps)
    prices = made("createPriceList", "priceList", name="Retail", currencyCode="EUR")
    products = []
    for number, price in (("P-1", "99.95"), ("P-2", "0.35")):
        sold = {"name": f"Pump {number}", "listPrice": price, "taxCodeId": tax, "currentCost": "0.3"}
        product = made("createProduct", "product", number=number, **sold)
        made("publishProduct", "product", id=product)
        priced = {"expectedVersion": None, "productId": product, "amount": price, "discountListId": volume}
        made("addPriceListItem", "priceList", id=prices, **priced)
        products.append(product)
    made("createApprovalPolicy", "approvalPolicy", name="Large", maxDiscountPercent="5", approverRole="ADMIN")
    return {
        "competitor": [made("createCompetitor", "competitor", name="Aqua Rival")],
        "pipeline": [made("createPipeline", "pipeline", code="RENEWALS", name="Renewals", stages=_STAGES)],
        "price_list": [prices],
        "product": products,
        "user": [person.id for person in branch.people.values()],
    }
