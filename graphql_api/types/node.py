"""What do all records have in common?"""

from datetime import datetime
from typing import Any

import strawberry

from graphql_api.planner.backing import Column
from graphql_api.types.backed import Declared, built_field, shown_interface


def _every(name: str, kind: object, description: str) -> Any:
    """Declare a column that every table behind an interface has."""
    return Declared(lambda _, __: built_field(Column(name), kind, description))


@shown_interface
class Node:
    """Anything with an id of its own. `node(id:)` finds it again."""

    id = _every("id", strawberry.ID, "Opaque and stable: the kind of record, `_`, and 26 characters.")


@shown_interface
class Versioned(Node):
    """A record that people change by commands."""

    version = _every(
        "version",
        int,
        "Raised by every command that touches the record: what `expectedVersion` is compared with.",
    )
    created_at = _every("created_at", datetime, "When the record was made.")
    updated_at = _every("updated_at", datetime, "When a command last touched the record.")
