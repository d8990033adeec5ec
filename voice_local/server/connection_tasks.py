"""The tasks of one connection: they end together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from voice_local.server.outbox import Outbox
from voice_local.server.pool import FAILED, SERVER_ENDS, ServedSession, SessionPool

NORMAL, REFUSED, TOO_SLOW, INTERNAL_ERROR = 1000, 1008, 1008, 1011
SERVICE_RESTART, TRY_AGAIN = 1012, 1013
"""WebSocket close codes."""

LOOK_S, CLOSES_S = 0.25, 5.0

log = logging.getLogger("voice_local.server")


async def until_first(*works: Coroutine[Any, Any, None]) -> None:
    """Runs `works` until one ends, then stops the others. An error of one is logged: it ends this
    connection and no other."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for found in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(found, Exception):
                log.error("a connection failed", exc_info=found)


@dataclass
class Ending:
    """Why a WebSocket is closed."""

    code: int = NORMAL
    reason: str = ""

    async def watch(self, pool: SessionPool, served: ServedSession, outbox: Outbox) -> None:
        """Returns when the session has to end: time, a client that does not read, the server's own
        end."""
        while not self.reason:
            await asyncio.sleep(LOOK_S)
            if outbox.too_slow:
                self.code, self.reason = TOO_SLOW, "the client does not read"
            elif (why := pool.why_to_end(served)) is not None:
                codes = {FAILED: INTERNAL_ERROR, SERVER_ENDS: SERVICE_RESTART}
                self.code, self.reason = codes.get(why, NORMAL), why

    async def close(self, socket: WebSocket) -> None:
        """Closes `socket`, if its client has not."""
        if socket.application_state is not WebSocketState.CONNECTED:
            return
        with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(CLOSES_S):
                await socket.close(self.code, self.reason)
