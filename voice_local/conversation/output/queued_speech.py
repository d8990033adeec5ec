"""What a `SpeechQueue` holds and tells."""

from __future__ import annotations

from dataclasses import dataclass

from voice_local.audio.types import Audio
from voice_local.conversation.output.played_words import words_until


@dataclass
class QueuedSegment:
    """A segment's sound and how much of it was played."""

    text: str
    samples: Audio
    lead: int = 0  # samples of silence before the words
    played: int = 0
    resumed: Audio | None = None
    rest: int = 0  # samples that are still to come, or were lost, as far as known
    more: bool = False  # the rest is still to come
    filler: bool = False  # said to gain time

    def played_text(self) -> str:
        """Its words that have sounded."""
        if self.played >= len(self.samples) and not self.rest:
            return self.text
        whole = len(self.samples) + self.rest - self.lead
        return words_until(self.text, max(0.0, (self.played - self.lead) / max(1, whole)))


@dataclass(frozen=True)
class PlaybackPosition:
    """Where the output stands.

    Attributes:
        played_text: the answer's words that have sounded.
        samples: taken by the device since the start.
    """

    played_text: str
    samples: int


@dataclass(frozen=True)
class Taken:
    """Samples that a client is to play, and which answer (`generation`) they belong to."""

    generation: int
    samples: Audio
