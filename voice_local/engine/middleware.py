"""Transports around transports: each is one method."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from voice_local.engine.api import CallContext
from voice_local.engine.operations import Operation
from voice_local.engine.transports.base import Transport
from voice_local.errors import WorkerDiedError


class Retry:
    """Asks once more where the worker died before the first item; `retrying` is awaited between."""

    def __init__(self, inner: Transport, retrying: Callable[[Operation], Awaitable[None]]) -> None:
        self._inner, self._retrying = inner, retrying

    async def call(
        self, operation: Operation, request: Any, context: CallContext
    ) -> AsyncGenerator[Any, None]:
        """See `Transport`."""
        given = False
        try:
            async with aclosing(self._inner.call(operation, request, context)) as items:
                async for item in items:
                    given = True
                    yield item
                return
        except WorkerDiedError:
            if given:
                raise
        await self._retrying(operation)
        async with aclosing(self._inner.call(operation, request, context)) as items:
            async for item in items:
                yield item


class Counting:
    """Counts the calls that compute; one whose reader does something else does not count.

    Attributes:
        working: calls whose next item is being made. `quiet`: operations that are not counted.
    """

    def __init__(self, inner: Transport, quiet: frozenset[str] = frozenset()) -> None:
        self._inner, self._quiet = inner, quiet
        self.working = 0

    async def call(
        self, operation: Operation, request: Any, context: CallContext
    ) -> AsyncGenerator[Any, None]:
        """See `Transport`."""
        counts = operation.name not in self._quiet
        async with aclosing(self._inner.call(operation, request, context)) as items:
            while True:
                self.working += counts
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    return
                finally:
                    self.working -= counts
                yield item
