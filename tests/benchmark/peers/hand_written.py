"""How fast could it be? An endpoint for one question, written by hand: Starlette, asyncpg and one statement.

``python -m tests.benchmark.peers.hand_written URL PORT`` serves it. It checks no key and knows no limit.
"""

import json
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_CONNECTIONS = 10


def _amount(column: str) -> str:
    """Return an amount as people write it, of the millionths that are stored."""
    return f"json_build_object('amount', round({column} / 1000000.0, 2)::text)"


def _list(item: str, rows: str) -> str:
    """Return a list of JSON objects, which is empty where there are no rows."""
    items = "json_build_object('nodes', coalesce(json_agg(i.o), '[]'))"
    return f"(SELECT {items} FROM (SELECT {item} AS o {rows}) AS i)"


_LINES = _list(
    "json_build_object('position', l.position, 'description', l.description, "
    "'quantity', trim_scale(l.quantity / 1000000.0)::text, 'unit', l.unit, "
    f"'pricePerUnit', {_amount('l.price_per_unit')}, "
    "'taxPercent', trim_scale(l.tax_percent / 1000000.0)::text, "
    f"'extendedAmount', {_amount('l.extended_amount')}, "
    "'product', CASE WHEN p.id IS NOT NULL THEN json_build_object('number', p.number) END)",
    "FROM quote_line l LEFT JOIN product p ON p.id = l.product_id WHERE l.quote_id = q.id "
    "ORDER BY l.position, l.id LIMIT 5",
)
_INVOICES = _list(
    f"json_build_object('number', i.number, 'dueOn', i.due_on, 'total', {_amount('i.total')}, "
    f"'balance', {_amount('i.balance')})",
    "FROM invoice i WHERE i.order_id = r.id ORDER BY i.id LIMIT 5",
)
_ORDER = (
    f"(SELECT json_build_object('number', r.number, 'status', r.status, 'total', {_amount('r.total')}, "
    f"'invoices', {_INVOICES}) FROM \"order\" r WHERE r.quote_id = q.id)"
)
_QUOTES = _list(
    "json_build_object('number', q.number, 'status', q.status, 'validUntil', q.valid_until, 'total', "
    "json_build_object('amount', round(q.total / 1000000.0, 2)::text, 'currencyCode', q.currency_code), "
    f"'lines', {_LINES}, 'order', {_ORDER})",
    "FROM quote q WHERE q.opportunity_id = o.id ORDER BY q.id LIMIT 4",
)
_OPPORTUNITIES = _list(
    f"json_build_object('id', o.id, 'name', o.name, 'status', o.status, 'quotes', {_QUOTES})",
    "FROM opportunity o WHERE o.account_id = a.id ORDER BY o.id LIMIT 5",
)
_ACCOUNTS = _list(
    f"json_build_object('id', a.id, 'number', a.number, 'name', a.name, 'opportunities', {_OPPORTUNITIES})",
    "FROM account a ORDER BY a.id LIMIT $1",
)
HISTORY = f"SELECT json_build_object('data', json_build_object('accounts', {_ACCOUNTS}))::text"


def create_app(url: str) -> Starlette:
    """Return the endpoint."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None, None]:
        async with asyncpg.create_pool(url, min_size=_CONNECTIONS, max_size=_CONNECTIONS) as pool:
            app.state.pool = pool
            yield

    async def history(request: Request) -> Response:
        given = json.loads(await request.body())
        async with request.app.state.pool.acquire() as connection:
            answer = await connection.fetchval(HISTORY, given["variables"]["n"])
        return Response(answer, media_type="application/json")

    return Starlette(routes=[Route("/graphql", history, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(create_app(sys.argv[1]), port=int(sys.argv[2]), log_level="warning", server_header=False)
