"""Where may a message be sent? To public addresses over TLS: nobody has this server ask its own network.

What a name stands for shows when it is resolved: whoever sends checks the addresses then (``is_public``), and
connects to no other.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from models.errors import Invalid

_PATH = ("input", "url")
# IPv4 inside IPv6 (RFC 6052): what the last four bytes say counts.
_TRANSLATED = IPv6Network("64:ff9b::/96")
# Names that mean nothing outside a network (RFC 6761, RFC 6762, and what ICANN keeps for private use).
_PRIVATE = (".localhost", ".local", ".internal", ".home.arpa", ".invalid", ".test")


def require_url(url: str, *, to_loopback: bool) -> None:
    """Refuse a URL that nothing is sent to.

    ``to_loopback`` is for development: addresses of this machine are taken, too, without TLS as well.

    Raises:
        Invalid: it is none, or one of another scheme, with a name and password, or of a private address.
    """
    parts, host = _parts(url)
    is_here = to_loopback and is_loopback_name(host)
    if parts.scheme not in ({"https", "http"} if is_here else {"https"}):
        message = "url has to begin with https://: what is sent is for the receiver alone."
        raise Invalid(message, path=_PATH)
    if parts.username is not None or parts.password is not None or parts.fragment:
        message = "url takes no user, password or fragment; messages are signed."
        raise Invalid(message, path=_PATH)
    if not is_here and not _may_be_public(host):
        message = f"{host} is not an address on the public internet; nothing is sent there."
        raise Invalid(message, path=_PATH)


def _may_be_public(host: str) -> bool:
    """Say whether nothing about a host shows that it is a private one, before it is resolved."""
    address = _address(host)
    if address is not None:
        return is_public(address)
    return "." in host.rstrip(".") and not host.rstrip(".").endswith(_PRIVATE)


def _parts(url: str) -> tuple[SplitResult, str]:
    """Return the parts of a URL and its host.

    Raises:
        Invalid: it has none, or is of characters that a URL does not have.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    if not parts.hostname or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        message = "url has to be a URL like https://example.com/webhooks, in ASCII."
        raise Invalid(message, path=_PATH)
    return parts, parts.hostname


def is_loopback_name(host: str) -> bool:
    """Say whether a host is this machine by name or address."""
    address = _address(host)
    return host == "localhost" or host.endswith(".localhost") or (address is not None and address.is_loopback)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address is on the public internet, whatever form it is written in."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _TRANSLATED:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        # Given up (RFC 3879), and in use: Python counts it as global.
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is, None where it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None
