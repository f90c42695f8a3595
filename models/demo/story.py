"""How does the demo company get its history?

Meridian Pumps sells pumps, spare parts and service. Every record is made by running commands, as a user
would, on days of the past eighteen months; chance is seeded, so that two fresh databases tell one story.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from models.access import AccountShare, Role, User, Viewer
from models.account import Account
from models.demo.care import look_after
from models.demo.catalogue import write_catalogue
from models.demo.scenery import (
    CITIES,
    FATES,
    FIRST,
    FORMS,
    LAST,
    NEEDS,
    PLACES,
    TIMEFRAMES,
    TRADES,
    USERS,
)
from models.invoice import Invoice
from models.lead import LeadSource
from models.lifecycle import REGISTRY, Command, Pointer, run
from models.moment import Moment, Organization
from models.opportunity import Opportunity, OpportunityStatus
from models.order import OrderLine
from models.record import parse_id, public_id

CHAINS = 240
_SEED = 20_26
_CENT = Decimal("0.01")
_DAYS = 540
# How many of the offers are haggled over, and how many of the orders come in parts.
_HAGGLED = 0.3
_IN_PARTS = 0.25
# How many of the deals are with dealers, who have prices of their own.
_AT_DEALERS_PRICES = 0.4
# Whose deliveries begin with one unit.
_PARTLY = frozenset({"part_fulfilled", "closed_short", "returned"})
# Every fourth lead, after the first ten, comes from the company of the lead seven before it.
_FOURTH = 4
_FIRST_NEW = 10
# Of the deals that are open at the end every sixth rests, or goes another way.
_SIXTH = 6

_ORDER = [name for name, _ in FATES]


@dataclass
class Company:
    """The hand that plays the company's users, day after day."""

    session: Session
    organization: Organization
    now: datetime
    viewer: Viewer
    today: datetime
    chance: random.Random = field(default_factory=lambda: random.Random(_SEED))  # noqa: S311  # A story, not a secret.
    users: list[User] = field(default_factory=list)
    products: list[str] = field(default_factory=list)
    price_list: str = ""
    # When an invoice is due to be issued, by whom, which one, and what becomes of it.
    bills: list[tuple[datetime, Viewer, str, str]] = field(default_factory=list)

    def do(self, name: str, /, **given: Any) -> dict[str, Any]:  # Any argument.
        """Run a command as the present user, some hours after the last, and return ids by payload field."""
        latest = self.now - timedelta(minutes=1)
        self.today = min(self.today + timedelta(hours=self.chance.randint(2, 60)), latest)
        return self.do_now(name, **given)

    def do_now(self, name: str, /, **given: Any) -> dict[str, Any]:  # Any argument.
        """Run a command as the present user at this very time."""
        command = Command(REGISTRY[name], given, self.viewer, Moment(self.today, self.organization))
        payload = run(self.session, command).payload
        return {
            key: value.public_id if isinstance(value, Pointer) else value for key, value in payload.items()
        }


def people(session: Session, now: datetime) -> list[User]:
    """Write the users of the company and return them."""
    users = [User(name=name, role=role, created_at=now) for name, role in USERS]
    session.add_all(users)
    session.flush()
    return users


def tell(
    session: Session, organization: Organization, now: datetime, users: list[User], chains: int = CHAINS
) -> Iterator[int]:
    """Write the company, one chain at a time, yielding how many chains are written.

    The caller commits whenever it likes.
    """
    company = Company(session, organization, now, _viewer(users[0]), now, users=users)
    _catalogue(company)
    fates = [name for name, weight in FATES for _ in range(weight)]
    for number in range(chains):
        fate = fates[number * 37 % len(fates)]
        _chain(company, number, fate)
        if number + 1 == chains:
            _bill(company)
            _process(company)
            _begin(company, 20, company.users[1])
            look_after(session, company.do, now)
            _share(company)
        yield number + 1


