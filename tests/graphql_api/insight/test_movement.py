"""Is the pipeline as of an instant what it was, and do its movements add up to what it is?"""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from models.access import Role
from models.errors import Refusal
from models.pipeline import Stage
from models.record import public_id
from tests.desk import Desk
from tests.factories import make_account, make_opportunity
from tests.graphql_api.insight.window import answered, asked, refused
from tests.process import make_pipeline

_STAGE = """pipeline { code } stage { code } currencyCode count estimatedRevenue { amount }
    weightedRevenue { amount }"""
NOW = f"{{ pipelineByStage {{ {_STAGE} }} }}"
THEN = f"query ($at: DateTime!) {{ pipelineByStage(at: $at) {{ {_STAGE} }} }}"
MOVEMENT = """query ($from: DateTime!, $to: DateTime, $where: OpportunityWhere) {
    pipelineMovement(from: $from, to: $to, where: $where) { currencyCode openingCount opening { amount }
        closingCount closing { amount currencyCode }
        kinds { kind count value { amount } changeOfCount change { amount } } } }"""
MOVES = """query ($first: Int, $after: String, $from: DateTime!, $to: DateTime, $kinds: [MovementKind!]) {
    pipelineMoves(first: $first, after: $after, from: $from, to: $to, kinds: $kinds) {
        edges { cursor } pageInfo { hasNextPage }
        nodes { kind opportunity { id } change { amount } revenueBefore { amount } revenueAfter { amount }
            stageBefore { code } stageAfter { code } closeOnBefore closeOnAfter } } }"""
ANY: dict[str, Any] = {"expected_version": None}


def instant(desk: Desk) -> str:
    """Return the desk's instant as the API takes it."""
    return desk.now.isoformat()


def kinds(movement: Any) -> dict[str, tuple[int, str, int, str]]:
    """Return what there is of each kind: deals, value, and what they did to the pipeline."""
    return {
        each["kind"]: (
            each["count"], each["value"]["amount"], each["changeOfCount"], each["change"]["amount"]
        )
        for each in movement["kinds"]
        if each["count"]
    }  # fmt: skip


def deal(desk: Desk, revenue: int, **given: Any) -> str:
    """Return an open deal with a typed revenue."""
    key = make_opportunity(desk, (), account=given.pop("account", None))
    desk.do("update_opportunity", id=key, estimated_revenue=Decimal(revenue), **ANY, **given)
    return key


def quarter(desk: Desk) -> tuple[str, dict[str, str]]:
    """Return an instant, and deals by what becomes of them in the hour after it."""
    today = desk.moment.today
    made = [deal(desk, 100 * at, estimated_close_on=today) for at in range(1, 7)]
    grown, shrunk, won, lost, moved, old = made
    desk.do("lose_opportunity", id=old, reason="CANCELED")
    back = deal(desk, 1000)
    desk.do("win_opportunity", id=back)
    start, later = instant(desk.later(minutes=1)), desk.later(hours=1)
    for key, change in (
        (grown, {"estimated_revenue": Decimal("150.50"), "estimated_close_on": today + timedelta(days=3)}),
        (shrunk, {"estimated_revenue": Decimal(50), "estimated_close_on": today - timedelta(days=3)}),
        (won, {"estimated_revenue": Decimal(350)}),
    ):
        later.do("update_opportunity", id=key, **ANY, **change)
    later.do("move_opportunity_stage", id=moved, stage="DEVELOP", override="Known.")
    later.do("win_opportunity", id=won, actual_revenue=Decimal(1))
    later.do("lose_opportunity", id=lost, reason="CANCELED")
    later.do("reopen_opportunity", id=back, reason="They want more.")
    new, brief = deal(later, 7), deal(later, 9)
    later.do("lose_opportunity", id=brief, reason="CANCELED")
    return start, {"grown": grown, "moved": moved, "new": new, "brief": brief}


