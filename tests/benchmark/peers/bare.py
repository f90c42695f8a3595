"""How fast is the web framework alone? A bare Starlette route that answers given bytes.

``python -m tests.benchmark.peers.bare BYTES PORT`` serves it.
"""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def create_app(answer: bytes) -> Starlette:
    """Return the route."""

    async def respond(request: Request) -> Response:
        await request.body()
        return Response(answer, media_type="application/json")

    return Starlette(routes=[Route("/graphql", respond, methods=["POST"])])


if __name__ == "__main__":
    uvicorn.run(
        create_app(sys.argv[1].encode()), port=int(sys.argv[2]), log_level="warning", server_header=False
    )
