"""Where recordings hold speech, and where to cut them: at pauses, else where the voice is least."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from voice_local.audio.types import FRAME_SAMPLES, SAMPLE_RATE, Audio, VoiceActivity

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

Frames = npt.NDArray[np.int64]
Levels = npt.NDArray[np.float64]


class SpeechDetector(Protocol):
    """Makes detectors of voice activity, as `vad.SileroModel` does."""

    def stream(self) -> VoiceActivity:
        """A new one."""
        ...


def probabilities(audio: Audio, model: SpeechDetector) -> list[float]:
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
