"""The server's HTTP and WebSocket application: every protocol's routes behind one guard."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from voice_local.errors import CapacityError, InputError, VoiceLocalError
from voice_local.server import health, page, simple_socket
from voice_local.server.guard import Guard, error_body
from voice_local.server.realtime import websocket
from voice_local.server.state import ServerState


def create_app(state: ServerState) -> ASGIApp:
    """The application of a started server."""
    app = Starlette(
        routes=[
            *health.routes(state),
            *page.routes(),
            *websocket.routes(state),
            *simple_socket.routes(state),
        ],
        exception_handlers={VoiceLocalError: _on_error, HTTPException: _on_http_error},
    )
    return Guard(app, state.access, state.metrics)


def status_of(error: VoiceLocalError) -> int:
    """The HTTP status that tells of `error`."""
    if isinstance(error, CapacityError):
        return 503
    return 400 if isinstance(error, InputError) else 500


async def _on_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, VoiceLocalError)
    status = status_of(error)
    kind = "invalid_request_error" if status == 400 else "server_error"
    message = f"{error.cause}: {error.remedy}" if error.remedy else error.cause
    return Response(error_body(message, kind), status, media_type="application/json")


async def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return Response(
        error_body(error.detail), error.status_code, error.headers, media_type="application/json"
    )
