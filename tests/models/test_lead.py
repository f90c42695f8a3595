"""Is a lead taken in once, judged by evidence, and turned into a customer exactly once?"""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import select

from models.account import Account, Contact
from models.conversion.leads import no_open_opportunity
from models.errors import StaleVersion
from models.event import Event, IdempotencyEntry
from models.lead import Lead, LeadEvidence, LeadSource
from models.lifecycle import Pointer, Seen
from models.opportunity import Opportunity
from models.record import new_id, public_id
from tests.desk import Desk, at_once, told
from tests.factories import make_account, make_confirmed_lead, make_contact, make_lead


def test_a_lead_starts_open_and_belongs_to_whom_wrote_it(desk: Desk) -> None:
    """A new lead is OPEN and NEW, in the organisation's currency, with a topic made from its names."""
    lead = desk.read(Lead, make_lead(desk))
    assert (lead.status, lead.reason, lead.version) == ("OPEN", "NEW", 1)
    assert (lead.topic, lead.currency_code, lead.owner_id) == (
        "Amber Dairy GmbH, Novak",
        "EUR",
        desk.viewer.id,
    )
    assert (lead.is_interest_confirmed, lead.is_purchasing_power_confirmed) == (None, None)


_IMPOSSIBLE: list[tuple[dict[str, Any], str, str]] = [
    ({"last_name": None, "company_name": " "}, "lastName", "A lead needs a lastName or a companyName."),
    (
        {"email": None, "phone": ""},
        "email",
        "A lead needs an email or a phone, so that somebody can answer it.",
    ),
    ({"email": "nobody"}, "email", "'nobody' is not an e-mail address."),
    (
        {"currency_code": "ABC"},
        "currencyCode",
        "'ABC' is not a currency of ISO 4217, such as EUR or USD.",
    ),
    ({"budget": Decimal(-1)}, "budget", "budget is -1; it cannot be negative."),
    ({"budget": Decimal("0.001")}, "budget", "budget is 0.001; EUR has 2 digits behind the point."),
    (
        {"estimated_value": Decimal("0.5"), "currency_code": "JPY"},
        "estimatedValue",
        "estimatedValue is 0.5; JPY has 0 digits behind the point.",
    ),
    ({"first_name": "x" * 101}, "firstName", "firstName is 101 characters long; at most 100 are kept."),
    ({"phone": "1\x00"}, "phone", "phone holds a NUL or a lone surrogate; send text."),
]


def test_a_lead_that_cannot_be_is_refused(desk: Desk) -> None:
    """Each missing or impossible value is refused with the path of its argument."""
    valid = {"last_name": "Novak", "company_name": "Amber", "email": "a@amber.example"}
    for given, field, message in _IMPOSSIBLE:
        refusal = desk.refused("create_lead", **valid | given)
        assert (*told(refusal), refusal.message) == ("VALIDATION", ("input", field), message)


def test_an_amount_beyond_what_is_kept_is_refused(desk: Desk) -> None:
    """The largest amount is named."""
    values = {"last_name": "Novak", "email": "a@amber.example", "budget": Decimal(10) ** 13}
    refusal = desk.refused("create_lead", **values)
    assert told(refusal) == ("AMOUNT_TOO_LARGE", ("input", "budget"))


def test_an_edit_tells_what_it_changed(desk: Desk) -> None:
    """What is left out stays; null empties; what duplicates are found by follows."""
    lead = make_lead(desk)
    desk.do(
        "update_lead", id=lead, company_name="Birch Ltd.", email="JANA@birch.example", phone=None,
        budget=Decimal(70), topic="Pumps",
    )  # fmt: skip
    row = desk.read(Lead, lead)
    assert (row.company_name, row.email, row.phone, row.budget, row.last_name, row.version) == (
        "Birch Ltd.", "JANA@birch.example", None, Decimal(70), "Novak", 2,
    )  # fmt: skip
    assert (row.match_name, row.match_email, row.match_phone) == ("birch", "jana@birch.example", None)
    event = desk.events_of(lead)[-1]
    assert (event.type, event.command) == ("lead.updated", "updateLead")
    told_of = {each["field"]: (each["before"], each["after"]) for each in event.changes}
    assert told_of == {
        "topic": ("Amber Dairy GmbH, Novak", "Pumps"),
        "companyName": ("Amber Dairy GmbH", "Birch Ltd."),
        "email": ("jana@amber.example", "JANA@birch.example"),
        "phone": ("+49 40 555 001", None),
        "budget": (None, "70"),
    }


