"""Which headers keep browsers from doing more with an answer than show it?"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The explorer's editor sets styles from its script; everything else comes from our own files, and nothing
# from other hosts.
_POLICY = "; ".join(  # noqa: FLY002  # One directive a line can be read.
    (
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
SAFE: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", _POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
"""Names and values, as ASGI sends them."""


class SafeHeaders:
    """Adds the headers to every response that has none of their names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and the start of its response back with the headers."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message["headers"])
                names = {name.lower() for name, _ in given}
                message["headers"] = given + [each for each in SAFE if each[0] not in names]
            await send(message)

        await self._app(scope, receive, send_safely)
