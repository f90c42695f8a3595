"""Who looks after a record?"""

from typing import Annotated
from uuid import UUID

from models.access import User, Viewer
from models.errors import Invalid, Path
from models.lifecycle import Change, Reference

OwnerId = Annotated[UUID, Reference("user"), "The user who looks after it from now on."]


def require_owner(change: Change, key: UUID, path: Path) -> User:
    """Return a user who may own records.

    Raises:
        Invalid: the user's role runs no commands.
        NotFound: there is no such user.
    """
    user = change.find(User, key, path)
    if user.role not in Viewer.sells:
        able = " or ".join(sorted(Viewer.sells))
        message = f"{user.name} is {user.role}; a record is owned by a user who is {able}."
        raise Invalid(message, path=path, code="OWNER_NOT_ALLOWED")
    return user
