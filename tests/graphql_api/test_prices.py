"""Does the API show how a price came about: each tax, and each step?"""

import re
from decimal import Decimal
from typing import Any

import pytest

from models.access import Role
from tests.desk import make_desk
from tests.examples import PAGES
from tests.factories import make_product
from tests.graphql_api.conftest import Site

MAKE = """
mutation {
  vat: createTaxCode(input: { code: "VAT", name: "Sales tax", percent: "19" }) { userErrors { message } }
  account: createAccount(input: { name: "Acme" }) { account { id } }
}
"""
OPEN = """
mutation ($account: ID!) {
  createOpportunity(input: { name: "Pumps", accountId: $account }) { opportunity { id } }
}
"""
ADD = """
mutation ($id: ID!) {
  addOpportunityLine(
    input: {
      id: $id, expectedVersion: null, description: "Pump", quantity: "9.5", pricePerUnit: "124.75"
      taxCodes: ["VAT"]
    }
  ) {
    userErrors { message }
    line {
      taxes { code percent isInclusive exemptReason base { amount currencyCode } amount { amount } }
      priceTrace { rule subject inputs { name value } output rounding }
    }
    opportunity {
      taxes { code base { amount } amount { amount } }
      taxRounding
      priceTrace { rule output }
    }
  }
}
"""


async def test_a_line_and_its_document_explain_their_price(site: Site) -> None:
    """On both engines the same: the breakdown, and the steps from the typed price to the total."""
    made: Any = await site.ask(MAKE)
    assert made["data"]["vat"]["userErrors"] == []
    opened = await site.ask(OPEN, account=made["data"]["account"]["account"]["id"])
    answer = await site.ask(ADD, id=opened["data"]["createOpportunity"]["opportunity"]["id"])
    payload = answer["data"]["addOpportunityLine"]
    assert payload["line"]["taxes"] == [
        {
            "code": "VAT",
            "percent": "19",
            "isInclusive": False,
            "exemptReason": None,
            "base": {"amount": "1185.13", "currencyCode": "EUR"},
            "amount": {"amount": "225.17"},
        }
    ]
    steps = payload["line"]["priceTrace"]
    # The page tells the same example.
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\S+) \| (\S+) \|$", PAGES["pricing"].read_text(), re.MULTILINE)
    assert [(each["rule"], each["output"], each["rounding"]) for each in steps] == rows
    assert [each["subject"] for each in steps] == [None, None, None, "VAT", None]
    assert steps[1]["inputs"] == [
        {"name": "quantity", "value": "9.5"},
        {"name": "pricePerUnit", "value": "124.75"},
        {"name": "volumeDiscount", "value": "0"},
    ]
    assert payload["opportunity"] == {
        "taxes": [{"code": "VAT", "base": {"amount": "1185.13"}, "amount": {"amount": "225.17"}}],
        "taxRounding": "DOCUMENT",
        "priceTrace": [
            {"rule": "LINE_TOTAL", "output": "1185.13"},
            {"rule": "TAX", "output": "225.17"},
            {"rule": "TOTAL", "output": "1410.3"},
        ],
    }


@pytest.mark.parametrize(
    ("role", "current", "standard"),
    [
        (Role.ADMIN, {"amount": "60.00"}, {"amount": "50.25"}),
        (Role.SALES, {"amount": "60.00"}, {"amount": "50.25"}),
        (Role.SUPPORT, {"amount": "60.00"}, {"amount": "50.25"}),
        (Role.PARTNER, None, None),
    ],
)
async def test_costs_are_shown_to_the_companys_own_people_only(
    site: Site, role: Role, current: object, standard: object
) -> None:
    """A partner reads null for the costs of a product and of its versions, and the price as everybody."""
    make_product(make_desk(site.database), current_cost=Decimal(60), standard_cost=Decimal("50.25"))
    figures = "listPrice { amount } currentCost { amount } standardCost { amount }"
    text = f"{{ products(first: 1) {{ nodes {{ {figures} versions {{ nodes {{ {figures} }} }} }} }} }}"
    answer: Any = await site.ask(text, role)
    (found,) = answer["data"]["products"]["nodes"]
    expected = {"listPrice": {"amount": "100.00"}, "currentCost": current, "standardCost": standard}
    assert found == {**expected, "versions": {"nodes": [expected]}}