def test_movements_lead_from_what_was_open_to_what_is(desk: Desk) -> None:
    """Each kind with its deals, to the cent; what was closed before and stays closed is in none."""
    start, _ = quarter(desk)
    end = desk.later(hours=2)
    data, _, statements = answered(end, MOVEMENT, **{"from": start})
    (found,) = data["pipelineMovement"]
    # What is open, what happened, and the places of the stages.
    assert len(statements) == 3
    assert (found["openingCount"], found["opening"]["amount"]) == (5, "1500.00")
    assert (found["closingCount"], found["closing"]) == (5, {"amount": "1707.50", "currencyCode": "EUR"})
    assert kinds(found) == {
        "NEW": (2, "16.00", 2, "16.00"),
        "REOPENED": (1, "1000.00", 1, "1000.00"),
        "INCREASED": (2, "500.50", 0, "100.50"),
        "DECREASED": (1, "50.00", 0, "-150.00"),
        "MOVED_FORWARD": (1, "500.00", 0, "0.00"),
        "PULLED_IN": (1, "50.00", 0, "0.00"),
        "SLIPPED": (1, "150.50", 0, "0.00"),
        "WON": (1, "350.00", -1, "-350.00"),
        "LOST": (2, "409.00", -2, "-409.00"),
    }
    assert len(found["kinds"]) == 11


def test_the_deals_behind_a_movement_are_listed_with_what_they_were(desk: Desk) -> None:
    """By kind, each with its stage, its day and its worth before and after."""
    start, deals = quarter(desk)
    end = desk.later(hours=2)
    listed = asked(end, MOVES, **{"from": start}, kinds=["NEW", "SLIPPED", "MOVED_FORWARD"])["pipelineMoves"]
    assert [(each["kind"], each["opportunity"]["id"]) for each in listed["nodes"]] == [
        ("NEW", deals["new"]), ("NEW", deals["brief"]), ("MOVED_FORWARD", deals["moved"]),
        ("SLIPPED", deals["grown"]),
    ]  # fmt: skip
    assert listed["nodes"][3] == {
        "kind": "SLIPPED",
        "opportunity": {"id": deals["grown"]},
        "change": {"amount": "0.00"},
        "revenueBefore": {"amount": "100.00"},
        "revenueAfter": {"amount": "150.50"},
        "stageBefore": {"code": "QUALIFY"},
        "stageAfter": {"code": "QUALIFY"},
        "closeOnBefore": "2026-03-02",
        "closeOnAfter": "2026-03-05",
    }
    assert listed["nodes"][0]["stageBefore"] is None
    # Backwards in time from where the deals stand again.
    turned = desk.later(hours=3)
    turned.do("move_opportunity_stage", id=deals["moved"], stage="QUALIFY")
    turned.do("change_opportunity_pipeline", id=deals["grown"], pipeline_id=make_pipeline(turned))
    (late,) = asked(turned, MOVEMENT, **{"from": instant(end)})["pipelineMovement"]
    assert kinds(late) == {
        "MOVED_BACK": (1, "500.00", 0, "0.00"), "CHANGED_PIPELINE": (1, "150.50", 0, "0.00")
    }  # fmt: skip


def test_pages_of_moves_are_the_whole(desk: Desk) -> None:
    """Forwards; a cursor keeps to its instants and kinds."""
    start = instant(desk.later(hours=-1))
    for at in range(5):
        deal(desk, at)
    period = {"from": start, "to": instant(desk)}
    whole = asked(desk, MOVES, **period)["pipelineMoves"]["nodes"]
    assert [each["kind"] for each in whole] == ["NEW"] * 5
    found, after = [], None
    for more in (True, True, False):
        page = asked(desk, MOVES, **period, first=2, after=after)["pipelineMoves"]
        assert page["pageInfo"]["hasNextPage"] is more
        found += page["nodes"]
        after = page["edges"][-1]["cursor"]
    assert found == whole
    assert refused(desk, MOVES, **period, after=after, kinds=["NEW"])[0] == "CURSOR_INVALID"


