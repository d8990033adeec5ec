"""Speech in recordings: where it is, and its words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from voice_local.audio.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    Audio,
)
from voice_local.audio.vad import SileroModel
from voice_local.engine.api import (
    DEFAULT_OPTIONS,
    TranscribeOptions,
    Transcript,
    Word,
)
from voice_local.engine.client import EngineClient
from voice_local.models.properties import RecognizerProperties

THRESHOLD = 0.3
"""Lower than in a live conversation: a recording was made on purpose."""

PADDING_S = 0.3
JOIN_S = 0.8
"""Pauses shorter than this do not part two stretches, unless they get too long together. A model
may say otherwise."""

LONGEST_S = 9.0
"""Longest stretch by default: what the embedded recognizer was trained with."""

PAUSE_FRAMES = 4
"""Without so many frames of silence on end, 0.13 s, speech runs on: a stop consonant may be as
silent for less."""

REST_S = 1.0
"""A cut leaves at least so much: a syllable alone is hardly understood."""

SHORTEST_FRAMES, SHORTEST_SHARE = 6, 0.25
"""Stretches with fewer frames of speech, of 32 ms each, hardly hold a word: the recognizer must be
sure of it. Unless they are that part of the recording: then it was cut to a single short word."""

SURE_LOGPROB, SURE_PROB = -0.2, 0.1
"""Where Silero hears no voice at all, words need a higher mean log-probability and a lower one of
no speech."""

Frames = npt.NDArray[np.int64]
Levels = npt.NDArray[np.float64]


def probabilities(audio: Audio, model: SileroModel) -> list[float]:
    """Silero's probability of speech of each 32 ms of `audio`, the last padded with silence."""
    stream = model.stream()
    padded = np.concatenate([audio, np.zeros(-len(audio) % FRAME_SAMPLES, dtype=np.float32)])
    return [
        stream.probability(padded[i : i + FRAME_SAMPLES])
        for i in range(0, len(padded), FRAME_SAMPLES)
    ]


