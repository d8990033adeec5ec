"""What the parts of one Realtime session share."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from voice_local.audio.types import Audio
from voice_local.conversation.session import VoiceSession
from voice_local.engine.voices import find
from voice_local.errors import VoiceLocalError
from voice_local.server.outbox import Outbox
from voice_local.server.pool import ServedSession
from voice_local.server.realtime.answer import Answer
from voice_local.server.realtime.items import Item, Items
from voice_local.server.realtime.protocol import ClientError, new_id
from voice_local.server.realtime.session_config import OPENAI_VOICES, SessionConfig
from voice_local.server.state import ServerState


class Speaker(Protocol):
    """Where speech goes that is not sent in events: a media track."""

    def put(self, samples: Audio) -> None:
        """Takes the next sound, at 24 kHz."""
        ...

    def clear(self) -> None:
        """Forgets what is not played yet."""
        ...


@dataclass
class Live:
    """One session.

    Attributes:
        state, outbox: the server, and what is on its way to the client.
        served: the session.
        config: what it is set to; `notes`: system messages of the client.
        items: its conversation's items.
        answer: the response that goes on; None: there is none.
        extended: the client understands `voice_local.…` events.
        typed: turns that answer items which the client has made.
        waiting: messages of the client that no response has answered yet.
        empty_commits: the client has committed sound without words.
        cancelling: the client has cancelled the response.
        speaker: None: speech is sent in events.
        began: set while a response goes on.
        sounded: something was said already.
        metadata: of the response that begins next.
        override: what the client has asked for for one response alone; `override_turn`: whose.
        apply: tells the session what it is set to.
        next_answer: begins the response that the client has asked for after a tool's output: once
            the one before has sounded, or there are new words; None: it has asked for none.
        between: begins a response for what is said while tools run; false where none runs.
        ended_turn: the turn whose end was told last.
        early_words: said while no response goes on: they belong to the next.
    """

    state: ServerState
    outbox: Outbox
    served: ServedSession
    config: SessionConfig
    extended: bool = False
    speaker: Speaker | None = None
    items: Items = field(default_factory=Items)
    answer: Answer | None = None
    id: str = field(default_factory=lambda: new_id("sess"))
    conversation_id: str = field(default_factory=lambda: new_id("conv"))
    notes: list[str] = field(default_factory=list)
    typed: set[str] = field(default_factory=set)
    waiting: list[Item] = field(default_factory=list)
    empty_commits: bool = False
    cancelling: bool = False
    began: asyncio.Event = field(default_factory=asyncio.Event)
    sounded: bool = False
    metadata: dict[str, Any] | None = None
    override: SessionConfig | None = None
    override_turn: str = ""
    ended_turn: str = ""
    apply: Callable[[SessionConfig], None] = lambda config: None
    next_answer: Callable[[], None] | None = None
    between: Callable[[], bool] = lambda: False
    early_words: list[str] = field(default_factory=list)

    @property
    def session(self) -> VoiceSession:
        """The session that everything maps onto."""
        return self.served.session

    @property
    def current(self) -> SessionConfig:
        """What counts for the response that goes on."""
        return self.override or self.config

    def tell(self, event: dict[str, Any]) -> None:
        """Sends an event."""
        self.outbox.put(json.dumps({"event_id": new_id("event"), **event}, ensure_ascii=False))

    def tell_more(self, event: dict[str, Any]) -> None:
        """Sends an event that OpenAI's clients do not know, to one that does."""
        if self.extended:
            self.tell(event)

    def begin(self, turn_id: str) -> Answer:
        """A response begins."""
        config = self.current
        about = {
            "conversation_id": self.conversation_id,
            "output_modalities": ["audio"] if config.spoken else ["text"],
            "max_output_tokens": config.passed.get("max_output_tokens") or "inf",
            "audio": {"output": {"format": config.output_format.as_json(), "voice": config.voice}},
            "metadata": self.metadata,
        }
        self.cancelling, self.metadata = False, None
        self.answer = Answer(
            self.tell,
            self.items,
            about,
            config.output_format,
            spoken=config.spoken,
            turn_id=turn_id,
        )
        limit, left, reset_s = self.state.access.requests_left(self.served.wanted.client)
        limits = {"name": "requests", "limit": limit, "remaining": left, "reset_seconds": reset_s}
        self.tell({"type": "rate_limits.updated", "rate_limits": [limits]})
        early, self.early_words = self.early_words, []
        for text in early:
            self.answer.words(text)
        self.began.set()
        return self.answer

    def turn_over(self) -> None:
        """Begins the response that waits for the end of the sound before, if one does."""
        begin, self.next_answer = self.next_answer, None
        if begin is not None:
            begin()

    def respond_as(self, config: SessionConfig | None) -> None:
        """The next response is given as `config` says; None: as the session's own."""
        if config != self.override:
            self.override = config
            self.apply(self.current)

    def turn_ended(self, turn_id: str) -> None:
        """What was asked for for that turn alone counts no more."""
        self.ended_turn = turn_id
        self.typed.discard(turn_id)
        if turn_id == self.override_turn:
            self.respond_as(None)

    def ended(self) -> None:
        """The response has ended."""
        self.answer = None
        self.began.clear()

    def as_json(self) -> dict[str, Any]:
        """The session object."""
        limit = self.state.limits.session_limit_s
        return self.config.as_json(self.id, int(time.time() + limit))

    def speak_with(self, name: str) -> None:
        """Speaks with the voice of that name from the next segment on.

        Raises:
            ClientError: there is no such voice.
        """
        settings = self.state.settings
        try:
            if name in OPENAI_VOICES:
                self.session.context.speak_with(settings.tts)
            else:
                find(name, settings)
                self.served.set_voice(name)
        except VoiceLocalError as error:
            raise ClientError.of(error, "session.audio.output.voice") from None