def test_an_edit_leaves_a_lead_that_can_be(desk: Desk) -> None:
    """What a new lead may not be, an edited one may not be either, and a topic it always has."""
    lead = make_lead(desk)
    for given, field, message in _IMPOSSIBLE:
        refusal = desk.refused("update_lead", id=lead, **given)
        assert (*told(refusal), refusal.message) == ("VALIDATION", ("input", field), message)
    refusal = desk.refused("update_lead", id=lead, topic=" ")
    assert (*told(refusal), refusal.message) == ("VALIDATION", ("input", "topic"), "A lead needs a topic.")


def test_a_stale_edit_is_refused_and_a_lone_writer_meets_no_conflict(desk: Desk) -> None:
    """One writer goes on from each version; who read an earlier one is told so (open-mercato#4055)."""
    lead = make_lead(desk)
    for version in range(1, 6):
        desk.do("update_lead", id=lead, expected_version=version, need=f"Pump {version}.")
    refusal = desk.refused("update_lead", id=lead, expected_version=5, need="Hose.")
    assert isinstance(refusal, StaleVersion)
    assert told(refusal) == ("STALE_VERSION", ("input", "expectedVersion"))
    assert refusal.message == (
        "You expected version 5, the lead is at version 6: read it again, and repeat the command with the "
        "new version if it still makes sense."
    )
    assert (refusal.noun, refusal.key) == ("lead", desk.row(lead).id)


def test_edits_at_once_are_lost_by_no_one(crowd: Desk) -> None:
    """Of ten that edit the version that they read one does, and nine are told."""
    lead = make_lead(crowd)

    def edit(number: int) -> bool:
        try:
            crowd.do("update_lead", id=lead, expected_version=1, need=f"Pump {number}.")
        except StaleVersion:
            return False
        return True

    assert at_once(10, edit).count(True) == 1
    assert crowd.row(lead).version == 2


def test_what_a_source_sent_is_kept_as_it_came(desk: Desk) -> None:
    """The raw payload keeps its space and its spelling."""
    raw = ' {"name": "Jose\u0301"}\r\n'
    given = {"source": "WEB_FORM", "external_id": "w-1", "last_name": "José", "phone": "+49 40 555"}
    lead = desk.do("capture_lead", raw_payload=raw, **given)["lead"]
    assert desk.row(lead).raw_payload == raw


def test_the_same_item_of_a_source_makes_one_lead(desk: Desk) -> None:
    """A replay answers with the first lead and tells nothing; another source's id is another lead."""
    given = {"source": "IMPORT", "external_id": "row-1", "last_name": "Novak", "phone": "+49 40 555001"}
    first, again = (desk.do("capture_lead", **given) for _ in range(2))
    assert (again["lead"], again.already_done, again.events) == (first["lead"], True, [])
    other = desk.do("capture_lead", **given | {"source": "EMAIL"})
    assert other["lead"] != first["lead"]
    assert [each["record"] for each in other["duplicates"]] == [first["lead"]]


@pytest.mark.parametrize("source", LeadSource)
def test_each_source_is_taken_in_and_replayed(desk: Desk, source: LeadSource) -> None:
    """What it sent is kept to the letter; the same item again, with other words, is the same lead."""
    payload = f' {{"from": "{source}"}}\n'
    given = {"source": source, "external_id": "17", "last_name": "Novak", "email": "n@amber.example"}
    lead = desk.do("capture_lead", **given, raw_payload=payload)["lead"]
    again = desk.do("capture_lead", **given | {"last_name": "Other"}, raw_payload="{}")
    assert (again["lead"], again.already_done, again.events) == (lead, True, [])
    (row,) = desk.all(Lead)
    assert (row.source, row.external_id, row.raw_payload, row.last_name) == (source, "17", payload, "Novak")


