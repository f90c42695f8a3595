"""Which tables does the database have now, and how does it get those of this version?

Alembic is configured here and in ``env.py``; there is no ini file. Everything runs over a connection and
in a transaction that the caller opened: one upgrade happens whole or not at all.
"""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, with the connection that ``env.py`` is to use."""
    settings = Config()
    settings.set_main_option("script_location", "models:migrations")
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["connection"] = connection
    return settings


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run every migration up to ``revision`` that the database has not seen; the caller commits."""
    command.upgrade(config(connection), revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Undo every migration after ``revision`` (``base``: all of them); the caller commits."""
    command.downgrade(config(connection), revision)


def current(connection: Connection) -> str | None:
    """Return the revision that the database is at, or None where no migration has run."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def head() -> str | None:
    """Return the newest revision that this version of the program knows."""
    return ScriptDirectory.from_config(config()).get_current_head()
