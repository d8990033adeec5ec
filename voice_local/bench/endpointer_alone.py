"""What the endpointer makes of recordings by Silero alone, with a fixed silence window."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from voice_local.audio.files import read_audio
from voice_local.audio.level import audible_span
from voice_local.audio.types import FRAME_SAMPLES, SAMPLE_RATE, Audio
from voice_local.audio.vad import SileroModel
from voice_local.config import load
from voice_local.conversation.input.endpointing import Endpointer, SpeechEnded

WINDOWS_MS = (200, 300, 500, 800, 1200)


def ends_lost(sounds: list[Audio]) -> list[float]:
    """1 for each sentence whose first or last audible 20 ms are outside what the endpointer hands
    on."""
    lost = []
    for sound in sounds:
        first, end = audible_span(sound, SAMPLE_RATE, -40)
        spans = utterance_spans(
            np.concatenate([sound, np.zeros(2 * SAMPLE_RATE, dtype=np.float32)]), 600
        )
        margin = SAMPLE_RATE // 50
        lost.append(float(not spans or spans[0][0] > first + margin or spans[-1][1] < end - margin))
    return lost


def utterance_spans(audio: Audio, window_ms: int) -> list[tuple[int, int]]:
    """(first, last + 1) sample of each utterance handed on with a fixed window, pre-roll and tail
    included."""
    settings = load("tiny", vad={"endpointing_delay_ms": window_ms}).vad
    endpointer, silero = Endpointer(settings), SileroModel().stream()
    found = []
    for start in range(0, len(audio) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        frame = audio[start : start + FRAME_SAMPLES]
        for event in endpointer.push(frame, silero.probability(frame)):
            if isinstance(event, SpeechEnded):
                last = event.end + min(event.committed - event.end, SAMPLE_RATE // 5)
                found.append((last - len(event.audio), last))
    return found


def natural_cuts(data: Path, count: int) -> dict[int, list[float]]:
    """Read utterances cut in two or more, by the silence waited for: Silero alone, no words
    known."""
    files = sorted([*data.glob("librispeech*/**/*.flac"), *data.glob("librispeech*/**/*.wav")])[
        :count
    ]
    sounds = [
        np.concatenate([read_audio(file), np.zeros(2 * SAMPLE_RATE, np.float32)]) for file in files
    ]
    return (
        {
            window: [float(len(utterance_spans(sound, window)) > 1) for sound in sounds]
            for window in WINDOWS_MS
        }
        if sounds
        else {}
    )
