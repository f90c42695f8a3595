"""What has to be known of the catalogue before new lines are made?

It is looked up for all of them together, in a number of statements that does not grow with them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlmodel import col, select

from models.conversion.line_terms import LineTerms
from models.conversion.lines.catalogue import Sold, sold
from models.lifecycle import Change
from models.product import BundleProduct, ProductStructure
from models.tax import KnownTaxes, known_taxes
from models.unit import Unit, units_of


@dataclass(frozen=True)
class Draft:
    """What is typed of a new line."""

    product_id: UUID | None
    description: str | None
    unit: str | None
    quantity: Decimal
    price_per_unit: Decimal | None
    terms: LineTerms
    # Of a bundle; None for all of them.
    optional_product_ids: list[UUID] | None = None


@dataclass(frozen=True)
class Known:
    """Products with those of their bundles, what each version of a bundle is made of, units, and taxes."""

    sold: Mapping[UUID, Sold]
    bundles: Mapping[UUID, list[BundleProduct]]
    units: Sequence[Unit]
    taxes: KnownTaxes


def look_up(change: Change, drafts: Sequence[Draft]) -> Known:
    """Look up what these lines name. What they do not name is not asked for."""
    named = {draft.product_id for draft in drafts if draft.product_id is not None}
    found = sold(change, named) if named else {}
    bundles = _bundles(change, found.values())
    parts = {part.product_id for each in bundles.values() for part in each} - named
    found |= sold(change, parts) if parts else {}
    return Known(found, bundles, _units(change, drafts, found), _taxes(change, drafts, found.values()))


def _bundles(change: Change, found: Iterable[Sold]) -> dict[UUID, list[BundleProduct]]:
    """Return what bundles are made of, by their versions."""
    versions = [
        each.version.id
        for each in found
        if each.version is not None and each.product.structure is ProductStructure.BUNDLE
    ]
    made: dict[UUID, list[BundleProduct]] = {}
    if versions:
        statement = select(BundleProduct).where(col(BundleProduct.product_version_id).in_(versions))
        for part in change.session.exec(statement.order_by(col(BundleProduct.id))).all():
            if part.product_version_id is not None:
                made.setdefault(part.product_version_id, []).append(part)
    return made


def _units(change: Change, drafts: Iterable[Draft], found: Mapping[UUID, Sold]) -> list[Unit]:
    """Return the units of the groups in which lines name another unit than the product's default."""
    groups: set[UUID] = set()
    for draft in drafts:
        each = None if draft.product_id is None else found.get(draft.product_id)
        if each is not None and each.version is not None and draft.unit not in {None, each.version.unit}:
            groups.add(each.product.unit_group_id)
    return units_of(change.session, *groups) if groups else []


def _taxes(change: Change, drafts: Iterable[Draft], found: Iterable[Sold]) -> KnownTaxes:
    """Return the taxes that lines name, and those of their products."""
    codes = {
        code for each in drafts if isinstance(each.terms.tax_codes, list) for code in each.terms.tax_codes
    }
    keys = {each.version.tax_code_id for each in found if each.version is not None} - {None}
    return known_taxes(change, codes, (key for key in keys if key)) if codes or keys else {}
