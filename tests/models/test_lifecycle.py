"""Does every command do what its row of the table says, in every state, and tell of it?"""

import pytest
from sqlmodel import Session

from models.access import FOR_ADMINS, Role
from models.errors import (
    Blocked,
)
from models.lifecycle import REGISTRY, run
from models.record import Versioned, camel, public_id, records
from models.status import Staged
from tests.catalogue import CATALOGUE, MADE
from tests.commands import arguments
from tests.desk import Desk, Rows, everything, rows_of
from tests.factories import STATES

DONE, AGAIN = "done", "again"
ILLEGAL, FROZEN = "ILLEGAL_TRANSITION", "RECORD_READ_ONLY"

# The table: by record, the states in their order; by command, what it comes to in each of them.
TABLE: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {
    ("account.ACTIVE.ACTIVE", "account.INACTIVE.INACTIVE"): {
        "update_account": (DONE, FROZEN),
        "deactivate_account": (DONE, AGAIN),
        "reactivate_account": (AGAIN, DONE),
        "share_account": (DONE, DONE),
        "unshare_account": (DONE, DONE),
    },
    ("status_reason.ACTIVE.ACTIVE", "status_reason.INACTIVE.INACTIVE"): {
        "update_status_reason": (DONE, DONE),
        "deactivate_status_reason": (DONE, AGAIN),
        "activate_status_reason": (AGAIN, DONE),
    },
    ("contact.ACTIVE.ACTIVE", "contact.INACTIVE.INACTIVE"): {
        "update_contact": (DONE, FROZEN),
        "deactivate_contact": (DONE, AGAIN),
        "reactivate_contact": (AGAIN, DONE),
    },
    ("tax_code.ACTIVE.ACTIVE", "tax_code.RETIRED.RETIRED"): {
        "add_tax_rate": (DONE, ILLEGAL),
        "retire_tax_code": (DONE, ILLEGAL),
        "reactivate_tax_code": (ILLEGAL, DONE),
    },
    ("competitor.ACTIVE.ACTIVE", "competitor.INACTIVE.INACTIVE"): {
        "update_competitor": (DONE, DONE),
        "activate_competitor": (AGAIN, DONE),
        "deactivate_competitor": (DONE, AGAIN),
    },
    ("webhook_endpoint.ACTIVE.ACTIVE", "webhook_endpoint.DISABLED.DISABLED"): {
        "update_webhook_endpoint": (DONE, DONE),
        "rotate_webhook_secret": (DONE, DONE),
        "enable_webhook_endpoint": (AGAIN, DONE),
        "disable_webhook_endpoint": (DONE, AGAIN),
        "suspend_webhook_endpoint": (DONE, ILLEGAL),
        "send_test_webhook": (DONE, ILLEGAL),
        "replay_webhook": (DONE, ILLEGAL),
        "delete_webhook_endpoint": (DONE, DONE),
    },
    ("pipeline.ACTIVE.ACTIVE", "pipeline.INACTIVE.INACTIVE"): {
        "update_pipeline": (DONE, DONE),
        "activate_pipeline": (AGAIN, DONE),
        "deactivate_pipeline": (DONE, AGAIN),
        "add_stage": (DONE, DONE),
        "update_stage": (DONE, DONE),
        "reorder_stages": (DONE, DONE),
        "retire_stage": (DONE, DONE),
        "restore_stage": (DONE, DONE),
    },
    **CATALOGUE,
    (
        "lead.OPEN.NEW",
        "lead.OPEN.CONTACTED",
        "lead.OPEN.NURTURING",
        "lead.QUALIFIED.QUALIFIED",
        "lead.DISQUALIFIED.LOST",
    ): {
        "update_lead": (DONE, DONE, DONE, FROZEN, FROZEN),
        "record_qualification": (DONE, DONE, DONE, FROZEN, FROZEN),
        "mark_lead_contacted": (DONE, AGAIN, DONE, ILLEGAL, ILLEGAL),
        "nurture_lead": (DONE, DONE, AGAIN, ILLEGAL, ILLEGAL),
        "qualify_lead": (DONE, DONE, DONE, AGAIN, ILLEGAL),
        "undo_qualify_lead": (ILLEGAL, ILLEGAL, ILLEGAL, DONE, ILLEGAL),
        "disqualify_lead": (DONE, DONE, DONE, ILLEGAL, ILLEGAL),
        "reactivate_lead": (ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL, DONE),
        "merge_leads": (DONE, DONE, DONE, ILLEGAL, DONE),
        "delete_lead": (DONE, ILLEGAL, ILLEGAL, ILLEGAL, ILLEGAL),
    },
    ("activity.OPEN.OPEN", "activity.COMPLETED.COMPLETED", "activity.CANCELED.CANCELED"): {
        "update_activity": (DONE, FROZEN, FROZEN),
        "complete_activity": (DONE, AGAIN, ILLEGAL),
        "cancel_activity": (DONE, ILLEGAL, AGAIN),
    },
    (
        "opportunity.OPEN.IN_PROGRESS",
        "opportunity.OPEN.ON_HOLD",
        "opportunity.WON.WON",
        "opportunity.LOST.OUT_SOLD",
    ): {
        "update_opportunity": (DONE, DONE, FROZEN, FROZEN),
        "set_revenue_mode": (DONE, DONE, FROZEN, FROZEN),
        "add_opportunity_line": (DONE, DONE, FROZEN, FROZEN),
        "update_opportunity_line": (DONE, DONE, FROZEN, FROZEN),
        "move_opportunity_line": (DONE, DONE, FROZEN, FROZEN),
        "reprice_opportunity": (DONE, DONE, FROZEN, FROZEN),
        "remove_opportunity_line": (DONE, DONE, FROZEN, FROZEN),
        "move_opportunity_stage": (DONE, DONE, FROZEN, FROZEN),
        "change_opportunity_pipeline": (DONE, DONE, FROZEN, FROZEN),
        "add_opportunity_stakeholder": (DONE, DONE, FROZEN, FROZEN),
        "remove_opportunity_stakeholder": (DONE, DONE, FROZEN, FROZEN),
        "add_sales_team_member": (DONE, DONE, FROZEN, FROZEN),
        "remove_sales_team_member": (DONE, DONE, FROZEN, FROZEN),
        "add_opportunity_competitor": (DONE, DONE, FROZEN, FROZEN),
        "remove_opportunity_competitor": (DONE, DONE, FROZEN, FROZEN),
        "hold_opportunity": (DONE, ILLEGAL, FROZEN, FROZEN),
        "resume_opportunity": (ILLEGAL, DONE, FROZEN, FROZEN),
        "win_opportunity": (DONE, DONE, ILLEGAL, ILLEGAL),
        "lose_opportunity": (DONE, DONE, ILLEGAL, ILLEGAL),
        "reopen_opportunity": (ILLEGAL, ILLEGAL, DONE, DONE),
        "generate_quote_from_opportunity": (DONE, DONE, "OPPORTUNITY_CLOSED", "OPPORTUNITY_CLOSED"),
    },
    (
        "quote.DRAFT.IN_PROGRESS",
        "quote.DRAFT.PENDING_APPROVAL",
        "quote.ACTIVE.IN_PROGRESS",
        "quote.ACTIVE.PRESENTED",
        "quote.WON.WON",
        "quote.CLOSED.LOST",
        "quote.CLOSED.CANCELED",
        "quote.CLOSED.REVISED",
        "quote.CLOSED.EXPIRED",
    ): {
        "update_quote": (DONE, DONE, *[FROZEN] * 7),
        "add_quote_line": (DONE, DONE, *[FROZEN] * 7),
        "update_quote_line": (DONE, DONE, *[FROZEN] * 7),
        "move_quote_line": (DONE, DONE, *[FROZEN] * 7),
        "reprice_quote": (DONE, DONE, *[FROZEN] * 7),
        "remove_quote_line": (DONE, DONE, *[FROZEN] * 7),
        "submit_quote_for_approval": ("NO_APPROVAL_NEEDED", AGAIN, *[ILLEGAL] * 7),
        "approve_quote": (ILLEGAL, DONE, *[ILLEGAL] * 7),
        "reject_quote_approval": (ILLEGAL, DONE, *[ILLEGAL] * 7),
        "activate_quote": (DONE, DONE, *[ILLEGAL] * 7),
        "present_quote": (ILLEGAL, ILLEGAL, DONE, DONE, *[ILLEGAL] * 5),
        "revise_quote": (ILLEGAL, ILLEGAL, DONE, DONE, FROZEN, DONE, DONE, AGAIN, DONE),
        "accept_quote": (ILLEGAL, ILLEGAL, DONE, DONE, AGAIN, *[ILLEGAL] * 4),
        "copy_opportunity_lines": (DONE, DONE, *[FROZEN] * 7),
        "revert_quote_acceptance": (*[ILLEGAL] * 4, DONE, *[ILLEGAL] * 4),
        "decline_quote": (ILLEGAL, ILLEGAL, DONE, DONE, *[ILLEGAL] * 5),
        "close_quote": (DONE, DONE, DONE, DONE, *[ILLEGAL] * 5),
        "expire_quote": (ILLEGAL, ILLEGAL, DONE, DONE, *[ILLEGAL] * 5),
    },
    (
        "order.ACTIVE.NEW",
        "order.ACTIVE.PENDING",
        "order.SUBMITTED.IN_PROGRESS",
        "order.FULFILLED.COMPLETE",
        "order.FULFILLED.PARTIAL",
        "order.INVOICED.INVOICED",
        "order.CANCELED.NO_MONEY",
    ): {
        "update_order": (DONE, DONE, *[FROZEN] * 5),
        "add_order_line": (DONE, DONE, *[FROZEN] * 5),
        "update_order_line": (DONE, DONE, *[FROZEN] * 5),
        "remove_order_line": (DONE, DONE, *[FROZEN] * 5),
        "lock_order_pricing": ("PRICES_LOCKED", "PRICES_LOCKED", *[FROZEN] * 5),
        "unlock_order_pricing": (DONE, DONE, *[FROZEN] * 5),
        "submit_order": (DONE, DONE, AGAIN, *[ILLEGAL] * 4),
        "recall_order": (ILLEGAL, AGAIN, DONE, *[ILLEGAL] * 4),
        "fulfill_order": (DONE, DONE, DONE, AGAIN, ILLEGAL, AGAIN, ILLEGAL),
        "close_order_short": (*["NOTHING_FULFILLED"] * 3, ILLEGAL, AGAIN, ILLEGAL, ILLEGAL),
        "cancel_fulfillment": (*["NOTHING_FULFILLED"] * 3, DONE, DONE, "INVOICED_QUANTITY", ILLEGAL),
        "return_items": (*["NOTHING_FULFILLED"] * 3, DONE, DONE, "INVOICED_QUANTITY", ILLEGAL),
        "invoice_deposit": (*[DONE] * 5, ILLEGAL, ILLEGAL),
        "invoice_order": (*["NOTHING_TO_INVOICE"] * 3, DONE, DONE, "NOTHING_TO_INVOICE", ILLEGAL),
        "cancel_order": (DONE, DONE, DONE, *[ILLEGAL] * 3, AGAIN),
    },
    (
        "invoice.ACTIVE.NEW",
        "invoice.ACTIVE.BILLED",
        "invoice.ACTIVE.PARTIALLY_PAID",
        "invoice.PAID.COMPLETE",
        "invoice.CANCELED.CANCELED",
        "invoice.CANCELED.CREDITED",
    ): {
        "update_invoice": (DONE, ILLEGAL, ILLEGAL, *[FROZEN] * 3),
        "add_invoice_line": ("PRICES_LOCKED", ILLEGAL, ILLEGAL, *[FROZEN] * 3),
        "update_invoice_line": (DONE, ILLEGAL, ILLEGAL, *[FROZEN] * 3),
        "remove_invoice_line": (DONE, ILLEGAL, ILLEGAL, *[FROZEN] * 3),
        "lock_invoice_pricing": ("PRICES_LOCKED", ILLEGAL, ILLEGAL, *[FROZEN] * 3),
        "unlock_invoice_pricing": (DONE, ILLEGAL, ILLEGAL, *[FROZEN] * 3),
        "mark_invoice_overdue": (ILLEGAL, DONE, DONE, *[ILLEGAL] * 3),
        "issue_invoice": (DONE, AGAIN, AGAIN, AGAIN, ILLEGAL, ILLEGAL),
        "record_payment": (ILLEGAL, DONE, DONE, ILLEGAL, ILLEGAL, ILLEGAL),
        "mark_invoice_paid": (ILLEGAL, DONE, DONE, AGAIN, ILLEGAL, ILLEGAL),
        "reverse_payment": (ILLEGAL, ILLEGAL, DONE, DONE, ILLEGAL, ILLEGAL),
        "apply_customer_credit": (
            ILLEGAL,
            "INSUFFICIENT_CREDIT",
            "INSUFFICIENT_CREDIT",
            ILLEGAL,
            ILLEGAL,
            ILLEGAL,
        ),
        "create_credit_note": (ILLEGAL, DONE, DONE, DONE, ILLEGAL, ILLEGAL),
        "cancel_invoice": (ILLEGAL, DONE, "HAS_PAYMENTS", "HAS_PAYMENTS", ILLEGAL, ILLEGAL),
        "discard_invoice": (DONE, *[ILLEGAL] * 5),
    },
    ("customer_credit.OPEN.OPEN", "customer_credit.SETTLED.SETTLED"): {
        "refund_customer_credit": (DONE, ILLEGAL),
    },
}
CREATING = MADE | {
    "capture_lead", "create_account", "create_activity", "create_competitor", "create_contact", "create_lead",
    "create_approval_policy", "create_opportunity", "create_order", "create_pipeline", "create_product",
    "create_quote", "create_tax_code", "create_unit_group", "create_webhook_endpoint",
    "create_invoice", "set_exchange_rate", "add_status_reason",
}  # fmt: skip
# What is done whatever the state.
UPKEEP = {name: each.table.noun() for name, each in REGISTRY.items() if each.is_upkeep}
EXPECTED = [
    (state, {command: outcomes[index] for command, outcomes in commands.items()})
    for states, commands in TABLE.items()
    for index, state in enumerate(states)
]


