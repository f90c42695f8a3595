"""Are records found that look like the same customer, and is it said why?"""

from typing import Any

from models.access import Role
from models.account import Account, Contact
from models.errors import Duplicate
from models.lead import Lead
from models.record import parse_id, public_id
from tests.desk import Desk, told
from tests.factories import make_account, make_confirmed_lead, make_lead


def _found(desk: Desk, **given: Any) -> list[tuple[str, list[str], str]]:
    """Return what a new lead looks like: record, reasons and words of each candidate."""
    duplicates = desk.tried("create_lead", **{"last_name": "Lark"} | given)["duplicates"]
    return [(each["record"], each["reasons"], each["message"]) for each in duplicates]


def test_leads_that_look_the_same_are_named_with_their_reasons(desk: Desk) -> None:
    """Mailbox, phone or company in another spelling make a duplicate; a closed lead does not count."""
    lead = make_lead(desk)
    desk.do("disqualify_lead", id=make_lead(desk), reason="LOST")
    mail, phone, company = "same e-mail address", "same phone number", "same company"
    for given, reasons, words in (
        ({"email": "JANA@amber.example"}, ["SAME_EMAIL"], mail),
        ({"phone": "0049 40 555-001"}, ["SAME_PHONE"], phone),
        ({"company_name": "AMBER DAIRY", "phone": "+49 1 234567"}, ["SAME_COMPANY"], company),
        (
            {"company_name": "Amber Dairy AG", "phone": "+49 40 555001", "email": "jana@amber.example"},
            ["SAME_EMAIL", "SAME_PHONE", "SAME_COMPANY"],
            f"{mail}, {phone}, {company}",
        ),
    ):
        assert _found(desk, **given) == [(lead, reasons, f"S{words[1:]}.")]
    assert _found(desk, email="other@birch.example", company_name="Birch") == []


def test_customers_are_found_at_intake_and_the_best_match_comes_first(desk: Desk) -> None:
    """Accounts and contacts as well as leads; who has most in common is first."""
    lead = make_lead(desk, email="other@amber.example", phone=None)
    account = make_account(desk, name="Amber Dairy", phone="+49 40 555 001")
    contact = desk.do("create_contact", last_name="Novak", email="Jana@Amber.example")["contact"]
    given = {"company_name": "Amber Dairy", "email": "jana@amber.example", "phone": "004940555001"}
    assert [(key, reasons) for key, reasons, _ in _found(desk, **given)] == [
        (account, ["SAME_PHONE", "SAME_COMPANY"]),
        (contact, ["SAME_EMAIL"]),
        (lead, ["SAME_COMPANY"]),
    ]


def test_a_replay_names_the_duplicates_too(desk: Desk) -> None:
    """The lead that an item of a source made the first time is no duplicate of itself."""
    lead = make_lead(desk)
    given = {"source": "IMPORT", "external_id": "1", "last_name": "Novak", "email": "jana@amber.example"}
    first, again = (desk.do("capture_lead", idempotency_key="k", **given) for _ in range(2))
    for answer in (first, again, desk.do("capture_lead", **given)):
        assert [each["record"] for each in answer["duplicates"]] == [lead]


def test_a_lead_of_a_known_customer_belongs_to_who_looks_after_it(desk: Desk) -> None:
    """Any other one belongs to whoever took it in."""
    account = make_account(desk, name="Amber Dairy")
    admin = desk.users[Role.ADMIN]
    desk.do("assign_account", id=account, owner_id=public_id("user", admin.id))
    assert desk.read(Lead, make_lead(desk)).owner_id == admin.id
    stranger = make_lead(desk, company_name="Birch", email="b@birch.example", phone=None)
    assert desk.read(Lead, stranger).owner_id == desk.viewer.id


def test_a_duplicate_leaves_nothing_behind(desk: Desk) -> None:
    """A contact that exists refuses the whole command, the new account included (espocrm#3499)."""
    account = make_account(desk)
    given = {"last_name": "Nowak", "account_id": account, "email": "JANA@amber.example"}
    contact = desk.do("create_contact", **given)["contact"]
    refusal = desk.refused("qualify_lead", id=make_confirmed_lead(desk))
    assert isinstance(refusal, Duplicate)
    assert told(refusal) == ("DUPLICATE_DETECTED", ("input", "onDuplicate"))
    (candidate,) = refusal.candidates
    assert (public_id(candidate.noun, candidate.key), candidate.reasons, candidate.message) == (
        contact, ("SAME_EMAIL",), "Same e-mail address.",
    )  # fmt: skip
    assert refusal.message == (
        "Customers that look the same exist: contact Nowak (same e-mail address): link one by its id, or "
        "pass onDuplicate LINK or CREATE_ANYWAY."
    )
    assert len(desk.all(Account)) == 1


def test_all_customers_that_look_the_same_are_named_at_once(desk: Desk) -> None:
    """Account and contact are in one refusal; what is not to be made is not looked for."""
    account = make_account(desk, name="AMBER DAIRY")
    contact = desk.do("create_contact", last_name="Novak", phone="+49 40 555 001")["contact"]
    lead = make_confirmed_lead(desk)
    refusal = desk.refused("qualify_lead", id=lead)
    assert isinstance(refusal, Duplicate)
    assert [public_id(each.noun, each.key) for each in refusal.candidates] == [account, contact]
    refusal = desk.refused("qualify_lead", id=lead, contact="NONE")
    assert isinstance(refusal, Duplicate)
    assert [each.key for each in refusal.candidates] == [parse_id(account)[1]]


def test_a_duplicate_may_be_linked_or_made_anyway(desk: Desk) -> None:
    """LINK takes what exists; CREATE_ANYWAY makes another."""
    account = make_account(desk, name="AMBER DAIRY")
    linked = desk.do("qualify_lead", id=make_confirmed_lead(desk), on_duplicate="LINK")
    assert (linked["account"], len(desk.all(Contact))) == (account, 1)
    again = desk.do("qualify_lead", id=make_confirmed_lead(desk), on_duplicate="LINK")
    assert (again["account"], again["contact"]) == (account, linked["contact"])
    anyway = desk.do("qualify_lead", id=make_confirmed_lead(desk), on_duplicate="CREATE_ANYWAY")
    assert anyway["account"] not in {account, None}
    assert (len(desk.all(Account)), len(desk.all(Contact))) == (2, 2)
