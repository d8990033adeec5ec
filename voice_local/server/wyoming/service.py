"""Wyoming for Home Assistant: speech to text, text to speech, conversation agent and intents."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from voice_local.errors import ProtocolError, VoiceLocalError
from voice_local.server.state import ServerState
from voice_local.server.tcp import Connection
from voice_local.server.wyoming.conversations import Conversations
from voice_local.server.wyoming.info import info
from voice_local.server.wyoming.listening import Recording, options_of
from voice_local.server.wyoming.speaking import Speech, voice_of
from voice_local.server.wyoming.wire import WyomingEvent, encoded, read_event
from voice_local.skills.entities import entities
from voice_local.skills.intents import Intent

LONGEST_NAME = 100
"""Characters of a client's name for a conversation."""

log = logging.getLogger(__name__)


class WyomingService:
    """What one server's port for Wyoming does."""

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._conversations = Conversations(state.pool)

    async def serve(self, connection: Connection) -> None:
        """One connection, to its end.

        Raises:
            ConnectionError, IncompleteReadError: the client has gone.
        """
        client = _Client(self._state, self._conversations, connection)
        try:
            while True:
                async with asyncio.timeout(self._state.limits.idle_limit_s):
                    event = await read_event(connection.reader)
                if event is None:
                    return
                with connection.working():
                    await client.take(event)
        except TimeoutError:
            return
        except VoiceLocalError as error:
            # Closed as well: a client that waits for sound or words may not look for errors.
            log.warning("a Wyoming client at %s is refused: %s", connection.client, error.cause)
            await client.tell(_error(error))
        finally:
            await client.aclose()

    async def aclose(self) -> None:
        """Ends its conversations."""
        await self._conversations.aclose()


