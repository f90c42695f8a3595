"""Does a deal know who decides, who works on it, and who else wants it?"""

import pytest

from models.access import Role
from models.activity import CloseActivity
from models.competitor import Competitor
from models.opportunity import OpportunityCompetitor, SalesTeamMember, Stakeholder
from models.record import public_id
from tests.desk import Desk, told
from tests.factories import make_account, make_opportunity
from tests.process import make_competitor, make_pipeline, stage


def _contact(desk: Desk) -> str:
    contact: str = desk.do("create_contact", last_name="Novak")["contact"]
    return contact


def test_a_contact_has_a_part_in_the_decision(desk: Desk) -> None:
    """One person may have several roles; the same again changes nothing; events tell of each."""
    opportunity, contact = make_opportunity(desk), _contact(desk)
    first = desk.do("add_opportunity_stakeholder", id=opportunity, contact_id=contact, role="CHAMPION")
    second = desk.do("add_opportunity_stakeholder", id=opportunity, contact_id=contact, role="END_USER")
    again = desk.do("add_opportunity_stakeholder", id=opportunity, contact_id=contact, role="CHAMPION")
    assert again["stakeholder"] == first["stakeholder"] != second["stakeholder"]
    rows = desk.all(Stakeholder, opportunity_id=opportunity)
    assert [(each.contact_id, each.role) for each in rows] == [
        (desk.row(contact).id, "CHAMPION"), (desk.row(contact).id, "END_USER"),
    ]  # fmt: skip
    event = desk.events_of(opportunity)[-3]
    assert event.type == "opportunity.stakeholder_added"
    field = f"{first['stakeholder']}.role"
    assert {"field": field, "before": None, "after": "CHAMPION"} in event.changes
    desk.do("remove_opportunity_stakeholder", id=opportunity, stakeholder_id=first["stakeholder"])
    assert [each.role for each in desk.all(Stakeholder)] == ["END_USER"]
    assert {"field": field, "before": "CHAMPION", "after": None} in desk.events_of(opportunity)[-1].changes


def test_a_user_works_on_the_deal(desk: Desk) -> None:
    """The same user again gets the role that is given; a role is needed."""
    opportunity = make_opportunity(desk)
    user = public_id("user", desk.users[Role.SUPPORT].id)
    made = desk.do("add_sales_team_member", id=opportunity, user_id=user, role="Engineer")
    again = desk.do("add_sales_team_member", id=opportunity, user_id=user, role="Architect")
    assert again["sales_team_member"] == made["sales_team_member"]
    assert [each.role for each in desk.all(SalesTeamMember)] == ["Architect"]
    refusal = desk.refused("add_sales_team_member", id=opportunity, user_id=user, role=" ")
    assert (told(refusal), refusal.message) == (
        ("VALIDATION", ("input", "role")), "A member of the sales team needs a role.",
    )  # fmt: skip
    desk.do("remove_sales_team_member", id=opportunity, sales_team_member_id=made["sales_team_member"])
    assert desk.all(SalesTeamMember) == []


def test_a_competitor_wants_the_deal(desk: Desk) -> None:
    """The same one again gets the new note; one that is inactive is not added, and stays where it is."""
    opportunity, other = make_opportunity(desk), make_opportunity(desk)
    competitor = make_competitor(desk)
    given = {"id": opportunity, "competitor_id": competitor}
    made = desk.do("add_opportunity_competitor", **given, note="Cheaper.")["opportunity_competitor"]
    desk.do("deactivate_competitor", id=competitor)
    assert desk.do("add_opportunity_competitor", **given)["opportunity_competitor"] == made
    desk.do("add_opportunity_competitor", **given, note="Slower.")
    assert [each.note for each in desk.all(OpportunityCompetitor)] == ["Slower."]
    refusal = desk.refused("add_opportunity_competitor", id=other, competitor_id=competitor)
    assert (told(refusal), refusal.message) == (
        ("COMPETITOR_INACTIVE", ("input", "competitorId")),
        "This competitor is INACTIVE: activateCompetitor lets deals name it again.",
    )
    desk.do("activate_competitor", id=competitor)
    desk.do("add_opportunity_competitor", id=other, competitor_id=competitor)
    desk.do("remove_opportunity_competitor", id=opportunity, opportunity_competitor_id=made)
    assert [each.opportunity_id for each in desk.all(OpportunityCompetitor)] == [desk.row(other).id]


