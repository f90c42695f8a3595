"""What would a document cost, were it written? It is priced by the rules of a draft quote, and not kept.

Its rows are made by the functions that make those of a quote, and never given to the session.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from sqlmodel import Session

from models.access import Viewer
from models.conversion.customer import PriceListId, customer
from models.conversion.line_terms import (
    Discount,
    DiscountPerUnit,
    LineTerms,
    TaxCodes,
    TaxExemptReason,
    TaxPercent,
    TypedTax,
)
from models.conversion.lines import (
    Description,
    Draft,
    OptionalProductIds,
    PricePerUnit,
    ProductId,
    Quantity,
    UnitName,
    look_up,
    new_lines,
)
from models.conversion.lines.catalogue import catalogue, put_price
from models.document import (
    FreightTaxCodes,
    reprice,
    require_currency,
    set_freight_taxes,
    set_terms,
    tax_rules,
)
from models.errors import Forbidden, Invalid, Path, Refusal
from models.lifecycle import KEEP, Change, Kept, Reference
from models.lifecycle.arguments import coerce
from models.lifecycle.validation import validate
from models.moment import Moment
from models.price_list import put_price_list
from models.quote import Quote, QuoteLine
from models.record import camel, new_id

MOST_LINES = 250
"""Lines of a document that is priced at once: as many as a list has that an operation is given."""


@dataclass(frozen=True)
class PriceDocumentLineInput:
    """A line to be priced: a product, a bundle with its products, or something written in."""

    quantity: Quantity
    product_id: ProductId = None
    description: Description = None
    unit: UnitName = None
    price_per_unit: PricePerUnit = None
    discount_amount: Discount = KEEP
    discount_per_unit: DiscountPerUnit = KEEP
    tax_percent: TaxPercent = KEEP
    tax_codes: TaxCodes = KEEP
    tax_exempt_reason: TaxExemptReason = KEEP
    typed_tax: TypedTax = KEEP
    optional_product_ids: OptionalProductIds = None

    @property
    def draft(self) -> Draft:
        """The line as addQuoteLine is given it."""
        terms = LineTerms(
            self.discount_amount,
            self.discount_per_unit,
            self.tax_percent,
            self.tax_codes,
            self.tax_exempt_reason,
            self.typed_tax,
        )
        return Draft(
            self.product_id,
            self.description,
            self.unit,
            self.quantity,
            self.price_per_unit,
            terms,
            self.optional_product_ids,
        )


@dataclass(frozen=True)
class PriceDocumentInput:
    """A document to be priced: for whom, by which price list, with which discounts, freight and lines."""

    lines: Annotated[list[PriceDocumentLineInput], f"Its lines in their order, at most {MOST_LINES}."]
    account_id: Annotated[
        UUID | None,
        Reference("account"),
        "The organisation that it is for: its currency and price list count.",
    ] = None
    currency_code: Annotated[
        str | None, "ISO 4217; the account's currency, or the organisation's, where left out."
    ] = None
    price_list_id: PriceListId = KEEP
    discount_percent: Annotated[
        Decimal | Kept, "Percentage of the lines' net amount, 0 to 100, taken off first."
    ] = KEEP
    discount_amount: Annotated[Decimal | Kept, "Taken off after the percentage."] = KEEP
    freight_amount: Annotated[Decimal | Kept, "Added after the discounts."] = KEEP
    freight_tax_codes: FreightTaxCodes = KEEP


@dataclass(frozen=True)
class PreviewLine:
    """A line that was priced, and the index of the line of the input that it came of."""

    index: int
    line: QuoteLine


@dataclass(frozen=True)
class Preview:
    """A document that was priced with its lines; or what has to be put right first."""

    document: Quote | None
    lines: Sequence[PreviewLine] = ()
    refusals: Sequence[Refusal] = ()


def price_document(session: Session, viewer: Viewer, moment: Moment, given: Mapping[str, Any]) -> Preview:
    """Price a document as a draft quote with the same lines would be, and write nothing.

    Raises:
        Forbidden: the viewer's role does not sell.
    """
    if not viewer.may(price_document.__name__):
        raise Forbidden(camel(price_document.__name__), viewer.role)
    change = Change(session, viewer, moment)
    try:
        wanted: PriceDocumentInput = coerce(PriceDocumentInput, given, ("input",))
        document = _begin(change, wanted)
        lines, refusals = _priced(change, document, [each.draft for each in wanted.lines])
        if not refusals:
            reprice(document, [each.line for each in lines], [_place(each.index) for each in lines])
            validate(document)
        for each in lines:
            with _line(each.index, refusals):
                validate(each.line)
    except Refusal as refusal:
        return Preview(None, refusals=[_of_document(refusal)])
    return _refused(refusals) if refusals else Preview(document, lines)


def _begin(change: Change, wanted: PriceDocumentInput) -> Quote:
    """Return the document without its lines."""
    if len(wanted.lines) > MOST_LINES:
        message = f"There are {len(wanted.lines)} lines; at most {MOST_LINES} are priced at once."
        raise Invalid(message, path=("input", "lines"))
    if wanted.account_id is None:
        own = change.moment.organization.currency_code
        columns: dict[str, Any] = {"currency_code": require_currency(wanted.currency_code or own)}
    else:
        columns = customer(change, "a document", wanted.account_id, None, wanted.currency_code).columns
    document = change.new(
        Quote, **columns, **tax_rules(change.moment.organization), id=new_id(), name="", number=""
    )
    put_price_list(change, document, wanted.price_list_id)
    set_terms(document, wanted.discount_percent, wanted.discount_amount, wanted.freight_amount)
    set_freight_taxes(change, document, wanted.freight_tax_codes)
    return document


def _priced(
    change: Change, document: Quote, drafts: Sequence[Draft]
) -> tuple[list[PreviewLine], list[Refusal]]:
    """Return the lines with the prices of the catalogue, and the first refusal of each line that has one."""
    refusals: list[Refusal] = []
    known = look_up(change, drafts)
    lines: list[PreviewLine] = []
    for index, draft in enumerate(drafts):
        with _line(index, refusals):
            made = new_lines(change, document, QuoteLine, draft, len(lines) + 1, known)
            lines += [PreviewLine(index, each) for each in made]
    listed = catalogue(change, document, [each.line for each in lines], known.sold)
    for each in lines:
        with _line(each.index, refusals):
            put_price(change, document, each.line, listed, ("input", "productId"))
    return lines, refusals


def _refused(refusals: Sequence[Refusal]) -> Preview:
    """Return what has to be put right: of each line the first, in their order."""
    first: dict[Path, Refusal] = {}
    for refusal in refusals:
        first.setdefault(refusal.path[:3], refusal)
    return Preview(None, refusals=[first[path] for path in sorted(first, key=lambda path: int(path[2]))])


@contextmanager
def _line(index: int, refusals: list[Refusal]) -> Iterator[None]:
    """Keep the refusal of a line, under the path of its argument."""
    try:
        yield
    except Refusal as refusal:
        refusal.path = (*_place(index), *refusal.path[1:])
        refusals.append(refusal)


def _place(index: int) -> Path:
    """Return the path of a line of the input."""
    return ("input", "lines", index)


def _of_document(refusal: Refusal) -> Refusal:
    """Return a refusal at an argument that there is: what all lines come to is no single one's matter."""
    if refusal.code == "TOTAL_BELOW_ZERO":
        refusal.path = ("input", "lines")
    return refusal