class _Client:
    """One connection's requests, one after another."""

    def __init__(
        self, state: ServerState, conversations: Conversations, connection: Connection
    ) -> None:
        self._state, self._assistant = state, state.assistant
        self._conversations, self._connection = conversations, connection
        self._asked: WyomingEvent | None = None  # the last `transcribe`
        self._recording: Recording | None = None
        self._speech: Speech | None = None  # of a text that still comes
        self._takes = {
            "describe": self._describe,
            "ping": self._ping,
            "transcribe": self._transcribe,
            "audio-start": self._audio_start,
            "audio-chunk": self._audio_chunk,
            "audio-stop": self._audio_stop,
            "synthesize": self._synthesize,
            "synthesize-start": self._synthesize_start,
            "synthesize-chunk": self._synthesize_chunk,
            "synthesize-stop": self._synthesize_stop,
            "transcript": self._handle,
            "recognize": self._recognize,
        }

    async def take(self, event: WyomingEvent) -> None:
        """Answers `event`; one that is not known means nothing here.

        Raises:
            VoiceLocalError: it cannot be answered. ConnectionError: the client has gone.
        """
        answer = self._takes.get(event.kind)
        if answer is not None:
            await answer(event)

    async def tell(self, event: WyomingEvent) -> None:
        """Sends one message.

        Raises:
            ConnectionError: the client does not read, or has gone.
        """
        await self._connection.send(encoded(event))

    async def aclose(self) -> None:
        """Stops what is under way."""
        await self._forget()

    async def _forget(self) -> None:
        recording, self._recording, self._asked = self._recording, None, None
        if recording:
            await recording.aclose()

    async def _describe(self, _: WyomingEvent) -> None:
        found = await asyncio.to_thread(info, self._assistant.settings)
        await self.tell(WyomingEvent("info", found))

    async def _ping(self, event: WyomingEvent) -> None:
        await self.tell(WyomingEvent("pong", {"text": event.data.get("text")}))

    # Speech to text.

    async def _transcribe(self, event: WyomingEvent) -> None:
        await self._forget()
        options_of(event, self._assistant)
        self._asked = event

    async def _audio_start(self, _: WyomingEvent) -> None:
        asked = self._asked or WyomingEvent("transcribe")
        await self._forget()
        self._recording = Recording(self._assistant, options_of(asked, self._assistant))

    async def _audio_chunk(self, event: WyomingEvent) -> None:
        if self._recording is None:
            if self._asked is None:
                return  # of a recording that was refused
            await self._audio_start(event)
        recording = self._recording
        assert recording
        first = not recording.has_told
        await recording.add(event)
        if words := recording.news():
            if first:
                await self.tell(WyomingEvent("transcript-start"))
            await self.tell(WyomingEvent("transcript-chunk", {"text": f"{words} "}))

    async def _audio_stop(self, _: WyomingEvent) -> None:
        recording = self._recording
        if recording is None:
            return
        found, rest = await recording.finish()
        if not recording.has_told:
            await self.tell(WyomingEvent("transcript-start", {"language": found.language}))
        if rest:
            await self.tell(WyomingEvent("transcript-chunk", {"text": rest}))
        whole = {"text": found.text, "language": found.language}
        await self.tell(WyomingEvent("transcript", whole))
        await self.tell(WyomingEvent("transcript-stop"))
        await self._forget()

    # Text to speech.

    async def _synthesize(self, event: WyomingEvent) -> None:
        if self._speech is not None:
            return  # the whole of the text that came in pieces, for older servers
        text = event.text()
        speech = Speech(self._assistant, await voice_of(event, self._assistant), self.tell)
        await speech.say(text)
        await speech.finish()

    async def _synthesize_start(self, event: WyomingEvent) -> None:
        voice = await voice_of(event, self._assistant)
        self._speech = Speech(self._assistant, voice, self.tell)

    async def _synthesize_chunk(self, event: WyomingEvent) -> None:
        if self._speech is not None:
            await self._speech.add(event.text())

    async def _synthesize_stop(self, _: WyomingEvent) -> None:
        speech, self._speech = self._speech, None
        if speech is not None:
            await speech.finish()
            await self.tell(WyomingEvent("synthesize-stopped"))

    # Conversation and intents.

    async def _handle(self, event: WyomingEvent) -> None:
        context = _context(event)
        name = str(context.get("conversation_id") or "")[:LONGEST_NAME]
        try:
            turn = await self._conversations.ask(self._connection.client, name, event.text())
        except ProtocolError:
            raise
        except VoiceLocalError as error:
            told = {"text": error.cause, "context": context}
            await self.tell(WyomingEvent("not-handled", told))
            return
        told = {"text": turn.assistant_text, "context": context}
        if turn.action:
            told["context"] = {**context, "action": turn.action, "params": turn.params}
        failed = any(one.partition(":")[0] in FAILED for one in turn.fallbacks)
        kind = "handled" if turn.assistant_text and not failed else "not-handled"
        await self.tell(WyomingEvent(kind, told))

    async def _recognize(self, event: WyomingEvent) -> None:
        text, context = event.text(), _context(event)
        found = await self._assistant.engine.understand(text)
        least = self._assistant.settings.conversation.intent_threshold
        sure = (found.intent_confidence or 0.0) >= least
        if not found.intent or found.intent == Intent.OUT_OF_SCOPE or not sure:
            await self.tell(WyomingEvent("not-recognized", {"context": context}))
            return
        named = [{"name": name, "value": value} for name, value in entities(text).items()]
        told = {"name": found.intent, "entities": named, "context": context}
        await self.tell(WyomingEvent("intent", told))


FAILED = ("failed", "llm_failed")
"""Fallbacks after which a text is no answer."""


def _context(event: WyomingEvent) -> dict[str, Any]:
    found = event.data.get("context")
    return found if isinstance(found, dict) else {}


def _error(error: VoiceLocalError) -> WyomingEvent:
    text = f"{error.cause}: {error.remedy}" if error.remedy else error.cause
    return WyomingEvent("error", {"text": text, "code": type(error).__name__})
