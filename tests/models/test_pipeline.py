"""Does a company shape its own pipelines, without pulling a stage from under a deal?"""

from typing import Any

import pytest

from models.access import Role
from models.errors import Forbidden
from models.pipeline import Pipeline, Stage
from tests.desk import Desk, at_once, blocked, everything, told
from tests.factories import make_account, make_opportunity
from tests.process import make_pipeline, stage


@pytest.fixture
def admin(desk: Desk) -> Desk:
    """Return the desk of an admin."""
    return desk.acting(Role.ADMIN)


def _stages(desk: Desk, pipeline: str) -> dict[str, Stage]:
    """Return the stages of a pipeline by code, in their order."""
    found = desk.all(Stage, pipeline_id=pipeline)
    return {each.code: each for each in sorted(found, key=lambda each: each.position)}


def _id(desk: Desk, pipeline: str, code: str) -> str:
    return _stages(desk, pipeline)[code].public_id


def test_a_pipeline_has_its_own_stages(desk: Desk) -> None:
    """Code, words, place, percentage, category and facts are the company's; codes may be those of others."""
    pipeline = make_pipeline(
        desk,
        stages=[stage("QUALIFY", 5, facts=["NEED", "LINES", "NEED"]), stage("CLOSE", 80, is_proposal=True)],
    )
    rows = _stages(desk, pipeline)
    assert [(each.code, each.label, each.position, each.probability) for each in rows.values()] == [
        ("QUALIFY", "Qualify", 0, 5), ("CLOSE", "Close", 1, 80),
    ]  # fmt: skip
    assert [(each.required_facts, each.is_proposal, each.forecast_category) for each in rows.values()] == [
        (["NEED", "LINES"], False, "PIPELINE"), ([], True, "PIPELINE"),
    ]  # fmt: skip
    row = desk.read(Pipeline, pipeline)
    assert (row.status, row.reason, row.is_default, row.version) == ("ACTIVE", "ACTIVE", False, 1)
    (event,) = desk.events_of(pipeline)
    assert event.type == "pipeline.created"
    assert {"field": f"{rows['CLOSE'].public_id}.label", "before": None, "after": "Close"} in event.changes


_IMPOSSIBLE: list[tuple[dict[str, Any], str, str, str]] = [
    ({"code": "renewals"}, "code", "VALIDATION",
     "'renewals' is not a code; codes are capitals, digits and _, for example DEVELOP."),
    ({"code": "SALES"}, "code", "CODE_TAKEN", "There is a pipeline SALES already; codes are unique."),
    ({"name": " "}, "name", "VALIDATION", "The name cannot be empty."),
    ({"stages": []}, "stages", "VALIDATION", "A pipeline needs at least one stage."),
    ({"stages": [stage("A", 10), stage("A", 20)]}, "code", "CODE_TAKEN",
     "NEW has a stage A already; restoreStage brings a retired one back."),
    ({"stages": [stage("A", 101)]}, "probability", "VALIDATION",
     "probability is 101; a percentage is between 0 and 100."),
    ({"stages": [stage("A", 1) | {"forecast_category": "WON"}]}, "forecastCategory", "VALIDATION",
     "forecastCategory WON comes from winOpportunity or loseOpportunity."),
    ({"stages": [stage("A", 1) | {"label": ""}]}, "label", "VALIDATION", "The label cannot be empty."),
]  # fmt: skip


def test_a_pipeline_that_cannot_be_is_refused(admin: Desk) -> None:
    """Each impossible value is refused with its path and words, and nothing is written."""
    for given, field, code, message in _IMPOSSIBLE:
        values = {"code": "NEW", "name": "New", "stages": [stage("A", 10)]} | given
        refusal = admin.refused("create_pipeline", **values)
        assert (told(refusal), refusal.message) == ((code, ("input", field)), message), given


def test_only_an_admin_shapes_the_process(desk: Desk) -> None:
    """Sales may use pipelines, not change them; the offers say so."""
    pipeline = make_pipeline(desk)
    refusal = desk.refused("update_pipeline", id=pipeline, name="Mine")
    assert isinstance(refusal, Forbidden)
    assert refusal.message == "The role SALES may not run updatePipeline; ask an admin for a key that may."
    assert desk.allowed(pipeline) == []
    assert desk.acting(Role.ADMIN).allowed(pipeline) == [
        "updatePipeline", "deactivatePipeline", "addStage", "updateStage", "reorderStages", "retireStage",
        "restoreStage",
    ]  # fmt: skip


