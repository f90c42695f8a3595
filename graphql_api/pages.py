"""How do the Markdown pages of ``docs/`` become pages of the site, and the pictures in them its pictures?"""

import html
import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

_FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.6 system-ui, sans-serif; color: #1d2330; }}
body {{ max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }}
nav {{ border-bottom: 1px solid #d5d9e2; padding-bottom: .5rem; }}
nav a {{ margin-right: 1rem; }}
pre {{ background: #f4f6fa; padding: .8rem 1rem; overflow-x: auto; border-radius: 4px; }}
code {{ font: .9em/1.5 ui-monospace, monospace; }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; }}
img {{ max-width: 100%; }}
th, td {{ border: 1px solid #d5d9e2; padding: .3rem .6rem; text-align: left; vertical-align: top; }}
</style>
</head>
<body>
<nav>{links}</nav>
<main>
{body}</main>
</body>
</html>
"""


def pages_in(folder: Path) -> list[BaseRoute]:
    """Return a route for each page and picture of a folder, and ``/docs`` for the first page, or index.md.

    They are read once, here: a request chooses among them and never names a file. A page is rendered the
    first time that somebody reads it.
    """
    sources = sorted(folder.glob("*.md"), key=lambda path: (path.stem != "index", path.stem))
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sources}
    links = "".join(
        f'<a href="/docs/{html.escape(name)}">{html.escape(title_of(text, name))}</a>'
        for name, text in texts.items()
    )
    if not texts:
        return []
    pages = {
        name: cache(partial(_rendered, title_of(text, name), text, links)) for name, text in texts.items()
    }
    paths = [("/docs", next(iter(pages))), *((f"/docs/{name}", name) for name in pages)]
    pictures = [_picture(f"/docs/{file.name}", file.read_bytes()) for file in sorted(folder.glob("*.svg"))]
    return [*(_route(path, pages[name]) for path, name in paths), *pictures]


def title_of(text: str, name: str) -> str:
    """Return the first heading of a page, its name where it has none."""
    return next(
        (line.removeprefix("# ").strip() for line in text.splitlines() if line.startswith("# ")), name
    )


def _rendered(title: str, text: str, links: str) -> str:
    """Return a page as HTML. HTML in the Markdown is shown, not run."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    _connect(tokens)
    body = markdown.renderer.render(tokens, markdown.options, {})
    return _FRAME.format(title=html.escape(title), links=links, body=body)


def _connect(tokens: Sequence[Token]) -> None:
    """Give headings their anchors, and let links to other pages lead to where they are served.

    In the Markdown a link names the file, so that it works in the repository as well.
    """
    for token, inner in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and inner is not None:
            token.attrSet("id", anchor_of(inner.content))
        for child in token.children or ():
            link = _PAGE_LINK.fullmatch(str(child.attrGet("href") or ""))
            if link is not None:
                child.attrSet("href", f"/docs/{link[1]}{link[2] or ''}")


_PAGE_LINK = re.compile(r"([a-z-]+)\.md(#.*)?")


def anchor_of(heading: str) -> str:
    """Return the anchor of a heading, as GitHub forms it: ``One query, now`` is ``one-query-now``."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _route(path: str, page: Callable[[], str]) -> Route:
    """Return the route of a page."""

    async def show(_: Request) -> Response:
        return HTMLResponse(page())

    return Route(path, show)


def _picture(path: str, content: bytes) -> Route:
    """Return the route of a picture."""

    async def show(_: Request) -> Response:
        return Response(content, media_type="image/svg+xml")

    return Route(path, show)
