"""Who is asking, on the wire?"""

import strawberry

from graphql_api.planner.backing import ViewerAttribute
from graphql_api.types.backed import Declared, built_field, shown
from models.access import Role


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
