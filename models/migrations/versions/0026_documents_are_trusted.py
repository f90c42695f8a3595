"""Keep the documents that an operator trusts, by the hash of their text."""

import sqlalchemy as sa
from alembic import op

from models.record import Instant

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "trusted_document",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("length(sha256) <= 64", name=op.f("ck_trusted_document_sha256_length")),
        sa.CheckConstraint("length(name) <= 200", name=op.f("ck_trusted_document_name_length")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_trusted_document")),
    )


def downgrade() -> None:
    """Undo the change: what was trusted is forgotten."""
    op.drop_table("trusted_document")
