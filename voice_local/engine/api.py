"""The seam between conversations and models. Imports nothing heavy.

`Engine` is what a conversation sees; the `*Stage` protocols are what an engine asks of a model
adapter. Audio is float32 in −1..1, mono. What goes into the engine is at 16 kHz; what comes out
carries its rate.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypedDict

from voice_local.audio.types import Audio

Cancelled = Callable[[], bool]
"""Asked between a stage's steps; true means stop at once."""

EMOTIONS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")


class Message(TypedDict):
    """One chat message; `role` is system, user or assistant."""

    role: str
    content: str


class CutOff(str):
    """The empty piece that ends an answer which reached its limit of tokens."""

    __slots__ = ()


@dataclass(frozen=True)
class Word:
    """One word of a transcript: when it is said, in seconds from the beginning of the sound, and
    how sure it is, 0..1."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True)
class TranscribeOptions:
    """How to transcribe; what is empty comes from the settings.

    Attributes:
        language: ISO 639-1, or `auto`: told from the sound.
        conversation_language: what `auto` falls back to for sound that is too short or unclear to
            tell.
        vocabulary: names and terms to expect; those for which the recognizer has no room are left
            out.
        word_times: whether to tell when each word is said.
        beam_size: how many decodings are followed side by side.
        interim: the words so far, for a moment only: decoded once, also where the result is
            doubtful.
    """

    language: str = ""
    conversation_language: str = ""
    vocabulary: tuple[str, ...] = ()
    word_times: bool = False
    beam_size: int = 0
    interim: bool = False


DEFAULT_OPTIONS = TranscribeOptions()


@dataclass(frozen=True)
class Transcript:
    """What was heard.

    Attributes:
        text: words, empty when there were none.
        language: ISO 639-1 code.
        no_speech_prob: 0..1, that the sound held no words.
        avg_logprob: mean log-probability of the words; 0 when there are none.
        words: each with its time, where that was asked for.
    """

    text: str
    language: str
    no_speech_prob: float
    avg_logprob: float = 0.0
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Label:
    """One calibrated decision of a classifier, `confidence` 0..1, and other outputs by name."""

    name: str
    confidence: float
    extra: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Understanding:
    """What was meant and felt; a part that was not loaded is None.

    Attributes:
        intent, intent_confidence: one of the model's intents or out_of_scope.
        emotion, emotion_confidence: one of `EMOTIONS`.
        complete_prob: 0..1, that the sentence is finished; None if the model cannot tell.
        emergency_prob: 0..1, that it tells of an emergency, whatever the likeliest intent is; None
            as before.
        beyond, beyond_prob: what it asks for that nothing here can do or know, if it does (one of
            `stages.understanding.BEYOND`), and 0..1, that it asks for any such thing; None as
            before.
    """

    intent: str | None = None
    intent_confidence: float | None = None
    emotion: str | None = None
    emotion_confidence: float | None = None
    complete_prob: float | None = None
    emergency_prob: float | None = None
    beyond: str | None = None
    beyond_prob: float | None = None


@dataclass(frozen=True)
class GenerateOptions:
    """How to generate: at most `max_tokens`; `temperature` 0 is greedy; `seed` for the rest.

    `background`: nobody waits for it; it is given up, with `EngineBusyError`, as soon as somebody
    waits for anything.
    """

    max_tokens: int = 96
    temperature: float = 0.0
    seed: int = 7
    background: bool = False


@dataclass(frozen=True)
class SpeechChunk:
    """A clause of synthesized sound, or a piece of one.

    Attributes:
        samples: float32 mono.
        sample_rate: in Hz.
        rest_s: seconds of the clause that are still to come, as far as known; 0 in its last piece.
    """

    samples: Audio
    sample_rate: int
    rest_s: float = 0.0


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


class Engine(Protocol):
    """Speech and language models behind five calls, each cancellable by cancelling its task or
    closing its iterator.

    Every call may raise `StageError`, `WorkerDiedError` or `EngineBusyError`.
    """

    async def transcribe(
        self, audio: Audio, options: TranscribeOptions = DEFAULT_OPTIONS
    ) -> Transcript:
        """Words of one utterance."""
        ...

    async def understand(self, text: str, topic: str | None = None) -> Understanding:
        """Intent, emotion and whether the sentence is finished; `topic`: the intent the
        conversation was about so far."""
        ...

    def generate(self, messages: Sequence[Message], options: GenerateOptions) -> AsyncIterator[str]:
        """The answer, as pieces of text; the last is a `CutOff` where the limit of tokens was
        reached."""
        ...

    async def prefill(self, messages: Sequence[Message]) -> bool:
        """Reads the beginning of a prompt ahead, for a `generate` to come; the last message may yet
        grow.

        Of the lowest priority: it ends as soon as somebody waits for anything. Whether all was
        read.
        """
        ...

    def synthesize(self, text: str, voice: str | None = None) -> AsyncIterator[SpeechChunk]:
        """The sound of one clause, without leading silence, in one chunk or in pieces that join
        without a seam."""
        ...

    async def aclose(self) -> None:
        """Lets go of everything."""
        ...


class SttStage(Protocol):
    """A recognizer."""

    def transcribe(
        self, audio: Audio, options: TranscribeOptions, cancelled: Cancelled
    ) -> Transcript:
        """As `Engine.transcribe`; blocks. Once `cancelled` nobody waits for the result."""
        ...

    def describe(self) -> dict[str, str]:
        """`runtime`, `device`, `model`, `notes` as in `StageReport`."""
        ...


class ClassifierStage(Protocol):
    """A text classifier."""

    def classify(self, texts: Sequence[str], topic: str | None = None) -> list[Label]:
        """One label a text; blocks. `topic` as for `Engine.understand`, of all of them; a model may
        not know of any."""
        ...

    def describe(self) -> dict[str, str]:
        """As `SttStage.describe`."""
        ...


class UnderstandingStage(Protocol):
    """Intent, emotion and whether the sentence is finished, from one pass."""

    def understand(self, texts: Sequence[str], topic: str | None = None) -> list[Understanding]:
        """One for each text, whole; blocks. `topic` as for `Engine.understand`, of all of them."""
        ...

    def describe(self) -> dict[str, str]:
        """As `SttStage.describe`."""
        ...


class LlmStage(Protocol):
    """A language model."""

    def generate(
        self, messages: Sequence[Message], options: GenerateOptions, cancelled: Cancelled
    ) -> Iterator[str]:
        """As `Engine.generate`; blocks between pieces. `cancelled` is also asked while the prompt
        is read."""
        ...

    def prefill(self, messages: Sequence[Message], cancelled: Cancelled) -> Iterator[None]:
        """As `Engine.prefill`; blocks between steps. What was read before `cancelled` is kept."""
        ...

    def use_threads(self, count: int) -> None:
        """Computes on so many threads from now on."""
        ...

    def describe(self) -> dict[str, str]:
        """As `SttStage.describe`."""
        ...


class TtsStage(Protocol):
    """A voice. It is given words: `LocalEngine` makes every text speakable first.

    A stage whose voices are not all English also has `language(voice) -> str`, ISO 639-1 with or
    without a region. One that takes phones of the pronunciation dictionary has `takes_phones =
    True` and puts them in itself (`Pronunciations.with_phones`).
    """

    def synthesize(
        self, text: str, voice: str | None, cancelled: Cancelled
    ) -> Iterator[SpeechChunk]:
        """As `Engine.synthesize`; blocks between chunks."""
        ...

    def voices(self) -> list[str]:
        """Names that `synthesize` takes; the first is the default."""
        ...

    def describe(self) -> dict[str, str]:
        """As `SttStage.describe`."""
        ...


Stage = Any
"""One of the five above; which, its name in the registry tells."""
