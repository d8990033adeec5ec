"""An engine worker that another process started, used by its socket."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType

from voice_local.config_engine import EngineSettings
from voice_local.engine.api import CallContext
from voice_local.engine.client import EngineClient
from voice_local.engine.transports.process import ProcessTransport
from voice_local.errors import WorkerDiedError


class AttachedEngine(EngineClient):
    """Use as `async with AttachedEngine(socket, settings.engine) as engine`.

    A worker that its own supervisor starts again is found again at the same socket. Calls wait
    `queue_timeout_s` for that: it is not known here whether one is being started. A worker that is
    silent for `heartbeat_timeout_s` is given up until it answers again: its supervisor may hang,
    too.
    """

    transport: ProcessTransport

    def __init__(self, socket: Path, settings: EngineSettings) -> None:
        super().__init__(
            ProcessTransport(socket, settings.max_pending, settings.queue_timeout_s),
            CallContext(
                queue_timeout_s=settings.queue_timeout_s, run_timeout_s=settings.run_timeout_s
            ),
        )
        self._settings = settings
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> AttachedEngine:
        self._following = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _follow(self) -> None:
        while True:
            await self.transport.open_when_there()
            self.transport.lost(await self._lost())

    async def _lost(self) -> WorkerDiedError:
        """Why the worker cannot be used any more, once that is so."""
        limit = self._settings.heartbeat_timeout_s
        gone = asyncio.create_task(self.transport.disconnected())
        silent = asyncio.create_task(self.transport.silent(limit, self._settings.heartbeat_s))
        try:
            await asyncio.wait((gone, silent), return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                gone.result()  # cancelled where the transport was closed meanwhile
                return WorkerDiedError("the engine worker died", "it is being restarted")
            return WorkerDiedError(
                f"the engine worker has been silent for {limit:.0f} s", "try again in a moment"
            )
        finally:
            gone.cancel()
            silent.cancel()
            await asyncio.gather(gone, silent, return_exceptions=True)

    async def aclose(self) -> None:
        """Detaches from the worker, which goes on. Calls under way fail."""
        if self._following:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self.transport.aclose()
