"""Who may have webhooks, for which events, and is each event sent by one server, and not for ever?"""

from datetime import timedelta
from ipaddress import ip_address

import pytest
from sqlmodel import col, select

from models.access import Role, visible_to
from models.errors import Forbidden, Invalid, NotFound
from models.integrity import differences
from models.record import public_id
from models.webhook import (
    WebhookEndpoint,
    WebhookSecret,
    is_public,
    require_url,
)
from tests.deliveries import fail, find_due, give_keys, make_webhook_endpoint, take, tell
from tests.desk import START, Desk, everything, told


@pytest.mark.parametrize("role", [Role.SALES, Role.PARTNER, Role.SUPPORT])
def test_everybody_has_webhooks_of_their_own(desk: Desk, role: Role) -> None:
    """Others but admins do not see them, and change nothing of them."""
    endpoint = make_webhook_endpoint(desk.acting(role))
    assert desk.row(endpoint).owner_id == desk.users[role].id
    for other in {Role.SALES, Role.PARTNER, Role.SUPPORT} - {role}:
        refusal = desk.acting(other).refused("disable_webhook_endpoint", id=endpoint)
        assert isinstance(refusal, NotFound)
        with desk.database.reading() as session:
            seen = select(WebhookEndpoint.id).where(visible_to(desk.users[other], WebhookEndpoint))  # type: ignore[arg-type]  # There is a condition.
            assert session.exec(seen).all() == []
    desk.acting(Role.ADMIN).do("disable_webhook_endpoint", id=endpoint)


def test_customer_has_no_webhooks(desk: Desk) -> None:
    """The bearer of a quote's token sees one quote, and runs three commands."""
    refusal = desk.acting(Role.CUSTOMER).refused("create_webhook_endpoint", url="https://a.example.com/")
    assert isinstance(refusal, Forbidden)


def test_only_an_admin_makes_an_endpoint_for_somebody_else(desk: Desk) -> None:
    """It is told by that user's rules."""
    partner = desk.users[Role.PARTNER]
    given = {"url": "https://a.example.com/", "owner_id": public_id("user", partner.id)}
    refusal = desk.refused("create_webhook_endpoint", **given)
    assert (str(refusal), told(refusal)) == (
        "Only an admin makes an endpoint for somebody else; leave ownerId out.",
        ("VALIDATION", ("input", "ownerId")),
    )
    made = desk.acting(Role.ADMIN).do("create_webhook_endpoint", **given)["webhook_endpoint"]
    assert desk.row(made).owner_id == partner.id


