"""Is what the database says of itself true?

Every total, quantity, state and link is derived again from the lines, parts and events of the database, and
what differs from what is stored is reported, row by row. A check is a few statements, read as streams, so
that a large database is checked in little memory; all of them see one snapshot.
"""

from collections.abc import Iterator

from sqlmodel import Session

from models.integrity.balances import balances, standings
from models.integrity.difference import Difference
from models.integrity.events import belonging, places, sequence
from models.integrity.history import states, told, versions
from models.integrity.links import agreement, dangling, lineage, once
from models.integrity.numbers import series
from models.integrity.quantities import axes, quantities
from models.integrity.stays import closes, stays
from models.integrity.totals import sums, totals

CHECKS = (
    totals,
    sums,
    quantities,
    axes,
    balances,
    standings,
    once,
    agreement,
    lineage,
    dangling,
    series,
    versions,
    states,
    told,
    sequence,
    belonging,
    places,
    stays,
    closes,
)
"""What is checked, in this order."""


def differences(session: Session) -> Iterator[Difference]:
    """Yield what differs between what is stored and what follows from the rest of the database."""
    for check in CHECKS:
        yield from check(session)


__all__ = ["CHECKS", "Difference", "differences"]
