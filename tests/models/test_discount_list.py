"""Do quantity breaks hold what they say, without a gap in what is checked?"""

from decimal import Decimal
from typing import Any

import pytest

from models.discount_list import Discount, DiscountList
from tests.desk import Desk, told
from tests.factories import make_discount_list

LOW = {"low": Decimal(1), "high": Decimal(9), "percent": Decimal(1)}


def _rows(desk: Desk) -> list[tuple[Decimal, Decimal | None, Decimal | None, Decimal | None, str | None]]:
    return [
        (each.low_quantity, each.high_quantity, each.percent, each.amount, each.currency_code)
        for each in desk.all(Discount)
    ]


def test_a_discount_list_has_breaks(desk: Desk) -> None:
    """Percentages have no currency, amounts that of the organisation unless it is given."""
    percent = desk.read(DiscountList, make_discount_list(desk))
    assert (percent.status, percent.type, percent.currency_code) == ("ACTIVE", "PERCENTAGE", None)
    amount = make_discount_list(
        desk, {"low": Decimal("0.00001"), "amount": Decimal(2)}, name="Off", type="AMOUNT"
    )
    assert desk.read(DiscountList, amount).currency_code == "EUR"
    assert _rows(desk) == [
        (Decimal(10), Decimal("99.99999"), Decimal(5), None, None),
        (Decimal(100), None, Decimal(10), None, None),
        (Decimal("0.00001"), None, None, Decimal(2), "EUR"),
    ]


def test_other_breaks_take_the_place_of_the_present_ones(desk: Desk) -> None:
    """The event tells what went and what came."""
    made = make_discount_list(desk)
    desk.do("update_discount_list", id=made, expected_version=1, name="Volume 2", breaks=[LOW])
    assert _rows(desk) == [(Decimal(1), Decimal(9), Decimal(1), None, None)]
    row = desk.read(DiscountList, made)
    assert (row.name, row.version) == ("Volume 2", 2)
    desk.do("update_discount_list", id=made, expected_version=2, name="Volume 2")
    event = desk.events_of(made)[1]
    assert event.type == "discount_list.updated"
    assert {"1", "10", "100"} <= {each["before"] or each["after"] for each in event.changes}


def test_a_discount_list_is_deactivated_and_activated(desk: Desk) -> None:
    """Back and forth, each as an event of its own."""
    made = make_discount_list(desk)
    desk.do("deactivate_discount_list", id=made)
    assert (desk.row(made).status, desk.allowed(made)) == (
        "INACTIVE", ["updateDiscountList", "activateDiscountList"],
    )  # fmt: skip
    desk.do("activate_discount_list", id=made)
    assert desk.row(made).status == "ACTIVE"


@pytest.mark.parametrize(
    ("given", "code", "path", "message"),
    [
        ({"name": " "}, "VALIDATION", ("name",), "A discount list needs a name."),
        (
            {"name": "Taken"}, "NAME_TAKEN", ("name",),
            "There is a discount list Taken already; names are unique.",
        ),
        (
            {"currency_code": "EUR"}, "VALIDATION", ("currencyCode",),
            "A list of percentages has no currency: leave currencyCode out.",
        ),
        (
            {"breaks": [LOW, LOW | {"low": Decimal(9), "high": None}]}, "OVERLAPPING_BREAKS",
            ("breaks", 1, "low"), "A row goes to 9, another one begins at 9: which of them holds?",
        ),
        (
            {"breaks": [LOW | {"low": Decimal(0)}]}, "VALIDATION", ("breaks", 0, "low"),
            "low is 0; it has to be above zero.",
        ),
        (
            {"breaks": [LOW | {"low": Decimal("0.000001")}]}, "VALIDATION", ("breaks", 0, "low"),
            "low is 0.000001; a quantity has 5 digits behind the point.",
        ),
        (
            {"breaks": [{"low": Decimal(1), "amount": Decimal(1)}]}, "VALIDATION", ("breaks", 0, "percent"),
            "The discounts of Volume are of the type PERCENTAGE: pass percent.",
        ),
    ],
)  # fmt: skip
def test_a_discount_list_that_cannot_be_is_refused(
    desk: Desk, given: dict[str, Any], code: str, path: tuple[str | int, ...], message: str
) -> None:
    """Each impossible value is refused with its path and its reason."""
    make_discount_list(desk, name="Taken")
    valid = {"name": "Volume", "type": "PERCENTAGE", "breaks": [LOW]}
    refusal = desk.refused("create_discount_list", **valid | given)
    assert (*told(refusal), refusal.message) == (code, ("input", *path), message)


def test_a_changed_name_is_free(desk: Desk) -> None:
    """Another list's name is refused when a list is changed, too."""
    make_discount_list(desk, name="Taken")
    made = make_discount_list(desk)
    refusal = desk.refused("update_discount_list", id=made, expected_version=1, name="Taken")
    assert told(refusal) == ("NAME_TAKEN", ("input", "name"))
