"""Keep taxes by code and rate, several on a line, with the organisation's way of computing them on documents.

Documents and lines that are there keep their totals; their breakdown is filled when they are priced again.
"""

# What the tables were before, and what they are afterwards.
import sqlalchemy as sa
from alembic import op

from models.migrations import ALONE
from models.money import Amount
from models.record import Identifier, Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

DOCUMENTS = ("opportunity", "quote", "order", "invoice")
LINES = ("opportunity_line", "quote_line", "order_line", "invoice_line")
RULES = {
    "tax_rounding": ("DOCUMENT", "LINE"),
    "tax_base": ("AFTER_DISCOUNTS", "BEFORE_DOCUMENT_DISCOUNT"),
    "tax_mode": ("COMPUTED", "TYPED"),
}
LINE_AMOUNTS = ("volume_discount", "discount_per_unit", "typed_tax", "included_tax_amount")
REASONS = sa.table(
    "status_reason",
    *(sa.column(name) for name in ("id", "noun", "status", "code", "label", "position")),
)


def _choice(name: str, *values: str) -> sa.Enum:
    """Return the type of a closed set of codes."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _amount(name: str) -> sa.Column[object]:
    """Return an amount that is zero where there are rows already."""
    return sa.Column(name, Amount(), nullable=False, server_default="0")


def _list(name: str) -> sa.Column[object]:
    """Return a list that is empty where there are rows already."""
    return sa.Column(name, sa.JSON(), nullable=False, server_default="[]")


def upgrade() -> None:
    """Make the change."""
    _create_taxes()
    for table in DOCUMENTS:
        with op.batch_alter_table(table, schema=None, reflect_kwargs=ALONE) as batch_op:
            for name, values in RULES.items():
                kind = _choice(name, *values)
                batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=values[0]))
            batch_op.add_column(_amount("included_tax_total"))
            batch_op.add_column(_list("taxes"))
            batch_op.add_column(_list("freight_taxes"))
    for table in LINES:
        for name in LINE_AMOUNTS:
            op.add_column(table, _amount(name))
        op.add_column(table, _list("taxes"))
        op.add_column(table, _list("price_steps"))
    with op.batch_alter_table("product", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.add_column(sa.Column("tax_code_id", Identifier(), nullable=True))
        batch_op.create_index(batch_op.f("ix_product_tax_code_id"), ["tax_code_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_product_tax_code_id"),
            "tax_code",
            ["tax_code_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )


def _create_taxes() -> None:
    """Make the tables of taxes and their rates."""
    op.create_table(
        "tax_code",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("status", _choice("tax_code_status", "ACTIVE", "RETIRED"), nullable=False),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("is_inclusive", sa.Boolean(), nullable=False),
        sa.Column("is_on_previous", sa.Boolean(), nullable=False),
        sa.Column("exempt_reason", sa.String(300), nullable=True),
        sa.CheckConstraint("length(code) <= 40", name=op.f("ck_tax_code_code_length")),
        sa.CheckConstraint("length(exempt_reason) <= 300", name=op.f("ck_tax_code_exempt_reason_length")),
        sa.CheckConstraint("length(name) <= 160", name=op.f("ck_tax_code_name_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_tax_code_reason_id_length")),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_tax_code_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_code")),
        sa.UniqueConstraint("code", name=op.f("uq_tax_code_code")),
    )
    for name in ("created_at", "updated_at", "status", "reason_id"):
        op.create_index(f"ix_tax_code_{name}_id", "tax_code", [name, "id"], unique=False)
    op.create_table(
        "tax_rate",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("tax_code_id", Identifier(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("percent", Amount(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tax_code_id"],
            ["tax_code.id"],
            name=op.f("fk_tax_rate_tax_code_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rate")),
        sa.UniqueConstraint("tax_code_id", "valid_from", name=op.f("uq_tax_rate_tax_code_id_valid_from")),
    )
    op.bulk_insert(
        REASONS,
        [
            {
                "id": f"tax_code.{code}.{code}",
                "noun": "tax_code",
                "status": code,
                "code": code,
                "label": code.capitalize(),
                "position": 0,
            }
            for code in ("ACTIVE", "RETIRED")
        ],
    )


def downgrade() -> None:
    """Undo the change."""
    with op.batch_alter_table("product", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_product_tax_code_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_product_tax_code_id"))
        batch_op.drop_column("tax_code_id")
    for table in LINES:
        with op.batch_alter_table(table, schema=None, reflect_kwargs=ALONE) as batch_op:
            for name in ("price_steps", "taxes", *reversed(LINE_AMOUNTS)):
                batch_op.drop_column(name)
    for table in DOCUMENTS:
        with op.batch_alter_table(table, schema=None, reflect_kwargs=ALONE) as batch_op:
            for name in RULES:
                batch_op.drop_constraint(batch_op.f(f"ck_{table}_{name}"), type_="check")
            for name in ("freight_taxes", "taxes", "included_tax_total", *RULES):
                batch_op.drop_column(name)
    op.drop_table("tax_rate")
    op.drop_table("tax_code")
    if op.get_bind().dialect.name == "postgresql":
        # What waits for the commit would stand in the way of later changes to the table.
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.execute(REASONS.delete().where(REASONS.c.noun == "tax_code"))
