"""A scripted engine that keeps what it was asked, and which calls were given up."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from voice_local.bench.scripted import ScriptedEngine
from voice_local.engine.api import CallContext, FinishReason, Generate, GenerationDone
from voice_local.engine.operations import Operation


@dataclass
class ScriptedCalls(ScriptedEngine):
    """`reason`: why answers end.

    Attributes:
        requests: every request.
        given_up: the operations of calls that were closed before their end.
    """

    reason: FinishReason = FinishReason.STOP
    requests: list[Any] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)

    def call(
        self, operation: Operation, request: Any, context: CallContext
    ) -> AsyncGenerator[Any, None]:
        self.requests.append(request)
        return self._watched(operation, super().call(operation, request, context))

    async def _watched(
        self, operation: Operation, items: AsyncGenerator[Any, None]
    ) -> AsyncGenerator[Any, None]:
        whole = False
        try:
            async with aclosing(items):
                async for item in items:
                    last = isinstance(item, GenerationDone)
                    yield GenerationDone(self.reason) if last else item
            whole = True
        except Exception:
            whole = True  # it failed by itself
            raise
        finally:
            if not whole:
                self.given_up.append(operation.name)

    def asked_of(self, kind: type) -> list[Any]:
        """The requests of one kind."""
        return [request for request in self.requests if isinstance(request, kind)]

    @property
    def generate_requests(self) -> list[Generate]:
        return self.asked_of(Generate)
