"""Calls a host program's functions, whether they are `async` or not."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from typing import Any

from voice_local.conversation.phrases import WORK_FAILED
from voice_local.conversation.responder import Reply
from voice_local.skills.request import Handler, Request

log = logging.getLogger("voice_local.skills.router")


async def inline(handler: Handler, request: Request) -> Reply | None:
    """The package's own handlers compute next to nothing."""
    found = handler(request)
    return await found if inspect.isawaitable(found) else found


async def called(function: Callable[[Request], Any], request: Request) -> Any:
    """A host program's function. One that is not `async` runs in a thread: it must not hold up the
    sound of every conversation."""
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - an object that is called like a function
    ):
        return await function(request)
    found = await asyncio.to_thread(function, request)
    return await found if inspect.isawaitable(found) else found


def late_result(intent: str, done: asyncio.Task[Reply | None]) -> Reply | None:
    if done.cancelled():
        return None
    if error := done.exception():
        log.error("the handler of %s failed", intent, exc_info=error)
        return Reply(WORK_FAILED)
    # It said that it was at work: one that passes has not done it either.
    return done.result() or Reply(WORK_FAILED)
