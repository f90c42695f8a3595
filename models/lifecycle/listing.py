"""Which transitions does a record offer, and what stands in the way of the others?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from models.access import Viewer
from models.errors import Blocker, Forbidden
from models.lifecycle.declaration import REGISTRY, Fact, Seen, Transition
from models.moment import Moment
from models.record import Versioned


@dataclass(frozen=True)
class Offer:
    """An edge out of a record's present state, for one viewer."""

    name: str
    to: str
    allowed: bool
    blockers: tuple[Blocker, ...]


@cache
def _edges(table: type[Versioned], state: str) -> tuple[Transition, ...]:
    """Return the transitions of ``table`` that people run out of a state, in the order of declaration."""
    return tuple(
        each
        for each in REGISTRY.values()
        if each.table is table and each.starts_from(state) and not (each.of_clock or each.is_upkeep)
    )


@cache
def facts_of(table: type[Versioned]) -> tuple[str | Fact, ...]:
    """Return what the guards of all transitions of ``table`` need, each once: columns by name, and facts."""
    found: dict[str, str | Fact] = {}
    for each in REGISTRY.values():
        if each.table is table and not each.of_clock:
            for one in each.guards:
                found |= {fact if isinstance(fact, str) else fact.name: fact for fact in one.facts}
    return tuple(found.values())


def offers(
    table: type[Versioned], state: str, facts: Mapping[str, Any], viewer: Viewer, moment: Moment
) -> list[Offer]:
    """Return every edge out of a state with its blockers, the arguments being at their defaults.

    ``state`` is a status with its reason, ``ACTIVE.NEW``; ``facts`` holds the values of
    ``facts_of(table)`` by name.
    """
    listed = []
    for each in _edges(table, state):
        blockers = each.blockers(Seen(facts, moment, viewer, each.defaults))
        if not viewer.may(each.name):
            refusal = Forbidden(each.command, viewer.role)
            blockers.insert(0, Blocker(refusal.code, refusal.message))
        to = each.target_from(state)
        listed.append(Offer(each.command, to, not blockers, tuple(blockers)))
    return listed


def allowed_commands(table: type[Versioned], state: str) -> list[str]:
    """Return the GraphQL names of the commands out of a state, for a refusal to name."""
    return [each.command for each in _edges(table, state)]
