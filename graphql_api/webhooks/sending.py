"""How is one message sent, and to no place that it must not reach?

A name is resolved here, each of its addresses is checked, and the connection goes to one of those that were
checked: no second resolution can lead it elsewhere. The certificate is still that of the name. Redirects are
not followed, and what the receiver answers is not read beyond its status.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from types import TracebackType
from typing import Any, Self

import httpcore
from typing_extensions import override

from graphql_api.operation.threads import Threads
from graphql_api.settings import Settings
from models.webhook import Result, is_public

_OK = range(200, 300)
_REDIRECTS = range(300, 400)
# A receiver that is told again within seconds keeps its connection.
_KEEPALIVE_SECONDS = 10.0


class Network(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only; to this machine where development asks for it."""

    def __init__(self, *, to_loopback: bool, most_lookups: int = 1) -> None:
        self._to_loopback = to_loopback
        # A name whose servers do not answer keeps a thread for up to a minute, longer than anybody waits for
        # it: on the loop's own threads it would hold up other names, and the loop's end.
        self._threads = Threads(most_lookups, "lookup")
        self._lookups: dict[tuple[str, int], asyncio.Future[Any]] = {}
        self._inner = httpcore.AnyIOBackend()

    def close(self) -> None:
        """Look up no more names."""
        self._threads.close(waits=False)

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Return a connection to one of a name's addresses, in their order.

        Raises:
            httpcore.ConnectError: it has none, one of them is private, or none answers.
        """
        fault: Exception | None = None
        for address in await self._addresses(host, port):
            try:
                return await self._inner.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                fault = failed
        message = f"no connection to {host}"
        raise httpcore.ConnectError(message) from fault

    @override
    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Connect to nothing on this machine."""
        raise httpcore.ConnectError(path)

    @override
    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[IPv4Address | IPv6Address]:
        """Return the addresses of a name, each once and checked."""
        try:
            found = await asyncio.shield(self._lookup(host, port))
        except (OSError, UnicodeError) as fault:
            message = f"{host} has no address"
            raise httpcore.ConnectError(message) from fault
        addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in dict.fromkeys(found)]
        private = [each for each in addresses if not self._may_reach(each)]
        if private:
            message = f"{host} has an address that is not on the public internet; nothing is sent there"
            raise httpcore.ConnectError(message)
        return addresses

    def _lookup(self, host: str, port: int) -> "asyncio.Future[Any]":
        """Return what will be the addresses of a name. One that is being looked up is not looked up again."""
        place = host, port
        found = self._lookups.get(place)
        if found is None:
            found = self._threads.run(partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM))
            self._lookups[place] = found
            found.add_done_callback(lambda _: self._lookups.pop(place))
        return found

    def _may_reach(self, address: IPv4Address | IPv6Address) -> bool:
        """Say whether an address may be connected to."""
        return is_public(address) or (self._to_loopback and address.is_loopback)


class Sender:
    """Sends messages, many at once. Its connections live inside an ``async with``."""

    def __init__(self, settings: Settings, tls: ssl.SSLContext | None = None) -> None:
        self._timeout_seconds = settings.webhook_timeout_seconds
        most = settings.webhook_connections
        self._network = Network(to_loopback=settings.webhook_loopback, most_lookups=most)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=most,
            keepalive_expiry=_KEEPALIVE_SECONDS,
            network_backend=self._network,
        )

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close what is open."""
        await self._pool.aclose()
        self._network.close()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Result:
        """Send one message and return what came of it, within the time for an attempt."""
        begin = time.monotonic()
        status: int | None = None
        try:
            async with asyncio.timeout(self._timeout_seconds):
                status = await self._status(url, headers, body)
            error = _error_of(status)
        except (TimeoutError, httpcore.TimeoutException):
            error = f"no answer within {self._timeout_seconds:g} s"
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
            OSError,
        ) as fault:
            error = str(fault) or type(fault).__name__
        return Result(now, round((time.monotonic() - begin) * 1_000), status, error)

    async def _status(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Return the status that a receiver answers with."""
        async with self._pool.stream("POST", url, headers=list(headers.items()), content=body) as response:
            return response.status


def _error_of(status: int) -> str | None:
    """Return why a status is no success, None where it is one."""
    if status in _OK:
        return None
    return "a redirect, which is not followed" if status in _REDIRECTS else "the receiver did not take it"
