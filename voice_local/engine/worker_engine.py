"""An engine in a supervised worker process: what most programs use."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from voice_local.config import Settings
from voice_local.engine.api import (
    CallContext,
)
from voice_local.engine.client import EngineClient
from voice_local.engine.socket_folder import socket_folder
from voice_local.engine.stage_api import (
    StageReport,
)
from voice_local.engine.supervisor import WORKER, Notify, Supervisor
from voice_local.engine.transports.process import ProcessTransport


class WorkerEngine(EngineClient):
    """Use as `async with WorkerEngine(settings, stages) as engine`. See `Supervisor`.

    Attributes:
        socket: where the worker listens; other front processes may call it there, too.
        supervisor: of the process.
    """

    transport: ProcessTransport

    def __init__(
        self,
        settings: Settings,
        stages: Sequence[str],
        notify: Notify = lambda _: None,
        loading: Notify = lambda stage: None,
        *,
        module: str = WORKER,
    ) -> None:
        folder = socket_folder()
        # Also where the program is ended in the middle of `aclose`, or before there is anything to
        # close.
        self._tidy: Callable[[], object] = weakref.finalize(
            self, shutil.rmtree, folder, ignore_errors=True
        )
        self.socket: Path = folder / "engine.sock"
        limits = settings.engine
        transport = ProcessTransport(self.socket, limits.max_pending, limits.start_timeout_s)
        super().__init__(
            transport,
            CallContext(queue_timeout_s=limits.queue_timeout_s, run_timeout_s=limits.run_timeout_s),
        )
        self.supervisor = Supervisor(
            settings,
            stages,
            self.socket,
            transport,
            notify=notify,
            loading=loading,
            module=module,
        )

    @property
    def reports(self) -> list[StageReport]:
        """What each loaded stage really is."""
        return self.supervisor.reports

    @property
    def voices(self) -> list[str]:
        """The voices of its TTS stage."""
        return self.supervisor.voices

    @property
    def pid(self) -> int:
        """Of the worker now running; 0 while there is none."""
        return self.supervisor.pid

    @property
    def pending(self) -> int:
        """Calls that are not answered yet."""
        return self.transport.pending

    @property
    def worker_rss(self) -> int:
        """Resident bytes of the worker as last reported."""
        return self.transport.worker_rss

    @property
    def restarts(self) -> int:
        """How often the worker had to be started again."""
        return self.supervisor.restarts

    async def __aenter__(self) -> WorkerEngine:
        try:
            await self.supervisor.start()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends the worker and forgets its socket. Calls that wait for an answer fail."""
        await self.transport.aclose()
        await self.supervisor.stop()
        self._tidy()
