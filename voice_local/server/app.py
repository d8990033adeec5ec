"""The server's HTTP and WebSocket application: every protocol's routes behind one guard."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from voice_local.errors import VoiceLocalError
from voice_local.server import health, http_routes, page, simple_socket
from voice_local.server.guard import Guard, error_body
from voice_local.server.http_errors import error_response
from voice_local.server.realtime import webrtc, websocket
from voice_local.server.state import ServerState
from voice_local.server.telephony import twilio


def create_app(state: ServerState) -> ASGIApp:
    """The application of a started server."""
    app = Starlette(
        routes=[
            *health.routes(state),
            *page.routes(),
            *http_routes.routes(state),
            *websocket.routes(state),
            *webrtc.routes(state),
            *simple_socket.routes(state),
            *twilio.routes(state),
        ],
        exception_handlers={VoiceLocalError: _on_error, HTTPException: _on_http_error},
    )
    return Guard(app, state.access, state.metrics)


async def _on_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, VoiceLocalError)
    return error_response(error)


async def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return Response(
        error_body(error.detail), error.status_code, error.headers, media_type="application/json"
    )
