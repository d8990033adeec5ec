"""An engine in this process: for programs that run alone, tests and measurements."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from voice_local.config import Settings
from voice_local.engine.api import (
    CallContext,
)
from voice_local.engine.client import EngineClient
from voice_local.engine.host import Host
from voice_local.engine.stage_api import (
    StageReport,
)
from voice_local.engine.transports.inprocess import InProcessTransport


class LocalEngine(EngineClient):
    """The stages named in `stages` (of `config.STAGES`), loaded when constructed.

    Attributes:
        host: the loaded stages.
    """

    def __init__(
        self,
        settings: Settings,
        stages: Sequence[str],
        loading: Callable[[str], None] = lambda stage: None,
    ) -> None:
        limits = settings.engine
        self.host = Host(limits.max_pending)
        self.host.load(settings, stages, loading)
        super().__init__(
            InProcessTransport(self.host),
            CallContext(queue_timeout_s=limits.queue_timeout_s, run_timeout_s=limits.run_timeout_s),
        )

    @property
    def reports(self) -> list[StageReport]:
        """What each loaded stage really is."""
        return self.host.reports

    @property
    def voices(self) -> list[str]:
        """Voices of the loaded TTS stage; empty without one."""
        return self.host.voices

    async def aclose(self) -> None:
        """Ends the threads; running calls finish their step."""
        self.host.close()
