"""Let leads be followed up, merged and taken back, and recognise accounts by mailbox and phone."""

import re

import sqlalchemy as sa
from alembic import op

from models.migrations import ALONE
from models.record import Identifier, Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

REASONS = [("OPEN", "Open"), ("COMPLETED", "Completed"), ("CANCELED", "Canceled")]
# Shorter runs of digits are extensions.
SHORTEST_PHONE = 6


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "activity",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "OPEN",
                "COMPLETED",
                "CANCELED",
                name="activity_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("regarding_type", sa.String(40), nullable=False),
        sa.Column("regarding_id", Identifier(), nullable=False),
        sa.Column("account_id", Identifier(), nullable=True),
        sa.Column("chain_id", Identifier(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "TASK",
                "PHONE_CALL",
                "EMAIL",
                "APPOINTMENT",
                name="activity_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("description", sa.String(10000), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.Column("owner_id", Identifier(), nullable=True),
        sa.CheckConstraint("length(description) <= 10000", name=op.f("ck_activity_description_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_activity_reason_id_length")),
        sa.CheckConstraint("length(regarding_type) <= 40", name=op.f("ck_activity_regarding_type_length")),
        sa.CheckConstraint("length(subject) <= 300", name=op.f("ck_activity_subject_length")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_activity_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["chain_id"],
            ["chain.id"],
            name=op.f("fk_activity_chain_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["user.id"],
            name=op.f("fk_activity_owner_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_activity_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    with op.batch_alter_table("activity", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_activity_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index("ix_activity_chain_id_id", ["chain_id", "id"], unique=False)
        batch_op.create_index("ix_activity_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_activity_due_at_id", ["due_at", "id"], unique=False)
        batch_op.create_index("ix_activity_owner_id_id", ["owner_id", "id"], unique=False)
        batch_op.create_index("ix_activity_reason_id_id", ["reason_id", "id"], unique=False)
        batch_op.create_index("ix_activity_regarding_id_id", ["regarding_id", "id"], unique=False)
        batch_op.create_index("ix_activity_status_id", ["status", "id"], unique=False)
        batch_op.create_index("ix_activity_updated_at_id", ["updated_at", "id"], unique=False)

    with op.batch_alter_table("account", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.add_column(sa.Column("match_email", sa.String(254), nullable=True))
        batch_op.add_column(sa.Column("match_phone", sa.String(40), nullable=True))
        for name, limit in (("match_email", 254), ("match_phone", 40)):
            batch_op.create_check_constraint(
                batch_op.f(f"ck_account_{name}_length"), f"length({name}) <= {limit}"
            )
        batch_op.create_index(batch_op.f("ix_account_match_email"), ["match_email"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_match_phone"), ["match_phone"], unique=False)

    with op.batch_alter_table("lead", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.add_column(sa.Column("made_account_id", Identifier(), nullable=True))
        batch_op.add_column(sa.Column("made_contact_id", Identifier(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", Identifier(), nullable=True))
        batch_op.create_index(batch_op.f("ix_lead_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_lead_made_account_id"), ["made_account_id"])
        batch_op.create_unique_constraint(batch_op.f("uq_lead_made_contact_id"), ["made_contact_id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_lead_made_contact_id"),
            "contact",
            ["made_contact_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_lead_merged_into_id"),
            "lead",
            ["merged_into_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_lead_made_account_id"),
            "account",
            ["made_account_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )
    _write_reasons()
    _recognise_accounts()


def _write_reasons() -> None:
    """Write the one reason of each state of an activity."""
    columns = ("id", "noun", "status", "code", "label", "position")
    reason = sa.table("status_reason", *(sa.column(name) for name in columns))
    op.bulk_insert(
        reason,
        [
            {
                "id": f"activity.{state}.{state}",
                "noun": "activity",
                "status": state,
                "code": state,
                "label": label,
                "position": 0,
            }
            for state, label in REASONS
        ],
    )


def _recognise_accounts() -> None:
    """Note the mailbox in lower case and the digits of the phone number of every account."""
    account = sa.table(
        "account",
        sa.column("id", Identifier()),
        *(sa.column(name) for name in ("email", "phone", "match_email", "match_phone")),
    )
    rows = op.get_bind().execute(sa.select(account.c.id, account.c.email, account.c.phone)).all()
    found = []
    for key, email, phone in rows:
        digits = re.sub(r"\D", "", phone or "").removeprefix("00")
        known = digits if len(digits) >= SHORTEST_PHONE else None
        if email or known:
            found.append({"key": key, "email": email.casefold() if email else None, "phone": known})
    if found:
        change = (
            sa.update(account)
            .where(account.c.id == sa.bindparam("key", type_=Identifier()))
            .values(match_email=sa.bindparam("email"), match_phone=sa.bindparam("phone"))
        )
        op.get_bind().execute(change, found)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("lead", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_lead_made_account_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_lead_merged_into_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_lead_made_contact_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_lead_made_contact_id"), type_="unique")
        batch_op.drop_constraint(batch_op.f("uq_lead_made_account_id"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_lead_merged_into_id"))
        batch_op.drop_column("merged_into_id")
        batch_op.drop_column("made_contact_id")
        batch_op.drop_column("made_account_id")

    with op.batch_alter_table("account", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_match_phone"))
        batch_op.drop_index(batch_op.f("ix_account_match_email"))
        for name in ("match_phone", "match_email"):
            batch_op.drop_constraint(batch_op.f(f"ck_account_{name}_length"), type_="check")
            batch_op.drop_column(name)

    with op.batch_alter_table("activity", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_activity_updated_at_id")
        batch_op.drop_index("ix_activity_status_id")
        batch_op.drop_index("ix_activity_regarding_id_id")
        batch_op.drop_index("ix_activity_reason_id_id")
        batch_op.drop_index("ix_activity_owner_id_id")
        batch_op.drop_index("ix_activity_due_at_id")
        batch_op.drop_index("ix_activity_created_at_id")
        batch_op.drop_index("ix_activity_chain_id_id")
        batch_op.drop_index("ix_activity_account_id_id")

    op.drop_table("activity")
    op.execute("DELETE FROM status_reason WHERE noun = 'activity'")
