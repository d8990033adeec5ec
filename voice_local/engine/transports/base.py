"""The one method below `EngineClient`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Protocol

from voice_local.engine.api import CallContext
from voice_local.engine.operations import Operation


class Transport(Protocol):
    """Carries calls to an engine. What wraps another transport (retry, counting) is one, too."""

    def call(
        self, operation: Operation, request: Any, context: CallContext
    ) -> AsyncGenerator[Any, None]:
        """The items of one call; closing the iterator, or cancelling its task, cancels the call.

        Raises:
            EngineBusyError: a queue is full, or the call waited longer than it may.
            WorkerDiedError: the worker ended.
            StageError: the model failed, or took longer than the call may run.
        """
        ...
