"""Does the explorer work in a browser that reaches nothing but the server? GraphiQL, in headless Chromium.

The screenshots lie in the folder of the test run, and in the one that SCREENSHOTS names, to be looked at.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Request, Response, Route, expect, sync_playwright

from graphql_api.graphiql.examples import examples
from tests.clients.server import Address

pytestmark = pytest.mark.clients

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # No name is resolved, and no address but this machine's is reached.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)  # fmt: skip
STEPS = [example.name for example in examples() if example.query.startswith("# Step ")]


@dataclass
class Window:
    """A window of the browser, and what went on in it beside what can be seen."""

    page: Page
    folder: Path
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        """Open a page, with an ear on its requests and its console."""
        self.page.on("request", self._note_request)
        self.page.on("response", self._note_response)
        self.page.on("console", lambda told: self.faults.append(f"{told.type}: {told.text}"))
        self.page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.page.goto(address)

    def _note_request(self, request: Request) -> None:
        self.asked.append(request.url)

    def _note_response(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status} {response.url}")

    def picture(self, name: str) -> None:
        """Take a screenshot."""
        file = self.folder / f"{name}.png"
        self.page.screenshot(path=file)
        if wanted := os.environ.get("SCREENSHOTS"):
            Path(wanted).mkdir(parents=True, exist_ok=True)
            shutil.copy(file, wanted)

    def choose(self, tab: str) -> None:
        """Go to a tab of GraphiQL by its name."""
        self.tab(tab).click()
        expect(self.editor("Query Editor")).to_contain_text(
            re.compile(rf"(query|mutation|subscription) {tab}\b")
        )

    def tab(self, name: str) -> Locator:
        """Return a tab of GraphiQL."""
        return self.page.locator(".graphiql-tab", has_text=re.compile(rf"^{name}\b"))

    def run(self) -> Any:
        """Press the run button and return what the response pane shows."""
        with self.page.expect_response(_is_answer) as answered:
            self.page.get_by_role("button", name="Execute query").click()
        shown = self.page.wait_for_function(
            """id => {
                const text = document.querySelector(".graphiql-response .CodeMirror").CodeMirror.getValue();
                return text.includes(id) && text;
            }""",
            arg=answered.value.json()["extensions"]["requestId"],
        )
        return json.loads(shown.json_value())

    def editor(self, name: str) -> Locator:
        """Return one of GraphiQL's editors by the name that it has for screen readers."""
        return self.page.get_by_role("region", name=name).locator(".CodeMirror-code:visible")

    def assert_quiet(self, origin: str) -> None:
        """No request went elsewhere, each was answered well, and the console is empty."""
        assert [url for url in self.asked if not url.startswith((origin, "data:", "blob:"))] == []
        assert self.faults == []


def _is_answer(response: Response) -> bool:
    """Say whether a response answers an operation of the user, not GraphiQL's question for the schema."""
    asked = response.request.post_data or ""
    return response.url.endswith("/graphql") and "IntrospectionQuery" not in asked


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return the system's Chromium."""
    program = shutil.which("chromium")
    assert program is not None, "chromium is missing: `make setup-clients` brings it"
    with sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@contextmanager
def opened(browser: Browser, folder: Path, address: str) -> Iterator[Window]:
    """Give a window of a browser that was never here before."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    window = Window(context.new_page(), folder)
    window.open(address)
    try:
        yield window
    finally:
        context.close()


@pytest.fixture
def window(browser: Browser, demo: Address, tmp_path: Path) -> Iterator[Window]:
    """Return a window with GraphiQL, ready to be used."""
    with opened(browser, tmp_path, demo.page) as window:
        expect(window.page.get_by_role("button", name="Execute query")).to_be_visible()
        yield window
        window.assert_quiet(demo.page)


def test_explorer_walks_a_deal_from_tab_to_tab(window: Window) -> None:
    """Each ready-made step does its part when the run button is pressed, with the key that is there."""
    answers = {}
    for step in STEPS:
        window.choose(step)
        answers[step] = window.run()
        assert "errors" not in answers[step], (step, answers[step])
        payloads = [value for value in answers[step]["data"].values() if "userErrors" in value]
        assert [payload["userErrors"] for payload in payloads] == [[]] * len(payloads)
        if step in ("CaptureCard", "Opportunity", "AddLines", "WholeStory"):
            window.picture(step)
    paid = answers["Pay"]["data"]["recordPayment"]["invoice"]
    assert (paid["status"], paid["balance"]) == ("PAID", {"amount": "0.00", "currencyCode": "EUR"})
    _, revision = answers["WholeStory"]["data"]["lead"]["opportunity"]["quotes"]["nodes"]
    assert (revision["revision"], revision["status"], revision["total"]["amount"]) == (1, "WON", "3490.98")
    (invoice,) = revision["order"]["invoices"]["nodes"]
    assert [payment["amount"]["amount"] for payment in invoice["payments"]["nodes"]] == ["3490.98"]
    assert window.page.locator("#remembered .known").count() == 8


def test_explorer_says_which_record_is_missing(window: Window) -> None:
    """A step that is run before its time gets the server's error, and the page says what helps."""
    window.choose("Qualify")
    (error,) = window.run()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    expect(window.page.get_by_role("status")).to_have_text(
        "$lead is not known yet: run the steps before this one, or write an id into Variables."
    )
    window.picture("missing")


