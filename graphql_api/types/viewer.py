"""Who is asking, on the wire?"""

import strawberry

from graphql_api.planner.backing import ViewerAttribute
from graphql_api.types.backed import Declared, built_field, describe, shown
from models.access import Role

describe(
    Role,
    "What kind of user a key speaks for.",
    ADMIN="Sees everything and runs every command.",
    SALES="Sees everything and runs the commands of the sales process.",
    PARTNER="Sees the accounts shared with it, and their chains. Reads only.",
    SUPPORT="Sees everything. Reads only.",
)


@shown
class Viewer:
    """Who is asking: the user that the API key speaks for."""

    id = Declared(lambda _, __: built_field(ViewerAttribute("id"), strawberry.ID, "The user's id."))
    name = Declared(lambda _, __: built_field(ViewerAttribute("name"), str, "What people call the user."))
    role = Declared(lambda _, __: built_field(ViewerAttribute("role"), Role, "What the user may see and do."))
