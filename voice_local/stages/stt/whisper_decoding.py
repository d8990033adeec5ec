"""Encodes and decodes one window of sound, in other ways while the result is doubtful."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.config import SttSettings
from voice_local.engine.api import TranscribeOptions
from voice_local.stages.stt import whisper_guard
from voice_local.stages.stt.whisper_guard import Decoding
from voice_local.stages.stt.whisper_tokens import WhisperTokens
from voice_local.text.vocabulary import share_of_terms

ISOLATED_S = 1.0
"""Shorter sound holds hardly more than a word."""

FOREIGN_TEXT = 0.25
"""With a smaller share of the vocabulary's terms a transcript is compared with one made without the
vocabulary."""

VOCABULARY_LOGPROB = -1.5
"""Terms of the vocabulary are accepted down to this. In noise without a word "milk" came with -1.5
to -1.8."""

RETRY_BEAMS = 5


class WhisperDecoding:
    """The part of a `WhisperStt` that runs the model; that one loads it."""

    _settings: SttSettings
    _model: Any
    _storage: Any
    _tokens: WhisperTokens
    _window_s: float
    _shortest_s: float
    _max_tokens: int
    _takes_vocabulary: bool

    def _encode(self, audio: Audio, shortest_s: float) -> Any:
        """The encoder's output for `audio` and silence up to `shortest_s`, or to 0.3 s beyond
        longer sound."""
        seconds = min(
            self._window_s, max(shortest_s, math.ceil((len(audio) / SAMPLE_RATE + 0.3) * 2) / 2)
        )
        padded = np.zeros(int(seconds * SAMPLE_RATE), dtype=np.float32)
        padded[: len(audio)] = audio[: len(padded)]
        features: Any = self._model.feature_extractor(padded, padding=0)
        view = self._storage.from_array(np.ascontiguousarray(features[None], dtype=np.float32))
        return self._model.model.encode(view, to_cpu=False)

    def _decode(
        self, audio: Audio, encoded: Any, language: str, options: TranscribeOptions
    ) -> Decoding:
        """Decodes in other ways while the result is doubtful; the best of them."""
        beams = options.beam_size or self._settings.beam_size
        vocabulary = (
            (options.vocabulary or self._settings.vocabulary) if self._takes_vocabulary else ()
        )
        seconds = len(audio) / SAMPLE_RATE
        if (
            self._settings.max_tokens
        ):  # a fixed length, for measuring: decoded once, and taken as it comes
            fixed = self._generate(
                encoded, seconds, language, vocabulary, beams, self._settings.max_tokens
            )
            return replace(fixed, ended=True)
        tries = []
        if vocabulary:
            first = self._once(encoded, seconds, language, vocabulary, beams)
            if options.interim and not first.repeats:
                return first
            share = share_of_terms(first.text, vocabulary)
            if (
                share >= FOREIGN_TEXT
                and not first.repeats
                and first.avg_logprob >= VOCABULARY_LOGPROB
            ):
                return first
            tries += [first] if share else []
        tries.append(self._once(encoded, seconds, language, (), beams))
        if options.interim:
            return whisper_guard.best(tries)
        if whisper_guard.best(tries).doubtful and beams < RETRY_BEAMS:
            tries.append(self._once(encoded, seconds, language, (), RETRY_BEAMS))
        if whisper_guard.best(tries).loops and self._shortest_s < self._window_s:
            tries.append(
                self._once(self._encode(audio, self._window_s), seconds, language, (), RETRY_BEAMS)
            )
        return whisper_guard.best(tries)

    def _once(
        self, encoded: Any, seconds: float, language: str, vocabulary: tuple[str, ...], beams: int
    ) -> Decoding:
        """One decoding, with as many tokens as the length of the sound suggests, then with all if
        it needs them."""
        most = whisper_guard.token_limit(seconds)
        found = self._generate(encoded, seconds, language, vocabulary, beams, most)
        if found.ended or found.repeats:
            return found
        return self._generate(encoded, seconds, language, vocabulary, beams, self._max_tokens)

    def _generate(
        self,
        encoded: Any,
        seconds: float,
        language: str,
        vocabulary: tuple[str, ...],
        beams: int,
        most: int,
    ) -> Decoding:
        prompt = self._tokens.prompt(language, vocabulary, isolated=seconds < ISOLATED_S)
        # CTranslate2 writes at most half of `max_length`, and counts the prompt.
        length = min(self._max_tokens, max(2 * most, len(prompt) + most))
        limit = min(length // 2, length - len(prompt))
        result = self._model.model.generate(
            encoded,
            [prompt],
            beam_size=beams,
            sampling_temperature=0.0,
            max_length=length,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = tuple(result.sequences_ids[0])
        return Decoding(
            self._tokens.text(tokens),
            tokens,
            result.scores[0] * len(tokens) / (len(tokens) + 1),
            float(result.no_speech_prob),
            len(tokens) < limit,
        )