def lived(desk: Desk, random: Random) -> list[tuple[Desk, Any]]:
    """Return what the pipeline was after each of many commands of chance, with the desk of that minute."""
    keys = [deal(desk, 100), deal(desk, 55)]
    other = make_pipeline(desk)
    codes = [stage.code for stage in desk.all(Stage, pipeline_id=desk.row(keys[0]).pipeline_id)]
    remembered = [(desk, asked(desk, NOW))]
    for _ in range(60):
        desk = desk.later(minutes=1)
        key = random.choice(keys)
        amount = Decimal(random.randint(1, 99_999)).scaleb(-2)
        name, given = random.choice([
            ("update_opportunity", {"estimated_revenue": amount, **ANY}),
            ("update_opportunity", {"probability": random.randint(0, 100), **ANY}),
            ("move_opportunity_stage", {"stage": random.choice(codes), "override": "Known."}),
            ("change_opportunity_pipeline", {"pipeline_id": other}),
            ("win_opportunity", {}),
            ("lose_opportunity", {"reason": "CANCELED"}),
            ("reopen_opportunity", {"reason": "Again."}),
            ("create", {}),
        ])  # fmt: skip
        try:
            if name == "create":
                keys.append(deal(desk, 10))
            else:
                desk.do(name, id=key, **given)
        except Refusal:
            continue
        remembered.append((desk, asked(desk, NOW)))
    return remembered


def test_the_pipeline_as_of_any_instant_is_what_it_was(desk: Desk) -> None:
    """Deals of chance: as of each instant, and between any two, everything adds up."""
    random = Random(7)  # noqa: S311  # Chance, not secrecy.
    remembered = lived(desk, random)
    desk = remembered[-1][0]
    for then, answer in remembered:
        assert asked(desk, THEN, at=instant(then)) == answer
    for _ in range(10):
        first, second = sorted(random.sample(range(len(remembered)), 2))
        period = {"from": instant(remembered[first][0]), "to": instant(remembered[second][0])}
        (found,) = asked(desk, MOVEMENT, **period)["pipelineMovement"]
        for name, at in (("opening", first), ("closing", second)):
            rows = remembered[at][1]["pipelineByStage"]
            amounts = [Decimal(row["estimatedRevenue"]["amount"]) for row in rows]
            assert Decimal(found[name]["amount"]) == sum(amounts)
            assert found[f"{name}Count"] == sum(row["count"] for row in rows)
        change = sum(Decimal(each["change"]["amount"]) for each in found["kinds"])
        assert Decimal(found["opening"]["amount"]) + change == Decimal(found["closing"]["amount"])
        deals = sum(each["changeOfCount"] for each in found["kinds"])
        assert found["openingCount"] + deals == found["closingCount"]


def test_what_is_to_come_and_periods_that_end_before_they_begin_are_refused(desk: Desk) -> None:
    """Each in words, at its argument."""
    now, late = instant(desk), instant(desk.later(hours=1))
    future = f"lies in the future; it is {now}."
    assert refused(desk, THEN, at=late) == ("BAD_USER_INPUT", f"at: {late} {future}")
    assert refused(desk, MOVEMENT, **{"from": now, "to": late})[1] == f"to: {late} {future}"
    assert refused(desk, MOVES, **{"from": late})[1] == f"from: {late} {future}"
    early = instant(desk.later(hours=-1))
    message = f"to: `to` is {early}, before `from`, {now}."
    assert refused(desk, MOVES, **{"from": now, "to": early}) == ("BAD_USER_INPUT", message)


def test_a_partner_sees_the_movement_of_what_is_shared(desk: Desk) -> None:
    """And a filter chooses deals by what they are today."""
    account = make_account(desk, name="Acme")
    deal(desk, 5, account=account)
    deal(desk, 70)
    desk.do("share_account", id=account, partner_id=public_id("user", desk.users[Role.PARTNER].id))
    start = {"from": instant(desk.later(hours=-1))}
    partner = desk.acting(Role.PARTNER)
    (seen,) = asked(partner, MOVEMENT, **start)["pipelineMovement"]
    assert kinds(seen) == {"NEW": (1, "5.00", 1, "5.00")}
    assert len(asked(partner, MOVES, **start)["pipelineMoves"]["nodes"]) == 1
    assert [row["count"] for row in asked(partner, THEN, at=instant(desk))["pipelineByStage"]] == [1]
    where = {"account": {"name": {"eq": "Acme"}}}
    assert asked(desk, MOVEMENT, **start, where=where)["pipelineMovement"] == [seen]
    assert asked(desk.acting(Role.CUSTOMER), MOVEMENT, **start)["pipelineMovement"] == []
