"""What a stage answers to one request, without the request's boilerplate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from voice_local.audio.types import Audio
from voice_local.engine.api import (
    DEFAULT_OPTIONS,
    Classify,
    Generate,
    GenerateItem,
    GenerateOptions,
    Message,
    Prefill,
    SpeechChunk,
    Synthesize,
    TextDelta,
    Transcribe,
    TranscribeOptions,
    Transcript,
    Understanding,
)
from voice_local.engine.stage_api import (
    Cancelled,
    ClassifierStage,
    LlmStage,
    SttStage,
    TtsStage,
)


def never() -> bool:
    """A call that nobody cancels."""
    return False


def transcribed(
    stage: SttStage,
    audio: Audio,
    options: TranscribeOptions = DEFAULT_OPTIONS,
    cancelled: Cancelled = never,
) -> Transcript:
    """The words of `audio`."""
    return stage.transcribe(Transcribe(audio, options), cancelled)


def classified(
    stage: ClassifierStage, texts: Iterable[str], topic: str | None = None
) -> tuple[Understanding, ...]:
    """What each of `texts` means, all of them about `topic`."""
    return stage.classify(Classify(tuple((text, topic) for text in texts)), never).items


def generated(
    stage: LlmStage, messages: Sequence[Message], options: GenerateOptions | None = None
) -> Iterator[GenerateItem]:
    """The items of an answer."""
    return stage.generate(Generate(tuple(messages), options or GenerateOptions()), never)


def text(items: Iterable[GenerateItem]) -> str:
    """The text of an answer."""
    return "".join(item.text for item in items if isinstance(item, TextDelta))


def prefilled(stage: LlmStage, messages: Sequence[Message]) -> bool:
    """Reads ahead; whether all was read."""
    return stage.prefill(Prefill(tuple(messages)), never).whole


def chunks(
    stage: TtsStage, text: str, voice: str | None = None, cancelled: Cancelled = never
) -> Iterator[SpeechChunk]:
    """The sound of `text`."""
    return stage.synthesize(Synthesize(text, voice), cancelled)
