"""Where are commands carried out?"""

import asyncio
import threading
from typing import Any

from sqlalchemy import event

from models.access import Role
from tests.graphql_api.conftest import Site

_CAPTURE = """mutation ($name: String) {
  captureLead(input: {source: PHONE, lastName: $name, phone: "+49 30 5550199"}) {
    lead { lastName } userErrors { code } } }"""


async def test_commands_that_meet_have_a_lane_on_postgresql(site: Site) -> None:
    """One that is alone has a thread, and so have all on SQLite, and all whose document is not known yet."""
    names: set[str] = set()

    def note(_: Any, __: Any, statement: str, ___: Any, *____: Any) -> None:
        if statement.startswith("INSERT INTO lead"):
            names.add(threading.current_thread().name.partition("_")[0])

    async def capture(*last_names: str) -> set[str]:
        names.clear()
        answers = await asyncio.gather(*(site.ask(_CAPTURE, Role.SALES, name=each) for each in last_names))
        assert [answer["data"] for answer in answers] == [
            {"captureLead": {"lead": {"lastName": each}, "userErrors": []}} for each in last_names
        ]
        return set(names)

    event.listen(site.database._writer, "before_cursor_execute", note)
    is_embedded = site.database.dialect == "sqlite"
    assert await capture("First", "Second") == {"operation"}
    assert await capture("Third") == {"operation"}
    both = {"operation"} if is_embedded else {"operation", "commands"}
    assert await capture("Fourth", "Fifth", "Sixth") == both
    assert await capture("Seventh") == {"operation"}
