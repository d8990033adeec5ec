"""Whisper through faster-whisper and CTranslate2.

faster-whisper loads the model, its tokenizer and its feature extractor; encoding and decoding call
CTranslate2 directly, so that a short utterance need not pay for the whole window and nothing is
carried from one call to the next.
"""

from __future__ import annotations

from dataclasses import replace
from typing import (
    Any,
    ClassVar,
)

import numpy as np

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.config import Settings
from voice_local.engine.api import (
    StageKind,
    Transcribe,
    TranscribeOptions,
    Transcript,
    Word,
)
from voice_local.engine.stage_api import (
    Cancelled,
    StageSpec,
)
from voice_local.errors import (
    ConfigError,
    ModelFormatError,
)
from voice_local.models.folder import ModelFolder
from voice_local.models.properties import recognizer_properties
from voice_local.stages.stt import (
    cublas,
    whisper_guard,
    whisper_language,
)
from voice_local.stages.stt.whisper_decoding import WhisperDecoding
from voice_local.stages.stt.whisper_guard import Decoding
from voice_local.stages.stt.whisper_pieces import join, split_at_quiet
from voice_local.stages.stt.whisper_tokens import (
    FRAME_S,
    WhisperTokens,
)

QUIET_RMS = 10 ** (-70 / 20)
"""Below this the sound is nothing at all and the model is not asked."""

LANGUAGE_AFTER_S = 1.0
"""In less sound the language cannot be detected."""


