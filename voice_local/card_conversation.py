"""One conversation through a sound card, as a host program holds it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from types import AsyncGeneratorType, TracebackType
from typing import (
    Any,
    cast,
)

from voice_local.config import (
    Settings,
)
from voice_local.conversation import (
    events,
    phrases,
)
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.context.history import Exchange
from voice_local.conversation.context.languages import CANNED
from voice_local.conversation.context.store import (
    ConversationStore,
    Kept,
)
from voice_local.conversation.context.tools import (
    HostTool,
    ToolFunction,
)
from voice_local.conversation.options import SessionUpdate
from voice_local.conversation.text import (
    checked_text,
)
from voice_local.engine.api import Tool
from voice_local.engine.client import EngineClient
from voice_local.engine.voices import (
    in_voice,
)
from voice_local.errors import (
    EngineError,
    OutputError,
)
from voice_local.local.audio_session import LocalAudioSession
from voice_local.local.recorder import (
    ControlKind,
)

MAX_INSTRUCTIONS = 2000
"""Longest instructions of a host program, in characters."""

log = logging.getLogger(__name__)


class Conversation:
    """One conversation through a sound card, made by `Assistant.converse`.

    Read its events once, with `async for`: that is what lets it go on. It is over when the card's
    sound has ended and the last answer has been played, when the reader stops, or on `aclose`. The
    other methods may be called at any time from the event loop, and return at once.

    Attributes:
        id: passed to handlers as `Request.conversation_id`.
        talking: the conversation's inner parts, for front ends of this package.
    """

    def __init__(
        self,
        settings: Settings,
        engine: EngineClient,
        on_closed: Callable[[Conversation], None],
        context: ConversationContext,
        talking: LocalAudioSession,
        store: ConversationStore | None,
    ) -> None:
        self._settings, self._engine, self._on_closed = settings, engine, on_closed
        self._context, self._store = context, store
        self.id, self.talking = context.id, talking
        self._reading: AsyncGeneratorType[events.Event, None] | None = None
        self._loading: asyncio.Task[None] | None = None
        # What is to be done once what is kept has been read; None: that is so.
        self._waiting: list[Callable[[], None]] | None = [] if store else None

    @property
    def authenticated(self) -> bool:
        """Whether it is known who is speaking."""
        return self._context.responder.authenticated

    def authenticate(self, authenticated: bool = True) -> None:
        """The host program has found out who is speaking; false: it no longer knows."""
        self._context.responder.authenticated = authenticated

    @property
    def history(self) -> tuple[Exchange, ...]:
        """The turns so far: the user's words, and the part of each answer that was played."""
        return tuple(self._context.memory.exchanges)

    def say(self, text: str) -> None:
        """Says `text` now, and ends the answer that is being played.

        Raises:
            TextInputError: an empty or too long text.
        """
        self._control(ControlKind.SAY, checked_text(text))

    def send_text(self, text: str) -> None:
        """Takes a typed turn of the user, to be answered aloud, and ends what is being played.

        Raises:
            TextInputError: an empty or too long text.
        """
        self._control(ControlKind.READ, checked_text(text))

    def interrupt(self) -> None:
        """Ends the answer that is being prepared or played, as if the user had spoken over it."""
        self._control(ControlKind.INTERRUPT)

    def mute(self, muted: bool = True) -> None:
        """Ignores the microphone from now on; false: listens again."""
        self._control(ControlKind.MUTE if muted else ControlKind.UNMUTE)

    def end(self) -> None:
        """Ignores the microphone; the conversation is over once the last answer has been played."""
        self.talking.end()

    def set_voice(self, name: str) -> None:
        """Speaks with another voice from the next sentence on. One of another model is loaded when
        it is first used.

        Raises:
            TextInputError: an unknown voice; the error lists those there are. ModelMissingError:
                its model is not
            installed. ConfigError: a program that it needs is not.
        """
        changed = SessionUpdate(voice=in_voice(self._settings, name))
        self.talking.session.update(changed)
        if self._loading:
            self._loading.cancel()
        self._loading = asyncio.get_running_loop().create_task(self._load_voice())

    def update(self, changes: SessionUpdate) -> None:
        """Changes instructions, vocabulary, tools, turn detection or memory, from the next turn
        on."""
        self._once_restored(lambda: self.talking.session.update(changes))

    def _control(self, kind: ControlKind, text: str = "") -> None:
        self._once_restored(lambda: self.talking.control(kind, text))

    def _once_restored(self, act: Callable[[], None]) -> None:
        """A turn needs the history, and what is forgotten must not come back from the file."""
        if self._waiting is None:
            act()
        else:
            self._waiting.append(act)

    def add_tool(
        self,
        function: ToolFunction,
        description: str,
        parameters: dict[str, Any] | None = None,
        *,
        side_effects: bool = True,
    ) -> None:
        """Lets the LLM call `function`, by its name. Only LLMs whose template knows tools do.

        Args:
            function: gets the arguments by name, returns the result for the LLM; one that is not
                `async` runs in a thread.
            description: when to call it.
            parameters: JSON schema of the arguments; None: there are none.
            side_effects: it waits for the commit of the turn, and then runs to its end.
        """
        schema = parameters or {"type": "object", "properties": {}}
        tool = Tool(function.__name__, description, schema)
        self._context.tools.add(HostTool(tool, function, side_effects))

    async def _load_voice(self) -> None:
        """Loads the voice, and prepares in it what is said to gain time, before that is needed."""
        languages = self._context.languages
        if languages.speaks(CANNED):
            await self._context.prepare_lines(phrases.FILLERS)
        else:
            with suppress(EngineError):  # the first sentence would meet it
                async for _ in self._engine.synthesize("", languages.voice(None)):
                    pass

    def __aiter__(self) -> AsyncIterator[events.Event]:
        if self._reading is not None:
            raise RuntimeError("the events of a conversation are read once")
        self._reading = cast("AsyncGeneratorType[events.Event, None]", self._events())
        return self._reading

    async def _events(self) -> AsyncGenerator[events.Event, None]:
        try:
            if self._store:
                await asyncio.to_thread(self._store.restore, self.id, self._context.memory)
            waiting, self._waiting = self._waiting or (), None
            for act in waiting:
                act()
            async with aclosing(self.talking.events()) as stream:  # type: ignore[type-var]
                async for event in stream:
                    if isinstance(event, events.TurnEnded):
                        await self._save()
                    yield event
        finally:
            self._close()

    async def _save(self) -> None:
        if self._store is None:
            return
        memory = self._context.memory
        kept = Kept(tuple(memory.exchanges), *memory.summary_state)
        try:
            await asyncio.to_thread(self._store.save, self.id, kept)
        except OutputError as error:  # a full disk must not end the conversation
            self._store = None
            self.talking.session.emit(
                events.RecordingStopped(f"{error.cause}; this conversation is not kept any further")
            )

    def _close(self) -> None:
        if self._loading:
            self._loading.cancel()
        self._on_closed(self)

    async def aclose(self) -> None:
        """Ends it at once."""
        await self.talking.aclose()
        if (
            self._reading is not None and not self._reading.ag_running
        ):  # else its reader sees the end of the events
            await self._reading.aclose()
        self._close()

    async def __aenter__(self) -> Conversation:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
