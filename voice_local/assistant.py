"""The whole assistant for use in another program.

async with Assistant(load("tiny")) as assistant:
    async for event in assistant.converse(DeviceCard(assistant.settings.audio)):
        print(event)
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack

from voice_local.audio.types import VoiceActivity
from voice_local.audio.vad import SileroModel
from voice_local.card_conversation import Conversation
from voice_local.config import (
    STAGES,
    Prompting,
    Settings,
)
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.context.store import (
    ConversationStore,
)
from voice_local.conversation.output.speech_cache import (
    SpeechCache,
)
from voice_local.conversation.text import (
    checked_text,
)
from voice_local.engine.kept_lines import KeptLines
from voice_local.engine.voices import (
    speaking,
)
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import (
    ConfigError,
    ModelError,
)
from voice_local.local.audio_session import LocalAudioSession
from voice_local.local.cards import SoundCard
from voice_local.local.recorder import (
    Recorder,
)
from voice_local.models.properties import intents_of
from voice_local.skills.handlers import default_router
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

MAX_INSTRUCTIONS = 2000
"""Longest instructions of a host program, in characters."""

log = logging.getLogger(__name__)


class Assistant:
    """Every model resident in a worker process; any number of conversations, one after the other or
    side by side.

    `router` None: the default handlers. `notify` gets the engine's messages for a person (a
    worker that died, a restart), `loading` the name of each stage as it is loaded, then "phrases".

    Attributes:
        settings: as given, with a voice for each language that is recognised and can be spoken.
        router: of all conversations: register handlers and a verifier with it.
        engine: the worker.
        talking: the conversation that began last; None before.

    Raises:
        TextInputError: the settings name an unknown voice; the error lists those there are.
    """

    def __init__(
        self,
        settings: Settings,
        router: IntentRouter | None = None,
        notify: Callable[[str], None] = lambda _: None,
        loading: Callable[[str], None] = lambda stage: None,
    ) -> None:
        self.settings = speaking(settings)
        self.engine = WorkerEngine(self.settings, STAGES, notify, loading)
        self.talking: LocalAudioSession | None = None
        self._loading = loading
        talk = self.settings.conversation
        self.router = router or default_router(
            talk.intent_threshold, talk.handler_deadline_s, _own_intents(self.settings)
        )
        self._cache = SpeechCache(KeptLines(self.settings))
        self._running: dict[str, Conversation] = {}
        self._silero = SileroModel()

    async def __aenter__(self) -> Assistant:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.engine)
            self._loading("phrases")
            await self.context().prepare()
            stack.pop_all()  # ready: it stays until `__aexit__`
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.engine.aclose()

    async def kept_conversations(self) -> list[str]:
        """Ids of the conversations that are kept, the latest first.

        Raises:
            OutputError: the file cannot be read.
        """
        store = self._store()
        return await asyncio.to_thread(store.ids) if store else []

    async def forget_conversation(self, conversation_id: str) -> bool:
        """Deletes a kept conversation. False: there is none.

        Raises:
            OutputError: the file cannot be written.
        """
        store = self._store()
        return bool(store and await asyncio.to_thread(store.delete, conversation_id))

    def _store(self) -> ConversationStore | None:
        path = self.settings.memory.store
        return ConversationStore(path) if path else None

    def context(
        self,
        vocabulary: tuple[str, ...] = (),
        *,
        instructions: str = "",
        authenticated: bool = False,
        conversation_id: str = "",
    ) -> ConversationContext:
        """A new conversation's shared part; see `converse`."""
        return new_conversation(
            self.engine,
            self.settings,
            self.router,
            self._cache,
            vocabulary,
            instructions=instructions,
            authenticated=authenticated,
            conversation_id=conversation_id,
        )

    def voice_activity(self) -> VoiceActivity:
        """A new speech detector, for one session."""
        return self._silero.stream()

    def converse(
        self,
        card: SoundCard,
        recorder: Recorder | None = None,
        *,
        conversation_id: str = "",
        muted: bool = False,
        vocabulary: tuple[str, ...] = (),
        instructions: str = "",
        authenticated: bool = False,
        voice: str | None = None,
    ) -> Conversation:
        """One conversation through `card`, until its sound ends or the caller stops reading. Call
        it in an event loop.

        With `settings.memory.store`, the conversation with this `conversation_id` is resumed
        and kept.

        Args:
            card: microphone and loudspeaker.
            recorder: keeps both sides.
            conversation_id: passed to handlers; empty: a new one.
            muted: the microphone is ignored until it is unmuted.
            vocabulary: names and terms to expect, instead of the settings'.
            instructions: the LLM's task, beside how to speak. The embedded LLM
                cannot follow any.
            authenticated: the host program knows who is speaking.
            voice: instead of the settings', as `voice-local voices` lists them.

        Raises:
            AudioDeviceError: the card cannot be opened; raised where the events are read.
            ConfigError: a conversation with this id is running, or a program that the voice needs
                is not installed.
            TextInputError: an unknown voice (the error lists those there are), or too long
                instructions.
            ModelMissingError: the voice's model is not installed.
            OutputError: what is kept of it cannot be read; raised where the events are read.
        """
        if conversation_id in self._running:
            raise ConfigError(
                f"conversation {conversation_id!r} is running already",
                "end it first, or choose another id",
            )
        task = checked_text(instructions, MAX_INSTRUCTIONS) if instructions.strip() else ""
        if task and self.settings.llm.prompting is Prompting.TRAINED:
            log.warning("the LLM of profile %s cannot follow instructions", self.settings.profile)
        context = self.context(
            vocabulary,
            instructions=task,
            authenticated=authenticated,
            conversation_id=conversation_id,
        )
        store = self._store()
        self.talking = LocalAudioSession(
            context, self.voice_activity(), card, recorder, muted=muted
        )
        conversation = Conversation(
            self.settings, self.engine, self.forget, context, self.talking, store
        )
        if voice is not None:
            conversation.set_voice(voice)
        self._running[context.id] = conversation
        return conversation

    def forget(self, conversation: Conversation) -> None:
        """A conversation calls this when it is closed."""
        if self._running.get(conversation.id) is conversation:
            del self._running[conversation.id]


def _own_intents(settings: Settings) -> tuple[str, ...]:
    """The labels of the intent model; empty where it is not there: loading it then raises the
    error."""
    try:
        return intents_of(settings)
    except ModelError:
        return ()
