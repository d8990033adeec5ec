"""What every section is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from voice_local.bench.faults import (
    FaultyEngine,
    check,
)
from voice_local.bench.speakers import available
from voice_local.config import (
    STAGES,
    Settings,
)
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.output.speech_cache import (
    SpeechCache,
)
from voice_local.engine.client import EngineClient
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import BenchmarkError
from voice_local.skills.responder import (
    new_conversation,
)


@dataclass
class Context:
    """How to measure.

    Attributes:
        settings: of the profile measured.
        quick: fewer items, for minutes instead of an hour.
        data: a folder of evaluation data as `../shared/data`, or the user's own; None if there is
            none.
        folder: where a section may leave files (recordings); exists.
        faults: planted ones, see `FAULTS`.
        note: called with each line of progress.
        options: what else the command line said to a section (`sessions`, `csv`, …).
    """

    settings: Settings
    folder: Path
    quick: bool = False
    data: Path | None = None
    faults: Sequence[str] = ()
    note: Callable[[str], None] = lambda _: None
    options: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check(self.faults)

    def answering(self, max_tokens: int) -> Context:
        """The same with answers of at most `max_tokens`, for what does not measure how long an
        answer takes."""
        llm = self.settings.llm.model_copy(
            update={"max_tokens": min(max_tokens, self.settings.llm.max_tokens)}
        )
        return replace(self, settings=self.settings.model_copy(update={"llm": llm}))

    @asynccontextmanager
    async def engine(
        self, stages: Sequence[str] = STAGES
    ) -> AsyncIterator[tuple[EngineClient, WorkerEngine]]:
        """(the engine to measure, its worker): one and the same unless faults are planted."""
        async with WorkerEngine(self.settings, stages, self.note) as worker:
            yield (FaultyEngine(worker, self.faults) if self.faults else worker), worker

    async def conversation(self, engine: EngineClient) -> ConversationContext:
        """A new conversation over `engine`, everything that is said without the LLM prepared."""
        conversation = new_conversation(engine, self.settings, None, SpeechCache())
        await conversation.prepare()
        return conversation

    def voices(self) -> dict[str, list[str]]:
        """Held-out synthetic voices on this machine.

        Raises:
            BenchmarkError: none.
        """
        found = available()
        if not found:
            raise BenchmarkError(
                "nothing can synthesise test speech: no espeak-ng, flite or festival on the PATH",
                "apt-get install -y espeak-ng flite festival",
            )
        return found