def test_new_deals_start_in_the_default_pipeline(admin: Desk) -> None:
    """There is one default; another takes its place in one command."""
    pipeline = make_pipeline(admin)
    (sales,) = admin.all(Pipeline, code="SALES")
    admin.do("update_pipeline", id=pipeline, is_default=True, name="Contracts")
    assert [(each.name, each.is_default) for each in admin.all(Pipeline)] == [
        ("Sales", False), ("Contracts", True),
    ]  # fmt: skip
    opportunity = make_opportunity(admin)
    row = admin.row(opportunity)
    assert (admin.stage_of(opportunity), row.probability) == ("TALK", 20)
    assert row.pipeline_id == admin.row(pipeline).id
    refusal = admin.refused("update_pipeline", id=pipeline, is_default=False)
    assert told(refusal) == ("VALIDATION", ("input", "isDefault"))
    code = admin.row(pipeline).code
    assert refusal.message == (
        f"New deals have to start somewhere: make another pipeline the default, not {code}."
    )
    assert {each.subject_id for each in admin.events_of(sales.public_id)} == {sales.id}


def test_no_deal_starts_in_an_inactive_pipeline(admin: Desk) -> None:
    """Those that are in it go on; it cannot be the default; it is activated again."""
    pipeline, account = make_pipeline(admin), make_account(admin)
    inside = admin.do("create_opportunity", name="Pumps", account_id=account, pipeline_id=pipeline)[
        "opportunity"
    ]
    admin.do("deactivate_pipeline", id=pipeline)
    code = admin.row(pipeline).code
    message = f"Pipeline {code} is INACTIVE: activatePipeline lets deals start in it."
    started = {"name": "Hoses", "account_id": account, "pipeline_id": pipeline}
    for command, given, field in (
        ("create_opportunity", started, "pipelineId"),
        (
            "change_opportunity_pipeline",
            {"id": make_opportunity(admin), "pipeline_id": pipeline},
            "pipelineId",
        ),
        ("update_pipeline", {"id": pipeline, "is_default": True}, "isDefault"),
    ):
        refusal = admin.refused(command, **given)
        assert (told(refusal), refusal.message) == (("PIPELINE_INACTIVE", ("input", field)), message)
    admin.do("move_opportunity_stage", id=inside, stage="SIGN", override="They know us.")
    admin.do("activate_pipeline", id=pipeline)
    assert admin.do("create_opportunity", **started)["opportunity"]


def test_the_default_pipeline_stays_active(admin: Desk) -> None:
    """Otherwise new deals would start nowhere."""
    (sales,) = admin.all(Pipeline)
    refusal = blocked(admin.refused("deactivate_pipeline", id=sales.public_id))
    assert told(refusal) == ("PIPELINE_IS_DEFAULT", ("input", "id"))
    assert (
        refusal.message
        == "New deals start in SALES: updatePipeline makes another pipeline the default first."
    )


def test_stages_are_added_changed_and_put_in_order(admin: Desk) -> None:
    """A new stage comes last or where it is told to; the order is given whole."""
    pipeline = make_pipeline(admin)
    admin.do("add_stage", id=pipeline, **stage("LAST", 90))
    made = admin.do("add_stage", id=pipeline, **stage("FIRST", 1), position=0)["stage"]
    assert list(_stages(admin, pipeline)) == ["FIRST", "TALK", "SIGN", "LAST"]
    admin.do("update_stage", id=pipeline, stage_id=made, label="Hello", probability=2, is_proposal=True,
             required_facts=["BUDGET"], forecast_category="OMITTED")  # fmt: skip
    row = admin.read(Stage, made)
    assert (row.label, row.probability, row.is_proposal, row.required_facts, row.forecast_category) == (
        "Hello", 2, True, ["BUDGET"], "OMITTED",
    )  # fmt: skip
    order = [_id(admin, pipeline, code) for code in ("LAST", "FIRST", "SIGN", "TALK")]
    admin.do("reorder_stages", id=pipeline, stage_ids=order)
    assert [each.public_id for each in _stages(admin, pipeline).values()] == order
    refusal = admin.refused("reorder_stages", id=pipeline, stage_ids=order[1:])
    assert told(refusal) == ("VALIDATION", ("input", "stageIds"))
    code = admin.row(pipeline).code
    assert refusal.message == (
        f"stageIds has to hold each stage of {code} once; there are LAST, FIRST, SIGN, TALK."
    )
    refusal = admin.refused("add_stage", id=pipeline, **stage("MORE", 1), position=5)
    assert (told(refusal), refusal.message) == (
        ("VALIDATION", ("input", "position")), "position is 5; it is 0 to 4.",
    )  # fmt: skip


