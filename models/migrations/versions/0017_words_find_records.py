"""Words find records: a row of folded words for each, an index over them, and the words of what is there.

Stages are filtered by their codes, which begin no other index since they belong to pipelines.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from models.record import Identifier
from models.search import words_of

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# By table: what people call its records by, and what else they are found by.
COLUMNS = {
    "account": (("name", "number"), ("email", "phone", "website", "industry")),
    "contact": (("first_name", "last_name"), ("email", "phone", "job_title")),
    "invoice": (("number", "name"), ("customer_reference",)),
    "lead": (
        ("topic", "company_name", "first_name", "last_name"),
        ("email", "phone", "job_title", "website", "need"),
    ),
    "opportunity": (("name",), ("need", "proposed_solution")),
    "order": (("number", "name"), ("customer_reference",)),
    "product": (("number", "name"), ("description",)),
    "quote": (("number", "name"), ("customer_reference",)),
}
STEP = 1_000
# Without content of its own: the words stand in search_entry.
FTS5 = (
    "CREATE VIRTUAL TABLE search_index USING fts5(title, words, content='', contentless_delete=1, "
    "tokenize='unicode61 remove_diacritics 0', prefix='2 3')"
)
GIN = (
    "CREATE INDEX search_index_words ON search_entry "
    "USING gin (array_to_tsvector(string_to_array(words, ' ')))"
)


def upgrade() -> None:
    """Make table and index, and write the words of every record, in steps."""
    entries = op.create_table(
        "search_entry",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("noun", sa.String(40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint("length(noun) <= 40", name=op.f("ck_search_entry_noun_length")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("id", name=op.f("uq_search_entry_id")),
    )
    op.create_index("ix_stage_code_id", "stage", ["code", "id"])
    bind = op.get_bind()
    for noun, (titled, searched) in COLUMNS.items():
        names = ("id", *titled, *searched)
        table = sa.table(noun, sa.column("id", Identifier()), *map(sa.column, names[1:]))
        rows = bind.execute(sa.select(*(table.c[name] for name in names))).all()
        for start in range(0, len(rows), STEP):
            step = rows[start : start + STEP]
            bind.execute(entries.insert(), [_entry(noun, row, titled, searched) for row in step])
    if bind.dialect.name == "postgresql":
        op.execute(GIN)
    else:
        op.execute(FTS5)
        op.execute(
            "INSERT INTO search_index (rowid, title, words) SELECT number, title, words FROM search_entry"
        )


def downgrade() -> None:
    """Forget the words."""
    op.drop_index("ix_stage_code_id", table_name="stage")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")
    op.drop_table("search_entry")


def _entry(
    noun: str, row: sa.Row[Any], titled: tuple[str, ...], searched: tuple[str, ...]
) -> dict[str, object]:
    """Return the words of a row."""
    title = words_of(" ".join(getattr(row, name) or "" for name in titled))
    words = dict.fromkeys([*title, *words_of(" ".join(getattr(row, name) or "" for name in searched))])
    return {"id": row.id, "noun": noun, "title": " ".join(title), "words": " ".join(words)}
