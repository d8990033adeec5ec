"""A server at a real socket, in this process, and fronts that use it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import zmq
import zmq.asyncio

from tests.scripted_stages import Llm, Script, fill
from voice_local.config_engine import EngineSettings
from voice_local.engine import server, wire
from voice_local.engine.attached_engine import AttachedEngine
from voice_local.engine.client import EngineClient, text_of
from voice_local.engine.host import Host
from voice_local.engine.socket_folder import socket_folder
from voice_local.engine.transports.inprocess import InProcessTransport

SETTINGS = EngineSettings(heartbeat_s=0.05, queue_timeout_s=2, run_timeout_s=5)


class Served:
    """A server at `path`, as the worker has it."""

    def __init__(self, path: Path, settings: EngineSettings = SETTINGS) -> None:
        self.path = path
        self.host = Host(max_pending=64)
        fill(self.host)
        self._context: zmq.asyncio.Context = zmq.asyncio.Context()
        socket = self._context.socket(zmq.ROUTER)
        socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
        socket.setsockopt(zmq.LINGER, 0)
        socket.set_hwm(wire.QUEUE_MESSAGES)
        socket.bind(f"ipc://{path}")
        self.server = server.Server(InProcessTransport(self.host), settings, socket, lambda: None)
        self._serving = asyncio.create_task(self.server.serve())

    @property
    def llm(self) -> Llm:
        stage = self.host.find("llm").stage
        assert isinstance(stage, Llm)
        return stage

    async def end(self) -> None:
        """As if the process died."""
        for call in self.server._calls.values():
            if call.task:
                call.task.cancel()
        self._serving.cancel()
        await asyncio.gather(self._serving, return_exceptions=True)
        self._context.destroy(linger=0)
        self.host.close()

    @asynccontextmanager
    async def hanging(self) -> AsyncIterator[None]:
        """It says nothing meanwhile."""
        send, free = self.server._send, asyncio.Event()

        async def held(front: server.Front, message: dict[str, Any]) -> None:
            await free.wait()
            await send(front, message)

        self.server._send = held  # type: ignore[method-assign]
        try:
            yield
        finally:
            self.server._send = send  # type: ignore[method-assign]
            free.set()

    async def idle(self) -> None:
        """Waits until nothing runs and nothing is kept."""
        async with asyncio.timeout(2):
            while self.server._calls or any(one.scheduler.busy for one in self.host.instances):
                await asyncio.sleep(0.005)


@asynccontextmanager
async def served(settings: EngineSettings = SETTINGS) -> AsyncIterator[Served]:
    folder = socket_folder()
    running = Served(folder / "engine.sock", settings)
    try:
        yield running
    finally:
        await running.end()


@asynccontextmanager
async def front(running: Served) -> AsyncIterator[AttachedEngine]:
    async with AttachedEngine(running.path, SETTINGS) as engine:
        yield engine


async def said(engine: EngineClient, script: Script) -> str:
    return "".join([text async for text in text_of(engine.generate(script.prompt()))])


@asynccontextmanager
async def raw(running: Served) -> AsyncIterator[Any]:
    """A socket of a front that is none of ours."""
    with zmq.asyncio.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.setsockopt(zmq.LINGER, 0)
        socket.connect(f"ipc://{running.path}")
        yield socket
