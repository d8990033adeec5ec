"""An engine that counts what it is asked and what it refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from voice_local.bench.faults import STAGE_OF
from voice_local.engine.api import CallContext
from voice_local.engine.client import EngineClient
from voice_local.engine.operations import Operation
from voice_local.errors import EngineBusyError


class CallCounter(EngineClient):
    """The same engine; counts what it refuses, and the calls of each stage by how many went
    together.

    The engine of today takes one call of a stage at a time: its batches are of one.

    Attributes:
        refused, batches: the counts.
    """

    def __init__(self, engine: EngineClient) -> None:
        super().__init__(self, engine.context)
        self._inner = engine.transport
        self.refused = 0
        self.batches: dict[str, Counter[int]] = {}

    async def call(
        self, operation: Operation, request: Any, context: CallContext
    ) -> AsyncGenerator[Any, None]:
        """See `Transport`."""
        stage = STAGE_OF.get(operation.name, operation.name)
        self.batches.setdefault(stage, Counter())[1] += 1
        try:
            async with aclosing(self._inner.call(operation, request, context)) as items:
                async for item in items:
                    yield item
        except EngineBusyError:
            self.refused += 1
            raise