def test_the_same_item_at_once_makes_one_lead(crowd: Desk) -> None:
    """Of twenty captures at once one makes the lead, the others answer with it."""
    given = {"source": "IMPORT", "external_id": "row-1", "last_name": "Novak", "phone": "+49 40 555001"}
    answers = at_once(20, lambda _: crowd.do("capture_lead", **given))
    assert len({each["lead"] for each in answers}) == len(crowd.all(Lead)) == 1
    assert [each.already_done for each in answers].count(False) == 1


def test_evidence_is_kept_and_the_latest_counts(desk: Desk) -> None:
    """Each answer is a row; the lead has the last one to each question."""
    lead = make_lead(desk)
    desk.do("record_qualification", id=lead, interest=True, note="On the phone.", budget=Decimal(5000))
    desk.do("record_qualification", id=lead, interest=False, purchasing_power=True, budget=None)
    row = desk.read(Lead, lead)
    assert (row.is_interest_confirmed, row.is_purchasing_power_confirmed) == (False, True)
    assert (row.budget, row.version, row.need) == (None, 3, "More pressure.")
    evidence = desk.all(LeadEvidence, lead_id=lead)
    assert [(each.kind, each.is_confirmed, each.note) for each in evidence] == [
        ("INTEREST", True, "On the phone."),
        ("INTEREST", False, None),
        ("PURCHASING_POWER", True, None),
    ]
    assert told(desk.refused("record_qualification", id=lead)) == ("VALIDATION", ("input", "interest"))
    refusal = desk.refused("record_qualification", id=lead, interest=True, budget=Decimal(-1))
    assert told(refusal) == ("VALIDATION", ("input", "budget"))


@pytest.mark.parametrize(
    ("confirmed", "message"),
    [
        ({}, "The lead's interest and purchasing power are not confirmed: "),
        ({"interest": True}, "The lead's purchasing power is not confirmed: "),
        ({"purchasing_power": True, "interest": False}, "The lead's interest is not confirmed: "),
    ],
)
def test_both_confirmations_are_needed(desk: Desk, confirmed: dict[str, bool], message: str) -> None:
    """Without both the lead is not qualified, unless somebody says why."""
    lead = make_lead(desk)
    if confirmed:
        desk.do("record_qualification", id=lead, **confirmed)
    refusal = desk.refused("qualify_lead", id=lead)
    assert told(refusal) == ("NOT_QUALIFIABLE", ("input", "override"))
    assert refusal.message == message + "recordQualification confirms it, or pass a reason as override."
    assert "qualifyLead" not in desk.allowed(lead)
    desk.do("qualify_lead", id=lead, override="An old customer.")
    assert desk.events_of(lead)[-1].note == "An old customer."


def test_qualifying_makes_a_customer_and_an_opportunity(desk: Desk) -> None:
    """Account, contact and opportunity get what the lead knew, and share its story."""
    lead = make_confirmed_lead(desk, budget=Decimal(900), estimated_value=Decimal(800), timeframe="soon")
    done = desk.do("qualify_lead", id=lead)
    row = desk.read(Lead, lead)
    account, contact = desk.read(Account, done["account"]), desk.read(Contact, done["contact"])
    opportunity = desk.read(Opportunity, done["opportunity"])
    assert (row.status, row.qualified_at, row.account_id, row.contact_id) == (
        "QUALIFIED", desk.now, account.id, contact.id,
    )  # fmt: skip
    assert (account.name, account.number, account.email) == (
        "Amber Dairy GmbH", "A-2026-00001", "jana@amber.example",
    )  # fmt: skip
    assert (contact.account_id, contact.last_name) == (account.id, "Novak")
    assert (opportunity.lead_id, opportunity.chain_id) == (row.id, row.chain_id)
    assert (opportunity.account_id, opportunity.contact_id) == (account.id, contact.id)
    assert (opportunity.name, opportunity.budget, opportunity.timeframe, opportunity.need) == (
        row.topic, Decimal(900), "soon", "More pressure.",
    )  # fmt: skip
    assert (opportunity.revenue_mode, opportunity.estimated_revenue) == ("USER_PROVIDED", Decimal(800))
    assert (desk.stage_of(opportunity.public_id), opportunity.probability, opportunity.version) == (
        "QUALIFY",
        10,
        1,
    )


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({"opportunity": "NONE"}, (1, 1, 0)),
        ({"contact": "NONE"}, (1, 0, 1)),
        ({"account": "NONE"}, (0, 1, 1)),
        ({"account": "NONE", "contact": "NONE", "opportunity": "NONE"}, (0, 0, 0)),
    ],
)
def test_any_subset_may_be_made(desk: Desk, given: dict[str, str], made: tuple[int, int, int]) -> None:
    """What is not wanted is not made; the lead is qualified all the same."""
    lead = make_confirmed_lead(desk)
    desk.do("qualify_lead", id=lead, **given)
    assert tuple(len(desk.all(table)) for table in (Account, Contact, Opportunity)) == made
    assert desk.row(lead).status == "QUALIFIED"


