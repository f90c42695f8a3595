"""What does each command need to be given, beside the id and its defaults?"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from models.access import Role
from models.competitor import Competitor
from models.invoice import InvoiceLine
from models.lead import Lead, LeadStatus
from models.lifecycle import REGISTRY, Pointer
from models.opportunity import OpportunityCompetitor, OpportunityLine, SalesTeamMember, Stakeholder
from models.order import Fulfillment, FulfillmentLine, OrderLine
from models.outbox import cursor_of
from models.payment import Payment
from models.pipeline import Pipeline, Stage
from models.price_list import PriceListItem
from models.product import Product, ProductRelationship
from models.quote import QuoteLine
from models.record import Part, new_id, public_id
from models.unit import Unit
from tests.desk import Desk
from tests.factories import ADDRESS, Item
from tests.process import stage


def _line(
    table: type[OpportunityLine | QuoteLine | OrderLine | InvoiceLine],
) -> Callable[[Desk, str], dict[str, Any]]:
    return lambda desk, key: {"line_id": desk.all(table, **{table.part_of: key})[0].public_id}


def _standing(desk: Desk, key: str) -> str:
    """Return the last delivery of an order that stands, or one that is not there."""
    standing = [each for each in desk.all(Fulfillment, order_id=key) if each.canceled_at is None]
    return standing[-1].public_id if standing else public_id("fulfillment", new_id())


def _removable(desk: Desk, key: str) -> str:
    """Return a line of an order that was never delivered or billed, or its last one."""
    lines = desk.all(OrderLine, order_id=key)
    named = {each.order_line_id for each in desk.all(FulfillmentLine)}
    named |= {each.order_line_id for each in desk.all(InvoiceLine) if each.order_line_id}
    return next((each for each in lines if each.id not in named), lines[-1]).public_id


def _sellable(desk: Desk) -> dict[str, Any]:
    """Return a product of the catalogue at its price, or a line that is written in where there is none."""
    for product in desk.all(Product, status="ACTIVE"):
        return {"product_id": product.public_id, "quantity": Decimal(1)}
    return Item().given


def _stage(desk: Desk, key: str) -> dict[str, Any]:
    return {"stage_id": desk.all(Stage, pipeline_id=key)[0].public_id}


def _other_open_lead(desk: Desk, key: str) -> str:
    found = [each.public_id for each in desk.all(Lead, status=LeadStatus.OPEN)]
    return next(each for each in [*found, public_id("lead", new_id())] if each != key)


def _payment(desk: Desk, key: str) -> str:
    """Return the last payment of an invoice, or an id like one where it has none."""
    found = desk.all(Payment, invoice_id=key)
    return found[-1].public_id if found else public_id("payment", new_id())


def _part(table: type[Part]) -> Callable[[Desk, str], dict[str, Any]]:
    """Return what names the part of an opportunity, or one that is not there."""

    def named(desk: Desk, key: str) -> dict[str, Any]:
        found = desk.all(table, opportunity_id=key)
        return {f"{table.noun()}_id": found[0].public_id if found else public_id(table.noun(), new_id())}

    return named


# What each command needs beside the id; the rest is at its default.
NEEDS: dict[str, Callable[[Desk, str], dict[str, Any]]] = {
    "replay_webhook": lambda _, __: {"after": cursor_of(0)},
    "assign": lambda desk, _: {"owner_id": public_id("user", desk.users[Role.ADMIN].id)},
    "comment": lambda *_: {"text": "They called."},
    "comment_quote": lambda *_: {"text": "They called."},
    "tag": lambda *_: {"add": ["vip"], "metadata": [{"key": "erp", "value": "17"}]},
    "share_account": lambda desk, _: {"partner_id": public_id("user", desk.users[Role.PARTNER].id)},
    "unshare_account": lambda desk, _: {"partner_id": public_id("user", desk.users[Role.PARTNER].id)},
    "add_unit": lambda *_: {"name": "crate", "quantity": Decimal(6)},
    "remove_unit": lambda desk, _: {"unit_id": desk.all(Unit)[1].public_id},
    "relate_product": lambda desk, key: {
        "related_product_id": next(e.public_id for e in desk.all(Product) if e.public_id != key),
        "type": "SUBSTITUTE",
    },
    "unrelate_product": lambda desk, key: {
        "relationship_id": next(
            (each.public_id for each in desk.all(ProductRelationship, product_id=key)),
            public_id("product_relationship", new_id()),
        )
    },
    "add_bundle_product": lambda desk, _: {"product_id": desk.all(Product)[0].public_id},
    "remove_bundle_product": lambda desk, _: {"product_id": desk.all(Product)[0].public_id},
    "add_price_list_item": lambda desk, _: {
        "product_id": desk.all(Product)[0].public_id,
        "amount": Decimal(9),
        "valid_from": desk.moment.in_days(1),
    },
    "end_price_list_item": lambda desk, _: {"item_id": desk.all(PriceListItem)[0].public_id},
    "remove_price_list_item": lambda desk, _: {"item_id": desk.all(PriceListItem)[0].public_id},
    "record_qualification": lambda *_: {"interest": False},
    "disqualify_lead": lambda *_: {"reason": "CANNOT_CONTACT"},
    "merge_leads": lambda desk, key: {"into_id": _other_open_lead(desk, key)},
    "add_tax_rate": lambda desk, _: {"percent": Decimal(21), "valid_from": desk.moment.in_days(1)},
    "add_opportunity_line": lambda *_: Item().given,
    "update_opportunity_line": _line(OpportunityLine),
    "move_opportunity_line": lambda desk, key: _line(OpportunityLine)(desk, key) | {"position": 1},
    "remove_opportunity_line": _line(OpportunityLine),
    "move_opportunity_stage": lambda *_: {"stage": "PROPOSE", "override": "In a hurry."},
    "change_opportunity_pipeline": lambda desk, _: {"pipeline_id": desk.all(Pipeline)[0].public_id},
    "set_revenue_mode": lambda *_: {"mode": "USER_PROVIDED"},
    "add_opportunity_stakeholder": lambda desk, _: {
        "contact_id": public_id("contact", desk.all(Stakeholder)[0].contact_id),
        "role": "END_USER",
    },
    "add_sales_team_member": lambda desk, _: {
        "user_id": public_id("user", desk.users[Role.ADMIN].id),
        "role": "Engineer",
    },
    "add_opportunity_competitor": lambda desk, _: {"competitor_id": desk.all(Competitor)[0].public_id},
    "remove_opportunity_stakeholder": _part(Stakeholder),
    "remove_sales_team_member": _part(SalesTeamMember),
    "remove_opportunity_competitor": _part(OpportunityCompetitor),
    "add_stage": lambda *_: stage("MORE", 50),
    "update_stage": _stage,
    "retire_stage": _stage,
    "restore_stage": _stage,
    "reorder_stages": lambda desk, key: {
        "stage_ids": [each.public_id for each in desk.all(Stage, pipeline_id=key)]
    },
    "lose_opportunity": lambda *_: {"reason": "CANCELED"},
    "reopen_opportunity": lambda *_: {"reason": "They called."},
    "add_quote_line": lambda *_: Item().given,
    "update_quote_line": _line(QuoteLine),
    "move_quote_line": lambda desk, key: _line(QuoteLine)(desk, key) | {"position": 1},
    "remove_quote_line": _line(QuoteLine),
    "copy_opportunity_lines": lambda desk, key: {
        "opportunity_id": Pointer("opportunity", desk.row(key).opportunity_id).public_id
    },
    "reject_quote_approval": lambda *_: {"reason": "Too cheap."},
    "revert_quote_acceptance": lambda *_: {"reason": "Signed by mistake."},
    "close_quote": lambda *_: {"reason": "CANCELED"},
    "add_order_line": lambda desk, _: _sellable(desk),
    "update_order_line": _line(OrderLine),
    "remove_order_line": lambda desk, key: {"line_id": _removable(desk, key)},
    "submit_order": lambda *_: {"bill_to": ADDRESS},
    "recall_order": lambda *_: {"reason": "Another address."},
    "close_order_short": lambda *_: {"reason": "Sold out."},
    "cancel_fulfillment": lambda desk, key: {
        "fulfillment_id": _standing(desk, key),
        "reason": "Typing error.",
    },
    "return_items": lambda *_: {"reason": "Broken."},
    "cancel_order": lambda *_: {"reason": "NO_MONEY"},
    "record_payment": lambda *_: {"amount": Decimal(1)},
    "reverse_payment": lambda desk, key: {"payment_id": _payment(desk, key), "reason": "It came back."},
    "invoice_deposit": lambda *_: {"percent": Decimal(1)},
    "add_invoice_line": lambda *_: Item().given,
    "update_invoice_line": _line(InvoiceLine),
    "remove_invoice_line": _line(InvoiceLine),
    "create_credit_note": lambda *_: {"reason": "CORRECTION"},
    "cancel_invoice": lambda *_: {"reason": "Typing error."},
}
_NOTHING: Callable[[Desk, str], dict[str, Any]] = lambda *_: {}  # noqa: E731  # A row like those above.


def arguments(desk: Desk, name: str, key: str) -> dict[str, Any]:
    """Return arguments under which nothing but the record's state and guards can stand in the way."""
    transition = REGISTRY[name]
    needs = NEEDS.get(transition.body.__name__, _NOTHING)(desk, key)
    given: dict[str, Any] = {"id": key, "idempotency_key": "a key", **needs}
    return given | ({"expected_version": None} if transition.demands_version else {})
