"""What the engine asks of a model adapter. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol

from voice_local.engine.api import (
    Classified,
    Classify,
    Generate,
    GenerateItem,
    Prefill,
    Prefilled,
    SpeechChunk,
    StageKind,
    Synthesize,
    Transcribe,
    Transcript,
)

Cancelled = Callable[[], bool]
"""Asked between a stage's steps; true means stop at once."""


@dataclass(frozen=True)
class StageReport:
    """What a loaded stage really is: which library, on which device, how much memory it took."""

    stage: str
    adapter: str
    runtime: str
    device: str
    model: str
    memory_mb: float
    load_s: float
    notes: str = ""


@dataclass(frozen=True)
class StageSpec:
    """What a stage is. `takes_phones`: a voice that puts phones of the pronunciation dictionary in
    itself (`Pronunciations.with_phones`)."""

    kind: StageKind
    takes_phones: bool = False


class Stage(Protocol):
    """A model adapter. Its methods block; the engine runs them on a thread of their own.

    Each operation of its kind is a method that takes the request and `cancelled`. Where the
    operation streams, it returns an iterator; else one item.
    """

    spec: ClassVar[StageSpec]

    def describe(self) -> dict[str, str]:
        """`runtime`, `device`, `model`, `notes` as in `StageReport`."""
        ...


class SttStage(Stage, Protocol):
    """A recognizer."""

    def transcribe(self, request: Transcribe, cancelled: Cancelled) -> Transcript:
        """Once `cancelled` nobody waits for the result."""
        ...


class ClassifierStage(Stage, Protocol):
    """A text classifier. A model may not know of topics."""

    def classify(self, request: Classify, cancelled: Cancelled) -> Classified:
        """One `Understanding` for each pair, with the parts that this model gives."""
        ...


class LlmStage(Stage, Protocol):
    """A language model."""

    def generate(self, request: Generate, cancelled: Cancelled) -> Iterator[GenerateItem]:
        """`cancelled` is also asked while the prompt is read."""
        ...

    def prefill(self, request: Prefill, cancelled: Cancelled) -> Prefilled:
        """What was read before `cancelled` is kept."""
        ...

    def use_threads(self, count: int) -> None:
        """Computes on so many threads from now on."""
        ...


class TtsStage(Stage, Protocol):
    """A voice. It is given words: every text is made speakable first."""

    def synthesize(self, request: Synthesize, cancelled: Cancelled) -> Iterator[SpeechChunk]:
        """Without leading silence."""
        ...

    def voices(self) -> list[str]:
        """Names that `synthesize` takes; the first is the default."""
        ...

    def language(self, voice: str | None) -> str:
        """What `voice` speaks, ISO 639-1 with or without a region."""
        ...
