"""Who is asking, on the wire?"""

import strawberry

from graphql_api.planner.backing import ViewerAttribute
from graphql_api.types.backed import Declared, built_field, describe, shown
from models.access import Role

describe(
    Role,
    "What kind of viewer asks: a user whose key it is, or a customer under the token of a quote.",
    ADMIN="Sees everything and runs every command.",
    SALES="Sees everything and runs the commands of the sales process.",
    PARTNER="Sees the accounts shared with it, and their chains. Reads only.",
    SUPPORT="Sees everything. Reads only.",
    CUSTOMER="Sees one quote, whose token it bears: reads, accepts, declines or comments on it.",
)


@shown
class Viewer:
    """Who is asking: the user that the API key speaks for, or the customer whose quote the token opens."""

    id = Declared(
        lambda _, __: built_field(
            ViewerAttribute("id"), strawberry.ID, "The user's id; for a customer that of the quote."
        )
    )
    name = Declared(lambda _, __: built_field(ViewerAttribute("name"), str, "What people call the viewer."))
    role = Declared(
        lambda _, __: built_field(ViewerAttribute("role"), Role, "What the viewer may see and do.")
    )
