"""Give the catalogue price lists, discount lists, families, bundles and versions.

Each product that was published becomes the first version of itself.
"""

# What the tables were before, and what they are afterwards.
from typing import Any

import sqlalchemy as sa
from alembic import op

from models.migrations import ALONE
from models.money import Amount
from models.record import Identifier, Instant, new_id, utc_now

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

LISTS = ("discount_list", "price_list")


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "discount_list",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE",
                "INACTIVE",
                name="discount_list_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "PERCENTAGE",
                "AMOUNT",
                name="discount_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("currency_code", sa.String(3), nullable=True),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_discount_list_currency_code_length")),
        sa.CheckConstraint("length(name) <= 160", name=op.f("ck_discount_list_name_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_discount_list_reason_id_length")),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_discount_list_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_list")),
        sa.UniqueConstraint("name", name=op.f("uq_discount_list_name")),
    )
    with op.batch_alter_table("discount_list", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_discount_list_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_discount_list_reason_id_id", ["reason_id", "id"], unique=False)
        batch_op.create_index("ix_discount_list_status_id", ["status", "id"], unique=False)
        batch_op.create_index("ix_discount_list_updated_at_id", ["updated_at", "id"], unique=False)

    op.create_table(
        "price_list",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE",
                "INACTIVE",
                name="price_list_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason_id", sa.String(80), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("description", sa.String(2000), nullable=True),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_price_list_currency_code_length")),
        sa.CheckConstraint("length(description) <= 2000", name=op.f("ck_price_list_description_length")),
        sa.CheckConstraint("length(name) <= 160", name=op.f("ck_price_list_name_length")),
        sa.CheckConstraint("length(reason_id) <= 80", name=op.f("ck_price_list_reason_id_length")),
        sa.ForeignKeyConstraint(
            ["reason_id", "status"],
            ["status_reason.id", "status_reason.status"],
            name=op.f("fk_price_list_reason_id_status"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list")),
        sa.UniqueConstraint("name", name=op.f("uq_price_list_name")),
    )
    with op.batch_alter_table("price_list", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index("ix_price_list_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_price_list_reason_id_id", ["reason_id", "id"], unique=False)
        batch_op.create_index("ix_price_list_status_id", ["status", "id"], unique=False)
        batch_op.create_index("ix_price_list_updated_at_id", ["updated_at", "id"], unique=False)

    op.create_table(
        "discount",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("discount_list_id", Identifier(), nullable=False),
        sa.Column("low_quantity", Amount(), nullable=False),
        sa.Column("high_quantity", Amount(), nullable=True),
        sa.Column("percent", Amount(), nullable=True),
        sa.Column("amount", Amount(), nullable=True),
        sa.Column("currency_code", sa.String(3), nullable=True),
        sa.CheckConstraint("length(currency_code) <= 3", name=op.f("ck_discount_currency_code_length")),
        sa.ForeignKeyConstraint(
            ["discount_list_id"],
            ["discount_list.id"],
            name=op.f("fk_discount_discount_list_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount")),
    )
    with op.batch_alter_table("discount", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(
            "ix_discount_discount_list_id_low_quantity", ["discount_list_id", "low_quantity"], unique=False
        )

    op.create_table(
        "price_list_item",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("price_list_id", Identifier(), nullable=False),
        sa.Column("product_id", Identifier(), nullable=False),
        sa.Column("unit_id", Identifier(), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column(
            "pricing_method",
            sa.Enum(
                "CURRENCY_AMOUNT",
                "PERCENT_OF_LIST",
                "PERCENT_MARKUP_CURRENT_COST",
                "PERCENT_MARGIN_CURRENT_COST",
                "PERCENT_MARKUP_STANDARD_COST",
                "PERCENT_MARGIN_STANDARD_COST",
                name="pricing_method",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", Amount(), nullable=True),
        sa.Column("percent", Amount(), nullable=True),
        sa.Column(
            "rounding_policy",
            sa.Enum(
                "NONE",
                "UP",
                "DOWN",
                "TO_NEAREST",
                name="rounding_policy",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "rounding_option",
            sa.Enum(
                "ENDS_IN",
                "MULTIPLE_OF",
                name="rounding_option",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rounding_amount", Amount(), nullable=False),
        sa.Column(
            "quantity_selling_option",
            sa.Enum(
                "NO_CONTROL",
                "WHOLE",
                "WHOLE_AND_FRACTIONAL",
                name="quantity_selling_option",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("discount_list_id", Identifier(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "length(currency_code) <= 3", name=op.f("ck_price_list_item_currency_code_length")
        ),
        sa.ForeignKeyConstraint(
            ["discount_list_id"],
            ["discount_list.id"],
            name=op.f("fk_price_list_item_discount_list_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["price_list_id"],
            ["price_list.id"],
            name=op.f("fk_price_list_item_price_list_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_price_list_item_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
            name=op.f("fk_price_list_item_unit_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list_item")),
        sa.UniqueConstraint(
            "price_list_id",
            "product_id",
            "unit_id",
            "valid_from",
            name=op.f("uq_price_list_item_price_list_id_product_id_unit_id_valid_from"),
        ),
    )
    with op.batch_alter_table("price_list_item", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_price_list_item_discount_list_id"), ["discount_list_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_price_list_item_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_price_list_item_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "product_relationship",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("product_id", Identifier(), nullable=False),
        sa.Column("related_product_id", Identifier(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "SUBSTITUTE",
                "CROSS_SELL",
                "UP_SELL",
                "ACCESSORY",
                name="relationship_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_product_relationship_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["related_product_id"],
            ["product.id"],
            name=op.f("fk_product_relationship_related_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_relationship")),
        sa.UniqueConstraint(
            "product_id",
            "related_product_id",
            "type",
            name=op.f("uq_product_relationship_product_id_related_product_id_type"),
        ),
    )
    with op.batch_alter_table("product_relationship", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_product_relationship_related_product_id"), ["related_product_id"], unique=False
        )

    op.create_table(
        "product_version",
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("description", sa.String(2000), nullable=True),
        sa.Column("default_unit_id", Identifier(), nullable=False),
        sa.Column("unit", sa.String(40), nullable=False),
        sa.Column("quantity_places", sa.Integer(), nullable=False),
        sa.Column("currency_code", sa.String(3), nullable=False),
        sa.Column("list_price", Amount(), nullable=False),
        sa.Column("current_cost", Amount(), nullable=True),
        sa.Column("standard_cost", Amount(), nullable=True),
        sa.Column("tax_percent", Amount(), nullable=False),
        sa.Column("tax_code_id", Identifier(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("product_id", Identifier(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "length(currency_code) <= 3", name=op.f("ck_product_version_currency_code_length")
        ),
        sa.CheckConstraint("length(description) <= 2000", name=op.f("ck_product_version_description_length")),
        sa.CheckConstraint("length(name) <= 160", name=op.f("ck_product_version_name_length")),
        sa.CheckConstraint("length(unit) <= 40", name=op.f("ck_product_version_unit_length")),
        sa.ForeignKeyConstraint(
            ["default_unit_id"],
            ["unit.id"],
            name=op.f("fk_product_version_default_unit_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_product_version_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["tax_code_id"],
            ["tax_code.id"],
            name=op.f("fk_product_version_tax_code_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_version")),
        sa.UniqueConstraint("product_id", "revision", name=op.f("uq_product_version_product_id_revision")),
    )
    with op.batch_alter_table("product_version", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_product_version_default_unit_id"), ["default_unit_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_product_version_tax_code_id"), ["tax_code_id"], unique=False)

    op.create_table(
        "bundle_product",
        sa.Column("id", Identifier(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("bundle_id", Identifier(), nullable=False),
        sa.Column("product_version_id", Identifier(), nullable=True),
        sa.Column("product_id", Identifier(), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bundle_id"],
            ["product.id"],
            name=op.f("fk_bundle_product_bundle_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
            name=op.f("fk_bundle_product_product_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["product_version_id"],
            ["product_version.id"],
            name=op.f("fk_bundle_product_product_version_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle_product")),
    )
    with op.batch_alter_table("bundle_product", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.create_index(batch_op.f("ix_bundle_product_bundle_id"), ["bundle_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bundle_product_product_id"), ["product_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_bundle_product_product_version_id"), ["product_version_id"], unique=False
        )

    with op.batch_alter_table("product", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.add_column(sa.Column("current_cost", Amount(), nullable=True))
        batch_op.add_column(sa.Column("valid_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("valid_to", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "structure",
                sa.Enum(
                    "PRODUCT",
                    "PRODUCT_FAMILY",
                    "BUNDLE",
                    name="product_structure",
                    native_enum=False,
                    create_constraint=True,
                    length=40,
                ),
                nullable=False,
                server_default="PRODUCT",
            )
        )
        batch_op.add_column(sa.Column("parent_id", Identifier(), nullable=True))
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index(batch_op.f("ix_product_parent_id"), ["parent_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_product_parent_id"),
            "product",
            ["parent_id"],
            ["id"],
            initially="DEFERRED",
            deferrable=True,
        )
    with op.batch_alter_table("product", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.alter_column("structure", existing_type=sa.String(40), server_default=None)
        batch_op.alter_column("revision", existing_type=sa.Integer(), server_default=None)
    _add_reasons()
    _publish(op.get_bind())


def _add_reasons() -> None:
    """Write the reasons that the new records have for their states."""
    names = ("id", "noun", "status", "code", "label", "position")
    op.bulk_insert(
        sa.table("status_reason", *(sa.column(name) for name in names)),
        [
            {
                "id": f"{noun}.{status}.{status}",
                "noun": noun,
                "status": status,
                "code": status,
                "label": status.capitalize(),
                "position": 0,
            }
            for noun in LISTS
            for status in ("ACTIVE", "INACTIVE")
        ],
    )


def _publish(connection: sa.Connection) -> None:
    """Write the first version of each product that was published."""
    product = sa.table("product", sa.column("status"), sa.column("revision"), *_typed("id"), *_content())
    version = sa.table("product_version", sa.column("revision"), *_typed("id", "product_id"), *_content())
    published = product.c.status != "DRAFT"
    content = [product.c[each.name] for each in _content()]
    found = connection.execute(sa.select(product.c.id, *content).where(published)).mappings().all()
    for row in found:
        values = {each.name: row[each.name] for each in _content()} | {"created_at": utc_now()}
        connection.execute(sa.insert(version).values(id=new_id(), product_id=row["id"], revision=1, **values))
    connection.execute(sa.update(product).where(published).values(revision=1))


def _typed(*names: str) -> list[sa.ColumnClause[Any]]:
    """Return columns of keys."""
    return [sa.column(name, Identifier()) for name in names]


def _content() -> list[sa.ColumnClause[Any]]:
    """Return the columns that a version keeps of its product."""
    return [
        sa.column("created_at", Instant()),
        *(sa.column(name) for name in ("name", "description", "unit", "quantity_places", "currency_code")),
        sa.column("default_unit_id", Identifier()),
        sa.column("tax_code_id", Identifier()),
        *(sa.column(name, Amount()) for name in ("list_price", "standard_cost", "tax_percent")),
    ]


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table("product", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_product_parent_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_product_parent_id"))
        batch_op.drop_column("revision")
        batch_op.drop_column("parent_id")
        batch_op.drop_constraint(batch_op.f("ck_product_product_structure"), type_="check")
        batch_op.drop_column("structure")
        batch_op.drop_column("valid_to")
        batch_op.drop_column("valid_from")
        batch_op.drop_column("current_cost")

    with op.batch_alter_table("bundle_product", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bundle_product_product_version_id"))
        batch_op.drop_index(batch_op.f("ix_bundle_product_product_id"))
        batch_op.drop_index(batch_op.f("ix_bundle_product_bundle_id"))

    op.drop_table("bundle_product")
    with op.batch_alter_table("product_version", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_version_tax_code_id"))
        batch_op.drop_index(batch_op.f("ix_product_version_default_unit_id"))

    op.drop_table("product_version")
    with op.batch_alter_table("product_relationship", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_relationship_related_product_id"))

    op.drop_table("product_relationship")
    with op.batch_alter_table("price_list_item", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index(batch_op.f("ix_price_list_item_unit_id"))
        batch_op.drop_index(batch_op.f("ix_price_list_item_product_id"))
        batch_op.drop_index(batch_op.f("ix_price_list_item_discount_list_id"))

    op.drop_table("price_list_item")
    with op.batch_alter_table("discount", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_discount_discount_list_id_low_quantity")

    op.drop_table("discount")
    with op.batch_alter_table("price_list", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_price_list_updated_at_id")
        batch_op.drop_index("ix_price_list_status_id")
        batch_op.drop_index("ix_price_list_reason_id_id")
        batch_op.drop_index("ix_price_list_created_at_id")

    op.drop_table("price_list")
    with op.batch_alter_table("discount_list", schema=None, reflect_kwargs=ALONE) as batch_op:
        batch_op.drop_index("ix_discount_list_updated_at_id")
        batch_op.drop_index("ix_discount_list_status_id")
        batch_op.drop_index("ix_discount_list_reason_id_id")
        batch_op.drop_index("ix_discount_list_created_at_id")

    op.drop_table("discount_list")
    reason = sa.table("status_reason", sa.column("noun"))
    op.execute(sa.delete(reason).where(reason.c.noun.in_(LISTS)))
