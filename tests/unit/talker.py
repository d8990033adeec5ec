"""A scripted person before a live conversation, in virtual time, and what has to be true of every
conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np

from voice_local.audio.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench.scripted import (
    FIRST_PITCH,
    LETTER_S,
    PITCH_STEP_HZ,
    ScriptedEngine,
)
from voice_local.config import (
    Settings,
    load,
)
from voice_local.conversation import (
    events,
    phrases,
)
from voice_local.conversation.output.speech_queue import (
    SpeechQueue,
)
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.session import (
    VoiceSession,
)
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

FRAME_S = 0.032

PROGRESS = (
    events.StateChanged,
    events.SpeechStarted,
    events.SpeechStopped,
    events.ResponseStarted,
    events.Partial,
)
"""Events that tell how far a turn is, and nothing of what was said."""


def segment_number(sound: Audio, count: int) -> int:
    """Which of the first `count` calls of `synthesize`, at most 120, made this piece of sound
    without silence."""
    time = np.arange(len(sound)) / SAMPLE_RATE
    left = []
    for number in range(count):
        turns = 2 * np.pi * PITCH_STEP_HZ * (FIRST_PITCH + number) * time
        left.append(
            np.linalg.lstsq(np.stack([np.sin(turns), np.cos(turns)], axis=1), sound, rcond=None)[
                1
            ].sum()
        )
    return int(np.argmin(left))


class Loudness:
    """Speech is what is loud: a voice detector for scripted sound."""

    def probability(self, frame: Audio) -> float:
        """0.95 for sound, 0.02 for silence."""
        return 0.95 if float(np.abs(frame).max()) > 0.01 else 0.02


class Talker:
    """Runs one conversation: `script` is a list of (seconds, whether the user speaks).

    Attributes:
        told: everything the conversation told, as (seconds since the start, event).
        out: what came from the loudspeaker, 16 kHz.
    """

    def __init__(
        self,
        engine: ScriptedEngine,
        router: IntentRouter | None = None,
        echo_ratio: Callable[[float], float] = lambda seconds: 0.0,
        **settings: Any,
    ) -> None:
        self.engine = engine
        self.settings: Settings = load("tiny", **settings)
        self.context = new_conversation(engine, self.settings, router or IntentRouter(2.0, 1.0))
        self.queue = SpeechQueue(16_000)
        self.session = VoiceSession(self.context, Loudness(), self.queue, echo_ratio)
        self.told: list[tuple[float, events.Event]] = []
        self.parts: list[tuple[float, Audio]] = []
        self._reader: asyncio.Task[None] | None = None
        self._noise = np.random.default_rng(7)

    async def run(self, *script: tuple[float, bool], prepare: bool = False) -> Talker:
        """Plays the script in real (virtual) time, then checks what holds for every
        conversation."""
        if prepare:
            await self.context.prepare()
        for seconds, speaks in script:
            await self.step(seconds, speaks)
        await self.session.aclose()
        if self._reader:
            await self._reader
        self.check_order()
        self.check_history()
        self.check_sound()
        return self

    async def step(self, seconds: float, speaks: bool) -> None:
        """So much more of the user's side."""
        loop = asyncio.get_running_loop()
        self._reader = self._reader or asyncio.create_task(self._read())
        for _ in range(round(seconds / FRAME_S)):
            level = 0.3 if speaks else 0.0
            frame = (level * self._noise.uniform(-1, 1, FRAME_SAMPLES)).astype(np.float32)
            self.parts.append((loop.time(), self.queue.pull(FRAME_SAMPLES)))
            self.session.push_frame(frame)
            await asyncio.sleep(FRAME_S)

    async def play(self, seconds: float) -> None:
        """So much time in which the user's side sends no sound."""
        loop = asyncio.get_running_loop()
        self._reader = self._reader or asyncio.create_task(self._read())
        for _ in range(round(seconds / FRAME_S)):
            self.parts.append((loop.time(), self.queue.pull(FRAME_SAMPLES)))
            await asyncio.sleep(FRAME_S)

    async def _read(self) -> None:
        async for event in self.session.events():
            self.told.append((asyncio.get_running_loop().time(), event))

    @property
    def out(self) -> Audio:
        """See the class."""
        return np.concatenate([part for _, part in self.parts])

    def of(self, kind: type) -> list[Any]:
        """Events of one kind."""
        return [event for _, event in self.told if isinstance(event, kind)]

    @property
    def turns(self) -> list[ConversationTurn]:
        """Finished turns' records."""
        return [event.record for event in self.of(events.TurnEnded)]

    def kinds(self) -> list[str]:
        """Names of all events but `PROGRESS`, in order."""
        return [type(event).__name__ for _, event in self.told if not isinstance(event, PROGRESS)]

    def sounding(self, start_s: float, end_s: float) -> bool:
        """Whether anything was audible between these times."""
        part = self.out[int(start_s * 16_000) : int(end_s * 16_000)]
        return bool(len(part)) and float(np.abs(part).max()) > 0.01

    def by_turn(self) -> list[list[tuple[float, events.Event]]]:
        """The events of each finished turn, its `TurnEnded` last."""
        turns: list[list[tuple[float, events.Event]]] = [[]]
        for at, event in self.told:
            turns[-1].append((at, event))
            if isinstance(event, events.TurnEnded):
                turns.append([])
        return turns[:-1]

    # What holds for every conversation.

    def check_order(self) -> None:
        """The user's words come before the answer to them, what was put aside before it, and an
        interruption last."""
        for told in self.by_turn():
            turn = [event for _, event in told]
            end = turn[-1]
            assert isinstance(end, events.TurnEnded)
            record = end.record
            said = [i for i, event in enumerate(turn) if isinstance(event, events.UserSaid)]
            if record.user_text:
                assert [event.text for event in turn if isinstance(event, events.UserSaid)][
                    -1:
                ] == [record.user_text]
            merged = [i for i, event in enumerate(turn) if isinstance(event, events.TurnMerged)]
            last = merged[-1] if merged else -1  # what was answered before was taken back
            answered = [
                i
                for i, event in enumerate(turn)
                if isinstance(event, events.AssistantSays) and i > last
            ]
            assert len(said) <= len(merged) + 1
            assert not said or not answered or said[-1] < answered[0]
            words = " ".join(
                e.text
                for e in turn[last + 1 :]
                if isinstance(e, events.AssistantSays)
                and e.text not in (phrases.LATER, phrases.RESTARTED)
            )
            assert (
                record.assistant_text.startswith(words)
                if record.interrupted
                else record.assistant_text == words
            )
            cut = [i for i, event in enumerate(turn) if isinstance(event, events.Interrupted)]
            assert cut == ([len(turn) - 2] if record.interrupted else [])
            actions = [e for e in turn if isinstance(e, events.Action) and not e.late]
            assert len(actions) == (record.action is not None)

    def check_history(self) -> None:
        """What is remembered is what was said and what was played; words that got no answer before
        they were cut off stay, too."""
        user = {event.place.turn_id for event in self.of(events.UserSaid)}
        kept = [
            (turn.user_text, turn.heard_text or "")
            for turn in self.turns
            if turn.user_text and turn.turn_id in user
        ]
        assert [(e.user, e.assistant) for e in self.context.memory.exchanges] == kept

    def check_sound(self) -> None:
        """Every segment sounds only while its turn lasts, and of an answer as much as is held to
        have been heard."""
        shown = {event.text for event in self.of(events.AssistantSays)}
        given = [str(argument) for stage, argument in self.engine.calls if stage == "tts"]
        # A phrase within a sentence is given to the voice with a comma.
        segments = [text if text in shown else text.removesuffix(",") for text in given]
        spans = []
        for told in self.by_turn():
            begun: dict[str, float] = {}
            for at, event in told:
                if isinstance(event, events.AssistantSays) and event.audible:
                    begun.setdefault(event.text, at)
            spans.append((begun, told[-1][0]))
        open_turn = {
            e.text
            for at, e in self.told
            if isinstance(e, events.AssistantSays) and (not spans or at >= spans[-1][1])
        }
        letters = [0.0] * len(spans)
        for at, part in self.parts:
            loud = np.flatnonzero(np.abs(part) > 1e-4)
            if len(loud) < 50:
                continue  # too little to tell which it is
            whole = part[loud[0] : loud[-1] + 1]
            text = segments[segment_number(whole, len(segments))]
            turn = next(
                (
                    i
                    for i, (begun, end) in enumerate(spans)
                    if text in begun and begun[text] <= at <= end
                ),
                None,
            )
            assert turn is not None or text in open_turn, (
                f"{text!r} sounded at {at:.2f} s, after or before its turn"
            )
            if turn is not None:
                letters[turn] += len(whole) / 16_000 / LETTER_S
        for record, (begun, _), sounded in zip(self.turns, spans, letters, strict=True):
            if begun:
                put_off = sum(
                    len(text) for text in (phrases.LATER, phrases.RESTARTED) if text in begun
                )
                expected = len(record.heard_text or "")
                longest = max(len(word) for word in [*record.assistant_text.split(), ""])
                least = expected + (0 if record.interrupted else put_off)
                assert least - 6 <= sounded <= expected + put_off + longest + 6, (
                    f"{sounded} letters sounded, not {record.heard_text!r}"
                )
