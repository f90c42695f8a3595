"""Make the tables of the first deal, with the status reasons and stages that a company starts with."""

# What the tables were before, and what they are afterwards.
import sqlalchemy as sa
from alembic import op

from models.migrations import ALONE
from models.money import Amount
from models.record import Identifier, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# By record and state: the reasons' codes and labels. The first one of a state is its usual one.
REASONS = {
    "account": {"ACTIVE": [("ACTIVE", "Active")], "INACTIVE": [("INACTIVE", "Inactive")]},
    "contact": {"ACTIVE": [("ACTIVE", "Active")], "INACTIVE": [("INACTIVE", "Inactive")]},
    "product": {
        "DRAFT": [("DRAFT", "Draft")],
        "ACTIVE": [("ACTIVE", "Active")],
        "UNDER_REVISION": [("UNDER_REVISION", "Under revision")],
        "RETIRED": [("RETIRED", "Retired")],
    },
    "lead": {
        "OPEN": [("NEW", "New"), ("CONTACTED", "Contacted"), ("NURTURING", "Nurturing")],
        "QUALIFIED": [("QUALIFIED", "Qualified")],
        "DISQUALIFIED": [
            ("LOST", "Lost"),
            ("CANNOT_CONTACT", "Cannot contact"),
            ("NO_LONGER_INTERESTED", "No longer interested"),
            ("CANCELED", "Canceled"),
            ("DUPLICATE", "Duplicate"),
        ],
    },
    "opportunity": {
        "OPEN": [("IN_PROGRESS", "In progress"), ("ON_HOLD", "On hold")],
        "WON": [("WON", "Won")],
        "LOST": [("CANCELED", "Canceled"), ("OUT_SOLD", "Out-sold")],
    },
    "quote": {
        "DRAFT": [("IN_PROGRESS", "In progress"), ("PENDING_APPROVAL", "Pending approval")],
        "ACTIVE": [("IN_PROGRESS", "In progress"), ("PRESENTED", "Presented")],
        "WON": [("WON", "Won")],
        "CLOSED": [
            ("LOST", "Lost"),
            ("CANCELED", "Canceled"),
            ("REVISED", "Revised"),
            ("EXPIRED", "Expired"),
        ],
    },
    "order": {
        "ACTIVE": [("NEW", "New"), ("PENDING", "Pending")],
        "SUBMITTED": [("IN_PROGRESS", "In progress")],
        "FULFILLED": [("COMPLETE", "Complete"), ("PARTIAL", "Partial")],
        "INVOICED": [("INVOICED", "Invoiced")],
        "CANCELED": [
            ("NO_MONEY", "No money"),
            ("CUSTOMER_REQUEST", "Customer request"),
            ("OUT_OF_STOCK", "Out of stock"),
        ],
    },
    "invoice": {
        "ACTIVE": [("NEW", "New"), ("BILLED", "Billed"), ("PARTIALLY_PAID", "Partially paid")],
        "PAID": [("COMPLETE", "Complete")],
        "CANCELED": [("CANCELED", "Canceled"), ("CREDITED", "Credited")],
    },
}
# Code, label, percent, forecast category, and the facts asked for before the stage is left forwards.
STAGES = [
    ("QUALIFY", "Qualify", 10, "PIPELINE", ["need"]),
    ("DEVELOP", "Develop", 30, "PIPELINE", ["proposed_solution"]),
    ("PROPOSE", "Propose", 60, "BEST_CASE", ["decision_on"]),
    ("CLOSE", "Close", 90, "COMMITTED", []),
]


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "address",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("line1", sa.String(200), nullable=False),
        sa.Column("line2", sa.String(200), nullable=True),
        sa.Column("postal_code", sa.String(20), nullable=True),
        sa.Column("city", sa.String(100), nullable=False),
        sa.Column("region", sa.String(100), nullable=True),
        sa.Column("country_code", sa.String(2), nullable=False),
        sa.CheckConstraint("length(city) <= 100", name=op.f("ck_address_city_length")),
        sa.CheckConstraint("length(country_code) <= 2", name=op.f("ck_address_country_code_length")),
        sa.CheckConstraint("length(line1) <= 200", name=op.f("ck_address_line1_length")),
        sa.CheckConstraint("length(line2) <= 200", name=op.f("ck_address_line2_length")),
        sa.CheckConstraint("length(postal_code) <= 20", name=op.f("ck_address_postal_code_length")),
        sa.CheckConstraint("length(region) <= 100", name=op.f("ck_address_region_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
    )
    op.create_table(
        "chain",
        sa.Column("id", Identifier(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain")),
    )
    op.create_table(
        "number_series",
        sa.Column("series", sa.String(20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(series) <= 20", name=op.f("ck_number_series_series_length")),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_number_series")),
    )
    op.create_table(
        "stage",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column(
            "forecast_category",
            sa.Enum(
                "PIPELINE",
                "BEST_CASE",
                "COMMITTED",
                "OMITTED",
                "WON",
                "LOST",
                name="forecast_category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("required_facts", sa.JSON(), nullable=False),
        sa.CheckConstraint("length(id) <= 40", name=op.f("ck_stage_id_length")),
        sa.CheckConstraint("length(label) <= 80", name=op.f("ck_stage_label_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage")),
        sa.UniqueConstraint("position", name=op.f("uq_stage_position")),
    )
    op.create_table(
        "status_reason",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("noun", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(code) <= 40", name=op.f("ck_status_reason_code_length")),
        sa.CheckConstraint("length(id) <= 80", name=op.f("ck_status_reason_id_length")),
        sa.CheckConstraint("length(label) <= 80", name=op.f("ck_status_reason_label_length")),
        sa.CheckConstraint("length(noun) <= 40", name=op.f("ck_status_reason_noun_length")),
        sa.CheckConstraint("length(status) <= 40", name=op.f("ck_status_reason_status_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_reason")),
        sa.UniqueConstraint("id", "status", name=op.f("uq_status_reason_id_status")),
    )
    op.create_table(
        "user",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "ADMIN",
                "SALES",
                "PARTNER",
                "SUPPORT",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("length(name) <= 160", name=op.f("ck_user_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
    )
    op.create_table(
        "account",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE",
                "INACTIVE",
                name="customer_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("match_name", sa.String(160), nullable=False),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("website", sa.String(200), nullable=True),
        sa.Column("industry", sa.String(100), nullable=True),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("payment_terms_days", sa.Integer(), nullable=True),
        sa.Column("billing_address_id", Identifier(), nullable=True),
        sa.Column("shipping_address_id", Identifier(), nullable=True),
        sa.Column("owner_id", Identifier(), nullable=True),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_account_currency_code_length")),
        sa.CheckConstraint("length(email) <= 254", name=op.f("ck_account_email_length")),
        sa.CheckConstraint("length(industry) <= 100", name=op.f("ck_account_industry_length")),
        sa.CheckConstraint("length(match_name) <= 160", name=op.f("ck_account_match_name_length")),
        sa.CheckConstraint("length(name) <= 160", name=op.f("ck_account_name_length")),
        sa.CheckConstraint("length(number) <= 40", name=op.f("ck_account_number_length")),
        sa.CheckConstraint("length(phone) <= 40", name=op.f("ck_account_phone_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_account_reason_id_length")),
        sa.CheckConstraint("length(website) <= 200", name=op.f("ck_account_website_length")),
        sa.ForeignKeyConstraint(
            ["billing_address_id"],
            ["address.id"],
            name=op.f("fk_account_billing_address_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_account_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_account_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["shipping_address_id"],
            ["address.id"],
            name=op.f("fk_account_shipping_address_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("number", name=op.f("uq_account_number")),
    )
    with op.batch_alter_table("account", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_account_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_account_updated_at_id", ["updated_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_match_name"), ["match_name"], unique=False)
        batch_op.create_index("ix_account_name_id", ["name", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "api_key",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("user_id", Identifier(), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("hint", sa.String(16), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.CheckConstraint("length(digest) <= 64", name=op.f("ck_api_key_digest_length")),
        sa.CheckConstraint("length(hint) <= 16", name=op.f("ck_api_key_hint_length")),
        sa.CheckConstraint("length(name) <= 160", name=op.f("ck_api_key_name_length")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_api_key_user_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
    )
    with op.batch_alter_table("api_key", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_key_user_id"), ["user_id"], unique=False)

    op.create_table(
        "idempotency_entry",
        sa.Column("user_id", Identifier(), nullable=False),
        sa.Column("command", sa.String(80), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("input_hash", sa.String(64), nullable=False),
        sa.Column("selection_hash", sa.String(64), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint('length("key") <= 255', name=op.f("ck_idempotency_entry_key_length")),
        sa.CheckConstraint("length(command) <= 80", name=op.f("ck_idempotency_entry_command_length")),
        sa.CheckConstraint("length(input_hash) <= 64", name=op.f("ck_idempotency_entry_input_hash_length")),
        sa.CheckConstraint(
            "length(selection_hash) <= 64", name=op.f("ck_idempotency_entry_selection_hash_length")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_idempotency_entry_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("user_id", "command", "key", name=op.f("pk_idempotency_entry")),
    )
    with op.batch_alter_table("idempotency_entry", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_entry_created_at"), ["created_at"], unique=False)

    op.create_table(
        "product",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "DRAFT",
                "ACTIVE",
                "UNDER_REVISION",
                "RETIRED",
                name="product_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("description", sa.String(2000), nullable=True),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("quantity_places", sa.Integer(), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("list_price", Amount(), nullable=False),
        sa.Column("standard_cost", Amount(), nullable=True),
        sa.Column("tax_percent", Amount(), nullable=False),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_product_currency_code_length")),
        sa.CheckConstraint("length(description) <= 2000", name=op.f("ck_product_description_length")),
        sa.CheckConstraint("length(name) <= 160", name=op.f("ck_product_name_length")),
        sa.CheckConstraint("length(number) <= 40", name=op.f("ck_product_number_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_product_reason_id_length")),
        sa.CheckConstraint("length(unit) <= 40", name=op.f("ck_product_unit_length")),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_product_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("number", name=op.f("uq_product_number")),
    )
    with op.batch_alter_table("product", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_product_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_product_updated_at_id", ["updated_at", "id"], unique=False)
        batch_op.create_index("ix_product_name_id", ["name", "id"], unique=False)

    op.create_table(
        "account_share",
        sa.Column("user_id", Identifier(), nullable=False),
        sa.Column("account_id", Identifier(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_account_share_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_account_share_user_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("user_id", "account_id", name=op.f("pk_account_share")),
    )
    with op.batch_alter_table("account_share", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_share_account_id"), ["account_id"], unique=False)

    op.create_table(
        "contact",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE",
                "INACTIVE",
                name="customer_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("account_id", Identifier(), nullable=True),
        sa.Column("first_name", sa.String(100), nullable=True),
        sa.Column("last_name", sa.String(100), nullable=False),
        sa.Column("job_title", sa.String(100), nullable=True),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("match_phone", sa.String(40), nullable=True),
        sa.Column("owner_id", Identifier(), nullable=True),
        sa.CheckConstraint("length(email) <= 254", name=op.f("ck_contact_email_length")),
        sa.CheckConstraint("length(first_name) <= 100", name=op.f("ck_contact_first_name_length")),
        sa.CheckConstraint("length(job_title) <= 100", name=op.f("ck_contact_job_title_length")),
        sa.CheckConstraint("length(last_name) <= 100", name=op.f("ck_contact_last_name_length")),
        sa.CheckConstraint("length(match_phone) <= 40", name=op.f("ck_contact_match_phone_length")),
        sa.CheckConstraint("length(phone) <= 40", name=op.f("ck_contact_phone_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_contact_reason_id_length")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_contact_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_contact_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_contact_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    with op.batch_alter_table("contact", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_contact_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_email"), ["email"], unique=False)
        batch_op.create_index("ix_contact_last_name_id", ["last_name", "id"], unique=False)
        batch_op.create_index("ix_contact_updated_at_id", ["updated_at", "id"], unique=False)
        batch_op.create_index("ix_contact_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_match_phone"), ["match_phone"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "CREATED",
                "STATUS_CHANGED",
                "EDITED",
                name="event_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("command", sa.String(80), nullable=False),
        sa.Column("summary", sa.String(600), nullable=False),
        sa.Column("subject_type", sa.String(40), nullable=False),
        sa.Column("subject_id", Identifier(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=False),
        sa.Column("chain_id", Identifier(), nullable=True),
        sa.Column("account_id", Identifier(), nullable=True),
        sa.Column("actor_id", Identifier(), nullable=True),
        sa.Column("caused_by_id", Identifier(), nullable=True),
        sa.Column("from_status", sa.String(40), nullable=True),
        sa.Column("to_status", sa.String(40), nullable=True),
        sa.Column("reason", sa.String(80), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.CheckConstraint("length(command) <= 80", name=op.f("ck_event_command_length")),
        sa.CheckConstraint("length(from_status) <= 40", name=op.f("ck_event_from_status_length")),
        sa.CheckConstraint("length(reason) <= 80", name=op.f("ck_event_reason_length")),
        sa.CheckConstraint("length(subject_type) <= 40", name=op.f("ck_event_subject_type_length")),
        sa.CheckConstraint("length(summary) <= 600", name=op.f("ck_event_summary_length")),
        sa.CheckConstraint("length(to_status) <= 40", name=op.f("ck_event_to_status_length")),
        sa.CheckConstraint("length(type) <= 80", name=op.f("ck_event_type_length")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_event_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user.id"], name=op.f("fk_event_actor_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["caused_by_id"],
            ["event.id"],
            name=op.f("fk_event_caused_by_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["chain.id"], name=op.f("fk_event_chain_id"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_event_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_caused_by_id"), ["caused_by_id"], unique=False)
        batch_op.create_index("ix_event_chain_id_id", ["chain_id", "id"], unique=False)
        batch_op.create_index("ix_event_subject_id_id", ["subject_id", "id"], unique=False)

    op.create_table(
        "lead",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "OPEN",
                "QUALIFIED",
                "DISQUALIFIED",
                name="lead_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("chain_id", Identifier(), nullable=False),
        sa.Column("account_id", Identifier(), nullable=True),
        sa.Column("contact_id", Identifier(), nullable=True),
        sa.Column("owner_id", Identifier(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "WEB_FORM",
                "EMAIL",
                "BUSINESS_CARD",
                "TRADE_SHOW",
                "REFERRAL",
                "PHONE",
                "AUTOMATED",
                "IMPORT",
                "OTHER",
                name="lead_source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(200), nullable=True),
        sa.Column("raw_payload", sa.String(65536), nullable=True),
        sa.Column("topic", sa.String(300), nullable=False),
        sa.Column("first_name", sa.String(100), nullable=True),
        sa.Column("last_name", sa.String(100), nullable=True),
        sa.Column("company_name", sa.String(160), nullable=True),
        sa.Column("job_title", sa.String(100), nullable=True),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("website", sa.String(200), nullable=True),
        sa.Column("match_name", sa.String(160), nullable=True),
        sa.Column("match_email", sa.String(254), nullable=True),
        sa.Column("match_phone", sa.String(40), nullable=True),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("budget", Amount(), nullable=True),
        sa.Column("estimated_value", Amount(), nullable=True),
        sa.Column("timeframe", sa.String(100), nullable=True),
        sa.Column("need", sa.String(2000), nullable=True),
        sa.Column("is_interest_confirmed", sa.Boolean(), nullable=True),
        sa.Column("is_purchasing_power_confirmed", sa.Boolean(), nullable=True),
        sa.Column("qualified_at", Instant(), nullable=True),
        sa.CheckConstraint("length(company_name) <= 160", name=op.f("ck_lead_company_name_length")),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_lead_currency_code_length")),
        sa.CheckConstraint("length(email) <= 254", name=op.f("ck_lead_email_length")),
        sa.CheckConstraint("length(external_id) <= 200", name=op.f("ck_lead_external_id_length")),
        sa.CheckConstraint("length(first_name) <= 100", name=op.f("ck_lead_first_name_length")),
        sa.CheckConstraint("length(job_title) <= 100", name=op.f("ck_lead_job_title_length")),
        sa.CheckConstraint("length(last_name) <= 100", name=op.f("ck_lead_last_name_length")),
        sa.CheckConstraint("length(match_email) <= 254", name=op.f("ck_lead_match_email_length")),
        sa.CheckConstraint("length(match_name) <= 160", name=op.f("ck_lead_match_name_length")),
        sa.CheckConstraint("length(match_phone) <= 40", name=op.f("ck_lead_match_phone_length")),
        sa.CheckConstraint("length(need) <= 2000", name=op.f("ck_lead_need_length")),
        sa.CheckConstraint("length(phone) <= 40", name=op.f("ck_lead_phone_length")),
        sa.CheckConstraint("length(raw_payload) <= 65536", name=op.f("ck_lead_raw_payload_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_lead_reason_id_length")),
        sa.CheckConstraint("length(timeframe) <= 100", name=op.f("ck_lead_timeframe_length")),
        sa.CheckConstraint("length(topic) <= 300", name=op.f("ck_lead_topic_length")),
        sa.CheckConstraint("length(website) <= 200", name=op.f("ck_lead_website_length")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_lead_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["chain.id"], name=op.f("fk_lead_chain_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_lead_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_lead_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_lead_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_lead_source_external_id")),
    )
    with op.batch_alter_table("lead", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_lead_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lead_chain_id"), ["chain_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lead_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index("ix_lead_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lead_match_email"), ["match_email"], unique=False)
        batch_op.create_index(batch_op.f("ix_lead_match_name"), ["match_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_lead_match_phone"), ["match_phone"], unique=False)
        batch_op.create_index(batch_op.f("ix_lead_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_lead_updated_at_id", ["updated_at", "id"], unique=False)

    op.create_table(
        "lead_evidence",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("lead_id", Identifier(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "INTEREST",
                "PURCHASING_POWER",
                name="evidence_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(2000), nullable=True),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_lead_evidence_note_length")),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["lead.id"],
            name=op.f("fk_lead_evidence_lead_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_evidence")),
    )
    with op.batch_alter_table("lead_evidence", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_lead_evidence_lead_id_id", ["lead_id", "id"], unique=False)

    op.create_table(
        "opportunity",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "OPEN",
                "WON",
                "LOST",
                name="opportunity_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("chain_id", Identifier(), nullable=False),
        sa.Column("account_id", Identifier(), nullable=True),
        sa.Column("contact_id", Identifier(), nullable=True),
        sa.Column("owner_id", Identifier(), nullable=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("discount_percent", Amount(), nullable=False),
        sa.Column("discount_amount", Amount(), nullable=False),
        sa.Column("freight_amount", Amount(), nullable=False),
        sa.Column("line_total", Amount(), nullable=False),
        sa.Column("discount_total", Amount(), nullable=False),
        sa.Column("tax_total", Amount(), nullable=False),
        sa.Column("total", Amount(), nullable=False),
        sa.Column("lead_id", Identifier(), nullable=True),
        sa.Column("stage_id", sa.String(40), nullable=False),
        sa.Column("stage_entered_at", Instant(), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.Column("is_probability_typed", sa.Boolean(), nullable=False),
        sa.Column(
            "forecast_category",
            sa.Enum(
                "PIPELINE",
                "BEST_CASE",
                "COMMITTED",
                "OMITTED",
                "WON",
                "LOST",
                name="forecast_category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "revenue_mode",
            sa.Enum(
                "SYSTEM_CALCULATED",
                "USER_PROVIDED",
                name="revenue_mode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("estimated_revenue", Amount(), nullable=False),
        sa.Column("estimated_close_on", sa.Date(), nullable=True),
        sa.Column("actual_revenue", Amount(), nullable=True),
        sa.Column("actual_close_on", sa.Date(), nullable=True),
        sa.Column("budget", Amount(), nullable=True),
        sa.Column("timeframe", sa.String(100), nullable=True),
        sa.Column("need", sa.String(2000), nullable=True),
        sa.Column("proposed_solution", sa.String(2000), nullable=True),
        sa.Column("decision_on", sa.Date(), nullable=True),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_opportunity_currency_code_length")),
        sa.CheckConstraint("length(name) <= 300", name=op.f("ck_opportunity_name_length")),
        sa.CheckConstraint("length(need) <= 2000", name=op.f("ck_opportunity_need_length")),
        sa.CheckConstraint(
            "length(proposed_solution) <= 2000", name=op.f("ck_opportunity_proposed_solution_length")
        ),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_opportunity_reason_id_length")),
        sa.CheckConstraint("length(stage_id) <= 40", name=op.f("ck_opportunity_stage_id_length")),
        sa.CheckConstraint("length(timeframe) <= 100", name=op.f("ck_opportunity_timeframe_length")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_opportunity_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["chain_id"],
            ["chain.id"],
            name=op.f("fk_opportunity_chain_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_opportunity_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["lead.id"],
            name=op.f("fk_opportunity_lead_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["user.id"],
            name=op.f("fk_opportunity_owner_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_opportunity_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["stage_id"],
            ["stage.id"],
            name=op.f("fk_opportunity_stage_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity")),
        sa.UniqueConstraint("lead_id", name=op.f("uq_opportunity_lead_id")),
    )
    with op.batch_alter_table("opportunity", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_opportunity_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opportunity_chain_id"), ["chain_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opportunity_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index("ix_opportunity_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index(
            "ix_opportunity_estimated_close_on_id", ["estimated_close_on", "id"], unique=False
        )
        batch_op.create_index(
            "ix_opportunity_estimated_revenue_id", ["estimated_revenue", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_opportunity_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opportunity_stage_id"), ["stage_id"], unique=False)
        batch_op.create_index("ix_opportunity_updated_at_id", ["updated_at", "id"], unique=False)

    op.create_table(
        "opportunity_line",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("lineage_id", Identifier(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", Identifier(), nullable=True),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("price_per_unit", Amount(), nullable=False),
        sa.Column("is_price_overridden", sa.Boolean(), nullable=False),
        sa.Column("discount_amount", Amount(), nullable=False),
        sa.Column("tax_percent", Amount(), nullable=False),
        sa.Column("base_amount", Amount(), nullable=False),
        sa.Column("discount_share", Amount(), nullable=False),
        sa.Column("tax_amount", Amount(), nullable=False),
        sa.Column("extended_amount", Amount(), nullable=False),
        sa.Column("opportunity_id", Identifier(), nullable=False),
        sa.CheckConstraint(
            "length(currency_code) <= 3", name=op.f("ck_opportunity_line_currency_code_length")
        ),
        sa.CheckConstraint("length(description) <= 500", name=op.f("ck_opportunity_line_description_length")),
        sa.CheckConstraint("length(unit) <= 40", name=op.f("ck_opportunity_line_unit_length")),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name=op.f("fk_opportunity_line_opportunity_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_opportunity_line_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity_line")),
    )
    with op.batch_alter_table("opportunity_line", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(
            "ix_opportunity_line_opportunity_id_position_id",
            ["opportunity_id", "position", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_opportunity_line_product_id"), ["product_id"], unique=False)

    op.create_table(
        "quote",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "DRAFT",
                "ACTIVE",
                "WON",
                "CLOSED",
                name="quote_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("chain_id", Identifier(), nullable=False),
        sa.Column("account_id", Identifier(), nullable=True),
        sa.Column("contact_id", Identifier(), nullable=True),
        sa.Column("owner_id", Identifier(), nullable=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("discount_percent", Amount(), nullable=False),
        sa.Column("discount_amount", Amount(), nullable=False),
        sa.Column("freight_amount", Amount(), nullable=False),
        sa.Column("line_total", Amount(), nullable=False),
        sa.Column("discount_total", Amount(), nullable=False),
        sa.Column("tax_total", Amount(), nullable=False),
        sa.Column("total", Amount(), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("opportunity_id", Identifier(), nullable=True),
        sa.Column("previous_id", Identifier(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("activated_at", Instant(), nullable=True),
        sa.Column("content_hash", sa.String(64), nullable=True),
        sa.Column("presented_at", Instant(), nullable=True),
        sa.Column(
            "presented_by",
            sa.Enum(
                "EMAIL",
                "LINK",
                "MEETING",
                "POST",
                name="presentation_channel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("token_digest", sa.String(64), nullable=True),
        sa.Column("customer_reference", sa.String(100), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.CheckConstraint("length(content_hash) <= 64", name=op.f("ck_quote_content_hash_length")),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_quote_currency_code_length")),
        sa.CheckConstraint(
            "length(customer_reference) <= 100", name=op.f("ck_quote_customer_reference_length")
        ),
        sa.CheckConstraint("length(name) <= 300", name=op.f("ck_quote_name_length")),
        sa.CheckConstraint("length(number) <= 40", name=op.f("ck_quote_number_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_quote_reason_id_length")),
        sa.CheckConstraint("length(token_digest) <= 64", name=op.f("ck_quote_token_digest_length")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_quote_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["chain.id"], name=op.f("fk_quote_chain_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_quote_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name=op.f("fk_quote_opportunity_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_quote_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["previous_id"],
            ["quote.id"],
            name=op.f("fk_quote_previous_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_quote_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("number", "revision", name=op.f("uq_quote_number_revision")),
        sa.UniqueConstraint("previous_id", name=op.f("uq_quote_previous_id")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_quote_token_digest")),
    )
    with op.batch_alter_table("quote", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_quote_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quote_chain_id"), ["chain_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quote_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index("ix_quote_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_quote_opportunity_id_id", ["opportunity_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quote_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_quote_total_id", ["total", "id"], unique=False)
        batch_op.create_index("ix_quote_updated_at_id", ["updated_at", "id"], unique=False)
        batch_op.create_index("ix_quote_valid_until_id", ["valid_until", "id"], unique=False)
        batch_op.create_index(
            "uq_quote_live_number",
            ["number"],
            unique=True,
            sqlite_where=sa.text("status IN ('DRAFT', 'ACTIVE', 'WON')"),
            postgresql_where=sa.text("status IN ('DRAFT', 'ACTIVE', 'WON')"),
        )

    op.create_table(
        "order",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE",
                "SUBMITTED",
                "FULFILLED",
                "INVOICED",
                "CANCELED",
                name="order_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("chain_id", Identifier(), nullable=False),
        sa.Column("account_id", Identifier(), nullable=True),
        sa.Column("contact_id", Identifier(), nullable=True),
        sa.Column("owner_id", Identifier(), nullable=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("discount_percent", Amount(), nullable=False),
        sa.Column("discount_amount", Amount(), nullable=False),
        sa.Column("freight_amount", Amount(), nullable=False),
        sa.Column("line_total", Amount(), nullable=False),
        sa.Column("discount_total", Amount(), nullable=False),
        sa.Column("tax_total", Amount(), nullable=False),
        sa.Column("total", Amount(), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("quote_id", Identifier(), nullable=True),
        sa.Column("opportunity_id", Identifier(), nullable=True),
        sa.Column("is_prices_locked", sa.Boolean(), nullable=False),
        sa.Column("customer_reference", sa.String(100), nullable=True),
        sa.Column("bill_to_id", Identifier(), nullable=True),
        sa.Column("ship_to_id", Identifier(), nullable=True),
        sa.Column(
            "fulfillment_status",
            sa.Enum(
                "NONE",
                "PARTIAL",
                "COMPLETE",
                name="fulfillment_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "billing_status",
            sa.Enum(
                "NONE",
                "PARTIAL",
                "COMPLETE",
                name="billing_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("submitted_at", Instant(), nullable=True),
        sa.Column("fulfilled_on", sa.Date(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_order_currency_code_length")),
        sa.CheckConstraint(
            "length(customer_reference) <= 100", name=op.f("ck_order_customer_reference_length")
        ),
        sa.CheckConstraint("length(name) <= 300", name=op.f("ck_order_name_length")),
        sa.CheckConstraint("length(number) <= 40", name=op.f("ck_order_number_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_order_reason_id_length")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_order_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["bill_to_id"],
            ["address.id"],
            name=op.f("fk_order_bill_to_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["chain.id"], name=op.f("fk_order_chain_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_order_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name=op.f("fk_order_opportunity_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_order_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["quote_id"], ["quote.id"], name=op.f("fk_order_quote_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_order_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["ship_to_id"],
            ["address.id"],
            name=op.f("fk_order_ship_to_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
        sa.UniqueConstraint("number", name=op.f("uq_order_number")),
        sa.UniqueConstraint("quote_id", name=op.f("uq_order_quote_id")),
    )
    with op.batch_alter_table("order", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_order_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_chain_id"), ["chain_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index("ix_order_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_order_opportunity_id_id", ["opportunity_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_order_total_id", ["total", "id"], unique=False)
        batch_op.create_index("ix_order_updated_at_id", ["updated_at", "id"], unique=False)

    op.create_table(
        "quote_line",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("lineage_id", Identifier(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", Identifier(), nullable=True),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("price_per_unit", Amount(), nullable=False),
        sa.Column("is_price_overridden", sa.Boolean(), nullable=False),
        sa.Column("discount_amount", Amount(), nullable=False),
        sa.Column("tax_percent", Amount(), nullable=False),
        sa.Column("base_amount", Amount(), nullable=False),
        sa.Column("discount_share", Amount(), nullable=False),
        sa.Column("tax_amount", Amount(), nullable=False),
        sa.Column("extended_amount", Amount(), nullable=False),
        sa.Column("quote_id", Identifier(), nullable=False),
        sa.Column("opportunity_line_id", Identifier(), nullable=True),
        sa.Column("previous_line_id", Identifier(), nullable=True),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_quote_line_currency_code_length")),
        sa.CheckConstraint("length(description) <= 500", name=op.f("ck_quote_line_description_length")),
        sa.CheckConstraint("length(unit) <= 40", name=op.f("ck_quote_line_unit_length")),
        sa.ForeignKeyConstraint(
            ["opportunity_line_id"],
            ["opportunity_line.id"],
            name=op.f("fk_quote_line_opportunity_line_id"),
            ondelete="SET NULL",
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["previous_line_id"],
            ["quote_line.id"],
            name=op.f("fk_quote_line_previous_line_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_quote_line_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["quote_id"],
            ["quote.id"],
            name=op.f("fk_quote_line_quote_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_line")),
    )
    with op.batch_alter_table("quote_line", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quote_line_opportunity_line_id"), ["opportunity_line_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_quote_line_previous_line_id"), ["previous_line_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_quote_line_product_id"), ["product_id"], unique=False)
        batch_op.create_index(
            "ix_quote_line_quote_id_position_id", ["quote_id", "position", "id"], unique=False
        )

    op.create_table(
        "close_activity",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("account_id", Identifier(), nullable=True),
        sa.Column("opportunity_id", Identifier(), nullable=True),
        sa.Column("quote_id", Identifier(), nullable=True),
        sa.Column("order_id", Identifier(), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("note", sa.String(2000), nullable=True),
        sa.Column("competitor", sa.String(160), nullable=True),
        sa.Column("currency_code", sa.String(3), nullable=True),
        sa.Column("actual_revenue", Amount(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("superseded_at", Instant(), nullable=True),
        sa.CheckConstraint("length(competitor) <= 160", name=op.f("ck_close_activity_competitor_length")),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_close_activity_currency_code_length")),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_close_activity_note_length")),
        sa.CheckConstraint("length(reason) <= 40", name=op.f("ck_close_activity_reason_length")),
        sa.CheckConstraint("length(status) <= 40", name=op.f("ck_close_activity_status_length")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_close_activity_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name=op.f("fk_close_activity_opportunity_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["order.id"],
            name=op.f("fk_close_activity_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["quote_id"],
            ["quote.id"],
            name=op.f("fk_close_activity_quote_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_close_activity")),
    )
    with op.batch_alter_table("close_activity", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(batch_op.f("ix_close_activity_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_close_activity_opportunity_id"), ["opportunity_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_close_activity_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_close_activity_quote_id"), ["quote_id"], unique=False)

    op.create_table(
        "fulfillment",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("order_id", Identifier(), nullable=False),
        sa.Column("fulfilled_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(2000), nullable=True),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_fulfillment_note_length")),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["order.id"],
            name=op.f("fk_fulfillment_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfillment")),
    )
    with op.batch_alter_table("fulfillment", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_fulfillment_order_id_id", ["order_id", "id"], unique=False)

    op.create_table(
        "invoice",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE",
                "PAID",
                "CANCELED",
                name="invoice_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("chain_id", Identifier(), nullable=False),
        sa.Column("account_id", Identifier(), nullable=True),
        sa.Column("contact_id", Identifier(), nullable=True),
        sa.Column("owner_id", Identifier(), nullable=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("discount_percent", Amount(), nullable=False),
        sa.Column("discount_amount", Amount(), nullable=False),
        sa.Column("freight_amount", Amount(), nullable=False),
        sa.Column("line_total", Amount(), nullable=False),
        sa.Column("discount_total", Amount(), nullable=False),
        sa.Column("tax_total", Amount(), nullable=False),
        sa.Column("total", Amount(), nullable=False),
        sa.Column("number", sa.String(40), nullable=True),
        sa.Column("order_id", Identifier(), nullable=True),
        sa.Column("opportunity_id", Identifier(), nullable=True),
        sa.Column("bill_to_id", Identifier(), nullable=True),
        sa.Column("customer_reference", sa.String(100), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("paid_total", Amount(), nullable=False),
        sa.Column("balance", Amount(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_invoice_currency_code_length")),
        sa.CheckConstraint(
            "length(customer_reference) <= 100", name=op.f("ck_invoice_customer_reference_length")
        ),
        sa.CheckConstraint("length(name) <= 300", name=op.f("ck_invoice_name_length")),
        sa.CheckConstraint("length(number) <= 40", name=op.f("ck_invoice_number_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_invoice_reason_id_length")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_invoice_account_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["bill_to_id"],
            ["address.id"],
            name=op.f("fk_invoice_bill_to_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["chain_id"],
            ["chain.id"],
            name=op.f("fk_invoice_chain_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
            name=op.f("fk_invoice_contact_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name=op.f("fk_invoice_opportunity_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["order.id"],
            name=op.f("fk_invoice_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_invoice_owner_id"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_invoice_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint("number", name=op.f("uq_invoice_number")),
    )
    with op.batch_alter_table("invoice", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_invoice_account_id_id", ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_chain_id"), ["chain_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index("ix_invoice_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_invoice_due_on_id", ["due_on", "id"], unique=False)
        batch_op.create_index("ix_invoice_opportunity_id_id", ["opportunity_id", "id"], unique=False)
        batch_op.create_index("ix_invoice_order_id_id", ["order_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index("ix_invoice_total_id", ["total", "id"], unique=False)
        batch_op.create_index("ix_invoice_updated_at_id", ["updated_at", "id"], unique=False)

    op.create_table(
        "order_line",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("lineage_id", Identifier(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", Identifier(), nullable=True),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("price_per_unit", Amount(), nullable=False),
        sa.Column("is_price_overridden", sa.Boolean(), nullable=False),
        sa.Column("discount_amount", Amount(), nullable=False),
        sa.Column("tax_percent", Amount(), nullable=False),
        sa.Column("base_amount", Amount(), nullable=False),
        sa.Column("discount_share", Amount(), nullable=False),
        sa.Column("tax_amount", Amount(), nullable=False),
        sa.Column("extended_amount", Amount(), nullable=False),
        sa.Column("order_id", Identifier(), nullable=False),
        sa.Column("quote_line_id", Identifier(), nullable=True),
        sa.Column("quantity_fulfilled", Amount(), nullable=False),
        sa.Column("quantity_invoiced", Amount(), nullable=False),
        sa.Column("quantity_canceled", Amount(), nullable=False),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_order_line_currency_code_length")),
        sa.CheckConstraint("length(description) <= 500", name=op.f("ck_order_line_description_length")),
        sa.CheckConstraint("length(unit) <= 40", name=op.f("ck_order_line_unit_length")),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["order.id"],
            name=op.f("fk_order_line_order_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_order_line_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["quote_line_id"],
            ["quote_line.id"],
            name=op.f("fk_order_line_quote_line_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
    )
    with op.batch_alter_table("order_line", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(
            "ix_order_line_order_id_position_id", ["order_id", "position", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_order_line_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_order_line_quote_line_id"), ["quote_line_id"], unique=False)

    op.create_table(
        "fulfillment_line",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("fulfillment_id", Identifier(), nullable=False),
        sa.Column("order_line_id", Identifier(), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fulfillment_id"],
            ["fulfillment.id"],
            name=op.f("fk_fulfillment_line_fulfillment_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_line.id"],
            name=op.f("fk_fulfillment_line_order_line_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fulfillment_line")),
    )
    with op.batch_alter_table("fulfillment_line", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_fulfillment_line_fulfillment_id_id", ["fulfillment_id", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_fulfillment_line_order_line_id"), ["order_line_id"], unique=False
        )

    op.create_table(
        "invoice_line",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("lineage_id", Identifier(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", Identifier(), nullable=True),
        sa.Column("description", sa.String(500), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("price_per_unit", Amount(), nullable=False),
        sa.Column("is_price_overridden", sa.Boolean(), nullable=False),
        sa.Column("discount_amount", Amount(), nullable=False),
        sa.Column("tax_percent", Amount(), nullable=False),
        sa.Column("base_amount", Amount(), nullable=False),
        sa.Column("discount_share", Amount(), nullable=False),
        sa.Column("tax_amount", Amount(), nullable=False),
        sa.Column("extended_amount", Amount(), nullable=False),
        sa.Column("invoice_id", Identifier(), nullable=False),
        sa.Column("order_line_id", Identifier(), nullable=True),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_invoice_line_currency_code_length")),
        sa.CheckConstraint("length(description) <= 500", name=op.f("ck_invoice_line_description_length")),
        sa.CheckConstraint("length(unit) <= 40", name=op.f("ck_invoice_line_unit_length")),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoice.id"],
            name=op.f("fk_invoice_line_invoice_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["order_line.id"],
            name=op.f("fk_invoice_line_order_line_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_invoice_line_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line")),
    )
    with op.batch_alter_table("invoice_line", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(
            "ix_invoice_line_invoice_id_position_id", ["invoice_id", "position", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_invoice_line_order_line_id"), ["order_line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_line_product_id"), ["product_id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("invoice_id", Identifier(), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("amount", Amount(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "BANK_TRANSFER",
                "CARD",
                "DIRECT_DEBIT",
                "CASH",
                "CHECK",
                "OTHER",
                name="payment_method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(200), nullable=True),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_payment_currency_code_length")),
        sa.CheckConstraint("length(reference) <= 200", name=op.f("ck_payment_reference_length")),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoice.id"],
            name=op.f("fk_payment_invoice_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    with op.batch_alter_table("payment", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_payment_invoice_id_id", ["invoice_id", "id"], unique=False)
    _seed()


def _seed() -> None:
    """Write the reasons and stages."""
    reason = sa.table(
        "status_reason",
        *(sa.column(name) for name in ("id", "noun", "status", "code", "label", "position")),
    )
    rows = [
        {
            "id": f"{noun}.{status}.{code}",
            "noun": noun,
            "status": status,
            "code": code,
            "label": label,
            "position": position,
        }
        for noun, states in REASONS.items()
        for status, reasons in states.items()
        for position, (code, label) in enumerate(reasons)
    ]
    op.bulk_insert(reason, rows)
    stage = sa.table(
        "stage",
        *(sa.column(name) for name in ("id", "label", "position", "probability", "forecast_category")),
        sa.column("required_facts", sa.JSON()),
    )
    op.bulk_insert(
        stage,
        [
            {
                "id": code,
                "label": label,
                "position": position,
                "probability": probability,
                "forecast_category": category,
                "required_facts": facts,
            }
            for position, (code, label, probability, category, facts) in enumerate(STAGES)
        ],
    )


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("payment", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_payment_invoice_id_id")

    op.drop_table("payment")
    with op.batch_alter_table("invoice_line", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoice_line_product_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_line_order_line_id"))
        batch_op.drop_index("ix_invoice_line_invoice_id_position_id")

    op.drop_table("invoice_line")
    with op.batch_alter_table("fulfillment_line", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fulfillment_line_order_line_id"))
        batch_op.drop_index("ix_fulfillment_line_fulfillment_id_id")

    op.drop_table("fulfillment_line")
    with op.batch_alter_table("order_line", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_line_quote_line_id"))
        batch_op.drop_index(batch_op.f("ix_order_line_product_id"))
        batch_op.drop_index("ix_order_line_order_id_position_id")

    op.drop_table("order_line")
    with op.batch_alter_table("invoice", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_invoice_updated_at_id")
        batch_op.drop_index("ix_invoice_total_id")
        batch_op.drop_index(batch_op.f("ix_invoice_owner_id"))
        batch_op.drop_index("ix_invoice_order_id_id")
        batch_op.drop_index("ix_invoice_opportunity_id_id")
        batch_op.drop_index("ix_invoice_due_on_id")
        batch_op.drop_index("ix_invoice_created_at_id")
        batch_op.drop_index(batch_op.f("ix_invoice_contact_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_chain_id"))
        batch_op.drop_index("ix_invoice_account_id_id")

    op.drop_table("invoice")
    with op.batch_alter_table("fulfillment", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_fulfillment_order_id_id")

    op.drop_table("fulfillment")
    with op.batch_alter_table("close_activity", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_close_activity_quote_id"))
        batch_op.drop_index(batch_op.f("ix_close_activity_order_id"))
        batch_op.drop_index(batch_op.f("ix_close_activity_opportunity_id"))
        batch_op.drop_index(batch_op.f("ix_close_activity_account_id"))

    op.drop_table("close_activity")
    with op.batch_alter_table("quote_line", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_quote_line_quote_id_position_id")
        batch_op.drop_index(batch_op.f("ix_quote_line_product_id"))
        batch_op.drop_index(batch_op.f("ix_quote_line_previous_line_id"))
        batch_op.drop_index(batch_op.f("ix_quote_line_opportunity_line_id"))

    op.drop_table("quote_line")
    with op.batch_alter_table("order", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_order_updated_at_id")
        batch_op.drop_index("ix_order_total_id")
        batch_op.drop_index(batch_op.f("ix_order_owner_id"))
        batch_op.drop_index("ix_order_opportunity_id_id")
        batch_op.drop_index("ix_order_created_at_id")
        batch_op.drop_index(batch_op.f("ix_order_contact_id"))
        batch_op.drop_index(batch_op.f("ix_order_chain_id"))
        batch_op.drop_index("ix_order_account_id_id")

    op.drop_table("order")
    with op.batch_alter_table("quote", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(
            "uq_quote_live_number",
            sqlite_where=sa.text("status IN ('DRAFT', 'ACTIVE', 'WON')"),
            postgresql_where=sa.text("status IN ('DRAFT', 'ACTIVE', 'WON')"),
        )
        batch_op.drop_index("ix_quote_valid_until_id")
        batch_op.drop_index("ix_quote_updated_at_id")
        batch_op.drop_index("ix_quote_total_id")
        batch_op.drop_index(batch_op.f("ix_quote_owner_id"))
        batch_op.drop_index("ix_quote_opportunity_id_id")
        batch_op.drop_index("ix_quote_created_at_id")
        batch_op.drop_index(batch_op.f("ix_quote_contact_id"))
        batch_op.drop_index(batch_op.f("ix_quote_chain_id"))
        batch_op.drop_index("ix_quote_account_id_id")

    op.drop_table("quote")
    with op.batch_alter_table("opportunity_line", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opportunity_line_product_id"))
        batch_op.drop_index("ix_opportunity_line_opportunity_id_position_id")

    op.drop_table("opportunity_line")
    with op.batch_alter_table("opportunity", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_opportunity_updated_at_id")
        batch_op.drop_index(batch_op.f("ix_opportunity_stage_id"))
        batch_op.drop_index(batch_op.f("ix_opportunity_owner_id"))
        batch_op.drop_index("ix_opportunity_estimated_revenue_id")
        batch_op.drop_index("ix_opportunity_estimated_close_on_id")
        batch_op.drop_index("ix_opportunity_created_at_id")
        batch_op.drop_index(batch_op.f("ix_opportunity_contact_id"))
        batch_op.drop_index(batch_op.f("ix_opportunity_chain_id"))
        batch_op.drop_index("ix_opportunity_account_id_id")

    op.drop_table("opportunity")
    with op.batch_alter_table("lead_evidence", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_lead_evidence_lead_id_id")

    op.drop_table("lead_evidence")
    with op.batch_alter_table("lead", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_lead_updated_at_id")
        batch_op.drop_index(batch_op.f("ix_lead_owner_id"))
        batch_op.drop_index(batch_op.f("ix_lead_match_phone"))
        batch_op.drop_index(batch_op.f("ix_lead_match_name"))
        batch_op.drop_index(batch_op.f("ix_lead_match_email"))
        batch_op.drop_index("ix_lead_created_at_id")
        batch_op.drop_index(batch_op.f("ix_lead_contact_id"))
        batch_op.drop_index(batch_op.f("ix_lead_chain_id"))
        batch_op.drop_index("ix_lead_account_id_id")

    op.drop_table("lead")
    with op.batch_alter_table("event", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_event_subject_id_id")
        batch_op.drop_index("ix_event_chain_id_id")
        batch_op.drop_index(batch_op.f("ix_event_caused_by_id"))
        batch_op.drop_index(batch_op.f("ix_event_actor_id"))
        batch_op.drop_index("ix_event_account_id_id")

    op.drop_table("event")
    with op.batch_alter_table("contact", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_owner_id"))
        batch_op.drop_index(batch_op.f("ix_contact_match_phone"))
        batch_op.drop_index("ix_contact_created_at_id")
        batch_op.drop_index("ix_contact_updated_at_id")
        batch_op.drop_index("ix_contact_last_name_id")
        batch_op.drop_index(batch_op.f("ix_contact_email"))
        batch_op.drop_index("ix_contact_account_id_id")

    op.drop_table("contact")
    with op.batch_alter_table("account_share", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_share_account_id"))

    op.drop_table("account_share")
    with op.batch_alter_table("product", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_product_name_id")
        batch_op.drop_index("ix_product_updated_at_id")
        batch_op.drop_index("ix_product_created_at_id")

    op.drop_table("product")
    with op.batch_alter_table("idempotency_entry", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_entry_created_at"))

    op.drop_table("idempotency_entry")
    with op.batch_alter_table("api_key", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_key_user_id"))

    op.drop_table("api_key")
    with op.batch_alter_table("account", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_owner_id"))
        batch_op.drop_index("ix_account_name_id")
        batch_op.drop_index(batch_op.f("ix_account_match_name"))
        batch_op.drop_index("ix_account_updated_at_id")
        batch_op.drop_index("ix_account_created_at_id")

    op.drop_table("account")
    op.drop_table("user")
    op.drop_table("status_reason")
    op.drop_table("stage")
    op.drop_table("number_series")
    op.drop_table("chain")
    op.drop_table("address")