@pytest.mark.parametrize(
    ("command", "argument", "noun"),
    [
        ("remove_opportunity_stakeholder", "stakeholder_id", "stakeholder"),
        ("remove_sales_team_member", "sales_team_member_id", "sales_team_member"),
        ("remove_opportunity_competitor", "opportunity_competitor_id", "opportunity_competitor"),
    ],
)
def test_what_belongs_to_another_deal_is_not_found(
    desk: Desk, command: str, argument: str, noun: str
) -> None:
    """Parts are looked for in the deal that was named."""
    mine, other = make_opportunity(desk), make_opportunity(desk)
    user = public_id("user", desk.users[Role.SUPPORT].id)
    parts = {
        "stakeholder": desk.do(
            "add_opportunity_stakeholder", id=other, contact_id=_contact(desk), role="CHAMPION"
        ),
        "sales_team_member": desk.do("add_sales_team_member", id=other, user_id=user, role="Engineer"),
        "opportunity_competitor": desk.do(
            "add_opportunity_competitor", id=other, competitor_id=make_competitor(desk)
        ),
    }
    refusal = desk.refused(command, id=mine, **{argument: parts[noun][noun]})
    path = argument.split("_")
    assert told(refusal) == ("NOT_FOUND", ("input", path[0] + "".join(map(str.capitalize, path[1:]))))


def test_competitors_have_names_of_their_own(desk: Desk) -> None:
    """An empty or a taken name is refused on making and on renaming; the rest is changed as given."""
    first, second = make_competitor(desk), make_competitor(desk, name="Borealis Pumps")
    taken = desk.read(Competitor, first).name

    for refusal in (
        desk.refused("create_competitor", name=taken),
        desk.refused("update_competitor", id=second, name=taken),
    ):
        assert told(refusal) == ("NAME_TAKEN", ("input", "name"))
        assert refusal.message == f"There is a competitor {taken} already; names are unique."
    refusal = desk.refused("create_competitor", name=" ")
    assert (told(refusal), refusal.message) == (
        ("VALIDATION", ("input", "name")), "A competitor needs a name.",
    )  # fmt: skip
    desk.do("update_competitor", id=second, name="Borealis Pumps", strengths="Price", website=None)
    desk.do("update_competitor", id=second, weaknesses="Service", name="Borealis")
    row = desk.read(Competitor, second)
    assert (row.name, row.strengths, row.weaknesses, row.website) == ("Borealis", "Price", "Service", None)


def test_a_loss_names_the_competitor(desk: Desk) -> None:
    """By its id, and then its name is kept as well; or in words (B.7: loss with competitor)."""
    first, second = make_opportunity(desk), make_opportunity(desk)
    competitor = make_competitor(desk)
    desk.do("lose_opportunity", id=first, reason="OUT_SOLD", competitor_id=competitor)
    desk.do("lose_opportunity", id=second, reason="OUT_SOLD", competitor="Somebody")
    row = desk.read(Competitor, competitor)
    assert [(each.competitor, each.competitor_id) for each in desk.all(CloseActivity)] == [
        (row.name, row.id), ("Somebody", None),
    ]  # fmt: skip


def test_a_stage_may_ask_for_people_and_ticks(desk: Desk) -> None:
    """A no on the checklist is as good as nothing; each missing part is named with its command."""
    facts = ["DECISION_MAKER_IDENTIFIED", "RATING", "STAKEHOLDERS", "SALES_TEAM", "COMPETITORS"]
    pipeline = make_pipeline(desk, stages=[stage("TALK", 20, facts=facts), stage("SIGN", 70)])
    made = desk.do("create_opportunity", name="Pumps", account_id=make_account(desk), pipeline_id=pipeline)
    opportunity = made["opportunity"]
    desk.do("update_opportunity", id=opportunity, expected_version=None, is_decision_maker_identified=False)
    refusal = desk.refused("move_opportunity_stage", id=opportunity, stage="SIGN")
    assert refusal.message == (
        "Before Sign, updateOpportunity has to fill rating, isDecisionMakerIdentified; "
        "addOpportunityStakeholder has to add a stakeholder; addSalesTeamMember has to add a member; "
        "addOpportunityCompetitor has to add a competitor; or pass a reason as override."
    )
    desk.do(
        "update_opportunity", id=opportunity, expected_version=None, rating="HOT",
        is_decision_maker_identified=True, contact_id=_contact(desk),
    )  # fmt: skip
    desk.do("add_opportunity_stakeholder", id=opportunity, contact_id=_contact(desk), role="CHAMPION")
    desk.do("add_opportunity_competitor", id=opportunity, competitor_id=make_competitor(desk))
    user = public_id("user", desk.users[Role.SUPPORT].id)
    desk.do("add_sales_team_member", id=opportunity, user_id=user, role="Engineer")
    desk.do("move_opportunity_stage", id=opportunity, stage="SIGN")
