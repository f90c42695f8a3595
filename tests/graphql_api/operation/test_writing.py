"""Where are commands carried out?"""

import threading
from typing import Any

from sqlalchemy import event

from models.access import Role
from tests.graphql_api.conftest import Site

_CAPTURE = """mutation ($name: String) {
  captureLead(input: {source: PHONE, lastName: $name, phone: "+49 30 5550199"}) {
    lead { lastName } userErrors { code } } }"""


async def test_commands_have_a_lane_on_postgresql(site: Site) -> None:
    """From when their document is known; the first is admitted on a thread, and so are all on SQLite."""
    names: list[str] = []

    def note(*_: Any) -> None:
        names.append(threading.current_thread().name.partition("_")[0])

    event.listen(site.database._writer, "before_cursor_execute", note)
    found = []
    for name in ("First", "Second", "Third"):
        names.clear()
        answer = await site.ask(_CAPTURE, Role.SALES, name=name)
        assert answer["data"] == {"captureLead": {"lead": {"lastName": name}, "userErrors": []}}
        found.append(set(names))
    where = {"operation"} if site.database.dialect == "sqlite" else {"commands"}
    assert found == [{"operation"}, where, where]
