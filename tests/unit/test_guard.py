"""What refuses a request before the server sees it: HTTP, WebSockets, and those that are told by a
close code alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from voice_local.config_server import ServerSettings
from voice_local.server.access import Access
from voice_local.server.guard import POLICY_VIOLATION, Guard
from voice_local.server.metrics import Metrics

pytestmark = pytest.mark.unit
TOKEN = "correct-horse-battery"
GOOD = f"Bearer {TOKEN}"
DENIAL: dict[str, Any] = {"websocket.http.response": {}}
"""The ASGI extension of a server that can answer a handshake with a status."""


class Guarded:
    """A guarded server. `now`: its clock. `reached`: requests that the server itself saw."""

    def __init__(self) -> None:
        self.now, self.reached = 100.0, 0
        settings = ServerSettings.model_validate({"token": TOKEN})
        self.access = Access(settings, "127.0.0.1", lambda: self.now)
        self._guard = Guard(self._app, self.access, Metrics())

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached += 1

    async def ask(
        self, kind: str, extensions: dict[str, Any] | None = None, **headers: str
    ) -> list[Any]:
        """Everything that is sent back."""
        told: list[Any] = []

        async def receive() -> Any:
            return {"type": "websocket.connect" if kind == "websocket" else "http.request"}

        async def send(message: Any) -> None:
            told.append(message)

        given = {"host": "127.0.0.1:8765", **headers}
        scope = {
            "type": kind,
            "method": "POST",
            "path": "/v1/realtime",
            "headers": [(key.encode(), value.encode()) for key, value in given.items()],
            "extensions": extensions or {},
        }
        await self._guard(scope, receive, send)
        return told


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": GOOD, "host": "evil.example"}, 403),
        ({"authorization": GOOD, "origin": "https://evil.example"}, 403),
    ],
)
async def test_a_refusal_has_its_status_and_reason(
    kind: str, headers: dict[str, str], status: int
) -> None:
    server = Guarded()
    start, body = await server.ask(kind, DENIAL, **headers)
    assert start["status"] == status and server.reached == 0
    told = body["body"].decode()
    assert json.loads(told)["error"]["message"] and TOKEN not in told
    assert await server.ask(kind, DENIAL, authorization=GOOD) == [] and server.reached == 1


async def test_a_websocket_that_can_be_told_no_status_is_closed() -> None:
    server = Guarded()
    assert await server.ask("websocket") == [
        {"type": "websocket.close", "code": POLICY_VIOLATION},
    ]
    assert server.reached == 0


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_a_client_secret_that_has_expired(kind: str) -> None:
    server = Guarded()
    key = f"Bearer {server.access.new_secret(60)}"
    assert await server.ask(kind, DENIAL, authorization=key) == []
    server.now += 61
    start, _ = await server.ask(kind, DENIAL, authorization=key)
    assert start["status"] == 401 and server.reached == 1
