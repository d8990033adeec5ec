"""Kokoro-82M in ONNX: one model, its voices as tables of style beside it. 24 kHz.

The style of a text depends on its length: a voice has a row for each number of phones, and the row
of the number of phones is taken, as Kokoro's own pipeline does. The model computes about as long as
half its speech lasts on two cores, so a segment comes in pieces: a short one first, then longer
ones that are ready before the one before has been played.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import (
    Any,
    ClassVar,
)

import numpy as np
import numpy.typing as npt

from voice_local.audio.level import finish_segment
from voice_local.audio.types import Audio
from voice_local.config import Settings
from voice_local.cpu_threads import thread_shares
from voice_local.engine.api import (
    SpeechChunk,
    StageKind,
    Synthesize,
)
from voice_local.engine.stage_api import (
    Cancelled,
    StageSpec,
)
from voice_local.errors import (
    ModelFormatError,
    TextInputError,
)
from voice_local.models.folder import ModelFolder
from voice_local.models.formats import STYLE_SHAPE
from voice_local.models.onnx_session import (
    make_session,
    runtime,
)
from voice_local.stages.tts import kokoro_phones
from voice_local.text import espeak
from voice_local.text.languages import (
    KOKORO,
    base,
)
from voice_local.text.pronunciations import Pronunciations
from voice_local.text.samples import SAMPLES

SAMPLE_RATE = 24_000
FIRST_PHONES, GROWTH = 22, 1.5
PER_PHONE_S = 0.07
"""About how long a phone lasts, before any was spoken."""


class KokoroTts:
    """The model and the voices of the languages that can be read here."""

    spec: ClassVar[StageSpec] = StageSpec(StageKind.TTS, takes_phones=True)

    def __init__(self, settings: Settings, models: ModelFolder, threads: int) -> None:
        self._name = settings.tts.model
        folder = models.folder(self._name)
        runtime()  # hibari's front end makes sessions of its own: telemetry is off before it does
        self._phones = kokoro_phones.Phones(Pronunciations.load(settings.tts.pronunciations))
        # A first piece is waited for, so every core may work on it. Beside a busy generation two
        # threads that spin take 1.5 times as long as one; two that do not, no longer than one
        # (measured on two cores).
        cores = thread_shares(settings.cpu_threads)["stt"]
        try:
            self._session: Any = make_session(
                next(iter(sorted(folder.glob("*.onnx")))), cores, spin=False
            )
        except Exception as error:  # onnxruntime's own kinds
            raise ModelFormatError(
                f"{folder} is not a Kokoro that onnxruntime loads "
                f"({str(error).splitlines()[0][:80]})",
                "voice-local models download kokoro",
            ) from None
        self._inputs = {one.name: one.type for one in self._session.get_inputs()}
        self._styles = {path.stem: path for path in sorted((folder / "voices").glob("*.bin"))}
        self._cache: dict[str, npt.NDArray[np.float32]] = {}
        self._default = (
            settings.tts.voice if settings.tts.voice in self.voices() else self.voices()[0]
        )
        for _ in self.synthesize(
            Synthesize(SAMPLES[base(KOKORO[self._default[0]])]), lambda: False
        ):
            break  # the first call builds kernels and loads the lexicon

    def voices(self) -> list[str]:
        """Names that `synthesize` takes, of languages whose phones can be had here."""
        return [
            name
            for name in self._styles
            if KOKORO.get(name[0], "").startswith("en")
            or (name[0] in KOKORO and espeak.available())
        ]

    def language(self, voice: str | None) -> str:
        """What `voice` speaks."""
        return KOKORO[(voice or self._default)[0]]

    def synthesize(self, request: Synthesize, cancelled: Cancelled) -> Iterator[SpeechChunk]:
        """See `TtsStage`: a segment in pieces; nothing for a text without letters.

        Raises:
            TextInputError: an unknown voice.
        """
        text, name = request.text, request.voice or self._default
        if name not in self.voices():
            raise TextInputError(
                f"unknown voice {name!r}", f"one of: {', '.join(self.voices()[:12])}"
            )
        if not any(char.isalnum() for char in text):
            return
        parts = kokoro_phones.pieces(self._phones.of(text, KOKORO[name[0]]), FIRST_PHONES, GROWTH)
        per_phone_s = PER_PHONE_S
        for number, phones in enumerate(parts):
            if cancelled():
                return
            finished = finish_segment(self._sound(phones, name), SAMPLE_RATE)
            if not len(finished):
                continue
            per_phone_s = len(finished) / SAMPLE_RATE / len(phones)
            remaining_s = per_phone_s * sum(map(len, parts[number + 1 :]))
            yield SpeechChunk(finished, SAMPLE_RATE, number + 1 == len(parts), remaining_s)

    def _sound(self, phones: str, voice: str) -> Audio:
        """The model's sound of at most `kokoro_phones.MOST` phones."""
        tokens = np.array([[0, *(self._phones.table[char] for char in phones), 0]], dtype=np.int64)
        given: dict[str, Any] = {
            "style": self._style(voice)[len(phones) - 1][None],
            "speed": self._speed(),
        }
        given["tokens" if "tokens" in self._inputs else "input_ids"] = tokens
        return np.asarray(self._session.run(None, given)[0], dtype=np.float32).reshape(-1)

    def _speed(self) -> Any:
        whole = "int" in self._inputs["speed"]
        return np.ones(1, dtype=np.int32 if whole else np.float32)

    def _style(self, voice: str) -> npt.NDArray[np.float32]:
        """(phones, style): the rows of one voice."""
        if voice not in self._cache:
            self._cache[voice] = _styles(self._styles[voice])
        return self._cache[voice]

    def describe(self) -> dict[str, str]:
        """What it really runs on."""
        provider = self._session.get_providers()[0]
        return {
            "runtime": f"onnxruntime {runtime().__version__}",
            "device": "cuda" if "CUDA" in provider else "cpu",
            "model": self._name,
            "notes": f"kokoro/{self._default}, {len(self.voices())} voices, {SAMPLE_RATE} Hz",
        }


def _styles(path: Path) -> npt.NDArray[np.float32]:
    return np.fromfile(path, dtype="<f4").reshape(STYLE_SHAPE)
