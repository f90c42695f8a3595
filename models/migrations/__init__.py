"""Which tables does the database have now, and how does it get those of this version?

Everything runs over a connection and in a transaction that the caller opened: one upgrade happens whole or
not at all. Alembic runs it (running.py); what is asked at each start is answered without it.
"""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection

ALONE = {"resolve_fks": False}
"""How a batch reads the table that it writes anew: by itself. What its keys lead to is nearly every other."""

_RUNNING = "models.migrations.running"


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run every migration up to ``revision`` that the database has not seen; the caller commits."""
    _loaded().upgrade(connection, revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Undo every migration after ``revision`` (``base``: all of them); the caller commits."""
    _loaded().downgrade(connection, revision)


def current(connection: Connection) -> str | None:
    """Return the revision that the database is at, or None where no migration has run."""
    if not sqlalchemy.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


@cache
def head() -> str:
    """Return the newest revision that this version of the program knows: the number of the last file."""
    return max(path.name.partition("_")[0] for path in (Path(__file__).parent / "versions").glob("[0-9]*.py"))


def _loaded() -> Any:
    """Return the module that runs migrations."""
    return import_module(_RUNNING)