def stretches(
    audio: Audio, speech: list[float], longest_s: float = LONGEST_S, join_s: float = JOIN_S
) -> Iterator[tuple[int, Audio, int]]:
    """The stretches of `audio` (16 kHz) that hold speech, in order, with up to `PADDING_S` of
    silence at either end.

    With each, its first sample and how many of its frames hold speech. Every frame that does is in
    exactly one of them.

    `speech`: what `probabilities` gives for it; `longest_s`: the longest stretch, without the
    silence at its ends; `join_s`: the longest pause within a stretch.
    """
    voiced = np.flatnonzero(np.asarray(speech) >= THRESHOLD)
    longest, joined = (
        max(1, int(seconds * SAMPLE_RATE) // FRAME_SAMPLES) for seconds in (longest_s, join_s)
    )
    spans = list(_spans(voiced, _levels(audio, speech), longest, joined))
    margin = int(PADDING_S * SAMPLE_RATE)
    edges = [(int(span[0]) * FRAME_SAMPLES, (int(span[-1]) + 1) * FRAME_SAMPLES) for span in spans]
    for index, (start, end) in enumerate(edges):
        # Neighbours share the silence between them.
        low = max(start - margin, (edges[index - 1][1] + start) // 2 if index else 0)
        high = min(
            end + margin, (end + edges[index + 1][0]) // 2 if index + 1 < len(edges) else len(audio)
        )
        yield low, audio[low:high], len(spans[index])


def _levels(audio: Audio, speech: list[float]) -> Levels:
    """How much voice there seems to be around each frame, 0 and up: by Silero, and by the loudness
    of its 0.1 s."""
    padded = np.pad(audio, (0, max(0, len(speech) * FRAME_SAMPLES - len(audio))))[
        : len(speech) * FRAME_SAMPLES
    ]
    loudness = np.sqrt((padded.reshape(-1, FRAME_SAMPLES).astype(np.float64) ** 2).mean(axis=1))
    mean = np.convolve(loudness, np.ones(3) / 3, mode="same") if len(loudness) >= 3 else loudness
    return np.asarray(speech) + mean / max(float(mean.max(initial=0.0)), 1e-9)


def _spans(voiced: Frames, levels: Levels, longest: int, joined: int) -> Iterator[Frames]:
    """`voiced`, the numbers of the frames with speech, in spans of at most `longest` frames from
    first to last.

    A pause of more than `joined` frames parts two.
    """
    for run in np.split(voiced, np.flatnonzero(np.diff(voiced) > joined) + 1):
        while len(run) and run[-1] - run[0] >= longest:
            cut = _cut(run, levels, longest)
            yield run[:cut]
            run = run[cut:]
        if len(run):
            yield run


def _cut(run: Frames, levels: Levels, longest: int) -> int:
    """Where to cut `run`, which is longer than `longest` frames: the index of the first frame that
    comes after.

    In its longest pause, if it has any that is one, but not within the first third of `longest`;
    else where there is the least voice in the last third. Either leaves `REST_S` where it can.
    """
    rest = int(REST_S * SAMPLE_RATE) // FRAME_SAMPLES
    latest = min(longest, max(int(run[-1] - run[0]) - rest, longest * 2 // 3))
    within = run[0] + np.array([longest // 3, longest * 2 // 3, latest])
    early, late, last = (max(1, int(index)) for index in np.searchsorted(run, within))
    gaps = np.diff(run)[early - 1 : last]
    if gaps.max() > PAUSE_FRAMES:
        return early + len(gaps) - 1 - int(gaps[::-1].argmax())
    return late + int(levels[run[late : last + 1]].argmin())


async def transcribe(
    engine: EngineClient,
    audio: Audio,
    model: SileroModel,
    recognizer: RecognizerProperties,
    options: TranscribeOptions = DEFAULT_OPTIONS,
) -> Transcript:
    """The words of a whole recording; the recognizer gets at most about its `longest_s` at a time.

    `no_speech_prob` is the surest stretch's; where Silero hears no speech anywhere, what it or the
    recognizer makes of that, whichever is higher.
    """
    speech = probabilities(audio, model)
    found = []
    for start, piece, frames in stretches(audio, speech, recognizer.longest_s, recognizer.join_s):
        # A recording may begin within its first word, which is recognized better after silence.
        if start == 0:
            start = -int(PADDING_S * SAMPLE_RATE)
            piece = np.concatenate([np.zeros(-start, dtype=np.float32), piece])
        transcript = await engine.transcribe(piece, options)
        enough = min(SHORTEST_FRAMES, max(2, SHORTEST_SHARE * len(speech)))
        if frames >= enough or transcript.avg_logprob > recognizer.sure_logprob:
            found.append(_moved(transcript, start / SAMPLE_RATE))
            if transcript.text:  # in doubt, a recording stays in one language
                options = replace(options, conversation_language=transcript.language)
    if not found:
        loudest = _loudest(audio, int(recognizer.longest_s * SAMPLE_RATE))
        tried = await engine.transcribe(loudest, options)
        sure = tried.text and tried.avg_logprob > SURE_LOGPROB and tried.no_speech_prob < SURE_PROB
        if sure:
            return tried
        return Transcript(
            "", tried.language, max(tried.no_speech_prob, 1 - max(speech, default=0.0))
        )
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


def _loudest(audio: Audio, length: int) -> Audio:
    """The `length` samples with the most energy, on a grid of half a second."""
    if len(audio) <= length:
        return audio
    total = np.concatenate([[0.0], np.cumsum(audio.astype(np.float64) ** 2)])
    starts = np.arange(0, len(audio) - length + 1, SAMPLE_RATE // 2)
    best = int(starts[(total[starts + length] - total[starts]).argmax()])
    return audio[best : best + length]
