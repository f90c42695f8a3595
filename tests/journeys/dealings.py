"""Which deals does chance make? With any line, tax, discount and mode, billed in parts and credited.

The same seed makes the same deals on any database: what was refused is told by code, path and message.
"""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import Any

from models.errors import Refusal
from models.invoice import InvoiceLine
from models.moment import DiscountCalculation, TaxBase, TaxMode, TaxRounding
from models.money import digits
from models.order import OrderLine
from tests.desk import TODAY, Desk
from tests.factories import (
    make_account,
    make_bundle,
    make_discount_list,
    make_price_list,
    make_product,
    set_price,
)
from tests.process import make_tax_code

_ANY: dict[str, Any] = {"expected_version": None}
_CURRENCIES = {"EUR": None, "JPY": "161.234567890123", "KWD": "0.338765432109"}
_ROUNDED = {"rounding_policy": "UP", "rounding_option": "ENDS_IN", "rounding_amount": Decimal("0.99")}
_RULES: tuple[dict[str, Any], ...] = (
    {"amount": Decimal(87)},
    {"pricing_method": "PERCENT_OF_LIST", "percent": Decimal("83.33")},
    {"pricing_method": "PERCENT_MARGIN_CURRENT_COST", "percent": Decimal("33.3")} | _ROUNDED,
)


