"""The hibari voice "heart" through the library `hibari-tts`: American English, 24 kHz, with its own
text front end.

The library would fetch its other voices from the internet when they are first asked for. Only the
one inside the package is offered here, loaded from the file whose digest the lock of models names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import (
    Any,
    ClassVar,
)

import numpy as np

from voice_local.audio.level import finish_segment
from voice_local.config import Settings
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
from voice_local.models.onnx_session import runtime
from voice_local.models.packaged import packaged_file
from voice_local.text.pronounce import for_hibari
from voice_local.text.pronunciations import Pronunciations

VOICE = "heart"


class HibariTts:
    """One voice."""

    spec: ClassVar[StageSpec] = StageSpec(StageKind.TTS, takes_phones=True)

    def __init__(self, settings: Settings, models: ModelFolder, threads: int) -> None:
        path = packaged_file("hibari")
        runtime()  # hibari makes its sessions itself: telemetry is off before it does
        from hibari import Hibari

        try:
            self._hibari: Any = Hibari(voice=VOICE, model=str(path), threads=threads)
            self._seed = settings.seed
            self._pronunciations = Pronunciations.load(settings.tts.pronunciations)
            # The first call builds kernels and loads the lexicons, the first unknown word its own
            # model.
            for _ in self.synthesize(Synthesize("Ready at 1, zubrel."), lambda: False):
                pass
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelFormatError(
                f"{path} is not a voice that hibari loads ({str(error).splitlines()[0][:80]})",
                "install hibari-tts again: pip install --force-reinstall hibari-tts",
            ) from None

    def voices(self) -> list[str]:
        """Names that `synthesize` takes."""
        return [VOICE]

    def language(self, voice: str | None) -> str:
        """What its voice speaks."""
        return "en"

    def synthesize(self, request: Synthesize, cancelled: Cancelled) -> Iterator[SpeechChunk]:
        """See `TtsStage`: one chunk a sentence; nothing for a text without letters.

        Raises:
            TextInputError: an unknown voice.
        """
        text = request.text
        if request.voice not in (None, VOICE):
            raise TextInputError(f"unknown voice {request.voice!r}", f"one of: {VOICE}")
        if not any(char.isalnum() for char in text):
            return
        noise = np.random.default_rng(self._seed)
        parts = [
            phones
            for phones in self._hibari.phonemize(for_hibari(text, self._pronunciations))
            if phones.strip()
        ]
        for number, phones in enumerate(parts):
            if cancelled():
                return
            samples = self._hibari.from_ids(self._hibari.ids(phones), 1.0, noise)
            finished = finish_segment(
                np.asarray(samples, dtype=np.float32), self._hibari.sample_rate
            )
            if len(finished):
                yield SpeechChunk(
                    finished,
                    self._hibari.sample_rate,
                    number + 1 == len(parts),
                    self._remaining_s(parts[number + 1 :], phones, finished),
                )

    def _remaining_s(self, left: list[str], phones: str, finished: Any) -> float:
        """Seconds of the sentences that are left, as long a phone as in the one just spoken."""
        return float(sum(map(len, left)) * len(finished) / self._hibari.sample_rate / len(phones))

    def describe(self) -> dict[str, str]:
        """What it really runs on."""
        from importlib.metadata import version

        provider = self._hibari.sess.get_providers()[0]
        return {
            "runtime": f"hibari-tts {version('hibari-tts')}",
            "device": "cuda" if "CUDA" in provider else "cpu",
            "model": f"hibari/{VOICE}",
            "notes": f"{provider}, {self._hibari.sample_rate} Hz",
        }
