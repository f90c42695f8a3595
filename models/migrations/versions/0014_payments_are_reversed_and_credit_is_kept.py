"""Payments are reversed by rows of their own, and what is paid too much is kept as credit of the customer."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from models.migrations import ALONE
from models.money import Amount
from models.record import Identifier, Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_MONEY = ("BANK_TRANSFER", "CARD", "DIRECT_DEBIT", "CASH", "CHECK", "OTHER")
_METHODS = (*_MONEY, "CUSTOMER_CREDIT")


def _choice(name: str, *codes: str) -> sa.Enum:
    """Return the type of a closed set of codes."""
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def _key(name: str, columns: list[str], targets: list[str]) -> sa.ForeignKeyConstraint:
    """Return a foreign key that is checked at the commit."""
    return sa.ForeignKeyConstraint(columns, targets, name=op.f(name), initially="DEFERRED", deferrable=True)


def upgrade() -> None:
    """Make the tables, and let payments point to the one that they take back."""
    _seed()
    op.create_table(
        "customer_credit",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("status", _choice("customer_credit_status", "OPEN", "SETTLED"), nullable=False),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("account_id", Identifier(), nullable=True),
        sa.Column("contact_id", Identifier(), nullable=True),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("balance", Amount(), nullable=False),
        sa.CheckConstraint(
            "(account_id IS NULL) <> (contact_id IS NULL)", name=op.f("ck_customer_credit_one_customer")
        ),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_customer_credit_balance_not_negative")),
        sa.CheckConstraint(
            "length(currency_code) <= 3", name=op.f("ck_customer_credit_currency_code_length")
        ),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_customer_credit_reason_id_length")),
        _key("fk_customer_credit_account_id", ["account_id"], ["account.id"]),
        _key("fk_customer_credit_contact_id", ["contact_id"], ["contact.id"]),
        _key(
            "fk_customer_credit_reason_id_status",
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_credit")),
        sa.UniqueConstraint(
            "account_id", "currency_code", name=op.f("uq_customer_credit_account_id_currency_code")
        ),
        sa.UniqueConstraint(
            "contact_id", "currency_code", name=op.f("uq_customer_credit_contact_id_currency_code")
        ),
    )
    for name in ("created_at", "updated_at", "balance", "status", "reason_id"):
        op.create_index(f"ix_customer_credit_{name}_id", "customer_credit", [name, "id"])
    op.create_table(
        "customer_credit_entry",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("customer_credit_id", Identifier(), nullable=False),
        sa.Column(
            "kind",
            _choice("credit_entry_kind", "OVERPAYMENT", "APPLICATION", "REVERSAL", "REFUND"),
            nullable=False,
        ),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("amount", Amount(), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("payment_id", Identifier(), nullable=True),
        sa.Column("method", _choice("payment_method", *_METHODS), nullable=True),
        sa.Column("reference", sa.String(200), nullable=True),
        sa.Column("note", sa.String(2000), nullable=True),
        sa.CheckConstraint(
            "length(currency_code) <= 3", name=op.f("ck_customer_credit_entry_currency_code_length")
        ),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_customer_credit_entry_note_length")),
        sa.CheckConstraint(
            "length(reference) <= 200", name=op.f("ck_customer_credit_entry_reference_length")
        ),
        _key("fk_customer_credit_entry_customer_credit_id", ["customer_credit_id"], ["customer_credit.id"]),
        _key("fk_customer_credit_entry_payment_id", ["payment_id"], ["payment.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_credit_entry")),
    )
    op.create_index(
        "ix_customer_credit_entry_customer_credit_id_id",
        "customer_credit_entry",
        ["customer_credit_id", "id"],
    )
    op.create_index(op.f("ix_customer_credit_entry_payment_id"), "customer_credit_entry", ["payment_id"])
    with op.batch_alter_table("payment", reflect_kwargs=ALONE) as batch_op:
        batch_op.add_column(sa.Column("excess_amount", Amount(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("reverses_id", Identifier(), nullable=True))
        batch_op.add_column(sa.Column("note", sa.String(2000), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_payment_note_length"), "length(note) <= 2000")
        batch_op.create_unique_constraint(batch_op.f("uq_payment_reverses_id"), ["reverses_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_payment_reverses_id"),
            "payment",
            ["reverses_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )
        _take_methods(batch_op, _METHODS)


def _take_methods(batch_op: BatchOperations, methods: tuple[str, ...]) -> None:
    """Let payments have these methods."""
    listed = ", ".join(f"'{each}'" for each in methods)
    batch_op.drop_constraint(batch_op.f("ck_payment_payment_method"), type_="check")
    batch_op.create_check_constraint(batch_op.f("ck_payment_payment_method"), f"method IN ({listed})")


def _seed() -> None:
    """Write the reasons of the states of a customer's credit."""
    reason = sa.table(
        "status_reason",
        *(sa.column(name) for name in ("id", "noun", "status", "code", "label", "position")),
    )
    rows = [
        {
            "id": f"customer_credit.{code}.{code}", "noun": "customer_credit", "status": code,
            "code": code, "label": code.capitalize(), "position": 1,
        }
        for code in ("OPEN", "SETTLED")
    ]  # fmt: skip
    op.bulk_insert(reason, rows)


def downgrade() -> None:
    """Take the tables back; payments by credit, and those that were taken back, become plain ones."""
    op.drop_table("customer_credit_entry")
    op.drop_table("customer_credit")
    op.execute(sa.text("DELETE FROM status_reason WHERE noun = 'customer_credit'"))
    op.execute(sa.text("UPDATE payment SET method = 'OTHER' WHERE method = 'CUSTOMER_CREDIT'"))
    with op.batch_alter_table("payment", reflect_kwargs=ALONE) as batch_op:
        _take_methods(batch_op, _MONEY)
        batch_op.drop_constraint(batch_op.f("fk_payment_reverses_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_payment_reverses_id"), type_="unique")
        batch_op.drop_constraint(batch_op.f("ck_payment_note_length"), type_="check")
        batch_op.drop_column("note")
        batch_op.drop_column("reverses_id")
        batch_op.drop_column("excess_amount")
