"""Words while the user still speaks: passes over the growing sound, and which words two of them
agree on. What a pass tells too late is dropped: here, by the session or by the turn controller."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from voice_local.audio.types import Audio
from voice_local.engine.api import Transcript
from voice_local.errors import EngineError

Transcribe = Callable[[Audio, bool], Awaitable[Transcript]]
"""Of sound; whether the words are needed for a moment only."""


class Agreement:
    """A growing transcript. Words that two passes in a row agree on are kept and never change
    again.

    Local agreement: Liu et al. 2020; Macháček et al. 2023, "Turning Whisper into real-time".
    """

    def __init__(self) -> None:
        self._stable: list[str] = []
        self._last: list[str] = []

    def update(self, text: str) -> tuple[str, str]:
        """Takes the next pass over the longer sound; (stable words, tentative words)."""
        words = text.split()
        agreed = common_prefix(self._last, words)
        if len(agreed) > len(self._stable) and agreed[: len(self._stable)] == self._stable:
            self._stable = agreed
        self._last = words
        return " ".join(self._stable), " ".join(words[len(self._stable) :])


def common_prefix(left: Sequence[str], right: Sequence[str]) -> list[str]:
    """What both begin with."""
    same = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        same += 1
    return list(left[:same])


class InterimTranscriber:
    """The interim passes over one utterance after the other, one at a time.

    A pass is begun where the sound falls quiet (`look`): if that was the end, it is the last one
    already. In sound without a break one is made every `every_ms`, or less often where the machine
    is slow: a pass that runs when the utterance ends keeps the last one waiting, by `HELD_UP_MS` in
    the mean and no more.

    `on_result` gets each pass's stable and tentative words, and how many milliseconds of speech it
    was over.
    """

    HELD_UP_MS = 16.0

    def __init__(
        self, transcribe: Transcribe, every_ms: float, on_result: Callable[[str, str, float], None]
    ) -> None:
        self._transcribe, self._every_ms, self._on_result = transcribe, every_ms, on_result
        self._task: asyncio.Task[Transcript | None] | None = None
        self._took_ms = 0.0
        self._end = 0
        self.begin()

    def begin(self) -> None:
        """A new utterance: a pass under way for an older one gives no result."""
        self._agreement = Agreement()
        self._last: tuple[int, Transcript] | None = None
        self._next_ms = self._every_ms

    def request_pass_at(self, length_ms: float) -> None:
        """Wants the next pass as soon as the speech is so long."""
        self._next_ms = min(self._next_ms, length_ms)

    def due(self, length_ms: float) -> bool:
        """Whether speech of that length is to be passed over now."""
        return length_ms >= self._next_ms and not self._running

    def look(self, audio: Audio, end: int, length_ms: float) -> None:
        """Begins a pass over `audio`, which may be all, in place of one over less that is under
        way."""
        if self.known(end) is None and self.under_way(end) is None:
            self.start(audio, end, length_ms, interim=False)

    def start(self, audio: Audio, end: int, length_ms: float, *, interim: bool = True) -> None:
        """Begins a pass over `audio`, whose last sound is before sample `end` on the microphone's
        clock."""
        self._next_ms = length_ms + self._pause_ms
        self._end = end
        self._task = asyncio.get_running_loop().create_task(
            self._pass(audio, end, length_ms, interim)
        )

    @property
    def _pause_ms(self) -> float:
        """Between passes in sound without a break: t of every T ms hold the last one up by t²/2T in
        the mean."""
        return max(self._every_ms, 2 * self._took_ms, self._took_ms**2 / (2 * self.HELD_UP_MS))

    @property
    def _running(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _pass(
        self, audio: Audio, end: int, length_ms: float, interim: bool
    ) -> Transcript | None:
        agreement, began = self._agreement, asyncio.get_running_loop().time()
        try:
            found = await self._transcribe(audio, interim)
        except EngineError:
            return None  # the turn itself will meet it
        self._took_ms = (asyncio.get_running_loop().time() - began) * 1000
        if agreement is self._agreement:
            self._next_ms = max(self._next_ms, length_ms + self._pause_ms)
            self._last = end, found
            self._on_result(*agreement.update(found.text), length_ms)
        return found

    def known(self, end: int) -> Transcript | None:
        """The transcript of the sound up to sample `end`, if a pass has already made it."""
        return self._last[1] if self._last and self._last[0] == end else None

    def under_way(self, end: int) -> asyncio.Task[Transcript | None] | None:
        """The pass over the sound up to sample `end`, if it is running; one over less sound is
        stopped."""
        if self._task is None or not self._running:
            return None
        if self._end == end:
            return self._task
        self._task.cancel()
        return None

    async def aclose(self) -> None:
        """Stops what is under way."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
