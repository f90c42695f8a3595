"""How does a test come by what a company sets up: pipelines, competitors, taxes and units?

As in tests/factories.py: valid by default, made by commands, and public ids are returned.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from models.access import Role
from tests.desk import Desk, everything


def make_competitor(desk: Desk, **given: Any) -> str:
    """Return a competitor that deals may name."""
    values = {"name": f"Aqua Rival {len(everything(desk.database)['competitor'])}"} | given
    competitor: str = desk.do("create_competitor", **values)["competitor"]
    return competitor


def make_pipeline(desk: Desk, **given: Any) -> str:
    """Return a pipeline of two stages, TALK, which asks for the need, and SIGN; made by an admin."""
    values = {
        "code": f"RENEWALS_{len(everything(desk.database)['pipeline'])}",
        "name": "Renewals",
        "stages": [stage("TALK", 20, facts=["NEED"]), stage("SIGN", 70)],
    }
    pipeline: str = desk.acting(Role.ADMIN).do("create_pipeline", **values | given)["pipeline"]
    return pipeline


def stage(
    code: str, probability: int, *, facts: Sequence[str] = (), is_proposal: bool = False
) -> dict[str, Any]:
    """Return a stage of a new pipeline as a test writes it."""
    return {
        "code": code,
        "label": code.capitalize(),
        "probability": probability,
        "required_facts": list(facts),
        "is_proposal": is_proposal,
    }


def make_tax_code(desk: Desk, **given: Any) -> str:
    """Return a tax of 19 %, VAT."""
    values = {"code": "VAT", "name": "Value-added tax", "percent": Decimal(19)} | given
    tax_code: str = desk.do("create_tax_code", **values)["tax_code"]
    return tax_code


def make_unit_group(desk: Desk, **multiples: str) -> str:
    """Return a unit group of pieces, with units that are so many pieces: ``box="12"``."""
    group: str = desk.do("create_unit_group", name="Packaging", base_unit="piece")["unit_group"]
    for name, quantity in multiples.items():
        desk.do("add_unit", id=group, name=name, quantity=Decimal(quantity))
    return group


def make_reason(desk: Desk, place: str = "ORDER_CANCELED", code: str = "", **given: Any) -> str:
    """Return a status reason of the company's own; made by an admin."""
    code = code or f"OWN_{len(everything(desk.database)['status_reason'])}"
    values = {"place": place, "code": code, "label": code.capitalize()} | given
    reason: str = desk.acting(Role.ADMIN).do("add_status_reason", **values)["status_reason"]
    return reason