def test_the_table_has_every_command() -> None:
    """No command is missing in the table, and every one that creates is known."""
    walked = {name for commands in TABLE.values() for name in commands}
    stateless = {name for name, each in REGISTRY.items() if not issubclass(each.table, Staged)}
    assert walked | CREATING | set(UPKEEP) | stateless == set(REGISTRY)
    assert {state.partition(".")[0] for state in STATES} >= set(UPKEEP.values())
    assert {name for name, each in REGISTRY.items() if each.creates} == CREATING
    assert {state for states in TABLE for state in states} == set(STATES)


@pytest.mark.parametrize(("state", "expected"), EXPECTED, ids=[state for state, _ in EXPECTED])
def test_every_command_in_every_state(desk: Desk, state: str, expected: dict[str, str]) -> None:
    """A command is done, known as done before, or refused with its code; a refusal leaves no trace."""
    key = STATES[state](desk)
    expected |= {name: DONE for name, noun in UPKEEP.items() if noun == state.partition(".")[0]}
    before = everything(desk.database)
    outcomes = {}
    for name in expected:
        with desk.database.writing() as session:
            who = desk.acting(Role.ADMIN) if name in FOR_ADMINS else desk
            outcomes[name] = _outcome(session, who, name, key, before)
            session.rollback()
        assert everything(desk.database) == before
    assert outcomes == expected


