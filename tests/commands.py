"""What does each command need to be given, beside the id and its defaults?"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from models.access import Role
from models.lifecycle import REGISTRY
from models.opportunity import OpportunityLine
from models.quote import QuoteLine
from models.record import public_id
from tests.desk import Desk
from tests.factories import ADDRESS, Item


def _line(table: type[OpportunityLine | QuoteLine]) -> Callable[[Desk, str], dict[str, Any]]:
    return lambda desk, key: {"line_id": desk.all(table, **{table.part_of: key})[0].public_id}


# What each command needs beside the id; the rest is at its default.
NEEDS: dict[str, Callable[[Desk, str], dict[str, Any]]] = {
    "share_account": lambda desk, _: {"partner_id": public_id("user", desk.users[Role.PARTNER].id)},
    "unshare_account": lambda desk, _: {"partner_id": public_id("user", desk.users[Role.PARTNER].id)},
    "record_qualification": lambda *_: {"interest": False},
    "disqualify_lead": lambda *_: {"reason": "CANNOT_CONTACT"},
    "add_opportunity_line": lambda *_: Item().given,
    "update_opportunity_line": _line(OpportunityLine),
    "remove_opportunity_line": _line(OpportunityLine),
    "move_opportunity_stage": lambda *_: {"stage": "PROPOSE", "override": "In a hurry."},
    "lose_opportunity": lambda *_: {"reason": "CANCELED"},
    "reopen_opportunity": lambda *_: {"reason": "They called."},
    "add_quote_line": lambda *_: Item().given,
    "update_quote_line": _line(QuoteLine),
    "remove_quote_line": _line(QuoteLine),
    "close_quote": lambda *_: {"reason": "CANCELED"},
    "submit_order": lambda *_: {"bill_to": ADDRESS},
    "cancel_order": lambda *_: {"reason": "NO_MONEY"},
    "record_payment": lambda *_: {"amount": Decimal(1)},
    "cancel_invoice": lambda *_: {"reason": "Typing error."},
}
_NOTHING: Callable[[Desk, str], dict[str, Any]] = lambda *_: {}  # noqa: E731  # A row like those above.


def arguments(desk: Desk, name: str, key: str) -> dict[str, Any]:
    """Return arguments under which nothing but the record's state and guards can stand in the way."""
    given: dict[str, Any] = {"id": key, "idempotency_key": "a key", **NEEDS.get(name, _NOTHING)(desk, key)}
    return given | ({"expected_version": None} if REGISTRY[name].demands_version else {})
