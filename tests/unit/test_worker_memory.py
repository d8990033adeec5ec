"""The worker hands freed memory back at rest, and never between the steps of a call."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from voice_local.config import load
from voice_local.engine import worker

pytestmark = pytest.mark.unit


class Process:
    """Its resident bytes grow by `step` with every look, until they are handed back."""

    def __init__(self, step: int) -> None:
        self.step, self.rss = step, 0

    def memory_info(self) -> Any:
        self.rss += self.step
        return SimpleNamespace(rss=self.rss)


async def given_back(monkeypatch: pytest.MonkeyPatch, step: int, *, calling: bool) -> int:
    """How often memory went back in ten beats."""
    times: list[int] = []
    process = Process(step)
    settings = load("tiny")
    engine = settings.engine.model_copy(update={"heartbeat_s": 0.001})
    monkeypatch.setattr("psutil.Process", lambda: process)
    monkeypatch.setattr(worker, "give_back_freed", lambda: times.append(1))
    monkeypatch.setattr(worker, "AT_REST_S", 0.0)
    server = worker.Server(None, settings.model_copy(update={"engine": engine}), None)  # type: ignore[arg-type]
    if calling:
        server._calls[1] = asyncio.create_task(asyncio.sleep(60))
    beats = asyncio.create_task(server._beat())
    await asyncio.sleep(0.2)
    for task in (beats, *server._calls.values()):
        task.cancel()
    return len(times)


async def test_what_has_grown_goes_back_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await given_back(monkeypatch, worker.GROWN_BYTES, calling=False) >= 1


async def test_nothing_goes_back_in_the_middle_of_a_call_or_for_a_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await given_back(monkeypatch, worker.GROWN_BYTES, calling=True) == 0
    assert await given_back(monkeypatch, 16, calling=False) == 0