def test_a_stage_of_another_pipeline_is_not_found(admin: Desk) -> None:
    """Stages are looked for in the pipeline that was named."""
    mine, other = make_pipeline(admin), make_pipeline(admin)
    for command in ("update_stage", "retire_stage", "restore_stage"):
        refusal = admin.refused(command, id=mine, stage_id=_id(admin, other, "TALK"))
        assert told(refusal) == ("NOT_FOUND", ("input", "stageId"))


def test_a_stage_in_use_cannot_go(admin: Desk) -> None:
    """Open deals keep it; once they are gone it is retired, stays in their history, and can be restored."""
    pipeline, account = make_pipeline(admin), make_account(admin)
    given = {"account_id": account, "pipeline_id": pipeline, "need": "Pressure."}
    first = admin.do("create_opportunity", name="Pumps", **given)["opportunity"]
    second = admin.do("create_opportunity", name="Hoses", **given)["opportunity"]
    talk = _id(admin, pipeline, "TALK")
    refusal = admin.refused("retire_stage", id=pipeline, stage_id=talk)
    assert told(refusal) == ("STAGE_IN_USE", ("input", "stageId"))
    assert refusal.message == ("2 open opportunities are in Talk: moveOpportunityStage moves each on first.")
    admin.do("move_opportunity_stage", id=first, stage="SIGN")
    refusal = admin.refused("retire_stage", id=pipeline, stage_id=talk)
    assert refusal.message == "An open opportunity is in Talk: moveOpportunityStage moves it on first."
    admin.do("lose_opportunity", id=second, reason="CANCELED")
    later = admin.later(days=1)
    assert later.do("retire_stage", id=pipeline, stage_id=talk)["stage"] == talk
    assert admin.read(Stage, talk).retired_at == later.now
    refusal = admin.refused("move_opportunity_stage", id=first, stage="TALK")
    assert refusal.message == "'TALK' is not a stage of this pipeline; there are SIGN."
    refusal = admin.refused("retire_stage", id=pipeline, stage_id=_id(admin, pipeline, "SIGN"))
    assert refusal.code == "STAGE_IN_USE"
    admin.do("lose_opportunity", id=first, reason="CANCELED")
    refusal = admin.refused("retire_stage", id=pipeline, stage_id=_id(admin, pipeline, "SIGN"))
    assert told(refusal) == ("LAST_STAGE", ("input", "stageId"))
    code = admin.row(pipeline).code
    assert refusal.message == f"Sign is the last stage of {code}: addStage adds another first."
    refusal = admin.refused("add_stage", id=pipeline, **stage("TALK", 1))
    assert refusal.message == f"{code} has a stage TALK already; restoreStage brings a retired one back."
    # What was lost in a retired stage goes on in the next one.
    admin.do("reopen_opportunity", id=second, reason="They called.")
    assert admin.stage_of(second) == "SIGN"
    admin.do("restore_stage", id=pipeline, stage_id=talk)
    admin.do("move_opportunity_stage", id=second, stage="TALK")


def test_a_stage_is_not_retired_under_a_deal_that_moves_in(crowd: Desk) -> None:
    """However the two race, no open deal is in a retired stage, and one of the two is told why."""
    admin = crowd.acting(Role.ADMIN)
    pipeline, account = make_pipeline(crowd), make_account(crowd)
    given = {"name": "Pumps", "account_id": account, "pipeline_id": pipeline, "need": "Pressure."}
    deals = [crowd.do("create_opportunity", **given)["opportunity"] for _ in range(6)]
    sign = _id(crowd, pipeline, "SIGN")

    def act(index: int) -> str:
        command = (
            admin.command("retire_stage", id=pipeline, stage_id=sign)
            if index == 3
            else crowd.command("move_opportunity_stage", id=deals[index], stage="SIGN")
        )
        try:
            admin.do(command.transition.name, **command.given)
        except Exception as refusal:  # noqa: BLE001  # The loser's refusal is what is asked for.
            return getattr(refusal, "code", repr(refusal))
        return "done"

    outcomes = at_once(6, act)
    retired = crowd.read(Stage, sign).retired_at is not None
    assert retired == (outcomes[3] == "done")
    assert set(outcomes) <= {"done", "STAGE_IN_USE", "VALIDATION"}
    inside = [each for each in deals if crowd.stage_of(each) == "SIGN"]
    assert not (retired and inside)
    assert len(everything(crowd.database)["stage"]) == 6
