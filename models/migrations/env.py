"""How does Alembic run a migration here? Over the connection that models/database.py opened.

Alembic loads this file by its path, once for each command.
"""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

connection = context.config.attributes["connection"]


def render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types by their names, and SQLModel's text as SQLAlchemy's."""
    if kind != "type":
        return False
    if isinstance(item, AutoString):
        return f"sa.String({item.length})"
    module, name = type(item).__module__, type(item).__name__
    if not module.startswith("models."):
        return False
    autogen.imports.add(f"from {module} import {name}")
    return f"{name}()"


def include(_item: Any, name: str | None, *_: Any) -> bool:
    """Leave out what only one engine has: what search finds words by, and what orders have nulls by."""
    return not (name or "").startswith("search_index") and not (name or "").endswith("_down")


context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    # SQLite cannot alter a column: a batch writes the table anew.
    render_as_batch=connection.dialect.name == "sqlite",
    # SQLite's own BEGIN is explicit here, so that its DDL is part of the transaction as well.
    transactional_ddl=True,
    compare_type=True,
    include_object=include,
    render_item=render,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