class WhisperStt(WhisperDecoding):
    """An `SttStage` on one device."""

    spec: ClassVar[StageSpec] = StageSpec(StageKind.STT)

    def __init__(self, settings: Settings, models: ModelFolder, threads: int) -> None:
        import ctranslate2
        from faster_whisper import WhisperModel

        self._settings = settings.stt
        others = settings.tts.voices_by_language.items()
        self._spoken = frozenset(
            {settings.tts.language, *(language for language, name in others if name)}
        )
        folder = models.folder(self._settings.model)
        wanted = settings.device
        cards = ctranslate2.get_cuda_device_count() if wanted != "cpu" else 0
        self._device = "cuda" if cards else "cpu"
        if cards:
            cublas.preload()
        try:
            self._model = WhisperModel(
                str(folder),
                device=self._device,
                cpu_threads=threads,
                num_workers=1,
                compute_type=self._compute_type(),
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelFormatError(
                f"{folder} is not a CTranslate2 Whisper model ({str(error).splitlines()[0][:80]})",
                "fetch or train it again",
            ) from None
        self._storage = ctranslate2.StorageView
        self._window_s = float(self._model.feature_extractor.n_samples) / SAMPLE_RATE
        properties = recognizer_properties(models, self._settings.model)
        shortest_s = (
            properties.shortest_window_s
            if self._settings.window_s is None
            else self._settings.window_s
        )
        self._shortest_s = min(shortest_s, self._window_s)
        self._max_tokens = properties.max_tokens
        self._tokens = WhisperTokens(self._model.hf_tokenizer, self._model.model.is_multilingual)
        if self._settings.language != "auto":
            self._tokens.check_language(self._settings.language)
        if self._settings.vocabulary and not properties.takes_vocabulary:
            raise ConfigError(
                f"the recognizer {self._settings.model!r} was not trained to take a vocabulary",
                "leave it out, or use --profile small",
            )
        self._takes_vocabulary = properties.takes_vocabulary
        left_out = self._tokens.left_out(self._settings.vocabulary)
        if left_out:
            raise ConfigError(
                f"the vocabulary is too long for the recognizer's prompt: {len(left_out)} terms do "
                f"not fit, "
                f"the first is {left_out[0]!r}",
                "keep the terms that are misheard without it",
            )

    def _compute_type(self) -> str:
        """What CTranslate2 computes in; `auto`: what is fastest on the device at no cost in
        words."""
        wanted = self._settings.compute_type
        return wanted if wanted != "auto" else "int8" if self._device == "cpu" else "float16"

    def transcribe(self, request: Transcribe, cancelled: Cancelled = lambda: False) -> Transcript:
        """See `SttStage`. Sound longer than the window is cut at its quietest places.

        Raises:
            ConfigError: a language that the model does not know.
        """
        audio, options = request.audio, request.options
        language = options.language or self._settings.language
        if language != "auto":
            self._tokens.check_language(language)
        known = options.conversation_language or ("en" if language == "auto" else language)
        if not len(audio) or float(np.sqrt((audio**2).mean())) < QUIET_RMS:
            return Transcript("", known, 1.0)
        found, start_s = [], 0.0
        for piece in split_at_quiet(audio, int((self._window_s - 0.3) * SAMPLE_RATE)):
            found.append(self._piece(piece, start_s, language, known, options, cancelled))
            start_s += len(piece) / SAMPLE_RATE
        return join(found)

    def _piece(
        self,
        audio: Audio,
        start_s: float,
        language: str,
        known: str,
        options: TranscribeOptions,
        cancelled: Cancelled,
    ) -> Transcript:
        """The transcript of sound that fits the window; `known`: the language where it cannot be
        detected."""
        if cancelled():
            return Transcript("", known, 0.0)
        encoded = self._encode(audio, self._shortest_s)
        if cancelled():
            return Transcript("", known, 0.0)
        if language == "auto":
            language = self._language_of(encoded, len(audio) / SAMPLE_RATE, known)
        chosen = self._decode(audio, encoded, language, options)
        silent = (
            chosen.no_speech_prob >= self._settings.no_speech_threshold
            and chosen.avg_logprob < self._settings.min_avg_logprob
        )
        if silent or not chosen.text:
            return Transcript("", language, chosen.no_speech_prob)
        words: tuple[Word, ...] = ()
        if options.word_times or chosen.loops:
            chosen, words = self._with_times(audio, start_s, encoded, language, chosen)
        return Transcript(
            chosen.text,
            language,
            chosen.no_speech_prob,
            chosen.avg_logprob,
            words if options.word_times else (),
        )

    def _language_of(self, encoded: Any, seconds: float, known: str) -> str:
        """The language that is spoken; `known` when that cannot be detected."""
        if not self._tokens.multilingual or seconds < LANGUAGE_AFTER_S:
            return known
        guesses = self._model.model.detect_language(encoded)[0]
        return whisper_language.decide(
            [(str(token).strip("<|>"), float(share)) for token, share in guesses],
            known,
            lambda language, beams: self._once(encoded, seconds, language, (), beams),
            self._spoken,
        )

    def _with_times(
        self,
        audio: Audio,
        start_s: float,
        encoded: Any,
        language: str,
        chosen: Decoding,
    ) -> tuple[Decoding, tuple[Word, ...]]:
        """`chosen`, its loop cut off if it is one, and when each of its words is said."""
        seconds = len(audio) / SAMPLE_RATE
        if chosen.loops and seconds < whisper_guard.SHORT_S:
            text = whisper_guard.once(chosen.text)
            return replace(chosen, text=text), (Word(text, start_s, start_s + seconds, 1.0),)
        start = self._tokens.prompt(language, ())
        found = self._model.model.align(
            encoded, start, [list(chosen.tokens)], [int(seconds / FRAME_S * 2)]
        )[0]
        spans: dict[int, tuple[float, float]] = {}
        for token, frame in found.alignments:
            first = spans.get(token, (frame * FRAME_S, 0.0))[0]
            spans[token] = first, (frame + 1) * FRAME_S
        starts = [spans.get(index, (seconds, seconds))[0] for index in range(len(chosen.tokens))]
        ends = [spans.get(index, (seconds, seconds))[1] for index in range(len(chosen.tokens))]
        if chosen.loops:
            kept = whisper_guard.spoken_tokens(starts, ends, seconds)
            chosen = replace(
                chosen, text=self._tokens.text(chosen.tokens[:kept]), tokens=chosen.tokens[:kept]
            )
        return chosen, self._tokens.words(
            chosen.tokens, starts, ends, list(found.text_token_probs), start_s
        )

    def describe(self) -> dict[str, str]:
        """What it really runs on."""
        import ctranslate2

        return {
            "runtime": f"ctranslate2 {ctranslate2.__version__}",
            "device": self._device,
            "model": self._settings.model,
            "notes": f"{self._model.model.compute_type}, window {self._shortest_s:.0f} to "
            f"{self._window_s:.0f} s",
        }
