"""Let records take notes, tags and metadata."""

# What the tables were before, and what they are afterwards.
import sqlalchemy as sa
from alembic import op

from models.migrations import ALONE
from models.record import Identifier, Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "metadata_entry",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("regarding_type", sa.String(40), nullable=False),
        sa.Column("regarding_id", Identifier(), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("value", sa.String(500), nullable=False),
        sa.CheckConstraint('length("key") <= 100', name=op.f("ck_metadata_entry_key_length")),
        sa.CheckConstraint(
            "length(regarding_type) <= 40", name=op.f("ck_metadata_entry_regarding_type_length")
        ),
        sa.CheckConstraint("length(value) <= 500", name=op.f("ck_metadata_entry_value_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metadata_entry")),
        sa.UniqueConstraint("regarding_id", "key", name=op.f("uq_metadata_entry_regarding_id_key")),
    )
    with op.batch_alter_table("metadata_entry", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_metadata_entry_key_value_id", ["key", "value", "id"], unique=False)

    op.create_table(
        "tag",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("regarding_type", sa.String(40), nullable=False),
        sa.Column("regarding_id", Identifier(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.CheckConstraint("length(name) <= 60", name=op.f("ck_tag_name_length")),
        sa.CheckConstraint("length(regarding_type) <= 40", name=op.f("ck_tag_regarding_type_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("regarding_id", "name", name=op.f("uq_tag_regarding_id_name")),
    )
    with op.batch_alter_table("tag", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_tag_name_id", ["name", "id"], unique=False)

    op.create_table(
        "note",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("regarding_type", sa.String(40), nullable=False),
        sa.Column("regarding_id", Identifier(), nullable=False),
        sa.Column("account_id", Identifier(), nullable=True),
        sa.Column("chain_id", Identifier(), nullable=True),
        sa.Column("author_id", Identifier(), nullable=False),
        sa.Column("text", sa.String(10000), nullable=False),
        sa.CheckConstraint("length(regarding_type) <= 40", name=op.f("ck_note_regarding_type_length")),
        sa.CheckConstraint("length(text) <= 10000", name=op.f("ck_note_text_length")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_note_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("fk_note_author_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["chain.id"], name=op.f("fk_note_chain_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_note_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_note_author_id"), ["author_id"], unique=False)
        batch_op.create_index("ix_note_chain_id_id", ["chain_id", "id"], unique=False)
        batch_op.create_index("ix_note_regarding_id_id", ["regarding_id", "id"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("note", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_note_regarding_id_id")
        batch_op.drop_index("ix_note_chain_id_id")
        batch_op.drop_index(batch_op.f("ix_note_author_id"))
        batch_op.drop_index("ix_note_account_id_id")

    op.drop_table("note")
    with op.batch_alter_table("tag", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_tag_name_id")

    op.drop_table("tag")
    with op.batch_alter_table("metadata_entry", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_metadata_entry_key_value_id")

    op.drop_table("metadata_entry")
