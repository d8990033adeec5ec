"""The worker hands freed memory back at rest, and never between the steps of a call."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
import zmq.asyncio

from voice_local.config_engine import EngineSettings
from voice_local.engine import server
from voice_local.engine.host import Host
from voice_local.engine.transports.inprocess import InProcessTransport

pytestmark = pytest.mark.unit


class Process:
    """Its resident bytes grow by `step` with every look, until they are handed back."""

    def __init__(self, step: int) -> None:
        self.step, self.rss = step, 0

    def memory_info(self) -> Any:
        self.rss += self.step
        return SimpleNamespace(rss=self.rss)


def given_back(monkeypatch: pytest.MonkeyPatch, step: int, *, calling: bool) -> int:
    """How often memory went back in ten beats."""
    times: list[int] = []
    process = Process(step)
    monkeypatch.setattr("psutil.Process", lambda: process)
    monkeypatch.setattr(server, "AT_REST_S", 0.0)

    async def beats() -> None:
        with zmq.asyncio.Context() as context, context.socket(zmq.ROUTER) as socket:
            serves = server.Server(
                InProcessTransport(Host(1)),
                EngineSettings(heartbeat_s=0.001),
                socket,
                lambda: times.append(1),
            )
            if calling:
                serves._calls[b"front", 1] = server._Call(asyncio.Semaphore(1))
            beating = asyncio.create_task(serves._send_heartbeats())
            await asyncio.sleep(0.1)
            beating.cancel()

    asyncio.run(beats())  # in real time: what gives memory back runs on a thread
    return len(times)


def test_what_has_grown_goes_back_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    assert given_back(monkeypatch, server.GROWN_BYTES, calling=False) >= 1


def test_nothing_goes_back_in_the_middle_of_a_call_or_for_a_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert given_back(monkeypatch, server.GROWN_BYTES, calling=True) == 0
    assert given_back(monkeypatch, 16, calling=False) == 0