@dataclass
class Dealings:
    """Somebody who makes deals by chance, and notes what came of every command."""

    desk: Desk
    random: Random
    told: list[str] = field(default_factory=list)
    quotes: list[str] = field(default_factory=list)
    codes: tuple[str, ...] = ("VAT", "ECO", "GROSS", "ON")
    # By currency: its price list, and what may be put on a line.
    shelves: dict[str, tuple[str, list[str]]] = field(default_factory=dict)

    def set_up(self) -> None:
        """Write the catalogue: taxes of every kind, and products with a price list in each currency."""
        make_tax_code(self.desk)
        make_tax_code(self.desk, code="ECO", name="Levy", percent=Decimal("1.5"))
        make_tax_code(self.desk, code="GROSS", name="Included", percent=Decimal("8.1"), is_inclusive=True)
        make_tax_code(self.desk, code="ON", name="On it", percent=Decimal("9.975"), is_on_previous=True)
        volume = make_discount_list(self.desk)
        for currency, rate in _CURRENCIES.items():
            if rate is not None:
                self.desk.do("set_exchange_rate", currency_code=currency, rate=rate, valid_from=TODAY)
            price_list = make_price_list(self.desk, name=currency, currency_code=currency)
            given = {"currency_code": currency, "current_cost": Decimal(60), "quantity_places": 3}
            products = [make_product(self.desk, **given) for _ in _RULES]
            for product, rule in zip(products, _RULES, strict=True):
                set_price(self.desk, price_list, product, discount_list_id=volume, **rule)
            bundle = make_bundle(self.desk, products[0], optional=products[1:], currency_code=currency)
            self.shelves[currency] = price_list, [*products, bundle]

    def deal(self) -> None:
        """Make a deal, from the quote to credit notes, in a company that computes in some way."""
        choose = self.random.choice
        company = replace(
            self.desk.organization,
            tax_rounding=choose(list(TaxRounding)),
            tax_base=choose(list(TaxBase)),
            tax_mode=choose([TaxMode.COMPUTED, TaxMode.COMPUTED, TaxMode.TYPED]),
            discount_calculation=choose(list(DiscountCalculation)),
        )
        self.desk = replace(self.desk, organization=company)
        currency = choose(list(self.shelves))
        quote = self._quote(currency)
        self.quotes.append(quote)
        self._do("activate_quote", id=quote)
        made = self._do("accept_quote", id=quote)
        if made is not None:
            self._bill(made["order"], currency)

    def _do(self, name: str, **given: Any) -> Any:
        """Run a command; None where it is refused, which is noted."""
        try:
            done = self.desk.do(name, **given)
        except Refusal as refusal:
            self.told.append(f"{name} {refusal.code} {refusal.path} {refusal.message}")
            return None
        self.told.append(name)
        return done

    def _quote(self, currency: str) -> str:
        """Return a draft quote with terms and lines."""
        account = make_account(self.desk, currency_code=currency)
        price_list = self.random.choice([self.shelves[currency][0], None])
        quote: str = self.desk.do(
            "create_quote", name="Pumps", account_id=account, price_list_id=price_list
        )["quote"]  # fmt: skip
        for _ in range(self.random.randint(1, 6)):
            self._do("add_quote_line", id=quote, **_ANY, **self._line(currency))
        terms = {
            "discount_percent": self._amount(0, 30, 2),
            "discount_amount": self._amount(0, 40, digits(currency)),
            "freight_amount": self._amount(0, 60, digits(currency)),
            "freight_tax_codes": self._codes(),
        }
        self._do("update_quote", id=quote, **_ANY, **terms)
        return quote

    def _line(self, currency: str) -> dict[str, Any]:
        """Return what is typed of a line: of a product, of a bundle, or written in, at times below zero."""
        line: dict[str, Any] = {"quantity": self._amount(1, 120, 3)}
        if self.random.random() < 0.5:
            line["product_id"] = self.random.choice(self.shelves[currency][1])
        else:
            line |= {"description": "Work", "price_per_unit": self._amount(-20, 300, 4)}
        typed: dict[str, Any] = {
            "price_per_unit": self._amount(1, 300, 4),
            "discount_amount": self._amount(0, 9, digits(currency)),
            "discount_per_unit": self._amount(0, 2, 3),
            "typed_tax": self._amount(-1, 30, digits(currency)),
        }
        line |= {name: value for name, value in typed.items() if self.random.random() < 0.2}
        tax = self.random.choice(["tax_codes", "tax_codes", "tax_percent", None])
        if tax is not None:
            line[tax] = self._codes() if tax == "tax_codes" else self._amount(0, 25, 1)
        return line

    def _codes(self) -> list[str]:
        """Return the codes of up to two taxes."""
        return self.random.sample(self.codes, self.random.randint(0, 2))

    def _amount(self, least: int, most: int, places: int) -> Decimal:
        """Return an amount with so many places."""
        return Decimal(self.random.randint(least * 10**places, most * 10**places)).scaleb(-places)

    def _bill(self, order: str, currency: str) -> None:
        """Ask for a deposit, deliver and bill in parts, pay, and take something back."""
        if self.random.random() < 0.5:
            self._issue(self._do("invoice_deposit", id=order, percent=self._amount(1, 60, 1)))
        lines = [line.public_id for line in self.desk.all(OrderLine, order_id=order)]
        parts = [
            {"line_id": line, "quantity": Decimal(1)} for line in lines if self.random.random() < 0.7
        ]  # fmt: skip
        self._do("fulfill_order", id=order, lines=parts)
        first = self._issue(self._do("invoice_order", id=order))
        self._do("fulfill_order", id=order)
        last = self._issue(self._do("invoice_order", id=order))
        for invoice in (first, last):
            if invoice is not None:
                self._take_back(invoice, currency)

    def _issue(self, made: Any) -> str | None:
        """Issue an invoice that was made."""
        if made is None:
            return None
        invoice: str = made["invoice"]
        self._do("issue_invoice", id=invoice)
        return invoice

    def _take_back(self, invoice: str, currency: str) -> None:
        """Pay a part of an invoice, and credit an amount, a line, and what is left."""
        self._do("record_payment", id=invoice, amount=self._amount(1, 50, digits(currency)))
        credited = {"id": invoice, "reason": "CORRECTION"}
        self._do("create_credit_note", **credited, amount=self._amount(1, 30, digits(currency)))
        line = self.desk.all(InvoiceLine, invoice_id=invoice)[0].public_id
        self._do("create_credit_note", **credited, lines=[{"line_id": line, "quantity": Decimal(1)}])
        if self.random.random() < 0.5:
            self._do("create_credit_note", **credited)