def test_explorer_shows_events_as_they_happen(window: Window, demo: Address) -> None:
    """Over a WebSocket to the page's own server; the stop button ends it."""
    window.choose("Watch")
    # GraphiQL looks at what kind of operation it is a moment after the text has changed.
    window.page.wait_for_timeout(500)
    window.page.get_by_role("button", name="Execute query").click()
    response = window.page.locator(".graphiql-response .CodeMirror-code")
    capture = """mutation { captureLead(input: {source: PHONE, lastName: "Ring", phone: "+49 30 5550199"})
        { lead { id } } }"""
    for _ in range(50):
        httpx.post(demo.http, json={"query": capture}, headers=dict(demo.headers)).raise_for_status()
        if "lead.captured" in response.inner_text():
            break
        window.page.wait_for_timeout(200)
    expect(response).to_contain_text('"name": "lead.captured"')
    window.picture("Watch")
    window.page.get_by_role("button", name="Stop query").click()
    expect(window.page.get_by_role("button", name="Execute query")).to_be_visible()


def test_explorer_shows_the_schema(window: Window) -> None:
    """Its documentation is that of the server: types, fields and what they mean."""
    window.page.get_by_role("button", name="Show Documentation Explorer").click()
    docs = window.page.locator(".graphiql-doc-explorer")
    docs.get_by_role("link", name="Mutation", exact=True).click()
    docs.get_by_role("link", name="acceptQuote", exact=True).click()
    expect(docs).to_contain_text("Make the order of an active quote")
    window.picture("docs")


def test_key_stays_in_the_page(window: Window) -> None:
    """It is in the headers of every tab, after a reload too, and never on the disk."""
    for _ in range(2):
        window.choose("SupportInvoices")
        if window.editor("Variables").is_visible():
            window.page.get_by_role("button", name="Headers", exact=True).click()
        expect(window.editor("Headers")).to_contain_text('"Authorization": "Bearer sales_')
        assert len(window.run()["data"]["invoices"]["nodes"]) == 10
        kept = window.page.evaluate(
            "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
        )
        assert "SupportInvoices" in kept
        assert "sales_" not in kept
        window.page.reload()
        expect(window.page.get_by_role("button", name="Execute query")).to_be_visible()


def test_starting_over_opens_the_first_tabs_again(window: Window, demo: Address) -> None:
    """Also after a tab was closed, with the server slow to answer, and the records are forgotten."""
    window.run()
    expect(window.page.locator("#remembered .known")).to_have_text(["$lead"])
    window.choose("Qualify")
    window.tab("Qualify").get_by_label("Close Tab").click()
    expect(window.tab("Qualify")).to_have_count(0)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    window.page.route(demo.page, hold)
    window.page.get_by_role("button", name="Start over").click(no_wait_after=True)
    # GraphiQL writes down what changed half a second later; the old page is still there.
    window.page.wait_for_timeout(1000)
    held[0].continue_()
    expect(window.tab("Qualify")).to_have_count(1)
    expect(window.page.locator("#remembered .known")).to_have_count(0)
    assert window.page.locator(".graphiql-tab").count() == len(examples())


def test_plain_page_does_without_graphiql(browser: Browser, demo: Address, tmp_path: Path) -> None:
    """What answers where GraphiQL's files could not be fetched: the same operations in a form."""
    with opened(browser, tmp_path, f"{demo.page}graphiql/plain.html") as window:
        page, answer = window.page, window.page.locator("#answer")
        for step in ("CaptureCard", "RecordQualification", "Qualify", "Opportunity"):
            page.get_by_label("Operation").select_option(label=f"{STEPS.index(step) + 1} {step}")
            page.get_by_role("button", name="Run").click()
            expect(answer).to_contain_text("requestId")
            assert "errors" not in json.loads(answer.inner_text())
        window.picture("plain")
        page.get_by_label("Operation").select_option(label=f"{len(STEPS) + 1} Watch")
        page.get_by_role("button", name="Run").click()
        capture = """mutation { captureLead(input: {source: PHONE, lastName: "Ring", phone: "+49 30 5550199"})
            { lead { id } } }"""
        for _ in range(50):
            httpx.post(demo.http, json={"query": capture}, headers=dict(demo.headers)).raise_for_status()
            if "lead.captured" in answer.inner_text():
                break
            page.wait_for_timeout(200)
        expect(answer).to_contain_text('"name": "lead.captured"')
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_role("button", name="Stop")).to_be_disabled()
        assert not [url for url in window.asked if "vendor" in url]
        window.assert_quiet(demo.page)
