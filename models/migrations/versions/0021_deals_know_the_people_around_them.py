"""Deals know the people around them: stakeholders, the sales team, competitors, and more of the customer."""

import sqlalchemy as sa
from alembic import op

from models.migrations import ALONE
from models.record import Identifier, Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_ROLES = ("DECISION_MAKER", "CHAMPION", "ECONOMIC_BUYER", "INFLUENCER", "TECHNICAL_BUYER", "END_USER")
# New columns of an opportunity that hold one of a closed set.
_CHOICES = {
    "rating": ("HOT", "WARM", "COLD"),
    "budget_status": ("NO_COMMITTED_BUDGET", "MAY_BUY", "CAN_BUY", "WILL_BUY"),
    "purchase_process": ("INDIVIDUAL", "COMMITTEE", "UNKNOWN"),
    "purchase_timeframe": ("IMMEDIATE", "THIS_QUARTER", "NEXT_QUARTER", "THIS_YEAR", "UNKNOWN"),
}
_TEXTS = ("current_situation", "pain_points")
_TICKS = (
    "is_decision_maker_identified",
    "is_proposal_developed",
    "is_internal_review_done",
    "is_proposal_presented",
    "is_final_proposal_ready",
    "is_thank_you_sent",
    "is_debrief_done",
)


def upgrade() -> None:
    """Make the tables and columns."""
    reason = sa.table(
        "status_reason", *(sa.column(name) for name in ("id", "noun", "status", "code", "label", "position"))
    )
    op.bulk_insert(
        reason,
        [
            {
                "id": f"competitor.{code}.{code}",
                "noun": "competitor",
                "status": code,
                "code": code,
                "label": label,
                "position": 0,
            }
            for code, label in (("ACTIVE", "Active"), ("INACTIVE", "Inactive"))
        ],
    )
    _make_competitor()
    _make_part(
        "stakeholder",
        "contact",
        sa.Column("role", _choice("stakeholder_role", *_ROLES), nullable=False),
        with_role=True,
    )
    _make_part(
        "sales_team_member",
        "user",
        sa.Column("role", sa.String(80), nullable=False),
        sa.CheckConstraint("length(role) <= 80", name=op.f("ck_sales_team_member_role_length")),
    )
    _make_part(
        "opportunity_competitor",
        "competitor",
        sa.Column("note", sa.String(2000), nullable=True),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_opportunity_competitor_note_length")),
    )
    _add_columns()
    op.create_index("ix_opportunity_rating_id", "opportunity", ["rating", "id"])
    op.create_index(op.f("ix_close_activity_competitor_id"), "close_activity", ["competitor_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index(op.f("ix_close_activity_competitor_id"), table_name="close_activity")
    op.drop_index("ix_opportunity_rating_id", table_name="opportunity")
    _drop_columns()
    for table in ("opportunity_competitor", "sales_team_member", "stakeholder", "competitor"):
        op.drop_table(table)
    op.execute("DELETE FROM status_reason WHERE noun = 'competitor'")


def _make_competitor() -> None:
    """Make the table of competitors."""
    op.create_table(
        "competitor",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("status", _choice("competitor_status", "ACTIVE", "INACTIVE"), nullable=False),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("website", sa.String(200), nullable=True),
        sa.Column("strengths", sa.String(2000), nullable=True),
        sa.Column("weaknesses", sa.String(2000), nullable=True),
        sa.CheckConstraint("length(name) <= 160", name=op.f("ck_competitor_name_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_competitor_reason_id_length")),
        sa.CheckConstraint("length(strengths) <= 2000", name=op.f("ck_competitor_strengths_length")),
        sa.CheckConstraint("length(weaknesses) <= 2000", name=op.f("ck_competitor_weaknesses_length")),
        sa.CheckConstraint("length(website) <= 200", name=op.f("ck_competitor_website_length")),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_competitor_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competitor")),
        sa.UniqueConstraint("name", name=op.f("uq_competitor_name")),
    )
    for column in ("created_at", "updated_at", "status", "reason_id"):
        op.create_index(f"ix_competitor_{column}_id", "competitor", [column, "id"])


def _make_part(
    name: str, target: str, *own: sa.Column[object] | sa.CheckConstraint, with_role: bool = False
) -> None:
    """Make a table of parts of an opportunity that lead to another record, each once."""
    unique = ["opportunity_id", f"{target}_id", *(["role"] if with_role else [])]
    op.create_table(
        name,
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("opportunity_id", Identifier(), nullable=False),
        sa.Column(f"{target}_id", Identifier(), nullable=False),
        *own,
        *(
            sa.ForeignKeyConstraint(
                [f"{to}_id"],
                [f"{to}.id"],
                name=op.f(f"fk_{name}_{to}_id"),
                initially="DEFERRED",
                deferrable=True,
            )
            for to in ("opportunity", target)
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{'_'.join(unique)}")),
    )
    for to in ("opportunity", target):
        op.create_index(f"ix_{name}_{to}_id_id", name, [f"{to}_id", "id"])


def _add_columns() -> None:
    """Add the columns of an opportunity and of its close."""
    with op.batch_alter_table("opportunity", reflect_kwargs=ALONE) as opportunity:
        for name, values in _CHOICES.items():
            listed = ", ".join(f"'{value}'" for value in values)
            opportunity.add_column(sa.Column(name, sa.String(40), nullable=True))
            opportunity.create_check_constraint(op.f(f"ck_opportunity_{name}"), f"{name} IN ({listed})")
        for name in _TEXTS:
            opportunity.add_column(sa.Column(name, sa.String(2000), nullable=True))
            opportunity.create_check_constraint(
                op.f(f"ck_opportunity_{name}_length"), f"length({name}) <= 2000"
            )
        for name in _TICKS:
            opportunity.add_column(sa.Column(name, sa.Boolean(), nullable=True))
    with op.batch_alter_table("close_activity", reflect_kwargs=ALONE) as activity:
        activity.add_column(sa.Column("competitor_id", Identifier(), nullable=True))
        activity.create_foreign_key(
            op.f("fk_close_activity_competitor_id"),
            "competitor",
            ["competitor_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )


def _drop_columns() -> None:
    """Drop them."""
    with op.batch_alter_table("close_activity", reflect_kwargs=ALONE) as activity:
        activity.drop_constraint(op.f("fk_close_activity_competitor_id"), type_="foreignkey")
        activity.drop_column("competitor_id")
    with op.batch_alter_table("opportunity", reflect_kwargs=ALONE) as opportunity:
        for name in _CHOICES:
            opportunity.drop_constraint(op.f(f"ck_opportunity_{name}"), type_="check")
            opportunity.drop_column(name)
        for name in _TEXTS:
            opportunity.drop_constraint(op.f(f"ck_opportunity_{name}_length"), type_="check")
            opportunity.drop_column(name)
        for name in _TICKS:
            opportunity.drop_column(name)


def _choice(name: str, *values: str) -> sa.Enum:
    """Return the type of a closed set of codes."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