def test_an_opportunity_needs_a_customer(desk: Desk) -> None:
    """With neither account nor contact there is nobody to sell to."""
    lead = make_confirmed_lead(desk)
    refusal = desk.refused("qualify_lead", id=lead, account="NONE", contact="NONE")
    assert told(refusal) == ("CUSTOMER_REQUIRED", ("input", "opportunity"))


def test_a_blank_name_makes_no_contact(desk: Desk) -> None:
    """A last name of spaces is none."""
    lead = make_confirmed_lead(desk, last_name="  ")
    assert desk.do("qualify_lead", id=lead)["contact"] is None
    assert desk.all(Contact) == []


def test_a_customer_may_be_linked_by_id(desk: Desk) -> None:
    """LINK takes the given account; a contact brings its account along."""
    account = make_account(desk)
    contact = desk.do("create_contact", last_name="Lark", account_id=account)["contact"]
    given = {"account": "LINK", "account_id": account, "contact": "NONE"}
    assert desk.do("qualify_lead", id=make_confirmed_lead(desk), **given)["account"] == account
    given = {"account": "NONE", "contact": "LINK", "contact_id": contact}
    done = desk.do("qualify_lead", id=make_confirmed_lead(desk), **given)
    assert (done["account"], done["contact"]) == (account, contact)


def test_the_company_of_a_linked_contact_has_to_be_active(desk: Desk) -> None:
    """With a company that is kept for its history only no new business is done."""
    account = make_account(desk)
    contact = make_contact(desk, account_id=account)
    desk.do("deactivate_account", id=account)
    refusal = desk.refused(
        "qualify_lead", id=make_confirmed_lead(desk), account="NONE", contact="LINK", contact_id=contact
    )
    assert told(refusal) == ("CUSTOMER_INACTIVE", ("input", "contactId"))
    assert refusal.message == "This account is INACTIVE: reactivateAccount first, or choose another."


@pytest.mark.parametrize("noun", ["account", "contact"])
def test_linking_needs_an_id_that_exists(desk: Desk, noun: str) -> None:
    """LINK without an id, and with one that leads nowhere, is refused at its argument."""
    lead = make_confirmed_lead(desk)
    refusal = desk.refused("qualify_lead", id=lead, **{noun: "LINK"})
    assert told(refusal) == ("VALIDATION", ("input", f"{noun}Id"))
    refusal = desk.refused("qualify_lead", id=lead, **{noun: "LINK", f"{noun}_id": public_id(noun, new_id())})
    assert told(refusal) == ("NOT_FOUND", ("input", f"{noun}Id"))
    refusal = desk.refused("qualify_lead", id=lead, **{noun: "LINK", f"{noun}_id": lead})
    assert told(refusal) == ("WRONG_ID_TYPE", ("input", f"{noun}Id"))


