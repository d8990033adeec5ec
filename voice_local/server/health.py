"""Whether the server lives and is ready, and its figures."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from voice_local.server.state import ServerState

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def routes(state: ServerState) -> list[Route]:
    """`/healthz`, `/readyz` and `/metrics`."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        engine = state.assistant.engine
        ready = engine.pid != 0 and not state.pool.draining
        why = "ending" if state.pool.draining else "the worker is not there"
        return JSONResponse(
            {"status": "ready" if ready else "not ready", "reason": None if ready else why},
            200 if ready else 503,
        )

    async def metrics(_: Request) -> Response:
        state.metrics.restarts.set(state.assistant.engine.restarts)
        state.metrics.pending.set(state.assistant.engine.pending)
        return Response(state.metrics.text(), media_type=PROMETHEUS)

    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
    ]
