"""Which commands does a record offer, and what stands in the way of the others?"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from graphql_api.planner.backing import Computed
from graphql_api.types.backed import Declared, computed, enumeration, given, list_of, shown, title
from models.access import Viewer
from models.lifecycle import Offer, facts_of, offers
from models.moment import Moment
from models.status import Staged, state_of


@shown
class Blocker:
    """One unmet condition of a command."""

    code = given(str, "Stable code of the condition, for programs, for example EMPTY_DOCUMENT.")
    message = given(str, "What is missing and which command would help, for people.")
    path = given(
        list[str], "Path of the argument that the condition speaks of; empty where it is the record itself."
    )


def transitions_of(table: type[Staged], status: type[StrEnum]) -> Any:
    """Declare ``transitions``: every edge out of the record's present state, for the viewer who asks.

    The conditions are checked on columns and facts that are read together with the record.
    """
    type_name = title(table.noun())
    noun = table.noun().replace("_", " ")
    edge = shown(
        type(
            f"{type_name}Transition",
            (),
            {
                "__doc__": f"A command that leads out of a state of the {noun}, and whether it may run now.",
                "__module__": __name__,
                "name": given(str, "The mutation's name, for example acceptQuote."),
                "to": given(enumeration(status), "The state that it leads to; the present one for an edit."),
                "allowed": given(bool, "Whether you may run it now, its arguments being at their defaults."),
                "blockers": given(list[Blocker], "What stands in its way; empty where it is allowed."),
            },
        )
    )

    def listed(values: Mapping[str, Any], viewer: Viewer, moment: Moment) -> list[dict[str, Any]]:
        return [
            _shown(offer) for offer in offers(table, state_of(values["reason_id"]), values, viewer, moment)
        ]

    def make(owner: Any, attribute: str) -> Any:
        source = Computed(tuple(dict.fromkeys(("reason_id", *facts_of(table)))), listed)
        description = "Every command that leads out of the present state, allowed or not, for whoever asks."
        declared: Declared = computed(source, list_of(edge), description)
        return declared.make(owner, attribute)

    return Declared(make)


def _shown(offer: Offer) -> dict[str, Any]:
    """Return an offer under its GraphQL names."""
    return {
        "name": offer.name,
        "to": offer.to,
        "allowed": offer.allowed,
        "blockers": [
            {"code": each.code, "message": each.message, "path": [str(step) for step in each.path]}
            for each in offer.blockers
        ],
    }
