"""The tasks of one connection: they end together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

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
