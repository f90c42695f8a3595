"""How do the tests edit an order, and name its lines?"""

from typing import Any

from models.order import OrderLine
from tests.desk import Desk, told


def edit(desk: Desk, command: str, order: str, **given: Any) -> Any:
    """Run a command that edits an order, whatever its version."""
    return desk.do(command, id=order, expected_version=None, **given)


def refused(desk: Desk, command: str, order: str, **given: Any) -> tuple[Any, ...]:
    """Return code, path and message of the refusal of an edit."""
    refusal = desk.refused(command, id=order, expected_version=None, **given)
    return *told(refusal), refusal.message


def lines_of(desk: Desk, order: str) -> list[str]:
    """Return the ids of an order's lines."""
    return [line.public_id for line in desk.all(OrderLine, order_id=order)]
