"""How does Alembic run the migrations? Configured here and in ``env.py``; there is no ini file.

Loading it takes longer than all that a server does whose database is at this version: models/migrations loads
this module where it is needed.
"""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, with the connection that ``env.py`` is to use."""
    settings = Config()
    settings.set_main_option("script_location", "models:migrations")
    settings.set_main_option("path_separator", "os")
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["connection"] = connection
    return settings


def upgrade(connection: Connection, revision: str) -> None:
    """Run every migration up to ``revision`` that the database has not seen."""
    command.upgrade(config(connection), revision)


def downgrade(connection: Connection, revision: str) -> None:
    """Undo every migration after ``revision``."""
    command.downgrade(config(connection), revision)
