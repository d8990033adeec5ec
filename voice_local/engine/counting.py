"""An engine that counts the calls under way."""

from __future__ import annotations

from voice_local.engine.client import EngineClient
from voice_local.engine.middleware import Counting
from voice_local.engine.operations import PREFILL


class CountingEngine(EngineClient):
    """The same engine, and whether it is at work: a replay's clock stands still meanwhile.

    Attributes:
        inner: the transport of the engine itself.
    """

    def __init__(self, engine: EngineClient) -> None:
        self.inner = engine.transport
        # Nothing waits for what is read ahead, a replay's clock neither.
        self._counting = Counting(engine.transport, frozenset({PREFILL.name}))
        super().__init__(self._counting, engine.context)

    @property
    def working(self) -> int:
        """Calls that are being answered."""
        return self._counting.working
