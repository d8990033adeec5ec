"""Wyoming's speech to text: the words of one recording, and stable ones while it still comes."""

from __future__ import annotations

import asyncio

import numpy as np

from voice_local.assistant import Assistant
from voice_local.audio.types import FRAME_SAMPLES, SAMPLE_RATE, Audio
from voice_local.conversation.input.frames import Frames
from voice_local.conversation.input.interim import InterimTranscriber
from voice_local.engine.api import TranscribeOptions, Transcript
from voice_local.errors import AudioInputError, ProtocolError, TextInputError
from voice_local.server.languages import heard_languages
from voice_local.server.wyoming.wire import WyomingEvent
from voice_local.text.languages import base
from voice_local.text.vocabulary import terms_of

LONGEST_S = 300.0
"""Seconds of one recording."""

INTERIM_S, INTERIM_MS = 25.0, 1000.0
"""Stable words are told of so much of it, and looked for so often."""

LEAD_S = 0.3
"""A first word is recognized better after silence."""

SURELY_SILENT = 0.2
"""A recording no frame of which is speech with this probability holds no words."""

FULL_SCALE = {1: 128.0, 2: 32_768.0, 4: 2_147_483_648.0}
"""By bytes of a sample."""

YIELD_FRAMES = 32
"""Others have their turn after so many frames."""


def options_of(event: WyomingEvent, assistant: Assistant) -> TranscribeOptions:
    """What a `transcribe` message asks for.

    Raises:
        TextInputError: a language that is not recognized. ProtocolError: it is broken.
    """
    language, known = event.data.get("language") or "", heard_languages(assistant.settings)
    if not isinstance(language, str):
        raise ProtocolError("transcribe: language is not a text")
    if language and base(language) not in known:
        raise TextInputError(f"language {language[:20]!r} is not recognized here", "see describe")
    names = [*event.texts("transcript_names"), *event.texts("transcript_terms")]
    return TranscribeOptions(
        language=base(language),
        vocabulary=terms_of(*names) or assistant.settings.stt.vocabulary,
    )


class Recording:
    """One recording on its way here."""

    def __init__(self, assistant: Assistant, options: TranscribeOptions) -> None:
        self._engine, self._options = assistant.engine, options
        self._voice_activity = assistant.voice_activity()
        self._frames = Frames()
        self._kept: list[Audio] = []
        self._surest = 0.0
        self._stable: list[str] = []
        self._told: list[str] = []
        self._interim = InterimTranscriber(self._pass, INTERIM_MS, self._on_interim)

    @property
    def has_told(self) -> bool:
        """Whether `news` has told any words."""
        return bool(self._told)

    @property
    def seconds(self) -> float:
        """How long it is so far."""
        return len(self._kept) * FRAME_SAMPLES / SAMPLE_RATE

    async def add(self, event: WyomingEvent) -> None:
        """Takes an `audio-chunk`.

        Raises:
            ProtocolError: a format that is not known. AudioInputError: it is too long.
        """
        await self._push(samples_of(event), event.number("rate"))
        if self.seconds > LONGEST_S:
            raise AudioInputError(f"more than {LONGEST_S:g} s of sound", "send it in parts")
        speaks = self._surest > SURELY_SILENT
        if speaks and self.seconds < INTERIM_S and self._interim.due(self.seconds * 1000):
            self._interim.start(self._sound(), len(self._kept), self.seconds * 1000)

    def news(self) -> str:
        """Words that will not change any more and were not told yet."""
        words, self._told = self._stable[len(self._told) :], self._stable
        return " ".join(words)

    async def finish(self) -> tuple[Transcript, str]:
        """Its words, and those of them that `news` did not tell.

        Raises:
            EngineError: the engine could not answer.
        """
        await self.aclose()
        if self._kept:  # what the resampler and the last frame hold back
            await self._push(np.zeros(SAMPLE_RATE // 10, np.float32), SAMPLE_RATE)
        if self._surest <= SURELY_SILENT:
            return Transcript("", self._options.language, 1.0), ""
        found = await self._engine.transcribe(self._sound(), self._options)
        return found, " ".join(after(self._told, found.text.split()))

    async def aclose(self) -> None:
        """Stops what is under way."""
        await self._interim.aclose()

    async def _push(self, samples: Audio, rate: int) -> None:
        for number, frame in enumerate(self._frames.push(samples, rate), 1):
            self._surest = max(self._surest, self._voice_activity.probability(frame))
            self._kept.append(frame)
            if number % YIELD_FRAMES == 0:
                await asyncio.sleep(0)

    def _sound(self) -> Audio:
        return np.concatenate([np.zeros(int(LEAD_S * SAMPLE_RATE), np.float32), *self._kept])

    async def _pass(self, audio: Audio, interim: bool) -> Transcript:
        options = TranscribeOptions(
            self._options.language, vocabulary=self._options.vocabulary, interim=interim
        )
        return await self._engine.transcribe(audio, options)

    def _on_interim(self, stable: str, tentative: str, length_ms: float) -> None:
        self._stable = stable.split()


def after(told: list[str], words: list[str]) -> list[str]:
    """Those of `words` that are not told yet, where the ones that were may have turned out
    otherwise: what follows the beginning to which `told` has the least edit distance."""
    if not told:
        return words
    before, now = list(map(_bare, told)), list(map(_bare, words))
    costs = list(range(len(now) + 1))  # to make the first so many words out of what was told
    for word in before:
        last, costs = costs, [costs[0] + 1]
        for at, other in enumerate(now, 1):
            costs.append(min(last[at] + 1, costs[-1] + 1, last[at - 1] + (word != other)))

    def rank(at: int) -> tuple[int, bool, int]:
        return costs[at], not at or now[at - 1] != before[-1], abs(at - len(told))

    return words[min(range(len(costs)), key=rank) :]


def _bare(word: str) -> str:
    return "".join(char for char in word.casefold() if char.isalnum())


def samples_of(event: WyomingEvent) -> Audio:
    """The sound of an `audio-chunk`, mono.

    Raises:
        ProtocolError: a format that is not known, or half a sample.
    """
    width, channels = event.number("width"), event.number("channels")
    if width not in FULL_SCALE or not 1 <= channels <= 8:
        raise ProtocolError(
            f"samples of {width} bytes in {channels} channels", "1, 2 or 4 bytes, 1 to 8 channels"
        )
    if len(event.payload) % (width * channels):
        raise ProtocolError("half a sample")
    kind = {1: "u1", 2: "<i2", 4: "<i4"}[width]
    values = np.frombuffer(event.payload, kind).astype(np.float32)
    if width == 1:
        values -= FULL_SCALE[1]
    mono = values.reshape(-1, channels).mean(axis=1) / FULL_SCALE[width]
    return np.asarray(mono, dtype=np.float32)
