"""Stages that do what each request tells them to: for tests of what is around stages."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np

from voice_local.audio.types import Audio
from voice_local.engine.api import (
    Generate,
    GenerateItem,
    GenerationDone,
    Message,
    Prefill,
    Prefilled,
    SpeechChunk,
    StageKind,
    Synthesize,
    TextDelta,
    ToolCall,
    Transcribe,
    Transcript,
)
from voice_local.engine.host import Host
from voice_local.engine.operations import Operation
from voice_local.engine.stage_api import (
    Cancelled,
    StageSpec,
)


@dataclass(frozen=True)
class Script:
    """What one answer is: `count` pieces of `tag`, each after `each_s` seconds.

    `deaf`: it does not ask whether it is cancelled. `lingers_s`: so long it takes to end what was
    cancelled. `repeats`: so many times a piece holds `tag`. `fails`: it raises at its end.
    """

    tag: str = ""
    count: int = 1
    each_s: float = 0.0
    deaf: bool = False
    lingers_s: float = 0.0
    repeats: int = 1
    fails: bool = False

    def prompt(self) -> tuple[Message, ...]:
        """Messages whose answer it is."""
        call = ToolCall("script", asdict(self))
        return (Message(role="user", content="", tool_calls=(call,)),)


class Llm:
    """An `LlmStage`; `running`: answers under way, `most`: at any time, `stopped`: so many of them."""

    spec: ClassVar[StageSpec] = StageSpec(StageKind.LLM)

    def __init__(self) -> None:
        self.running = self.most = self.stopped = 0

    def generate(self, request: Generate, cancelled: Cancelled) -> Iterator[GenerateItem]:
        """See `LlmStage`."""
        (call,) = request.messages[-1]["tool_calls"]
        script = Script(**call.arguments)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            for number in range(script.count):
                if not pause(script.each_s, (lambda: False) if script.deaf else cancelled):
                    self.stopped += 1
                    return
                yield TextDelta(f"{script.tag * script.repeats}:{number} ")
            if script.fails:
                raise LookupError("scripted")
            yield GenerationDone()
        finally:
            time.sleep(script.lingers_s)
            self.running -= 1

    def prefill(self, request: Prefill, cancelled: Cancelled) -> Prefilled:
        """See `LlmStage`."""
        (call,) = request.messages[-1]["tool_calls"]
        return Prefilled(pause(Script(**call.arguments).each_s, cancelled))

    def use_threads(self, count: int) -> None:
        """See `LlmStage`."""


def pause(seconds: float, cancelled: Cancelled) -> bool:
    """Computes for so long; false where it was cancelled."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if cancelled():
            return False
        time.sleep(min(0.005, seconds))
    return not cancelled()


def utterance(tag: int, seconds: float = 0.0) -> Audio:
    """Sound that takes so long to be recognized as `tag`."""
    return np.array([tag, seconds], dtype=np.float32)


class Stt:
    """An `SttStage`. Its transcripts are `tag`, and how many calls were begun before."""

    spec: ClassVar[StageSpec] = StageSpec(StageKind.STT)

    def __init__(self) -> None:
        self.begun = 0

    def transcribe(self, request: Transcribe, cancelled: Cancelled) -> Transcript:
        """See `SttStage`."""
        tag, seconds = request.audio
        number, self.begun = self.begun, self.begun + 1
        pause(float(seconds), cancelled)
        return Transcript(f"{int(tag)} {number}", "en", 0.0)


class Tts:
    """A `TtsStage` that says each word as one sample; the thread that it runs on is its number."""

    spec: ClassVar[StageSpec] = StageSpec(StageKind.TTS)

    def synthesize(self, request: Synthesize, cancelled: Cancelled) -> Iterator[SpeechChunk]:
        """See `TtsStage`."""
        words = request.text.split()
        for left, word in zip(range(len(words) - 1, -1, -1), words, strict=True):
            samples = np.array([float(word), threading.get_ident() % 1000], dtype=np.float32)
            yield SpeechChunk(samples, 16_000, left == 0, float(left))

    def voices(self) -> list[str]:
        """See `TtsStage`."""
        return ["one"]

    def language(self, voice: str | None) -> str:
        """See `TtsStage`."""
        return "en"


@dataclass(frozen=True)
class Rerank:
    """Which of `passages` answers `query` best."""

    query: str
    passages: tuple[str, ...]
    model: str = ""


@dataclass(frozen=True)
class Reranked:
    """Places in `passages`, the best one first."""

    order: tuple[int, ...]


RERANK = Operation("rerank", Rerank, (Reranked,), False, "reranker")
"""One that the engine knows nothing of."""


class Reranker:
    """Answers `RERANK` by the number of words in common."""

    def rerank(self, request: Rerank, cancelled: Cancelled) -> Reranked:
        """Its only operation."""
        wanted = set(request.query.split())
        common = [len(wanted & set(passage.split())) for passage in request.passages]
        return Reranked(tuple(sorted(range(len(common)), key=lambda place: -common[place])))


def fill(host: Host) -> None:
    """Brings one of each in."""
    host.add("stt", StageKind.STT, Stt())
    host.add("llm", StageKind.LLM, Llm())
    host.add("tts", StageKind.TTS, Tts())
    host.add("reranker", RERANK.kind, Reranker())
