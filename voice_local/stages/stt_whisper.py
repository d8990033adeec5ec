"""Whisper through faster-whisper and CTranslate2.

faster-whisper loads the model, its tokenizer and its feature extractor; encoding and decoding call CTranslate2 directly,
so that a short utterance need not pay for the whole window and nothing is carried from one call to the next.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from voice_local.config import Settings
from voice_local.engine.protocol import SAMPLE_RATE, Audio, Transcript
from voice_local.errors import ModelFormatError
from voice_local.models.folder import ModelFolder
from voice_local.stages import cublas

QUIET_RMS = 10 ** (-70 / 20)
"""Below this the sound is nothing at all and the model is not asked."""


class WhisperStt:
    """A recognizer on one device."""

    def __init__(self, settings: Settings, models: ModelFolder, threads: int) -> None:
        import ctranslate2
        from faster_whisper import WhisperModel

        self._settings = settings.stt
        folder = models.folder(self._settings.model)
        wanted = settings.device
        cards = ctranslate2.get_cuda_device_count() if wanted != "cpu" else 0
        self._device = "cuda" if cards else "cpu"
        if cards:
            cublas.preload()
        try:
            self._model = WhisperModel(str(folder), device=self._device, cpu_threads=threads, num_workers=1,
                                       compute_type=self._settings.compute_type, local_files_only=True)
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelFormatError(f"{folder} is not a CTranslate2 Whisper model ({str(error).splitlines()[0][:80]})",
                                   "fetch or train it again") from None
        self._storage = ctranslate2.StorageView
        extractor = self._model.feature_extractor
        self._window = float(extractor.n_samples) / SAMPLE_RATE
        self._shortest = self._window if self._settings.window_s is None else self._settings.window_s
        self._prompt = self._make_prompt()

    def _make_prompt(self) -> list[int]:
        names = ["<|startoftranscript|>"]
        if self._model.model.is_multilingual:
            names += [f"<|{self._settings.language}|>", "<|transcribe|>"]
        names.append("<|notimestamps|>")
        ids = [self._model.hf_tokenizer.token_to_id(name) for name in names]
        if None in ids:
            raise ModelFormatError(f"the recognizer's tokenizer lacks one of {names}", "choose another language or model")
        return [int(i) for i in ids]

    def transcribe(self, audio: Audio) -> Transcript:
        """Words in `audio` (16 kHz). Longer than the window, it is cut at its quietest places."""
        if not len(audio) or float(np.sqrt((audio**2).mean())) < QUIET_RMS:
            return Transcript("", self._settings.language, 1.0)
        parts = [self._window_of(piece) for piece in split_at_quiet(audio, int((self._window - 0.3) * SAMPLE_RATE))]
        spoken = [part for part in parts if part.text]
        if not spoken:
            return Transcript("", self._settings.language, min(part.no_speech_prob for part in parts))
        return Transcript(
            " ".join(part.text for part in spoken), self._settings.language,
            min(part.no_speech_prob for part in spoken), sum(part.avg_logprob for part in spoken) / len(spoken))

    def _window_of(self, audio: Audio) -> Transcript:
        seconds = min(self._window, max(self._shortest, math.ceil((len(audio) / SAMPLE_RATE + 0.3) * 2) / 2))
        padded = np.zeros(int(seconds * SAMPLE_RATE), dtype=np.float32)
        padded[: len(audio)] = audio[: len(padded)]
        features: Any = self._model.feature_extractor(padded, padding=0)
        view = self._storage.from_array(np.ascontiguousarray(features[None], dtype=np.float32))
        encoded = self._model.model.encode(view, to_cpu=False)
        result = self._model.model.generate(
            encoded, [self._prompt], beam_size=self._settings.beam_size, sampling_temperature=0.0,
            max_length=self._settings.max_tokens, return_scores=True, return_no_speech_prob=True)[0]
        tokens = result.sequences_ids[0]
        logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
        text = self._model.hf_tokenizer.decode(tokens, skip_special_tokens=True).strip()
        silent = result.no_speech_prob >= self._settings.no_speech_threshold and logprob < self._settings.min_avg_logprob
        return Transcript("" if silent else text, self._settings.language, float(result.no_speech_prob), float(logprob))

    def describe(self) -> dict[str, str]:
        """What it really runs on."""
        import ctranslate2

        return {"runtime": f"ctranslate2 {ctranslate2.__version__}", "device": self._device,
                "model": self._settings.model, "notes": f"{self._model.model.compute_type}, {self._window:.0f} s window"}


def split_at_quiet(audio: Audio, longest: int) -> list[Audio]:
    """Pieces of at most `longest` samples, cut at the quietest 20 ms of each piece's last third."""
    pieces = []
    while len(audio) > longest:
        frame = SAMPLE_RATE // 50
        start = longest * 2 // 3
        tail = audio[start:longest]
        count = len(tail) // frame
        energy = (tail[: count * frame].reshape(count, frame) ** 2).sum(axis=1)
        cut = start + int(energy.argmin()) * frame + frame // 2
        pieces.append(audio[:cut])
        audio = audio[cut:]
    return [*pieces, audio] if len(audio) else pieces
