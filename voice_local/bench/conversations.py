"""Whole conversations to measure: somebody speaks in a room, the assistant answers, both sides are
recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from voice_local.audio.level import (
    audible_span,
    dbfs,
)
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.audio.vad import SileroModel
from voice_local.bench.rooms import RoomCard
from voice_local.bench.speakers import speak
from voice_local.config import Settings
from voice_local.conversation import events
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.output.speech_cache import (
    SpeechCache,
)
from voice_local.conversation.record import ConversationTurn
from voice_local.engine.client import EngineClient
from voice_local.engine.counting import CountingEngine
from voice_local.local.audio_session import LocalAudioSession
from voice_local.skills.responder import (
    new_conversation,
)

UNEVENTFUL_S = 60.0


@dataclass
class RecordedConversation:
    """A finished conversation.

    Attributes:
        records: of the turns, in order; `of`: for each, the number of the user's utterance that had
            been said last.
        ends: for each utterance of the user, how many samples were recorded when its words were
            known; 0 if never.
        card: has both sides' sound.
        event_log: every event; `places`: how many samples had been played when each came.
        underruns: answers that ran dry while they sounded.
        asked, over: for whoever made it: how often the user asked, and spoke over an answer.
    """

    records: list[ConversationTurn] = field(default_factory=list)
    of: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    card: Any = None
    event_log: list[events.Event] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    underruns: int = 0
    asked: int = 0
    over: int = 0

    def tell(self, event: events.Event) -> None:
        """Keeps it."""
        self.event_log.append(event)
        self.places.append(sum(map(len, self.card.played)))
        if isinstance(event, events.TurnEnded):
            self.records.append(event.record)
            self.of.append(len(self.ends) - 1)

    def cut_spans(self) -> list[tuple[int, int]]:
        """(first, last + 1) sample from the words that were answered to the moment the answer was
        cut off, each time."""
        found, began = [], 0
        for event, place in zip(self.event_log, self.places, strict=True):
            if isinstance(event, events.UserSaid):
                began = place
            elif isinstance(event, events.Interrupted):
                found.append((began, place))
        return found

    @property
    def user(self) -> Audio:
        """The microphone's side."""
        return np.concatenate(self.card.recorded)

    @property
    def assistant(self) -> Audio:
        """The loudspeaker's side."""
        return np.concatenate(self.card.played)


def gaps_ms(user: Audio, assistant: Audio, rate: int, ends: list[int]) -> list[float | None]:
    """From each utterance's last audible sample (before sample `ends[i]`) to the next audible one
    of the assistant.

    Audible is, in 5 ms, what is at most 40 dB under the utterance's loudest sample for the user,
    and over −45 dBFS for the assistant. None where the assistant said nothing before the next
    utterance's words were known.
    """
    found: list[float | None] = []
    for number, end in enumerate(ends):
        limit = next((other for other in ends[number + 1 :] if other), len(assistant))
        begin, said = _utterance(user[:limit], ends, number)
        found.append(gap_ms(said, assistant[begin:limit], rate) if end else None)
    return found


def words_known_ms(user: Audio, rate: int, ends: list[int]) -> list[float | None]:
    """From each utterance's last audible sample until its words were known and its turn was over;
    None if never."""
    found: list[float | None] = []
    for number, end in enumerate(ends):
        begin, said = _utterance(user, ends, number)
        last = _last_audible(said, rate)
        found.append(round((end - begin - last) * 1000 / rate, 1) if end and last else None)
    return found


def _utterance(user: Audio, ends: list[int], number: int) -> tuple[int, Audio]:
    """Where the utterance's part of `user` begins, and that part: silent from its end on, where the
    next may be."""
    begin = max((other for other in ends[:number] if other), default=0)
    said = user.copy()
    said[ends[number] :] = 0
    return begin, said[begin:]


def _last_audible(user: Audio, rate: int) -> int:
    """The end of what is at most 40 dB under the loudest sample; 0 if there is nothing."""
    peak = dbfs(float(np.abs(user).max())) if len(user) else -120.0
    return audible_span(user, rate, max(-60.0, peak - 40))[1]