def _catalogue(company: Company) -> None:
    """Write the products with their units, on the first day, and what is sold of them at which price."""
    _begin(company, _DAYS + 20, company.users[0])
    company.products, company.price_list = write_catalogue(company.do)


def _begin(company: Company, days_ago: int, user: User) -> None:
    """Go to a day, as a user."""
    company.viewer = _viewer(user)
    company.today = company.now - timedelta(days=days_ago)


def _chain(company: Company, number: int, fate: str) -> None:
    """Write one chain as far as its fate goes."""
    chance = company.chance
    reached = _ORDER.index(fate)
    _begin(
        company,
        chance.randint(45, _DAYS) if reached > _ORDER.index("recorded") else chance.randint(1, 40),
        company.users[1 + number % 2],
    )
    lead = _lead(company, number)
    if fate == "new":
        return
    confirmed = fate not in {"disqualified", "reactivated"}
    company.do(
        "record_qualification",
        id=lead,
        interest=confirmed,
        purchasing_power=True,
        note="Talked on the phone.",
    )
    if not confirmed:
        reason = chance.choice(["LOST", "CANNOT_CONTACT", "NO_LONGER_INTERESTED"])
        company.do("disqualify_lead", id=lead, reason=reason, note="Nothing to be done at present.")
        if fate == "reactivated":
            company.do("reactivate_lead", id=lead, note="Called us again.")
        return
    if fate == "recorded":
        return
    made = company.do("qualify_lead", id=lead, on_duplicate="LINK")
    _opportunity(company, made["opportunity"], fate)