def test_user_has_twenty_endpoints_at_most(desk: Desk) -> None:
    """One more is refused; another user's do not count."""
    for _ in range(20):
        make_webhook_endpoint(desk)
    refusal = desk.refused("create_webhook_endpoint", url="https://a.example.com/")
    assert told(refusal) == ("TOO_MANY_ENDPOINTS", ("input",))
    make_webhook_endpoint(desk.acting(Role.ADMIN))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://example.com/", "url has to begin with https://"),
        ("ftp://example.com/", "url has to begin with https://"),
        ("https://user:pass@example.com/", "url takes no user, password or fragment"),
        ("https://example.com/#x", "url takes no user, password or fragment"),
        ("example.com/hook", "url has to be a URL like"),
        ("https://", "url has to be a URL like"),
        ("https://exa mple.com/", "url has to be a URL like"),
        ("https://example.com:99999/", "url has to be a URL like"),
        ("https://exämple.com/", "url has to be a URL like"),
        ("https://[::1", "url has to be a URL like"),
        ("https://localhost/", "localhost is not an address on the public internet"),
        ("https://a.localhost/", "a.localhost is not an address on the public internet"),
        ("https://intranet/", "intranet is not an address on the public internet"),
        ("https://printer.local/", "printer.local is not an address on the public internet"),
        ("https://127.0.0.1/", "127.0.0.1 is not an address on the public internet"),
        ("https://10.1.2.3/", "10.1.2.3 is not an address on the public internet"),
        ("https://169.254.169.254/latest", "169.254.169.254 is not an address on the public internet"),
        ("https://[::ffff:10.0.0.1]/", "::ffff:10.0.0.1 is not an address on the public internet"),
        ("https://[fd00::1]/", "fd00::1 is not an address on the public internet"),
    ],
)
def test_address_that_nothing_is_sent_to_is_refused(desk: Desk, url: str, words: str) -> None:
    """When an endpoint is made, and when it is changed."""
    endpoint = make_webhook_endpoint(desk)
    for name, given in (("create_webhook_endpoint", {}), ("update_webhook_endpoint", {"id": endpoint})):
        refusal = desk.refused(name, url=url, **given)
        assert str(refusal).startswith(words)
        assert told(refusal) == ("VALIDATION", ("input", "url"))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/", "http://localhost/", "https://[::1]:1/", "https://a.example.com/"]
)
def test_development_takes_addresses_of_this_machine(url: str) -> None:
    """And no others than before."""
    require_url(url, to_loopback=True)
    for other in ("http://example.com/", "https://10.0.0.1/"):
        with pytest.raises(Invalid):
            require_url(other, to_loopback=True)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("0.0.0.0", False),  # noqa: S104  # Nothing is bound to it.
        ("100.64.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("fe80::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses_are_told_from_others(address: str, *, expected: bool) -> None:
    """Whatever form they are written in."""
    assert is_public(ip_address(address)) is expected


# ---- what is told of an endpoint


def test_secret_is_shown_once_and_told_nowhere(desk: Desk) -> None:
    """No event, no other table than its own; the address, which may hold a token, is in none either."""
    made = desk.do("create_webhook_endpoint", url="https://a.example.com/token")
    rotated = desk.do("rotate_webhook_secret", id=made["webhook_endpoint"])
    secrets = {made["secret"], rotated["secret"]}
    assert all(len(each) == len("whsec_") + 32 for each in secrets)
    assert {each.secret for each in _secrets(desk)} == secrets
    rows = everything(desk.database)
    del rows["webhook_secret"]
    assert not any(each in repr(rows) for each in secrets)
    assert "token" not in repr([each.changes for each in desk.events_of(made["webhook_endpoint"])])


def _secrets(desk: Desk) -> list[WebhookSecret]:
    with desk.database.reading() as session:
        return list(session.exec(select(WebhookSecret).order_by(col(WebhookSecret.id))).all())


def test_rotated_secret_ends_after_its_overlap(desk: Desk) -> None:
    """Until then messages bear both signatures; an older one ends no later than it would have."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk)
    first = _secrets(desk)[0].secret
    second = desk.do("rotate_webhook_secret", id=endpoint, overlap_hours=48)["secret"]
    third = desk.later(hours=1).do("rotate_webhook_secret", id=endpoint)["secret"]
    ends = [None if each.expires_at is None else each.expires_at - START for each in _secrets(desk)]
    assert ends == [timedelta(hours=25), timedelta(hours=25), None]
    for hours, expected in ((24, (third, second, first)), (25, (third,))):
        later = desk.later(hours=hours)
        later.do("send_test_webhook", id=endpoint)
        taken = take(later, find_due(later)[-1][1])
        assert taken is not None
        assert taken.secrets == expected
    refusal = desk.refused("rotate_webhook_secret", id=endpoint, overlap_hours=169)
    assert told(refusal) == ("VALIDATION", ("input", "overlapHours"))


def test_deleted_endpoint_leaves_its_events_only(desk: Desk) -> None:
    """Secrets, deliveries and attempts go with it."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk)
    desk.do("send_test_webhook", id=endpoint)
    fail(desk, find_due(desk)[0][1])
    done = desk.do("delete_webhook_endpoint", id=endpoint)
    assert (done["webhook_endpoint"], done["deleted_id"]) == (None, endpoint)
    rows = everything(desk.database)
    assert not any(rows[name] for name in rows if name.startswith("webhook_"))
    assert [each.type for each in desk.events_of(endpoint)][-1] == "webhook_endpoint.deleted"


def test_endpoint_is_what_its_events_tell(desk: Desk) -> None:
    """The check of a database finds nothing, whatever commands were run."""
    give_keys(desk)
    endpoint = make_webhook_endpoint(desk, names=["quote.*"])
    desk.do("update_webhook_endpoint", id=endpoint, url="https://b.example.com/", names=[], description="B")
    for name in ("rotate_webhook_secret", "send_test_webhook", "disable_webhook_endpoint"):
        desk.do(name, id=endpoint)
    tell(desk)
    other = make_webhook_endpoint(desk)
    desk.do("delete_webhook_endpoint", id=other)
    row = desk.row(endpoint)
    assert (row.url, row.names, row.description, row.version) == ("https://b.example.com/", [], "B", 5)
    with desk.database.reading() as session:
        assert list(differences(session)) == []