def gap_ms(user: Audio, assistant: Audio, rate: int) -> float | None:
    """The same for one utterance and what follows it; None if the user or the assistant is not
    heard.

    None, too, if the assistant sounds already as the user ends: that is no answer to it, or one
    that cut in.
    """
    last = _last_audible(user, rate)
    if audible_span(assistant[max(0, last - rate // 40) : last], rate)[1]:
        return None
    first, audible = audible_span(assistant[last:], rate)
    return first * 1000 / rate if last and audible else None


async def in_real_time(
    conversation: ConversationContext, utterances: Iterator[Audio], limit_s: float = 30.0
) -> RecordedConversation:
    """Each of `utterances` (16 kHz) is said once the answer to the one before was played, or after
    `limit_s` without."""
    spoken = RecordedConversation(card=RoomCard(conversation.settings.audio))
    card, loop = spoken.card, asyncio.get_running_loop()
    said_at = 0.0

    def next_one() -> bool:
        nonlocal said_at
        audio = next(utterances, None)
        if audio is None:
            return False
        card.say(np.concatenate([np.zeros(SAMPLE_RATE, np.float32), audio]))
        spoken.ends.append(0)
        said_at = loop.time() + len(audio) / SAMPLE_RATE + 1
        return True

    async def say_next_without_answer() -> None:
        """Goes on where no answer comes."""
        while not card.ended:
            await asyncio.sleep(0.5)
            if loop.time() - said_at > limit_s and not next_one():
                card.ended = True

    next_one()
    talking = LocalAudioSession(conversation, SileroModel().stream(), card)
    watcher = asyncio.create_task(say_next_without_answer())
    try:
        async with aclosing(talking.events()) as stream:  # type: ignore[type-var]
            async for event in stream:
                spoken.tell(event)
                if isinstance(event, events.UserSaid):
                    spoken.ends[-1] = sum(map(len, card.recorded))
                elif isinstance(event, events.TurnEnded) and card.quiet and not next_one():
                    card.ended = True
    finally:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
    spoken.underruns = talking.session.queue.underruns
    return spoken


async def as_fast_as_it_goes(
    conversation: ConversationContext,
    audio: Audio,
    on: Callable[[events.Event, RoomCard], None] = lambda event, card: None,
    echo: Audio | None = None,
    echo_gain: float = 1.0,
    hold: bool = False,
    noise: Callable[[int], Audio] | None = None,
) -> RecordedConversation:
    """A conversation whose clock waits for the engine. `on` gets each event and may let the user
    say more.

    `hold`: it lasts until `on` sets `card.ended`, or nothing has happened for `UNEVENTFUL_S` of its
    sound; else until everything said has been answered.
    """
    steady = CountingEngine(conversation.engine)
    conversation.engine = steady
    spoken = RecordedConversation(
        card=RoomCard(conversation.settings.audio, steady, echo, echo_gain, noise)
    )
    card = spoken.card
    card.say(audio)

    async def end_when_quiet() -> None:
        last = 0
        while not card.ended:
            await asyncio.sleep(0.01)
            last = max(last, spoken.places[-1] if spoken.places else 0)
            uneventful = len(card.played) * len(card.played[0]) - last if card.played else 0
            card.ended = (
                not hold and card.quiet
            ) or uneventful > UNEVENTFUL_S * conversation.settings.audio.sample_rate

    watcher = asyncio.create_task(end_when_quiet())
    try:
        async with aclosing(
            LocalAudioSession(conversation, SileroModel().stream(), card).events()
        ) as stream:  # type: ignore[type-var]
            async for event in stream:
                spoken.tell(event)
                on(event, card)
    finally:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
    return spoken


def of_length(command: list[str], texts: list[str], seconds: float) -> Audio:
    """Sentences of `texts` (repeated as needed) said by one voice until about `seconds` are full,
    80 ms apart."""
    parts: list[Audio] = []
    length = 0
    while length < seconds * SAMPLE_RATE:
        text = texts[len(parts) % len(texts)]
        audio = speak(command, text)
        parts += [audio]
        length += len(audio) + SAMPLE_RATE * 8 // 100
    pause = np.zeros(SAMPLE_RATE * 8 // 100, dtype=np.float32)
    return np.concatenate([piece for part in parts for piece in (part, pause)])[
        : int(seconds * SAMPLE_RATE)
    ]


def conversation(
    engine: EngineClient, settings: Settings, cache: SpeechCache | None = None
) -> ConversationContext:
    """A new conversation; `cache` None: nothing is prepared."""
    return new_conversation(engine, settings, None, cache)
