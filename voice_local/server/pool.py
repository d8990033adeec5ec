"""The sessions of one server: how many there may be, and how each begins and ends."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace

from voice_local.assistant import Assistant
from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.config_server import ServerSettings
from voice_local.conversation.events import Event, TurnEnded
from voice_local.conversation.options import SessionUpdate
from voice_local.conversation.output.paced_output import PacedOutput
from voice_local.conversation.output.queued_speech import Taken
from voice_local.conversation.output.speech_queue import SpeechQueue
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.session import VoiceSession
from voice_local.engine.voices import in_voice
from voice_local.errors import CapacityError
from voice_local.server.logs import tell, turn_fields
from voice_local.server.metrics import Metrics

FAILED = "the session failed"
SERVER_ENDS = "the server ends"
"""Why one has to end."""

CONNECTIONS_END_S = 2.0
"""So long a server that ends waits for connections whose sessions are idle."""

OnEvent = Callable[[str, Event], None]
"""A host program's: gets a conversation's id, and what happens in it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """What a client wants of a session.

    Attributes:
        client: its address.
        protocol: for the metrics: realtime, ws, twilio …
        output_rate: of the speech, in Hz.
        instructions, vocabulary, voice: as of `Assistant.converse`.
        asks_whether_there: after a long silence it asks whether somebody is there.
        stays: it goes on without a connection, and whoever made it ends it.
        conversation_id: what handlers are told, such as a call's; empty, or another session's: a
            new one.
    """

    client: str
    protocol: str
    output_rate: int = 24_000
    instructions: str = ""
    vocabulary: tuple[str, ...] = ()
    voice: str | None = None
    asks_whether_there: bool = False
    stays: bool = False
    conversation_id: str = ""


