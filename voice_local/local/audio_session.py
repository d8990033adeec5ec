"""A sound card and a session, tied together: what every local front end runs."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing

import numpy as np

from voice_local.audio.types import SAMPLE_RATE, VoiceActivity
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.events import Event, RecordingStopped, TurnEnded
from voice_local.conversation.output.speech_queue import SpeechQueue
from voice_local.conversation.session import VoiceSession
from voice_local.local.background_recorder import BackgroundRecorder
from voice_local.local.cards import Block, SoundCard, TimedCard, WavCard
from voice_local.local.microphone import MicrophonePath
from voice_local.local.recorder import Control, ControlKind, Recorder, to_int16
from voice_local.local.timing import CardTiming
from voice_local.local.turn_taking import TurnTakingCard

AWAITED_S = 60.0
"""After a recording's end, a timer that is due so soon is still waited for."""


class LocalAudioSession:
    """One session through one card.

    `muted`: no sound counts until a control says so. `script`: the controls of a recorded session,
    given again. What the microphone records while it is muted is dropped, however late it comes: it
    is neither used nor kept.

    Attributes:
        session: the session.
        microphone: the way of its sound; has its level.
    """

    def __init__(
        self,
        context: ConversationContext,
        voice_activity: VoiceActivity,
        card: SoundCard,
        recorder: Recorder | None = None,
        *,
        muted: bool = False,
        script: Sequence[Control] = (),
    ) -> None:
        settings = context.settings
        rate = settings.audio.sample_rate
        self._card = card
        self.microphone = MicrophonePath(settings.audio)
        self._timing = CardTiming(card, rate) if isinstance(card, TimedCard) else None
        self.session = VoiceSession(
            context,
            voice_activity,
            SpeechQueue(rate),
            self.microphone.echo_ratio,
            self._timing,
            paced_by_sound=True,
        )
        self._recorder = (
            BackgroundRecorder(recorder, lambda why: self.session.emit(RecordingStopped(why)))
            if recorder
            else None
        )
        self._listens_from_s = -math.inf  # by `time.monotonic()`
        self._blocks, self._script = 0, deque(script)
        self._length = rate * settings.audio.block_ms // 1000
        self._pumping: asyncio.Task[None] | None = None
        self._ending = False
        self._after_end = (
            settings.vad.max_endpointing_delay_ms * SAMPLE_RATE // 1000 + SAMPLE_RATE // 5
        )
        self._muted_at_start = self.session.muted = muted
        if isinstance(card, WavCard | TurnTakingCard):
            context.responder.end_after(AWAITED_S)

    def control(self, kind: ControlKind, text: str = "") -> None:
        """Does what the user does other than by voice, and records it. `text`: of READ and SAY."""
        session = self.session
        if kind in (ControlKind.UNMUTE, ControlKind.HOLD) and session.muted:
            self._listens_from_s = time.monotonic()
        actions: dict[ControlKind, Callable[[], object]] = {
            ControlKind.MUTE: lambda: self._mute(True),
            ControlKind.UNMUTE: lambda: self._mute(False),
            ControlKind.READ: lambda: session.push_text(text),
            ControlKind.SAY: lambda: session.say(text),
            ControlKind.HOLD: session.hold,
            ControlKind.RELEASE: session.release,
            ControlKind.INTERRUPT: session.cancel_response,
        }
        actions[kind]()
        if self._recorder:
            control = Control(self._blocks, kind, text)
            self._recorder.write(self._recorder.recorder.control, control)

    def _mute(self, muted: bool) -> None:
        self.session.muted = muted

    async def events(self) -> AsyncIterator[Event]:
        """What happens, until the card's sound has ended and the last answer has been played.

        Raises:
            AudioDeviceError: the card cannot be opened.
        """
        if self._muted_at_start and self.session.muted:
            self.control(ControlKind.MUTE)
        pump = self._pumping = asyncio.create_task(self._pump())
        try:
            async with aclosing(self.session.events()) as stream:  # type: ignore[type-var]
                async for event in stream:
                    if isinstance(event, TurnEnded) and self._recorder:
                        self._recorder.write(self._recorder.recorder.turn, event.record)
                    yield event
            await asyncio.wait([pump])
            if not pump.cancelled():
                pump.result()
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            if self._recorder:
                await self._recorder.drain()

    def end(self) -> None:
        """Takes no more sound: it is over once the last answer has been played, as if the card's
        sound had ended."""
        self.session.muted = self._ending = True

    async def aclose(self) -> None:
        """Ends it at once; the reader of `events` comes to its end."""
        if self._pumping:
            self._pumping.cancel()
        await self.session.aclose()

    async def _pump(self) -> None:
        quiet = 0
        session = self.session
        try:
            async for given in self._card.blocks(session.queue.pull):
                block = Block(*given)
                while self._script and self._script[0].block <= self._blocks:
                    control = self._script.popleft()
                    self.control(control.kind, control.text)
                self._blocks += len(block.recorded) // self._length
                muted = session.muted or (
                    block.captured_s is not None and block.captured_s < self._listens_from_s
                )
                # As a recording keeps it: a replay is given the very same.
                recorded = to_int16(block.recorded).astype(np.float32) / np.float32(32768)
                if self._recorder:
                    kept = np.zeros_like(recorded) if muted else recorded
                    self._recorder.write(self._recorder.recorder.block, kept, block.played)
                if self._timing:
                    self._timing.push(len(recorded), block.captured_s)
                reference = block.played if block.reference is None else block.reference
                ended = self._card.ended or self._ending
                for frame in self.microphone.push(recorded, reference, muted):
                    session.push_frame(frame)
                    waits = session.busy or session.due_within(AWAITED_S)
                    quiet = quiet + len(frame) if ended and not waits else 0
                if quiet > self._after_end:
                    return
        finally:
            await session.aclose()
