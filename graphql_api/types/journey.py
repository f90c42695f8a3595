"""What does the schema show of the way of a line, from the opportunity to the invoice?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry
from sqlalchemy import Integer
from sqlmodel import Session, SQLModel

from graphql_api.planner.backing import ComputedTogether
from graphql_api.planner.cursor import digest
from graphql_api.planner.leaf import money_text
from graphql_api.types.backed import Declared, built_field, by_name, describe, given, shown
from graphql_api.types.forward import forward_arguments, forward_connection, forward_page
from graphql_api.types.node import Node
from models.access import Viewer
from models.insight.journey import JourneyKind, Step, journeys
from models.moment import Moment
from models.money import PLACES
from models.record import INSTANT_FORMAT, Identifier, Instant

describe(
    JourneyKind,
    "What a step on the way of a line is.",
    OPPORTUNITY="What the customer might buy.",
    QUOTE="What was offered, in one revision of a quote.",
    ORDER="What the customer agreed to buy.",
    FULFILLMENT="What was delivered at once.",
    RETURN="What came back at once.",
    INVOICE="What was billed.",
    CREDIT_NOTE="What of that was taken back.",
)


@shown
class JourneyStep:
    """One step on the way of a line: the same position on one document, a delivery or a return."""

    kind = given(JourneyKind, "What the step is.")
    recorded_at = given(datetime, "When it was written.")
    withdrawn_at = given(
        datetime | None, "When it was removed from its document, or taken back; null while it stands."
    )
    line_id = given(strawberry.ID, "The id of the line, also of one that was removed.")
    came_from_id = given(strawberry.ID | None, "The id of the line that it was made from, removed or not.")
    line = given(Node | None, "The line; null where it was removed.")
    record = given(Node | None, "The document, or the delivery or the return, that it is part of.")
    label = given(str, "What people call that, for example Quote Q-2026-00042 revision 1.")
    description = given(str, "What the line says.")
    quantity = given(Decimal, "How many units.")
    unit = given(str, "The name of the unit that the quantity counts.")
    price_per_unit = given(
        by_name("Money") | None, "Price of one unit before discounts; null for deliveries and returns."
    )
    extended_amount = given(
        by_name("Money") | None, "What the line comes to; null for deliveries and returns."
    )


def _shown(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "recorded_at": step.recorded_at,
        "withdrawn_at": step.withdrawn_at,
        "line_id": step.line.public_id,
        "came_from_id": None if step.came_from is None else step.came_from.public_id,
        "line": None if step.is_removed else step.line,
        "record": step.record,
        "label": step.label,
        "description": step.description,
        "quantity": step.quantity,
        "unit": step.unit,
        "price_per_unit": _money(step.price_per_unit, step.currency_code),
        "extended_amount": _money(step.extended_amount, step.currency_code),
    }


def _money(amount: Decimal | None, currency_code: str) -> dict[str, str] | None:
    if amount is None:
        return None
    text = money_text(int(amount.scaleb(PLACES)), currency_code)
    return {"amount": text, "currency_code": currency_code}


def _answer(
    session: Session,
    viewer: Viewer,
    moment: Moment,
    rows: Sequence[Mapping[str, Any]],
    arguments: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Return the page of each line's journey."""
    del moment
    page = forward_page(arguments, digest("journey"), [Integer(), Instant(), Identifier()])
    found = journeys(session, viewer, [row["lineage_id"] for row in rows])
    answers = []
    for row in rows:
        steps = found[row["lineage_id"]]
        rest = steps if page.after is None else [each for each in steps if each.place > page.after]
        answers.append(page.shown(rest[: page.first], _keys, has_next=len(rest) > page.first, node=_shown))
    return answers


def _keys(step: Step) -> list[Any]:
    """Return what the cursor of a step holds."""
    rank, recorded_at, key = step.place
    return [rank, recorded_at.strftime(INSTANT_FORMAT), key.hex]


def journey() -> Any:
    """Declare the journey of a line of a document."""
    text = (
        "The way of this line through the deal: the same position on the opportunity, on every revision of "
        "every quote, on orders, deliveries, returns, invoices and credit notes, in that order, as far as "
        "you may see them. What was removed meanwhile is part of it."
    )

    def make(_: type[SQLModel], __: str) -> Any:
        source = ComputedTogether(("lineage_id",), _answer)
        return built_field(source, forward_connection("JourneyStep"), text, forward_arguments())

    return Declared(make)
