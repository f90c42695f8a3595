"""Let documents have a price list, and lines know the version and the price that they quote.

A line of a product that was published gets that product's version; prices stay what they are.
"""

# What the tables were before, and what they are afterwards.
import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from models.migrations import ALONE
from models.record import Identifier

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

PRICED = ("account", "opportunity", "quote", "order", "invoice")
LINES = ("opportunity_line", "quote_line", "order_line", "invoice_line")
LINKS = ("product_version", "price_list_item")
TYPES = ("PRODUCT", "BUNDLE", "REQUIRED_BUNDLE_PRODUCT", "OPTIONAL_BUNDLE_PRODUCT")


def upgrade() -> None:
    """Make the change."""
    for table in PRICED:
        with op.batch_alter_table(table, schema=None, reflect_kwargs=ALONE) as batch_op:
            _link(batch_op, table, "price_list")
    for table in LINES:
        with op.batch_alter_table(table, schema=None, reflect_kwargs=ALONE) as batch_op:
            batch_op.add_column(
                sa.Column(
                    "line_type",
                    sa.Enum(*TYPES, name="line_type", native_enum=False, create_constraint=True, length=40),
                    nullable=False,
                    server_default="PRODUCT",
                )
            )
            batch_op.add_column(sa.Column("bundle_lineage_id", Identifier(), nullable=True))
            for link in LINKS:
                _link(batch_op, table, link)
        with op.batch_alter_table(table, schema=None, reflect_kwargs=ALONE) as batch_op:
            batch_op.alter_column("line_type", existing_type=sa.String(40), server_default=None)
        line = sa.table(table, sa.column("product_id"), sa.column("product_version_id"))
        version = sa.table("product_version", *(sa.column(name) for name in ("id", "product_id", "revision")))
        product = sa.table("product", sa.column("id"), sa.column("revision"))
        quoted = sa.select(version.c.id).where(
            version.c.product_id == line.c.product_id,
            version.c.product_id == product.c.id,
            version.c.revision == product.c.revision,
        )
        op.execute(sa.update(line).values(product_version_id=quoted.scalar_subquery()))


def _link(batch_op: BatchOperations, table: str, target: str) -> None:
    """Let a table point to rows of another, as the commit checks."""
    column = f"{target}_id"
    batch_op.add_column(sa.Column(column, Identifier(), nullable=True))
    batch_op.create_index(batch_op.f(f"ix_{table}_{column}"), [column], unique=False)
    batch_op.create_foreign_key(
        batch_op.f(f"fk_{table}_{column}"), target, [column], ["id"], initially="DEFERRED", deferrable=True
    )


def downgrade() -> None:
    """Take the change back."""
    for table in LINES:
        with op.batch_alter_table(table, schema=None, reflect_kwargs=ALONE) as batch_op:
            for link in LINKS:
                _unlink(batch_op, table, link)
            batch_op.drop_constraint(batch_op.f(f"ck_{table}_line_type"), type_="check")
            batch_op.drop_column("line_type")
            batch_op.drop_column("bundle_lineage_id")
    for table in PRICED:
        with op.batch_alter_table(table, schema=None, reflect_kwargs=ALONE) as batch_op:
            _unlink(batch_op, table, "price_list")


def _unlink(batch_op: BatchOperations, table: str, target: str) -> None:
    """Take a link away."""
    column = f"{target}_id"
    batch_op.drop_constraint(batch_op.f(f"fk_{table}_{column}"), type_="foreignkey")
    batch_op.drop_index(batch_op.f(f"ix_{table}_{column}"))
    batch_op.drop_column(column)