def _outcome(session: Session, desk: Desk, name: str, key: str, before: Rows) -> str:
    """Run one command, check what it told, and return what it came to."""
    try:
        outcome = run(session, desk.command(name, **arguments(desk, name, key)))
    except Blocked as refusal:
        return _refusal_code(desk, name, key, refusal)
    after = rows_of(session)
    if outcome.payload["already_done"]:
        del after["idempotency_entry"]
        assert after == {table: rows for table, rows in before.items() if table != "idempotency_entry"}
        return AGAIN
    _check_told(desk, name, key, before, after)
    return DONE


def _refusal_code(desk: Desk, name: str, key: str, refusal: Blocked) -> str:
    """Check that a refusal speaks of the command and the state, and return its code."""
    assert (refusal.command, refusal.status) == (REGISTRY[name].command, desk.row(key).status)
    assert refusal.message
    return refusal.code


def _check_told(desk: Desk, name: str, key: str, before: Rows, after: Rows) -> None:
    """Check that each changed record is at its next version and has exactly one event, with its cause."""
    touched = set()
    for noun, table in records().items():
        if not issubclass(table, Versioned):
            continue
        for primary, row in after[noun].items():
            was = before[noun].get(primary)
            if row != was:
                touched.add((noun, row["id"], row["version"]))
                assert row["version"] == (1 if was is None else was["version"] + 1)
                assert row["updated_at"] == desk.now
        touched |= {
            (noun, row["id"], row["version"] + 1)
            for primary, row in before[noun].items()
            if primary not in after[noun]
        }
    events = [row for primary, row in sorted(after["event"].items()) if primary not in before["event"]]
    assert len(events) == len(touched)
    assert {(row["subject_type"], row["subject_id"], row["subject_version"]) for row in events} == touched
    root, *others = events
    assert public_id(root["subject_type"], root["subject_id"]) == key
    assert (root["caused_by_id"], root["type"]) == (None, REGISTRY[name].event)
    assert root["command"] == REGISTRY[name].command
    for row in others:
        assert row["caused_by_id"] in {each["id"] for each in events if each["id"] < row["id"]}
    for row in events:
        assert (row["actor_id"], row["created_at"]) == (desk.viewer.id, desk.now)
        assert row["command"]
        fields = [each["field"] for each in row["changes"]]
        assert sorted(fields) == sorted(set(fields))


@pytest.mark.parametrize("state", STATES)
def test_offers_agree_with_what_the_commands_do(desk: Desk, state: str) -> None:
    """What is allowed is done, its arguments at their defaults; what is blocked is refused as it was told."""
    key = STATES[state](desk)
    # Whoever may run every command is offered every one.
    desk = desk.acting(Role.ADMIN)
    found: dict[str, list[str]] = {}
    for offer in desk.offers_of(key):
        transition = next(each for each in REGISTRY.values() if each.command == offer.name)
        given = arguments(desk, transition.name, key)
        for name in {
            name for name in transition.defaults for each in transition.guards if camel(name) in each.path
        }:
            given.pop(name, None)
        with desk.database.writing() as session:
            try:
                run(session, desk.command(transition.name, **given))
                found[offer.name] = []
            except Blocked as refusal:
                found[offer.name] = [blocker.code for blocker in refusal.blockers]
            session.rollback()
    assert found == {
        offer.name: [blocker.code for blocker in offer.blockers] for offer in desk.offers_of(key)
    }
