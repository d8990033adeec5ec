"""Refuses requests before any part of the server sees them; see `access`."""

from __future__ import annotations

import json
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

from voice_local.server.access import Access, Asked, Refusal
from voice_local.server.cross_origin import Pairs, allowed, preflight
from voice_local.server.metrics import Metrics

OPEN_PATHS = ("/healthz", "/readyz", "/")
"""Paths that need no token: a page has to be loaded before it can send one."""

OPEN_PREFIX = "/static/"

OWN_TOKEN = "/twilio"  # noqa: S105 - a path
"""Twilio cannot send a token in a header: the route looks at it."""

POLICY_VIOLATION = 1008
"""WebSocket close code."""

HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'self'; object-src 'none'; base-uri 'none'; "
        b"frame-ancestors 'none'; form-action 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"microphone=(self)"),
)


class Guard:
    """ASGI middleware around `app`."""

    def __init__(self, app: ASGIApp, access: Access, metrics: Metrics) -> None:
        self._app, self._access, self._metrics = app, access, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        path, request, before = scope["path"], asked(scope), preflight(scope)
        is_open = path in (*OPEN_PATHS, OWN_TOKEN) or before is not None
        is_open = is_open or path.startswith((OPEN_PREFIX, f"{OWN_TOKEN}/"))
        refusal = self._access.check(request, needs_token=not is_open)
        # A page that may not connect is told nothing that it could read.
        trusted = refusal not in (Refusal.HOST, Refusal.ORIGIN)
        send = _with_headers(send, allowed(request.origin) if trusted else [])
        if refusal is None and before is not None:
            await send({"type": "http.response.start", "status": 204, "headers": before})
            await send({"type": "http.response.body"})
            return
        if refusal is None:
            await self._app(scope, receive, send)
            return
        self._metrics.refused.labels(refusal.name.lower()).inc()
        if scope["type"] == "http":
            await _answer(send, refusal, "http.response")
        elif "websocket.http.response" in scope.get("extensions", {}):
            await receive()
            await _answer(send, refusal, "websocket.http.response")
        else:
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})


def asked(scope: Scope) -> Asked:
    """What of an ASGI request decides."""
    pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    headers = {name.lower(): value for name, value in pairs}
    client = scope.get("client") or ("", 0)
    return Asked(
        str(client[0]),
        headers.get("host", ""),
        headers.get("origin", ""),
        headers.get("authorization", ""),
        tuple(scope.get("subprotocols", ())),
    )


def error_body(reason: str, kind: str = "invalid_request_error", code: str | None = None) -> bytes:
    """An error as OpenAI's clients read it."""
    error = {"message": reason, "type": kind, "param": None, "code": code}
    return json.dumps({"error": error}).encode()


async def _answer(send: Send, refusal: Refusal, kind: str) -> None:
    status, reason = refusal.value.status, refusal.value.reason
    headers: Iterable[tuple[bytes, bytes]] = [(b"content-type", b"application/json")]
    if status == 401:
        headers = [*headers, (b"www-authenticate", b"Bearer")]
    await send({"type": f"{kind}.start", "status": status, "headers": list(headers)})
    body = error_body(reason, code=refusal.name.lower())
    await send({"type": f"{kind}.body", "body": body})


def _with_headers(send: Send, more: Pairs) -> Send:
    async def sending(message: dict) -> None:  # type: ignore[type-arg]
        if message["type"] == "http.response.start":
            known = {name.lower() for name, _ in message["headers"]}
            added = [pair for pair in (*HEADERS, *more) if pair[0] not in known]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return sending  # type: ignore[return-value]
