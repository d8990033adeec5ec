"""Sound longer than the window: cut where it is quiet, and its transcripts joined."""

from __future__ import annotations

from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.engine.api import Transcript


def join(parts: list[Transcript]) -> Transcript:
    """One transcript of several that follow each other, which must not be none; language: of the
    first with words."""
    spoken = [part for part in parts if part.text]
    if len(parts) == 1 or not spoken:
        return min(parts, key=lambda part: part.no_speech_prob)
    return Transcript(
        " ".join(part.text for part in spoken),
        spoken[0].language,
        min(part.no_speech_prob for part in spoken),
        sum(part.avg_logprob for part in spoken) / len(spoken),
        tuple(word for part in spoken for word in part.words),
    )


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
