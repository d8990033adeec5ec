"""The words of whole recordings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol, cast

import numpy as np

from voice_local.audio.stretches import PADDING_S, SpeechDetector, probabilities, stretches
from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.engine.api import (
    DEFAULT_OPTIONS,
    Priority,
    Transcribe,
    TranscribeOptions,
    Transcript,
    Word,
)
from voice_local.engine.client import EngineClient
from voice_local.engine.operations import TRANSCRIBE

SHORTEST_FRAMES, SHORTEST_SHARE = 6, 0.25
"""Stretches with fewer frames of speech, of 32 ms each, hardly hold a word: the recognizer must be
sure of it. Unless they are that part of the recording: then it was cut to a single short word."""

SURE_LOGPROB, SURE_PROB = -0.2, 0.1
"""Where Silero hears no voice at all, words need a higher mean log-probability and a lower one of
no speech."""


class Recognizer(Protocol):
    """What has to be known of a recognizer; see `models.properties.RecognizerProperties`."""

    @property
    def longest_s(self) -> float:
        """The longest stretch of speech to recognize at once."""
        ...

    @property
    def join_s(self) -> float:
        """The longest pause within such a stretch."""
        ...

    @property
    def sure_logprob(self) -> float:
        """Where there is hardly any voice, words of a higher mean log-probability are believed."""
        ...


@dataclass(frozen=True)
class Passage:
    """A stretch of speech within a recording: its words, and where it is, in seconds."""

    transcript: Transcript
    start_s: float
    end_s: float


async def transcribe(
    engine: EngineClient,
    audio: Audio,
    model: SpeechDetector,
    recognizer: Recognizer,
    options: TranscribeOptions = DEFAULT_OPTIONS,
) -> Transcript:
    """The words of a whole recording; see `passages`."""
    async with aclosing(passages(engine, audio, model, recognizer, options)) as found:
        return joined([passage.transcript async for passage in found])


async def passages(
    engine: EngineClient,
    audio: Audio,
    model: SpeechDetector,
    recognizer: Recognizer,
    options: TranscribeOptions = DEFAULT_OPTIONS,
) -> AsyncGenerator[Passage, None]:
    """The words of a recording, stretch by stretch as they are recognized; the recognizer gets at
    most about its `longest_s` at a time. At least one, which may be without words.

    Whoever talks to the assistant goes first: nobody waits for each stretch of a recording.

    Where Silero hears no speech anywhere, `no_speech_prob` is what it or the recognizer makes of
    that, whichever is higher.
    """
    speech, found = await asyncio.to_thread(_stretches, audio, model, recognizer)
    any_found = False
    for start, piece, frames in found:
        end = start + len(piece)
        # A recording may begin within its first word, which is recognized better after silence.
        if start == 0:
            start = -int(PADDING_S * SAMPLE_RATE)
            piece = np.concatenate([np.zeros(-start, dtype=np.float32), piece])
        transcript = await _recognized(engine, piece, options)
        enough = min(SHORTEST_FRAMES, max(2, SHORTEST_SHARE * len(speech)))
        if frames < enough and transcript.avg_logprob <= recognizer.sure_logprob:
            continue
        any_found = True
        if transcript.text:  # in doubt, a recording stays in one language
            options = replace(options, conversation_language=transcript.language)
        moved = _moved(transcript, start / SAMPLE_RATE)
        yield Passage(moved, max(start, 0) / SAMPLE_RATE, end / SAMPLE_RATE)
    if not any_found:
        yield await _in_doubt(engine, audio, speech, recognizer, options)


def joined(found: Sequence[Transcript]) -> Transcript:
    """One transcript of at least one part. `no_speech_prob` is the surest part's."""
    words = [part for part in found if part.text]
    lowest = min(part.no_speech_prob for part in words or found)
    mean = sum(part.avg_logprob for part in words) / len(words) if words else 0.0
    return Transcript(
        " ".join(part.text for part in words),
        (words or found)[0].language,
        lowest,
        mean,
        tuple(word for part in words for word in part.words),
    )


def _stretches(
    audio: Audio, model: SpeechDetector, recognizer: Recognizer
) -> tuple[list[float], list[tuple[int, Audio, int]]]:
    speech = probabilities(audio, model)
    return speech, list(stretches(audio, speech, recognizer.longest_s, recognizer.join_s))


async def _recognized(engine: EngineClient, audio: Audio, options: TranscribeOptions) -> Transcript:
    request = Transcribe(audio, options)
    return cast(Transcript, await engine.one(TRANSCRIBE, request, Priority.INTERACTIVE))


async def _in_doubt(
    engine: EngineClient,
    audio: Audio,
    speech: list[float],
    recognizer: Recognizer,
    options: TranscribeOptions,
) -> Passage:
    """What is said where no speech was found: nothing, unless the recognizer is sure of it."""
    start, loudest = _loudest(audio, int(recognizer.longest_s * SAMPLE_RATE))
    tried = await _recognized(engine, loudest, options)
    sure = tried.text and tried.avg_logprob > SURE_LOGPROB and tried.no_speech_prob < SURE_PROB
    if not sure:
        silent = max(tried.no_speech_prob, 1 - max(speech, default=0.0))
        tried = Transcript("", tried.language, silent)
    start_s = start / SAMPLE_RATE
    return Passage(_moved(tried, start_s), start_s, start_s + len(loudest) / SAMPLE_RATE)


def _moved(transcript: Transcript, by_s: float) -> Transcript:
    """`transcript` with its words' times later by `by_s`."""
    return replace(
        transcript,
        words=tuple(
            Word(
                word.text,
                max(0.0, round(word.start_s + by_s, 2)),
                max(0.0, round(word.end_s + by_s, 2)),
                word.probability,
            )
            for word in transcript.words
        ),
    )


def _loudest(audio: Audio, length: int) -> tuple[int, Audio]:
    """The `length` samples with the most energy, on a grid of half a second, after their first."""
    if len(audio) <= length:
        return 0, audio
    total = np.concatenate([[0.0], np.cumsum(audio.astype(np.float64) ** 2)])
    starts = np.arange(0, len(audio) - length + 1, SAMPLE_RATE // 2)
    best = int(starts[(total[starts + length] - total[starts]).argmax()])
    return best, audio[best : best + length]
