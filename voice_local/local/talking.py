"""A sound card and a conversation, tied together: what every local front end runs."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing

import numpy as np

from voice_local.audio.types import (
    SAMPLE_RATE,
    VoiceActivity,
)
from voice_local.conversation import events
from voice_local.conversation.context.conversation_context import Dialogue
from voice_local.conversation.live import LiveConversation
from voice_local.conversation.output.speech_queue import Loudspeaker
from voice_local.errors import OutputError
from voice_local.local.cards import (
    Block,
    SoundCard,
    TimedCard,
    WavCard,
)
from voice_local.local.microphone import MicrophonePath
from voice_local.local.recorder import (
    Control,
    Recorder,
    to_int16,
)
from voice_local.local.timing import CardTiming

AWAITED_S = 60.0
"""After a recording's end, a timer that rings so soon is still waited for."""


class Talking:
    """One conversation through one card.

    `muted`: nothing is heard until a control says so. `script`: the controls of a recorded session,
    given again.
    What the microphone records while it is muted is dropped, however late it comes: it is neither
    heard nor kept.

    Attributes:
        live: the conversation.
        microphone: the way of its sound; has its level.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        voice_activity: VoiceActivity,
        card: SoundCard,
        recorder: Recorder | None = None,
        *,
        muted: bool = False,
        script: Sequence[Control] = (),
    ) -> None:
        settings = dialogue.settings
        self._card, self._recorder = card, recorder
        self.microphone = MicrophonePath(settings.audio)
        self._timing = (
            CardTiming(card, settings.audio.sample_rate) if isinstance(card, TimedCard) else None
        )
        self.live = LiveConversation(
            dialogue,
            voice_activity,
            Loudspeaker(settings.audio.sample_rate),
            self.microphone.own_share,
            self._timing,
        )
        self._listens_from_s = -math.inf  # by `time.monotonic()`
        if isinstance(card, WavCard) and dialogue.abilities:
            dialogue.abilities.end_after(AWAITED_S)
        self._blocks, self._script = 0, deque(script)
        self._length = settings.audio.sample_rate * settings.audio.block_ms // 1000
        self._pumping: asyncio.Task[None] | None = None
        self._ending = False
        if muted:
            self.control("mute")
        self._after_end = settings.vad.commit_longest_ms * SAMPLE_RATE // 1000 + SAMPLE_RATE // 5

    def control(self, what: str, text: str = "") -> None:
        """Other than by voice: "mute", "unmute", "hold" and "release" (push to talk), "read" typed
        `text`.

        And of the host program: "say" `text`, "interrupt".
        """
        live = self.live
        if what in ("unmute", "hold") and live.muted:
            self._listens_from_s = time.monotonic()
        if what in ("mute", "unmute"):
            live.muted = what == "mute"
        elif what in ("read", "say"):
            (live.read if what == "read" else live.say)(text)
        else:
            {"hold": live.hold, "release": live.release, "interrupt": live.interrupt}[what]()
        if self._recorder:
            self._record(self._recorder.control, Control(self._blocks, what, text))

    async def stream(self) -> AsyncIterator[events.Event]:
        """What happens, until the card's sound has ended and the last answer has been heard.

        Raises:
            AudioDeviceError: the card cannot be opened.
        """
        pump = self._pumping = asyncio.create_task(self._pump())
        try:
            async with aclosing(self.live.stream()) as told:  # type: ignore[type-var]
                async for event in told:
                    if isinstance(event, events.TurnEnded) and self._recorder:
                        self._record(self._recorder.turn, event.record)
                    yield event
            await asyncio.wait([pump])
            if not pump.cancelled():
                pump.result()
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    def _record(self, write: Callable[..., None], *what: object) -> None:
        """Records something. A full disk ends the recording, and not the conversation."""
        try:
            write(*what)
        except OutputError as error:
            self._recorder = None
            self.live.tell(events.RecordingStopped(error.cause))

    def end(self) -> None:
        """Hears nothing more: it is over once the last answer has been heard, as if the card's
        sound had ended."""
        self.live.muted = self._ending = True

    async def aclose(self) -> None:
        """Ends it at once; whoever reads `stream` comes to its end."""
        if self._pumping:
            self._pumping.cancel()
        await self.live.aclose()

    async def _pump(self) -> None:
        quiet = 0
        try:
            async for given in self._card.blocks(self.live.loudspeaker.pull):
                block = Block(*given)
                while self._script and self._script[0].block <= self._blocks:
                    control = self._script.popleft()
                    self.control(control.what, control.text)
                self._blocks += len(block.recorded) // self._length
                muted = self.live.muted or (
                    block.captured_s is not None and block.captured_s < self._listens_from_s
                )
                # As a recording keeps it: a replay hears the very same.
                recorded = to_int16(block.recorded).astype(np.float32) / np.float32(32768)
                if self._recorder:
                    self._record(
                        self._recorder.block,
                        np.zeros_like(recorded) if muted else recorded,
                        block.played,
                    )
                if self._timing:
                    self._timing.hear(len(recorded), block.captured_s)
                reference = block.played if block.reference is None else block.reference
                ended = self._card.ended or self._ending
                for frame in self.microphone.push(recorded, reference, muted):
                    self.live.hear(frame)
                    waits = self.live.busy or self.live.rings_within(AWAITED_S)
                    quiet = quiet + len(frame) if ended and not waits else 0
                if quiet > self._after_end:
                    return
        finally:
            await self.live.aclose()
