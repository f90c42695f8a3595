"""Invoices are taken back by credit notes, and deposits are asked for and taken off.

An invoice knows what of it is credited, whether it is a deposit, and whether its prices are locked, as those
of an order's invoice are; a line knows whether it is an item, a deposit, or what is taken off for one.
"""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from models.migrations import ALONE
from models.money import Amount, Rate
from models.record import Identifier, Instant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_REASONS = {
    "PRICE_REDUCTION": "Price reduction",
    "GOODS_RETURNED": "Goods returned",
    "CORRECTION": "Correction",
    "GOODWILL": "Goodwill",
}
_UNTOLD = sa.text("status = 'ACTIVE' AND became_overdue_at IS NULL")
_KINDS = ("OVERPAYMENT", "APPLICATION", "REVERSAL", "REFUND")


def _choice(name: str, *codes: str) -> sa.Enum:
    """Return the type of a closed set of codes."""
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def _key(name: str, columns: list[str], targets: list[str]) -> sa.ForeignKeyConstraint:
    """Return a foreign key that is checked at the commit."""
    return sa.ForeignKeyConstraint(columns, targets, name=op.f(name), initially="DEFERRED", deferrable=True)


def upgrade() -> None:
    """Make the tables, and let invoices know more of themselves."""
    _seed()
    op.create_table(
        "credit_note",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("status", _choice("credit_note_status", "ISSUED"), nullable=False),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("chain_id", Identifier(), nullable=False),
        sa.Column("account_id", Identifier(), nullable=True),
        sa.Column("contact_id", Identifier(), nullable=True),
        sa.Column("owner_id", Identifier(), nullable=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("price_list_id", Identifier(), nullable=True),
        sa.Column("discount_percent", Amount(), nullable=False),
        sa.Column("discount_amount", Amount(), nullable=False),
        sa.Column("freight_amount", Amount(), nullable=False),
        sa.Column("freight_taxes", sa.JSON(), server_default="[]", nullable=False),
        sa.Column(
            "tax_rounding",
            _choice("tax_rounding", "DOCUMENT", "LINE"),
            server_default="DOCUMENT",
            nullable=False,
        ),
        sa.Column(
            "tax_base",
            _choice("tax_base", "AFTER_DISCOUNTS", "BEFORE_DOCUMENT_DISCOUNT"),
            server_default="AFTER_DISCOUNTS",
            nullable=False,
        ),
        sa.Column(
            "tax_mode", _choice("tax_mode", "COMPUTED", "TYPED"), server_default="COMPUTED", nullable=False
        ),
        sa.Column("line_total", Amount(), nullable=False),
        sa.Column("discount_total", Amount(), nullable=False),
        sa.Column("tax_total", Amount(), nullable=False),
        sa.Column("included_tax_total", Amount(), server_default="0", nullable=False),
        sa.Column("taxes", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("total", Amount(), nullable=False),
        sa.Column("exchange_rate", Rate(), nullable=True),
        sa.Column("base_currency_code", sa.String(3), nullable=True),
        sa.Column("base_total", Amount(), nullable=True),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("invoice_id", Identifier(), nullable=False),
        sa.Column("order_id", Identifier(), nullable=True),
        sa.Column("bill_to_id", Identifier(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("is_goods_returned", sa.Boolean(), nullable=False),
        sa.Column("applied_total", Amount(), nullable=False),
        sa.Column("customer_credit_total", Amount(), nullable=False),
        sa.Column("note", sa.String(2000), nullable=True),
        sa.CheckConstraint(
            "length(base_currency_code) <= 3", name=op.f("ck_credit_note_base_currency_code_length")
        ),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_credit_note_currency_code_length")),
        sa.CheckConstraint("length(name) <= 300", name=op.f("ck_credit_note_name_length")),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_credit_note_note_length")),
        sa.CheckConstraint("length(number) <= 40", name=op.f("ck_credit_note_number_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_credit_note_reason_id_length")),
        _key("fk_credit_note_account_id", ["account_id"], ["account.id"]),
        _key("fk_credit_note_bill_to_id", ["bill_to_id"], ["address.id"]),
        _key("fk_credit_note_chain_id", ["chain_id"], ["chain.id"]),
        _key("fk_credit_note_contact_id", ["contact_id"], ["contact.id"]),
        _key("fk_credit_note_invoice_id", ["invoice_id"], ["invoice.id"]),
        _key("fk_credit_note_order_id", ["order_id"], ["order.id"]),
        _key("fk_credit_note_owner_id", ["owner_id"], ["user.id"]),
        _key("fk_credit_note_price_list_id", ["price_list_id"], ["price_list.id"]),
        _key(
            "fk_credit_note_reason_id_status",
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note")),
        sa.UniqueConstraint("number", name=op.f("uq_credit_note_number")),
    )
    op.create_index("ix_credit_note_account_id_id", "credit_note", ["account_id", "id"])
    op.create_index(op.f("ix_credit_note_chain_id"), "credit_note", ["chain_id"])
    op.create_index("ix_credit_note_contact_id_id", "credit_note", ["contact_id", "id"])
    op.create_index("ix_credit_note_created_at_id", "credit_note", ["created_at", "id"])
    op.create_index("ix_credit_note_currency_code_id", "credit_note", ["currency_code", "id"])
    op.create_index("ix_credit_note_invoice_id_id", "credit_note", ["invoice_id", "id"])
    op.create_index("ix_credit_note_issued_on_id", "credit_note", ["issued_on", "id"])
    op.create_index("ix_credit_note_name_id", "credit_note", ["name", "id"])
    op.create_index("ix_credit_note_order_id_id", "credit_note", ["order_id", "id"])
    op.create_index("ix_credit_note_owner_id_id", "credit_note", ["owner_id", "id"])
    op.create_index(op.f("ix_credit_note_price_list_id"), "credit_note", ["price_list_id"])
    op.create_index("ix_credit_note_reason_id_id", "credit_note", ["reason_id", "id"])
    op.create_index("ix_credit_note_status_id", "credit_note", ["status", "id"])
    op.create_index("ix_credit_note_total_id", "credit_note", ["total", "id"])
    op.create_index("ix_credit_note_updated_at_id", "credit_note", ["updated_at", "id"])
    op.create_table(
        "credit_note_line",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("lineage_id", Identifier(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "line_type",
            _choice("line_type", "PRODUCT", "BUNDLE", "REQUIRED_BUNDLE_PRODUCT", "OPTIONAL_BUNDLE_PRODUCT"),
            nullable=False,
        ),
        sa.Column("bundle_lineage_id", Identifier(), nullable=True),
        sa.Column("product_id", Identifier(), nullable=True),
        sa.Column("product_version_id", Identifier(), nullable=True),
        sa.Column("price_list_item_id", Identifier(), nullable=True),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        sa.Column("counted_in_id", Identifier(), nullable=True),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("price_per_unit", Amount(), nullable=False),
        sa.Column("is_price_overridden", sa.Boolean(), nullable=False),
        sa.Column("price_steps", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("volume_discount", Amount(), server_default="0", nullable=False),
        sa.Column("discount_amount", Amount(), nullable=False),
        sa.Column("discount_per_unit", Amount(), server_default="0", nullable=False),
        sa.Column("tax_percent", Amount(), nullable=False),
        sa.Column("typed_tax", Amount(), server_default="0", nullable=False),
        sa.Column("taxes", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("base_amount", Amount(), nullable=False),
        sa.Column("discount_share", Amount(), nullable=False),
        sa.Column("tax_amount", Amount(), nullable=False),
        sa.Column("included_tax_amount", Amount(), server_default="0", nullable=False),
        sa.Column("extended_amount", Amount(), nullable=False),
        sa.Column("credit_note_id", Identifier(), nullable=False),
        sa.Column("invoice_line_id", Identifier(), nullable=False),
        sa.CheckConstraint(
            "length(currency_code) <= 3", name=op.f("ck_credit_note_line_currency_code_length")
        ),
        sa.CheckConstraint("length(description) <= 500", name=op.f("ck_credit_note_line_description_length")),
        sa.CheckConstraint("length(unit) <= 40", name=op.f("ck_credit_note_line_unit_length")),
        _key("fk_credit_note_line_counted_in_id", ["counted_in_id"], ["unit.id"]),
        _key("fk_credit_note_line_credit_note_id", ["credit_note_id"], ["credit_note.id"]),
        _key("fk_credit_note_line_invoice_line_id", ["invoice_line_id"], ["invoice_line.id"]),
        _key("fk_credit_note_line_price_list_item_id", ["price_list_item_id"], ["price_list_item.id"]),
        _key("fk_credit_note_line_product_id", ["product_id"], ["product.id"]),
        _key("fk_credit_note_line_product_version_id", ["product_version_id"], ["product_version.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note_line")),
    )
    op.create_index(op.f("ix_credit_note_line_counted_in_id"), "credit_note_line", ["counted_in_id"])
    op.create_index(
        "ix_credit_note_line_credit_note_id_position_id",
        "credit_note_line",
        ["credit_note_id", "position", "id"],
    )
    op.create_index(op.f("ix_credit_note_line_invoice_line_id"), "credit_note_line", ["invoice_line_id"])
    op.create_index(
        op.f("ix_credit_note_line_price_list_item_id"), "credit_note_line", ["price_list_item_id"]
    )
    op.create_index(op.f("ix_credit_note_line_product_id"), "credit_note_line", ["product_id"])
    op.create_index(
        op.f("ix_credit_note_line_product_version_id"), "credit_note_line", ["product_version_id"]
    )
    with op.batch_alter_table("invoice", reflect_kwargs=ALONE) as batch_op:
        for name in ("credited_total", "customer_credit_total"):
            batch_op.add_column(sa.Column(name, Amount(), server_default="0", nullable=False))
        for name in ("is_deposit", "is_prices_locked"):
            batch_op.add_column(sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("became_overdue_at", Instant(), nullable=True))
        policy = _choice("invoice_policy", "FULFILLED", "ORDERED")
        batch_op.add_column(sa.Column("billing_policy", policy, nullable=True))
    op.create_index(
        "ix_invoice_untold_due_on", "invoice", ["due_on"], sqlite_where=_UNTOLD, postgresql_where=_UNTOLD
    )
    invoice = sa.table(
        "invoice",
        *(sa.column(name) for name in ("order_id", "billing_policy")),
        sa.column("is_prices_locked", sa.Boolean()),
    )
    of_order = sa.update(invoice).where(invoice.c.order_id.is_not(None))
    op.execute(of_order.values(is_prices_locked=True, billing_policy="ORDERED"))
    with op.batch_alter_table("invoice_line", reflect_kwargs=ALONE) as batch_op:
        batch_op.add_column(sa.Column("quantity_credited", Amount(), server_default="0", nullable=False))
        kind = _choice("invoice_line_kind", "ITEM", "DEPOSIT", "DEDUCTION")
        batch_op.add_column(sa.Column("kind", kind, server_default="ITEM", nullable=False))
    with op.batch_alter_table("customer_credit_entry", reflect_kwargs=ALONE) as batch_op:
        batch_op.add_column(sa.Column("credit_note_id", Identifier(), nullable=True))
        batch_op.create_index(batch_op.f("ix_customer_credit_entry_credit_note_id"), ["credit_note_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_customer_credit_entry_credit_note_id"),
            "credit_note",
            ["credit_note_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )
        _take_kinds(batch_op, "OVERPAYMENT", "CREDIT_NOTE", *_KINDS[1:])


def _take_kinds(batch_op: BatchOperations, *kinds: str) -> None:
    """Let entries of customer credit be of these kinds."""
    name = batch_op.f("ck_customer_credit_entry_credit_entry_kind")
    listed = ", ".join(f"'{each}'" for each in kinds)
    batch_op.drop_constraint(name, type_="check")
    batch_op.create_check_constraint(name, f"kind IN ({listed})")


def _seed() -> None:
    """Write the reasons for which a credit note is issued."""
    reason = sa.table(
        "status_reason",
        *(sa.column(name) for name in ("id", "noun", "status", "code", "label", "position")),
    )
    rows = [
        {
            "id": f"credit_note.ISSUED.{code}", "noun": "credit_note", "status": "ISSUED", "code": code,
            "label": label, "position": position,
        }
        for position, (code, label) in enumerate(_REASONS.items())
    ]  # fmt: skip
    op.bulk_insert(reason, rows)


def downgrade() -> None:
    """Take the tables back; what credit notes did to the credit of customers stays, as reversals."""
    with op.batch_alter_table("customer_credit_entry", reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_customer_credit_entry_credit_note_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_customer_credit_entry_credit_note_id"))
        batch_op.drop_column("credit_note_id")
    op.execute(sa.text("UPDATE customer_credit_entry SET kind = 'REVERSAL' WHERE kind = 'CREDIT_NOTE'"))
    with op.batch_alter_table("customer_credit_entry", reflect_kwargs=ALONE) as batch_op:
        _take_kinds(batch_op, *_KINDS)
    op.drop_table("credit_note_line")
    op.drop_table("credit_note")
    op.execute(sa.text("DELETE FROM status_reason WHERE noun = 'credit_note'"))
    with op.batch_alter_table("invoice_line", reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_invoice_line_invoice_line_kind"), type_="check")
        batch_op.drop_column("kind")
        batch_op.drop_column("quantity_credited")
    with op.batch_alter_table("invoice", reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_invoice_invoice_policy"), type_="check")
        batch_op.drop_index("ix_invoice_untold_due_on")
        for name in (
            "became_overdue_at",
            "billing_policy",
            "is_prices_locked",
            "is_deposit",
            "customer_credit_total",
            "credited_total",
        ):
            batch_op.drop_column(name)
