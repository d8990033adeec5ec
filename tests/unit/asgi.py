"""A client of an ASGI application in the same loop, which may go away at any time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx

from tests.unit.scripted_calls import ScriptedCalls
from voice_local.assistant import Assistant
from voice_local.config import Settings, load
from voice_local.config_server import ServerSettings
from voice_local.server.app import create_app
from voice_local.server.state import ServerState

BASE = "http://localhost:8765"


@dataclass
class Answered:
    """What came back. `times`: of each piece of the body, by the loop's clock. `ended`: whether the
    last piece was sent."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    ended: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        """Of a stream of server-sent events; `[DONE]` as it is."""
        lines = self.body.decode().split("\n\n")
        assert lines.pop() == ""
        data = [line.removeprefix("data: ") for line in lines]
        return [one if one == "[DONE]" else json.loads(one) for one in data]

    @property
    def error(self) -> dict[str, Any]:
        assert set(self.json["error"]) == {"message", "type", "param", "code"}
        return dict(self.json["error"])


class Web:
    """A server of an engine that follows a script."""

    def __init__(
        self, engine: ScriptedCalls, settings: Settings | None = None, **limits: Any
    ) -> None:
        self.engine = engine
        settings = settings or load("tiny")
        self.settings = settings.model_copy(update={"server": ServerSettings(**limits)})
        assistant = Assistant.__new__(Assistant)  # without a worker
        assistant.settings, assistant.engine = self.settings, engine  # type: ignore[assignment]
        self.state = ServerState.of(assistant, "127.0.0.1")
        self.app = create_app(self.state)

    async def get(self, path: str) -> Answered:
        return await self.send(httpx.Request("GET", BASE + path))

    async def post(self, path: str, body: Any, **how: Any) -> Answered:
        """`body`: JSON, or bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.send(httpx.Request("POST", BASE + path, content=content), **how)

    async def upload(
        self, path: str, file: bytes | None, fields: dict[str, Any], **how: Any
    ) -> Answered:
        files = {"file": ("said.wav", file)} if file is not None else {"other": b"x"}
        return await self.send(httpx.Request("POST", BASE + path, data=fields, files=files), **how)

    async def send(
        self,
        request: httpx.Request,
        *,
        leaves: Callable[[Answered], bool] = lambda _: False,
        declared: bool = True,
        piece: int = 64 << 10,
        piece_s: float = 0.0,
        reads: bool = True,
    ) -> Answered:
        """Goes away as soon as `leaves` says so. `declared`: with a content-length. The body is
        sent in pieces of `piece` bytes, one every `piece_s`. Without `reads` nothing of the answer
        but its beginning is read."""
        answered = Answered()
        content = request.read()
        waiting = [content[at : at + piece] for at in range(0, len(content), piece)] or [b""]
        gone = asyncio.Event()
        headers = [
            (name.lower().encode(), value.encode())
            for name, value in request.headers.items()
            if declared or name.lower() != "content-length"
        ]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "path": request.url.path,
            "raw_path": request.url.raw_path,
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 5000),
        }

        async def receive() -> dict[str, Any]:
            if waiting:
                await asyncio.sleep(piece_s)
                sent = waiting.pop(0)
                return {"type": "http.request", "body": sent, "more_body": bool(waiting)}
            watching = asyncio.create_task(gone.wait())
            try:
                while not watching.done() and not leaves(answered):
                    await asyncio.sleep(0.01)
            finally:
                watching.cancel()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answered.status = message["status"]
                answered.headers = {k.decode(): v.decode() for k, v in message["headers"]}
                return
            assert answered.status, "a body without a beginning"
            if not reads:
                await asyncio.Event().wait()
            if message.get("body"):
                answered.pieces.append(message["body"])
                answered.times.append(asyncio.get_running_loop().time())
            answered.ended = not message.get("more_body", False)
            if answered.ended:
                gone.set()

        await self.app(scope, receive, send)  # type: ignore[arg-type]
        self.unread = sum(map(len, waiting))
        return answered