def _lead(company: Company, number: int) -> str:
    """Take a lead in; every fourth comes from a company that has come before."""
    chance = company.chance
    known = number - 7 if number % _FOURTH == 0 and number > _FIRST_NEW else number
    place, trade = PLACES[known % len(PLACES)], TRADES[known // len(PLACES) % len(TRADES)]
    name = f"{place} {trade} {FORMS[known % len(FORMS)]}"
    first, last = chance.choice(FIRST), chance.choice(LAST)
    host = "".join(letter for letter in name.lower() if letter.isalpha())
    made = company.do(
        "capture_lead",
        source=chance.choice(list(LeadSource)).value,
        external_id=f"demo-{number:04d}",
        company_name=name,
        first_name=first,
        last_name=last,
        email=f"{first}.{last}@{host}.example".lower(),
        phone=f"+49 40 {5_550_000 + number}",
        topic=f"{chance.choice(['Pumps', 'Booster station', 'Spare parts', 'Service'])} for {name}",
        timeframe=chance.choice(TIMEFRAMES),
        need=chance.choice(NEEDS),
        budget=Decimal(chance.randint(2, 60) * 1000),
    )
    return str(made["lead"])


def _opportunity(company: Company, opportunity: str, fate: str) -> None:
    """Develop an opportunity as far as its fate goes."""
    chance = company.chance
    if chance.random() < _AT_DEALERS_PRICES:
        terms = {"id": opportunity, "expected_version": None}
        company.do("update_opportunity", **terms, price_list_id=company.price_list)
    for product in chance.sample(company.products, chance.randint(1, 6)):
        discount = Decimal(chance.choice([0, 0, 0, 5]))
        company.do(
            "add_opportunity_line",
            id=opportunity,
            expected_version=None,
            product_id=product,
            quantity=Decimal(chance.randint(1, 12)),
            discount_amount=discount,
        )
    if fate == "qualified":
        return
    company.do(
        "update_opportunity",
        id=opportunity,
        expected_version=None,
        proposed_solution="Pumps of the current series with commissioning.",
        decision_on=(company.today + timedelta(days=30)).date(),
        estimated_close_on=(company.today + timedelta(days=40)).date(),
        discount_percent=Decimal(chance.choice(["0", "0", "2", "2.5", "5"])),
        freight_amount=Decimal(chance.choice(["0", "0", "19.90", "49.50"])),
    )
    company.do("move_opportunity_stage", id=opportunity, stage="DEVELOP")
    if fate == "developing":
        return
    if fate == "lost_early":
        company.do("lose_opportunity", id=opportunity, reason="CANCELED", note="The project was put off.")
        return
    quote = str(company.do("generate_quote_from_opportunity", id=opportunity)["quote"])
    _quote(company, quote, fate)


def _quote(company: Company, quote: str, fate: str) -> None:
    """Offer, and if all goes well, sell."""
    if fate == "drafted":
        return
    company.do("activate_quote", id=quote, valid_until=(company.today + timedelta(days=60)).date())
    if fate == "active":
        return
    company.do("present_quote", id=quote, channel=company.chance.choice(["EMAIL", "MEETING", "LINK"]))
    if fate == "presented":
        return
    if fate == "revised" or company.chance.random() < _HAGGLED:
        quote = str(
            company.do("revise_quote", id=quote, note="The customer asked for a better price.")["revision"]
        )
        company.do("update_quote", id=quote, expected_version=None, discount_percent=Decimal(7))
        company.do("activate_quote", id=quote)
    if fate == "revised":
        return
    if fate == "lost":
        reason = company.chance.choice(["LOST", "CANCELED"])
        company.do("close_quote", id=quote, reason=reason, competitor="Aqua Rival", close_opportunity=True)
        return
    order = str(
        company.do("accept_quote", id=quote, customer_reference=f"PO {company.chance.randint(1000, 9999)}")[
            "order"
        ]
    )
    _order(company, order, fate)


def _order(company: Company, order: str, fate: str) -> None:
    """Deliver an order and bill it as far as its fate goes."""
    city, code, country = company.chance.choice(CITIES)
    address = {
        "line1": f"Harbor Street {company.chance.randint(1, 90)}",
        "city": city,
        "postal_code": code,
        "country_code": country,
    }
    if fate == "ordered":
        return
    if fate == "order_canceled":
        company.do("cancel_order", id=order, reason="CUSTOMER_REQUEST", note="The building site was stopped.")
        return
    company.do("submit_order", id=order, bill_to=address)
    if fate == "submitted":
        return
    if fate == "recalled":
        company.do("recall_order", id=order, reason="The customer wants another pump.")
        return
    if fate == "fulfilled":
        deposit = str(company.do_now("invoice_deposit", id=order, percent=Decimal(30))["invoice"])
        company.bills.append((company.today, company.viewer, deposit, "deposit"))
    _deliver(company, order, fate)
    if fate in {"part_fulfilled", "closed_short", "fulfilled", "returned"}:
        return
    invoice = str(company.do("invoice_order", id=order)["invoice"])
    if fate == "invoiced":
        return
    company.bills.append((company.today, company.viewer, invoice, fate))


def _bill(company: Company) -> None:
    """Issue the invoices of all chains in the order of their days: so their numbers run."""
    bills = sorted(company.bills, key=lambda each: each[0])
    for number, (day, viewer, invoice, fate) in enumerate(bills):
        company.today, company.viewer = day, viewer
        _invoice(company, invoice, _ENDINGS[number % len(_ENDINGS)] if fate == "paid" else fate)


# How what is paid came to be so.
_ENDINGS = ("paid", "overpaid", "paid", "bounced", "paid", "credited")


def _deliver(company: Company, order: str, fate: str) -> None:
    """Deliver an order, whole or in parts; some of it may come back, or never leave the house."""
    own = company.session.exec(
        select(OrderLine).where(OrderLine.order_id == _key(order)).order_by(col(OrderLine.position))
    ).all()
    one = [{"line_id": own[0].public_id, "quantity": Decimal(1)}]
    if fate in _PARTLY or company.chance.random() < _IN_PARTS:
        company.do("fulfill_order", id=order, lines=one)
    if fate == "part_fulfilled":
        return
    if fate == "closed_short" and sum(line.quantity for line in own) > 1:
        company.do("close_order_short", id=order, reason="The rest is no longer made.")
        return
    company.do("fulfill_order", id=order)
    if fate == "returned":
        company.do("return_items", id=order, lines=one, reason="Damaged in transit.")


def _invoice(company: Company, invoice: str, fate: str) -> None:
    """Issue an invoice and take the money."""
    day = company.today
    company.do_now("issue_invoice", id=invoice)
    if fate == "issued":
        return
    if fate == "deposit":
        company.do("mark_invoice_paid", id=invoice)
        return
    total = company.session.get_one(Invoice, _key(invoice)).total
    if fate == "part_paid":
        company.do("record_payment", id=invoice, amount=(total / 2).quantize(_CENT), reference="First half")
        return
    if fate == "overpaid":
        company.do("record_payment", id=invoice, amount=total + 10, excess="CUSTOMER_CREDIT")
        return
    payment = company.do("record_payment", id=invoice, amount=total, reference="Statement 17")["payment"]
    if fate == "bounced":
        company.do("reverse_payment", id=invoice, payment_id=payment, reason="The direct debit came back.")
        company.do("mark_invoice_paid", id=invoice)
    if fate == "credited":
        company.today = min(day + timedelta(days=20), company.now)
        company.do_now("create_credit_note", id=invoice, reason="GOODWILL", amount=min(total, Decimal(25)))


def _process(company: Company) -> None:
    """Write a second way of selling, and let some deals rest: on the last day, when all are there."""
    _begin(company, 1, company.users[0])
    steps: tuple[tuple[str, str, int, list[str]], ...] = (
        ("CALL", "Call", 40, ["CONTACT"]),
        ("OFFER", "Offer", 70, ["LINES"]),
        ("SIGN", "Sign", 90, []),
    )
    stages = [
        {
            "code": code,
            "label": label,
            "probability": percent,
            "required_facts": facts,
            "is_proposal": code == "OFFER",
        }
        for code, label, percent, facts in steps
    ]
    given = {"code": "SERVICE", "name": "Service contracts", "stages": stages}
    pipeline = company.do("create_pipeline", **given)["pipeline"]
    resting = (
        select(Opportunity).where(Opportunity.status == OpportunityStatus.OPEN).order_by(col(Opportunity.id))
    )
    rival = company.do("create_competitor", name="Aqua Rival", strengths="Price", weaknesses="Service")
    for number, opportunity in enumerate(company.session.exec(resting).all()[::_SIXTH]):
        deal = opportunity.public_id
        company.do("add_opportunity_competitor", id=deal, competitor_id=rival["competitor"])
        user = company.users[2].public_id
        company.do("add_sales_team_member", id=deal, user_id=user, role="Solution engineer")
        if opportunity.contact_id is not None:
            contact = public_id("contact", opportunity.contact_id)
            company.do("add_opportunity_stakeholder", id=deal, contact_id=contact, role="DECISION_MAKER")
        if number % 2:
            company.do("change_opportunity_pipeline", id=deal, pipeline_id=pipeline)
        else:
            company.do("hold_opportunity", id=deal, note="They decide after the holidays.")


def _share(company: Company) -> None:
    """Let each partner see some accounts."""
    partners = [user for user in company.users if user.role is Role.PARTNER]
    accounts = company.session.exec(select(Account).order_by(col(Account.number))).all()
    for index, account in enumerate(accounts[:: len(partners) + 1]):
        company.session.add(AccountShare(user_id=partners[index % len(partners)].id, account_id=account.id))
    company.session.flush()


def _viewer(user: User) -> Viewer:
    """Return the user as a viewer."""
    return Viewer(user.id, user.name, user.role)


def _key(public_id: str) -> UUID:
    """Return the key of a public id."""
    return parse_id(public_id)[1]
