"""Speech in recordings: where it is, and its words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from voice_local.engine.protocol import SAMPLE_RATE, VAD_FRAME, Audio, Engine, Transcript
from voice_local.stages.vad_silero import SileroModel

THRESHOLD = 0.3
"""Lower than in a live conversation: a recording was made on purpose."""

PADDING_S = 0.3
JOIN_S = 0.8
"""Pauses shorter than this do not part two stretches."""

LONGEST_S = 9.0
SHORTEST_FRAMES = 6
"""Stretches with fewer frames of speech, of 32 ms each, hardly hold a word: the recognizer must be sure of it."""

SURE_LOGPROB = -0.2
"""Words are believed where Silero hears hardly any voice only if the recognizer is this sure of each."""


def probabilities(audio: Audio, model: SileroModel) -> list[float]:
    """Silero's probability of speech of each 32 ms of `audio`, the last padded with silence."""
    stream = model.stream()
    padded = np.concatenate([audio, np.zeros(-len(audio) % VAD_FRAME, dtype=np.float32)])
    return [stream.probability(padded[i : i + VAD_FRAME]) for i in range(0, len(padded), VAD_FRAME)]


def stretches(audio: Audio, speech: list[float]) -> Iterator[tuple[Audio, int]]:
    """The stretches of `audio` (16 kHz) that hold speech, with some silence around them, of about 9 s at most.

    With each, how many of its frames hold speech.

    `speech`: what `probabilities` tells of it.
    """
    voiced = [i * VAD_FRAME for i, probability in enumerate(speech) if probability >= THRESHOLD]
    spans: list[list[int]] = []
    for start in voiced:
        near = spans and start - spans[-1][1] < JOIN_S * SAMPLE_RATE
        if near and start + VAD_FRAME - spans[-1][0] < LONGEST_S * SAMPLE_RATE:
            spans[-1][1:] = [start + VAD_FRAME, spans[-1][2] + 1]
        else:
            spans.append([start, start + VAD_FRAME, 1])
    margin = int(PADDING_S * SAMPLE_RATE)
    for index, (start, end, count) in enumerate(spans):
        before = spans[index - 1][1] if index else 0
        after = spans[index + 1][0] if index + 1 < len(spans) else len(audio)
        # Neighbours share the silence between them.
        low = max(start - margin, (before + start) // 2 if index else 0)
        high = min(end + margin, (end + after) // 2 if index + 1 < len(spans) else len(audio))
        yield audio[low:high], count


async def transcribe(engine: Engine, audio: Audio, model: SileroModel) -> Transcript:
    """The words of a whole recording.

    `no_speech_prob` is the surest stretch's; where Silero hears no speech anywhere, what it or the recognizer makes of
    that, whichever is higher.
    """
    speech = probabilities(audio, model)
    found = []
    for piece, frames in stretches(audio, speech):
        heard = await engine.transcribe(piece)
        if frames >= SHORTEST_FRAMES or heard.avg_logprob > SURE_LOGPROB:
            found.append(heard)
    if not found:
        loudest = _loudest(audio, int(LONGEST_S * SAMPLE_RATE))
        tried = await engine.transcribe(loudest)
        sure = tried.text and tried.avg_logprob > SURE_LOGPROB and tried.no_speech_prob < 0.1
        if sure:
            return tried
        return Transcript("", tried.language, max(tried.no_speech_prob, 1 - max(speech, default=0.0)))
    words = [part for part in found if part.text]
    lowest = min(part.no_speech_prob for part in words or found)
    mean = sum(part.avg_logprob for part in words) / len(words) if words else 0.0
    return Transcript(" ".join(part.text for part in words), found[0].language, lowest, mean)


def _loudest(audio: Audio, length: int) -> Audio:
    """The `length` samples with the most energy, on a grid of half a second."""
    if len(audio) <= length:
        return audio
    total = np.concatenate([[0.0], np.cumsum(audio.astype(np.float64) ** 2)])
    starts = np.arange(0, len(audio) - length + 1, SAMPLE_RATE // 2)
    best = int(starts[(total[starts + length] - total[starts]).argmax()])
    return audio[best : best + length]
