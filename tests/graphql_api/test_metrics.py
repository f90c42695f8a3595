"""Do the figures say what was done?"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from graphql_api.settings import Settings
from models.access import Role
from tests.graphql_api.conftest import Site, make_site

CREATE = "mutation { createAccount(input: {%s}, dryRun: %s) { userErrors { code } } }"


@pytest.fixture
def counting(database_url: str) -> Iterator[Site]:
    """Return an application that tells figures."""
    with make_site(Settings(database_url=database_url, worker_threads=4, metrics=True)) as site:
        yield site


async def figures(site: Site) -> dict[tuple[str, ...], float]:
    """Return what is told, by the name of the figure and the values of its labels by name."""
    async with site.client(None) as client:
        answer = await client.get("/metrics", headers={"Accept": "*/*"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (each.name, *(each.labels[label] for label in sorted(each.labels))): each.value
        for family in text_string_to_metric_families(answer.text)
        for each in family.samples
        if not each.name.endswith("_created")
    }


def _of(found: dict[tuple[str, ...], float], name: str) -> dict[tuple[str, ...], float]:
    """Return the values of one figure by its labels."""
    return {key[1:]: value for key, value in found.items() if key[0] == f"sales_graphql_{name}"}


async def test_operations_and_commands_are_counted(counting: Site) -> None:
    """By what they were, and by what became of them; who asks for figures needs no key."""
    named: dict[str, Any] = {"Idempotency-Key": "1"}
    for text, role, headers in (
        ("{ viewer { id } }", Role.SALES, {}),
        ("{ accounts { nodes { id } } }", Role.SALES, {}),
        ("{ accounts { nodes { id } } }", Role.SALES, {}),
        ("{ accounts { nodes { id } } }", None, {}),
        ("{ nothing }", Role.SALES, {}),
        (CREATE % ('name: "A"', "true"), Role.SALES, {}),
        (CREATE % ('name: "A"', "false"), Role.SALES, named),
        (CREATE % ('name: "A"', "false"), Role.SALES, named),
        (CREATE % ('name: ""', "false"), Role.SALES, {}),
        (CREATE % ('name: "A"', "false"), Role.SUPPORT, {}),
    ):
        await counting.ask(text, role, headers)
    found = await figures(counting)
    assert _of(found, "operation_duration_seconds_count") == {
        ("OK", "query"): 3,
        ("UNAUTHENTICATED", "unknown"): 1,
        ("GRAPHQL_VALIDATION_FAILED", "unknown"): 1,
        ("OK", "mutation"): 4,
        ("FORBIDDEN", "mutation"): 1,
    }
    assert _of(found, "commands_total") == {
        ("createAccount", "DRY_RUN"): 1,
        ("createAccount", "DONE"): 1,
        ("createAccount", "REPEATED"): 1,
        ("createAccount", "VALIDATION"): 1,
        ("createAccount", "FORBIDDEN"): 1,
    }
    assert _of(found, "command_retries_total") == {(): 0}
    assert (_of(found, "operations_waiting"), _of(found, "subscriptions")) == ({(): 0}, {(): 0})
    buckets = _of(found, "operation_duration_seconds_bucket")
    assert buckets["OK", "+Inf", "query"] == 3
    assert found["process_resident_memory_bytes",] > 0


async def test_figures_are_told_where_they_are_asked_for(embedded: Site) -> None:
    """Without the setting there is no such page; a newer format is told to whoever takes it."""
    async with embedded.client(None) as client:
        assert (await client.get("/metrics")).status_code == 404
    with make_site(replace(embedded.settings, metrics=True)) as site:
        async with site.client(None) as client:
            answer = await client.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")
