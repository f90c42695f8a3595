"""Does a dry run tell the truth and leave no trace, and does a repeated command act once?"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.journeys.deals import Settled, make_deal
from tests.journeys.first_deal import FirstDeal
from tests.journeys.office import Office, text_of

_ID = re.compile(r"[a-z_]+_[0-9a-hjkmnp-tv-z]{26}")
_TOKEN = re.compile(r'"token": "offer_[\w-]+"')
CREATE: dict[str, Any] = {"name": "Nordwind"}
ACCOUNT = "account { id number name version }"


def likened(payload: Any, known: str) -> str:
    """Return a payload as text in which ids that were not known before are counted instead of named."""
    seen: dict[str, str] = {}

    def replaced(match: re.Match[str]) -> str:
        name = match[0]
        return name if name in known else seen.setdefault(name, f"new {len(seen)}")

    return _ID.sub(replaced, _TOKEN.sub("token", json.dumps(payload)))


@dataclass
class Rehearsed(Office):
    """An office that runs every command dry before it runs it."""

    rehearsals: int = 0

    async def do(self, command: str, selection: str = "", /, who: str = "sam", **given: Any) -> Any:
        """Check that the dry run answers what the real one will, and writes nothing."""
        everything = await self._story()
        before = self.dump()
        dry = await self.call(command, selection, who, dry=True, **given)
        assert self.dump() == before, command
        real = await super().do(command, selection, who, **given)
        assert likened(dry, everything) == likened(real, everything)
        self.rehearsals += 1
        return real

    async def _story(self) -> str:
        """Return the ids of all records so far."""
        text = (
            "{ "
            + " ".join(
                f"{name}(first: 100) {{ nodes {{ id }} }}"
                for name in (
                    "accounts",
                    "contacts",
                    "products",
                    "leads",
                    "opportunities",
                    "quotes",
                    "orders",
                    "invoices",
                )
            )
            + " quoteLines: quotes { nodes { lines { nodes { id } } } } }"
        )
        return json.dumps(await self.read(text))


async def test_dry_run_of_every_step_answers_what_the_step_then_does(office: Office) -> None:
    """The same payload, numbers included, and not a row more; nobody hears of it either."""
    rehearsed = Rehearsed(office.app, office.people, office.clock)
    await FirstDeal(rehearsed).run()
    assert rehearsed.rehearsals == 28
    assert office.operations.streams.catch_up() == len(office.dump()["event"])


async def test_dry_run_of_a_refused_command_is_refused_likewise(settled: Settled) -> None:
    """Errors and blockers are the same."""
    for command, name in (
        ("acceptQuote", "quote"),
        ("qualifyLead", "open_lead"),
        ("discardInvoice", "issued_invoice"),
    ):
        dry = await settled.office.call(command, dry=True, id=settled.ids[name])
        given: dict[str, Any] = {"id": settled.ids[name]}
        assert dry == await settled.office.call(command, **given)
        assert dry["userErrors"] != [], command


async def test_dry_run_keeps_no_key(office: Office) -> None:
    """The key is free afterwards, for other input too; a used key answers a dry run like any other."""
    before = office.dump()
    await office.call("createAccount", ACCOUNT, dry=True, name="Other", idempotencyKey="k")
    assert office.dump() == before
    made = await office.do("createAccount", ACCOUNT, **CREATE, idempotencyKey="k")
    assert made == await office.call("createAccount", ACCOUNT, dry=True, **CREATE, idempotencyKey="k")


async def test_repeat_gets_the_first_answer_whatever_happened_since(office: Office) -> None:
    """The same bytes, although the record has changed; nothing is written again."""
    deal = await make_deal(office, until="active")
    given: dict[str, Any] = {"id": deal["quote"], "idempotencyKey": "k"}
    selection = "quote { status version order { number } } order { id status total { amount } }"
    first = await office.do("acceptQuote", selection, **given)
    await office.do("cancelOrder", id=first["order"]["id"], reason="NO_MONEY")
    before = office.dump()
    office.clock[0] += timedelta(hours=23)
    again = await office.call("acceptQuote", selection, **given)
    assert json.dumps(again) == json.dumps(first)
    assert again["order"]["status"] == "ACTIVE"
    assert office.dump() == before


async def test_repeat_that_asks_for_other_fields_gets_the_first_result(office: Office) -> None:
    """The records of the first call, read as they are now; still not done before."""
    deal = await make_deal(office, until="active")
    given: dict[str, Any] = {"id": deal["quote"], "idempotencyKey": "k"}
    first = await office.do("acceptQuote", "order { id }", **given)
    before = office.dump()
    other = await office.call("acceptQuote", "order { number quote { id } } opportunity { status }", **given)
    assert other == {
        "order": {"number": "O-2026-00001", "quote": {"id": deal["quote"]}},
        "opportunity": {"status": "WON"}, "alreadyDone": False, "userErrors": [],
    }  # fmt: skip
    assert office.dump() == before
    without = await office.call("acceptQuote", "order { id }", id=deal["quote"])
    assert without == first | {"alreadyDone": True}


async def test_key_with_other_input_is_refused(office: Office) -> None:
    """The error names the argument; nothing is written."""
    await office.do("createAccount", **CREATE, idempotencyKey="k")
    before = office.dump()
    other = await office.call("createAccount", ACCOUNT, name="Südwind", idempotencyKey="k")
    assert other == {
        "account": None,
        "alreadyDone": False,
        "userErrors": [
            {
                "__typename": "IdempotencyError",
                "code": "IDEMPOTENCY_KEY_REUSED",
                "message": "This idempotencyKey was used with other input; use a new key for a new command.",
                "path": ["input", "idempotencyKey"],
            }
        ],
    }
    assert office.dump() == before


async def test_input_is_compared_as_it_was_understood(office: Office) -> None:
    """A number as text and as a number, a default given and left out, any order of fields: one input."""
    deal = await make_deal(office, until="drafted")
    line: dict[str, Any] = {"id": deal["quote"], "expectedVersion": 1, "description": "Hose"}
    line["idempotencyKey"] = "k"
    first = await office.do("addQuoteLine", "line { id }", **line, quantity="2", pricePerUnit="1.50")
    alike: list[dict[str, Any]] = [
        {"quantity": 2, "pricePerUnit": "1.5"},
        {"pricePerUnit": "1.500", "quantity": "2.0"},
    ]
    for same in alike:
        again = await office.call("addQuoteLine", "line { id }", **same, **line)
        assert again == first, same
    again = await office.call(
        "addQuoteLine", "line { id }", **line, quantity=2, pricePerUnit="1.5", optionalProductIds=None
    )
    assert again == first


async def test_key_belongs_to_its_user_and_its_command(office: Office) -> None:
    """Another user's, and another command's, is another."""
    made = [
        (await office.do("createAccount", ACCOUNT, who, **CREATE, idempotencyKey="k"))["account"]["number"]
        for who in ("sam", "sue", "ada", "sam")
    ]
    assert made == ["A-2026-00001", "A-2026-00002", "A-2026-00003", "A-2026-00001"]
    await office.do("createContact", lastName="Petersen", idempotencyKey="k")
    assert [len(office.dump()[name]) for name in ("account", "contact", "idempotency_entry")] == [3, 1, 4]


async def test_refused_command_keeps_no_key(office: Office) -> None:
    """The same call succeeds once the reason is gone."""
    deal = await make_deal(office, until="drafted")
    given: dict[str, Any] = {"id": deal["quote"], "idempotencyKey": "k"}
    refused = await office.call("acceptQuote", **given)
    assert [error["code"] for error in refused["userErrors"]] == ["ILLEGAL_TRANSITION"]
    assert office.dump()["idempotency_entry"] == []
    await office.do("activateQuote", id=deal["quote"])
    accepted = await office.do("acceptQuote", "order { number }", **given)
    assert accepted["order"] == {"number": "O-2026-00001"}


async def test_key_lasts_a_day(office: Office) -> None:
    """A day later it is a new one."""
    first = await office.do("createAccount", ACCOUNT, **CREATE, idempotencyKey="k")
    office.clock[0] += timedelta(hours=24, seconds=1)
    later = await office.do("createAccount", ACCOUNT, **CREATE, idempotencyKey="k")
    assert (first["account"]["number"], later["account"]["number"]) == ("A-2026-00001", "A-2026-00002")


async def test_header_is_the_key_of_one_command(office: Office) -> None:
    """It equals the argument; with several commands, or another argument, it is refused and nothing runs."""
    header = {"Idempotency-Key": "k"}
    first = await office.call("createAccount", ACCOUNT, headers=header, **CREATE)
    assert first == await office.call("createAccount", ACCOUNT, headers=header, **CREATE)
    assert first == await office.call("createAccount", ACCOUNT, **CREATE, idempotencyKey="k")
    before = office.dump()
    several = """mutation { a: createAccount(input: {name: "A"}) { alreadyDone }
        b: createAccount(input: {name: "B"}) { alreadyDone } }"""
    response = await office.post({"query": several}, headers=header)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"], "data" in response.json()) == (
        400,
        "BAD_USER_INPUT",
        False,
    )
    variables = {"input": CREATE | {"idempotencyKey": "other"}}
    answer = (
        await office.post({"query": text_of("createAccount"), "variables": variables}, headers=header)
    ).json()
    assert answer["data"] == {"it": None}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["it"], "BAD_USER_INPUT")
    ]
    assert office.dump() == before
    reading = await office.post({"query": "{ viewer { name } }"}, headers=header)
    assert "errors" not in reading.json(), reading.json()
