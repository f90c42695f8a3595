"""Customers answer their quotes under a token: events tell who acts, and keys of repeats are theirs, too.

What was done without an actor until now was done by the clock.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations import ALONE

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_USERS = "role IN ('ADMIN', 'SALES', 'PARTNER', 'SUPPORT')"
_VIEWERS = "role IN ('ADMIN', 'SALES', 'PARTNER', 'SUPPORT', 'CUSTOMER')"
_ACTORS = "actor_kind IN ('USER', 'CUSTOMER', 'CLOCK')"
_ACTOR_CHECK = f", CONSTRAINT ck_event_actor_kind CHECK ({_ACTORS})"
_KEY = "fk_idempotency_entry_user_id"
_KEY_TEXT = f", \n\tCONSTRAINT {_KEY} FOREIGN KEY(user_id) REFERENCES user (id) DEFERRABLE INITIALLY DEFERRED"
_AUTHOR = "author_id BINARY(16)"
_SCHEMA = sa.table(
    "sqlite_schema", sa.column("type"), sa.column("name", sa.String()), sa.column("sql", sa.String())
)


def upgrade() -> None:
    """Make the change."""
    op.add_column("event", sa.Column("actor_kind", sa.String(40), nullable=False, server_default="USER"))
    op.execute("UPDATE event SET actor_kind = 'CLOCK' WHERE actor_id IS NULL")
    if op.get_bind().dialect.name == "sqlite":
        whole = sa.func.substr(_SCHEMA.c.sql, 1, sa.func.length(_SCHEMA.c.sql) - 1)
        _rewrite("event", whole + f"{_ACTOR_CHECK})")
        _rewrite("user", sa.func.replace(_SCHEMA.c.sql, _USERS, _VIEWERS))
        _rewrite("idempotency_entry", sa.func.replace(_SCHEMA.c.sql, _KEY_TEXT, ""))
        _rewrite("note", sa.func.replace(_SCHEMA.c.sql, f"{_AUTHOR} NOT NULL", _AUTHOR))
        return
    # A table whose keys wait for the commit cannot be altered.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.create_check_constraint(op.f("ck_event_actor_kind"), "event", _ACTORS)
    op.drop_constraint(op.f("ck_user_role"), "user")
    op.create_check_constraint(op.f("ck_user_role"), "user", _VIEWERS)
    op.drop_constraint(_KEY, "idempotency_entry")
    op.alter_column("note", "author_id", nullable=True)


def downgrade() -> None:
    """Undo the change; the keys of customers' repeats, and what customers said, are forgotten."""
    op.execute("DELETE FROM note WHERE author_id IS NULL")
    op.execute('DELETE FROM idempotency_entry WHERE user_id NOT IN (SELECT id FROM "user")')
    if op.get_bind().dialect.name == "sqlite":
        # A later change wrote this table anew, so that the text of its conditions is another one.
        with op.batch_alter_table("event", reflect_kwargs=ALONE) as event:
            event.drop_constraint(event.f("ck_event_actor_kind"), type_="check")
        _rewrite("user", sa.func.replace(_SCHEMA.c.sql, _VIEWERS, _USERS))
        whole = sa.func.substr(_SCHEMA.c.sql, 1, sa.func.length(_SCHEMA.c.sql) - 2)
        _rewrite("idempotency_entry", whole + f"{_KEY_TEXT}\n)")
        _rewrite("note", sa.func.replace(_SCHEMA.c.sql, _AUTHOR, f"{_AUTHOR} NOT NULL"))
    else:
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        op.drop_constraint(op.f("ck_event_actor_kind"), "event")
        op.drop_constraint(op.f("ck_user_role"), "user")
        op.create_check_constraint(op.f("ck_user_role"), "user", _USERS)
        op.create_foreign_key(
            _KEY, "idempotency_entry", "user", ["user_id"], ["id"], deferrable=True, initially="DEFERRED"
        )
        op.alter_column("note", "author_id", nullable=False)
    op.drop_column("event", "actor_kind")


def _rewrite(table: str, sql: sa.ColumnElement[str]) -> None:
    """Change the text of a table on SQLite, which alters no constraint otherwise (ALTER TABLE, 7)."""
    connection = op.get_bind()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.execute(
        sa.update(_SCHEMA).where(_SCHEMA.c.type == "table", _SCHEMA.c.name == table).values(sql=sql)
    )
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