class ServedSession:
    """One session and its speech, paced for a client on a network.

    Attributes:
        session: what a protocol maps onto.
        id: of the conversation.
        secret_turns: turns whose words are never logged.
    """

    def __init__(
        self,
        assistant: Assistant,
        wanted: Wanted,
        lead_s: float,
        send: Callable[[Taken], Awaitable[None]],
        metrics: Metrics,
        close: Callable[[ServedSession], None],
        on_event: OnEvent | None = None,
    ) -> None:
        self.wanted, self._metrics, self._close = wanted, metrics, close
        self._on_event = on_event
        self._assistant = assistant
        context = assistant.context(
            wanted.vocabulary,
            instructions=wanted.instructions,
            conversation_id=wanted.conversation_id,
        )
        self.id = context.id
        self.secret_turns: set[str] = set()
        queue = SpeechQueue(wanted.output_rate)
        self._output = PacedOutput(queue, send, lead_s=lead_s)
        self.session = VoiceSession(
            context, assistant.voice_activity(), queue, timing=self._output.timing
        )
        if not wanted.asks_whether_there:
            talk = context.settings.conversation.model_copy(update={"idle_s": math.inf})
            self.session.update(SessionUpdate(conversation=talk))
        self._preparing: asyncio.Task[None] | None = None
        if wanted.voice is not None:
            self.set_voice(wanted.voice)
        self.began_at = self.active_at = asyncio.get_running_loop().time()
        self._playing = asyncio.create_task(self._output.run())
        self._closed = False
        self._works: list[asyncio.Task[None]] = [self._playing]

    def push(self, samples: Audio, sample_rate: int) -> None:
        """Takes the user's next sound: float32 mono.

        Raises:
            AudioInputError: as `VoiceSession.push_audio`.
        """
        self._output.timing.receive(int(self.session.heard_s * SAMPLE_RATE))
        self.session.push_audio(samples, sample_rate)

    def depends_on(self, work: asyncio.Task[None]) -> None:
        """The session cannot go on once `work` has failed."""
        self._works.append(work)

    @property
    def failed(self) -> bool:
        """Whether a part of it has failed; that is logged."""
        for work in self._works:
            if work.done() and not work.cancelled() and (error := work.exception()) is not None:
                log.error("a session failed", exc_info=error)
                return True
        return False

    def touch(self) -> None:
        """The client has sent something else than sound: the session is not idle."""
        self.active_at = asyncio.get_running_loop().time()

    def set_voice(self, name: str) -> None:
        """Speaks with another voice from the next segment on.

        Raises:
            TextInputError, ModelMissingError, ConfigError: as `engine.voices.find`.
        """
        self.session.update(SessionUpdate(voice=in_voice(self._assistant.settings, name)))
        context = self.session.context
        self._preparing = asyncio.create_task(
            context.prepare_lines(context.responder.prepared_lines())
        )

    def tell_host(self, event: Event) -> None:
        """Gives `event` to the host program."""
        if self._on_event is None:
            return
        try:
            self._on_event(self.id, event)
        except Exception:  # the host's code: its error ends no session
            log.exception("on_event failed")

    async def events(self) -> AsyncIterator[Event]:
        """What happens, until `aclose`."""
        loop = asyncio.get_running_loop()
        async with aclosing(self.session.events()) as told:  # type: ignore[type-var]
            async for event in told:
                self.active_at = loop.time()
                self.tell_host(event)
                if isinstance(event, TurnEnded):
                    self._count(event.record)
                yield event

    def _count(self, record: ConversationTurn) -> None:
        if self._closed:
            return
        self._metrics.observe(record)
        words = self._assistant.settings.server.log_transcripts
        words = words and record.turn_id not in self.secret_turns
        fields = turn_fields(record, with_words=words)
        tell("turn", session=self.id, protocol=self.wanted.protocol, **fields)

    async def aclose(self) -> None:
        """Ends it; what has side effects and was begun is waited for."""
        if self._closed:
            return
        if (record := self.session.current_record) is not None:  # its client has gone meanwhile
            self._count(replace(record, interrupted=True))
        self._closed = True
        self._close(self)
        tasks = [self._playing, *([self._preparing] if self._preparing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.session.aclose()


class SessionPool:
    """Makes sessions, within the server's limits.

    Attributes:
        open_sessions: those that go on.
        draining: no more are made.
        lead_s: seconds that speech is sent ahead of its time.
    """

    def __init__(
        self,
        assistant: Assistant,
        settings: ServerSettings,
        metrics: Metrics,
        on_event: OnEvent | None = None,
    ) -> None:
        self._on_event = on_event
        self.assistant, self._settings, self.metrics = assistant, settings, metrics
        self.open_sessions: set[ServedSession] = set()
        self.draining = False
        self.lead_s = settings.lead_ms / 1000
        self._clients: Counter[str] = Counter()

    def open(self, wanted: Wanted, send: Callable[[Taken], Awaitable[None]]) -> ServedSession:
        """A new session. `send` takes its speech, in pieces of 20 ms as they are to be played.

        Raises:
            CapacityError: the server is full, or ending. TextInputError, ModelMissingError,
                ConfigError: as `ServedSession.set_voice`.
        """
        if self.draining:
            raise CapacityError("the server is ending", "connect again in a moment")
        if len(self.open_sessions) >= self._settings.max_sessions:
            self.metrics.refused.labels("sessions").inc()
            raise CapacityError(
                f"all {self._settings.max_sessions} sessions are taken",
                "try again later, or raise server.max_sessions",
            )
        if self._clients[wanted.client] >= self._settings.max_sessions_per_client:
            self.metrics.refused.labels("sessions_per_client").inc()
            raise CapacityError(
                f"{wanted.client} has {self._settings.max_sessions_per_client} sessions",
                "end one first, or raise server.max_sessions_per_client",
            )
        if any(one.id == wanted.conversation_id for one in self.open_sessions):
            wanted = replace(wanted, conversation_id="")
        served = ServedSession(
            self.assistant, wanted, self.lead_s, send, self.metrics, self._forget, self._on_event
        )
        self.open_sessions.add(served)
        tell("session", session=served.id, protocol=wanted.protocol, client=wanted.client)
        self._clients[wanted.client] += 1
        self.metrics.sessions.labels(wanted.protocol).inc()
        return served

    def why_to_end(self, served: ServedSession) -> str | None:
        """Why a session cannot go on: it failed, has lasted too long, or the server ends and no
        turn goes on; None: it may go on."""
        if served.failed:
            return FAILED
        if self.draining and not served.session.busy:
            return SERVER_ENDS
        now = asyncio.get_running_loop().time()
        if now - served.began_at > self._settings.session_limit_s:
            return f"the session has lasted {self._settings.session_limit_s:g} s"
        if now - served.active_at > self._settings.idle_limit_s:
            return f"nothing was said for {self._settings.idle_limit_s:g} s"
        return None

    async def drain(self) -> None:
        """Makes no more sessions, and waits until no turn goes on, for as long as allowed."""
        self.draining = True
        with_end = asyncio.get_running_loop().time() + self._settings.drain_s
        while any(one.session.busy for one in self.open_sessions):
            if asyncio.get_running_loop().time() >= with_end:
                return
            await asyncio.sleep(0.05)
        # Their connections end by themselves now; a call's client is told nothing else.
        with suppress(TimeoutError):
            async with asyncio.timeout(CONNECTIONS_END_S):
                while any(not one.wanted.stays for one in self.open_sessions):
                    await asyncio.sleep(0.05)

    def _forget(self, served: ServedSession) -> None:
        self.open_sessions.discard(served)
        lasted = asyncio.get_running_loop().time() - served.began_at
        tell("session_ended", session=served.id, seconds=round(lasted, 1))
        self._clients[served.wanted.client] -= 1
        if self._clients[served.wanted.client] <= 0:
            del self._clients[served.wanted.client]
        self.metrics.sessions.labels(served.wanted.protocol).dec()
