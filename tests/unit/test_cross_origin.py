"""Web pages of other servers: those that `server.origins` names may ask and read the answers."""

from __future__ import annotations

from typing import Any

import pytest

from voice_local.config_server import ServerSettings
from voice_local.server.access import Access
from voice_local.server.guard import Guard
from voice_local.server.metrics import Metrics

pytestmark = pytest.mark.unit
TOKEN = "correct-horse-battery"
PAGE = "https://intranet.example"


async def ask(method: str = "POST", **headers: str) -> tuple[int, dict[str, str], bool]:
    """(status, headers of the answer, whether the server itself saw the request)."""
    seen: list[bool] = []
    told: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(True)
        await send(
            {"type": "http.response.start", "status": 201, "headers": [(b"location", b"/x")]}
        )
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        told.append(message)

    settings = ServerSettings.model_validate({"token": TOKEN, "origins": (PAGE,)})
    metrics = Metrics()
    given = {"host": "127.0.0.1:8765", **headers}
    pairs = [(key.replace("_", "-").encode(), value.encode()) for key, value in given.items()]
    scope = {"type": "http", "method": method, "path": "/v1/realtime/calls", "headers": pairs}
    await Guard(app, Access(settings, "127.0.0.1"), metrics)(scope, receive, send)
    found = {name.decode(): value.decode() for name, value in told[0]["headers"]}
    return told[0]["status"], found, bool(seen)


async def test_a_browser_asks_before_it_sends() -> None:
    status, headers, seen = await ask(
        "OPTIONS",
        origin=PAGE,
        access_control_request_method="POST",
        access_control_request_headers="authorization,content-type",
        access_control_request_private_network="true",
    )
    assert (status, seen) == (204, False)
    assert headers["access-control-allow-origin"] == PAGE
    assert headers["access-control-allow-methods"] == "POST"
    assert headers["access-control-allow-headers"] == "authorization,content-type"
    assert headers["access-control-allow-private-network"] == "true"
    assert headers["vary"] == "Origin"


async def test_the_answer_may_be_read_and_a_refusal_too() -> None:
    status, headers, seen = await ask(origin=PAGE, authorization=f"Bearer {TOKEN}")
    assert (status, seen) == (201, True)
    assert headers["access-control-allow-origin"] == PAGE and headers["location"] == "/x"
    assert "Location" in headers["access-control-expose-headers"]
    status, headers, seen = await ask(origin=PAGE, authorization="Bearer wrong")
    assert (status, seen) == (401, False) and headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
async def test_a_page_that_is_not_named_is_told_nothing(method: str) -> None:
    status, headers, seen = await ask(
        method, origin="https://evil.example", access_control_request_method="POST"
    )
    assert (status, seen) == (403, False)
    assert not [name for name in headers if name.startswith("access-control")]


async def test_a_preflight_opens_nothing_else() -> None:
    """Without an origin, or without a method, it is a request like any other."""
    assert (await ask("OPTIONS", access_control_request_method="POST"))[0] == 401
    assert (await ask("OPTIONS", origin=PAGE))[0] == 401
    assert (await ask("GET", origin=PAGE, access_control_request_method="POST"))[0] == 401


async def test_a_client_that_is_no_page_gets_no_such_headers() -> None:
    status, headers, _ = await ask(authorization=f"Bearer {TOKEN}")
    assert status == 201
    assert not [name for name in headers if name.startswith("access-control")]