def test_qualifying_twice_answers_with_the_first(desk: Desk) -> None:
    """The second call, with any arguments, makes nothing and says so."""
    lead = make_confirmed_lead(desk)
    first = desk.do("qualify_lead", id=lead)
    second = desk.do("qualify_lead", id=lead, opportunity="NONE", expected_version=1)
    assert (second.already_done, second.events) == (True, [])
    assert [second[name] for name in ("account", "contact", "opportunity")] == [
        first[name] for name in ("account", "contact", "opportunity")
    ]
    assert len(desk.all(Opportunity)) == 1


@pytest.mark.parametrize("keys", ["one key", "different keys", "no key"])
def test_twenty_qualify_at_once(crowd: Desk, keys: str) -> None:
    """One account, one contact and one opportunity come of it, whatever the keys (NPSP#2683)."""
    lead = make_confirmed_lead(crowd)
    made: dict[str, Any] = {
        "one key": lambda _: {"idempotency_key": "k"},
        "different keys": lambda number: {"idempotency_key": f"k{number}"},
        "no key": lambda _: {},
    }
    answers = at_once(20, lambda number: crowd.do("qualify_lead", id=lead, **made[keys](number)))
    assert [len(crowd.all(table)) for table in (Account, Contact, Opportunity)] == [1, 1, 1]
    assert len({(each["account"], each["contact"], each["opportunity"]) for each in answers}) == 1
    assert len(crowd.all(Event, type="lead.qualified")) == 1
    entries = {"one key": 1, "different keys": 20, "no key": 0}
    with crowd.database.reading() as session:
        assert len(session.exec(select(IdempotencyEntry)).all()) == entries[keys]


def test_a_lead_is_given_up_for_a_reason_and_taken_up_again(desk: Desk) -> None:
    """The reason is one of the state's; reactivating keeps it in the history."""
    lead = make_lead(desk)
    refusal = desk.refused("disqualify_lead", id=lead, reason="BORED")
    assert told(refusal) == ("REASON_REQUIRED", ("input", "reason"))
    assert refusal.message == (
        "'BORED' is not a reason for lead DISQUALIFIED; there are "
        "CANCELED, CANNOT_CONTACT, DUPLICATE, LOST, NO_LONGER_INTERESTED."
    )
    desk.do("disqualify_lead", id=lead, reason="CANNOT_CONTACT", note="Three calls.")
    desk.do("reactivate_lead", id=lead, note="Called back.")
    row = desk.read(Lead, lead)
    assert (row.status, row.reason, row.version) == ("OPEN", "NEW", 3)
    assert [(event.to_status, event.reason, event.note) for event in desk.events_of(lead)] == [
        ("OPEN", "NEW", None),
        ("DISQUALIFIED", "CANNOT_CONTACT", "Three calls."),
        ("OPEN", "NEW", "Called back."),
    ]
    desk.do("record_qualification", id=lead, interest=True, purchasing_power=True)
    assert desk.do("qualify_lead", id=lead)["opportunity"]


def test_an_open_opportunity_keeps_its_lead(desk: Desk) -> None:
    """The guard of disqualifying names the command that closes the opportunity."""
    seen = Seen({"has_open_opportunity": True}, desk.moment, desk.viewer, {})
    blocker = no_open_opportunity.blocker(seen)
    assert blocker is not None
    assert blocker.code == "HAS_OPPORTUNITY"
    assert blocker.message == "An open opportunity came from this lead: loseOpportunity closes it first."
    unseen = Seen({"has_open_opportunity": False}, desk.moment, desk.viewer, {})
    assert no_open_opportunity.blocker(unseen) is None


def test_a_lead_takes_its_own_currency_along(desk: Desk) -> None:
    """The opportunity is in the lead's currency, not in the organisation's."""
    abroad = replace(desk, organization=replace(desk.organization, currency_code="USD"))
    lead = make_confirmed_lead(abroad, currency_code="JPY", estimated_value=Decimal(5000))
    opportunity = abroad.do("qualify_lead", id=lead)["opportunity"]
    assert desk.row(opportunity).currency_code == "JPY"
    assert Pointer("lead", desk.row(opportunity).lead_id).public_id == lead
