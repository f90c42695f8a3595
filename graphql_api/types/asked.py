"""How do the arguments of an insight become its scope, and its figures what the schema shows?"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import Session

from graphql_api.planner.backing import backing_of
from graphql_api.planner.condition import ArgumentRefused, Reading
from graphql_api.planner.leaf import money_text
from graphql_api.planner.restriction import Restriction
from models.access import Viewer
from models.errors import InputRefusal
from models.insight import Filter, Scope, scope
from models.lifecycle.arguments import decode_id
from models.moment import Moment
from models.money import PLACES


def scope_asked(
    session: Session, viewer: Viewer, moment: Moment, type_name: str, arguments: Mapping[str, Any]
) -> Scope:
    """Return the rows of a type that the argument ``where`` lets through, under the row rule.

    Raises:
        ArgumentRefused: a filter that cannot be used.
    """
    table = backing_of(type_name).table
    name = str(table.__tablename__)
    rows: Any = aliased(table, name=f"{name}_")
    given = arguments.get("where")
    if given is None:
        return scope(session, viewer, moment, rows)
    reading = Reading()
    condition = reading.where(type_name, given, "where")
    wanted = Restriction(session.get_bind().dialect, viewer, name).of(rows, condition)
    return scope(session, viewer, moment, rows, Filter(wanted, reading.values))


def key_asked(arguments: Mapping[str, Any], name: str, noun: str) -> UUID | None:
    """Return the key of the id in an argument, None where it was not given.

    Raises:
        ArgumentRefused: it is none, or one of another kind of record.
    """
    if arguments.get(name) is None:
        return None
    try:
        return decode_id(str(arguments[name]), noun, (name,))
    except InputRefusal as refusal:
        raise told(refusal) from refusal


def told(refusal: InputRefusal) -> ArgumentRefused:
    """Return a refusal of the models as that of an argument."""
    return ArgumentRefused(f"{refusal.path[-1]}: {refusal.message}" if refusal.path else refusal.message)


def money_of(amount: Decimal, currency_code: str) -> dict[str, str]:
    """Return an amount as ``Money`` shows it, with the digits of its currency, or more where it has more."""
    return {
        "amount": money_text(int(amount.scaleb(PLACES)), currency_code),
        "currency_code": currency_code,
    }
