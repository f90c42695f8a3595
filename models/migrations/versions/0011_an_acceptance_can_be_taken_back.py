"""An acceptance can be taken back: its canceled order keeps a link to the quote."""

import sqlalchemy as sa
from alembic import op

from models.migrations import ALONE
from models.record import Identifier

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# SQLite adds no constraint to a table that is there: it is written into the table's text, which is what its
# documentation (ALTER TABLE, 7) provides for constraints that change nothing on the disk.
_KEY = (
    ", CONSTRAINT fk_order_reverted_quote_id FOREIGN KEY(reverted_quote_id) REFERENCES quote (id) "
    "DEFERRABLE INITIALLY DEFERRED"
)
_SCHEMA = sa.table(
    "sqlite_schema", sa.column("type"), sa.column("name", sa.String()), sa.column("sql", sa.String())
)


def upgrade() -> None:
    """Make the change."""
    op.add_column("order", sa.Column("reverted_quote_id", Identifier(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _rewrite(sa.func.substr(_SCHEMA.c.sql, 1, sa.func.length(_SCHEMA.c.sql) - 1) + f"{_KEY})")
    else:
        op.create_foreign_key(
            "fk_order_reverted_quote_id",
            "order",
            "quote",
            ["reverted_quote_id"],
            ["id"],
            deferrable=True,
            initially="DEFERRED",
        )
    op.create_index("ix_order_reverted_quote_id", "order", ["reverted_quote_id"])
    op.execute(
        "INSERT INTO status_reason (id, noun, status, code, label, position) VALUES "
        "('order.CANCELED.ACCEPTANCE_REVERTED', 'order', 'CANCELED', 'ACCEPTANCE_REVERTED', "
        "'Acceptance reverted', 10)"
    )


def downgrade() -> None:
    """Undo the change; orders of reverted acceptances are canceled at the customer's request then."""
    op.execute(
        "UPDATE \"order\" SET reason_id = 'order.CANCELED.CUSTOMER_REQUEST' "
        "WHERE reason_id = 'order.CANCELED.ACCEPTANCE_REVERTED'"
    )
    op.execute("DELETE FROM status_reason WHERE id = 'order.CANCELED.ACCEPTANCE_REVERTED'")
    if op.get_bind().dialect.name == "postgresql":
        # A table whose keys wait for the commit cannot be altered.
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    # Later revisions write the table anew: its key may stand elsewhere in the text than it was put.
    with op.batch_alter_table("order", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_constraint("fk_order_reverted_quote_id", type_="foreignkey")
        batch_op.drop_index("ix_order_reverted_quote_id")
        batch_op.drop_column("reverted_quote_id")


def _rewrite(sql: sa.ColumnElement[str]) -> None:
    """Change the text of the table on SQLite."""
    connection = op.get_bind()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.execute(
        sa.update(_SCHEMA).where(_SCHEMA.c.type == "table", _SCHEMA.c.name == "order").values(sql=sql)
    )
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
