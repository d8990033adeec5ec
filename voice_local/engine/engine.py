"""The engine inside its process: every stage loaded once, each on a thread of its own.

Serves the `Engine` protocol with blocking stages behind it: one call at a time a stage (a stream is one call, to its end),
calls to different stages side by side. Cancelling a call's task, or closing its iterator, stops the stage at its next step.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

import psutil

from voice_local.config import Settings, thread_shares
from voice_local.engine import registry
from voice_local.engine.protocol import (
    DEFAULT_OPTIONS,
    Audio,
    Cancelled,
    ClassifierStage,
    GenerateOptions,
    Message,
    SpeechChunk,
    Stage,
    StageReport,
    TranscribeOptions,
    Transcript,
    Understanding,
    UnderstandingStage,
)
from voice_local.errors import StageError, VoiceLocalError
from voice_local.models.folder import ModelFolder, profile_folder

T = TypeVar("T")


class LocalEngine:
    """The stages named in `stages` (of stt, intent, emotion, llm, tts), loaded when constructed."""

    def __init__(self, settings: Settings, stages: Sequence[str]) -> None:
        models = ModelFolder(profile_folder(settings.profile, settings.models_dir))
        shares = thread_shares(settings.cpu_threads)
        self._settings = settings
        self._stages: dict[str, Stage] = {}
        self._lanes: dict[str, ThreadPoolExecutor] = {}
        self._streams: dict[tuple[str, asyncio.AbstractEventLoop], asyncio.Lock] = {}
        self.reports: list[StageReport] = []
        me = psutil.Process()
        for name in stages:
            adapter = getattr(settings, name).adapter
            if (twin := self._twin(adapter)) is not None:
                self._stages[name], self._lanes[name] = self._stages[twin], self._lanes[twin]
                told = next(report for report in self.reports if report.stage == twin)
                self.reports.append(replace(told, stage=name, memory_mb=0.0, load_s=0.0, notes=f"one pass with {twin}"))
                continue
            before, began = me.memory_info().rss, time.monotonic()
            lane = ThreadPoolExecutor(1, thread_name_prefix=name)
            # Loaded where it will run: some libraries keep what they have loaded for one thread only.
            stage = lane.submit(registry.build, adapter, settings, models, shares[name]).result()
            about = stage.describe()
            self._stages[name], self._lanes[name] = stage, lane
            self.reports.append(StageReport(
                name, adapter, about["runtime"], about["device"], about["model"],
                max(0.0, (me.memory_info().rss - before) / 2**20), time.monotonic() - began, about.get("notes", "")))

    def _twin(self, adapter: str) -> str | None:
        """The stage, loaded already, whose model tells what one of `adapter` tells, too."""
        return next((name for name in self._stages if adapter in registry.WHOLE
                     and getattr(self._settings, name).adapter == adapter), None)

    def _stage(self, name: str) -> Stage:
        if name not in self._stages:
            raise StageError(f"the {name} stage is not loaded", "ask for it when the engine is made")
        return self._stages[name]

    @property
    def voices(self) -> list[str]:
        """Voices of the loaded TTS stage; empty without one."""
        return list(self._stages["tts"].voices()) if "tts" in self._stages else []

    async def _call(self, name: str, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._lanes[name], work)
        except (VoiceLocalError, asyncio.CancelledError):
            raise
        except Exception as error:  # whatever a model's library throws
            raise StageError(f"{name} failed: {type(error).__name__}: {error}", "see the worker's log") from error

    async def transcribe(self, audio: Audio, options: TranscribeOptions = DEFAULT_OPTIONS) -> Transcript:
        """See `Engine`."""
        stage, stop = self._stage("stt"), threading.Event()
        try:
            return await self._call("stt", lambda: stage.transcribe(audio, options, stop.is_set))
        finally:
            stop.set()  # where this call was cancelled, the stage ends at its next step

    async def understand(self, text: str, topic: str | None = None) -> Understanding:
        """See `Engine`; intent and emotion from one pass where one model tells both, else side by side."""
        loaded = [name for name in ("intent", "emotion") if name in self._stages]
        asked = {id(self._stages[name]): name for name in reversed(loaded)}
        told = await asyncio.gather(*(self._ask(name, text, topic) for name in asked.values()))
        by_stage = dict(zip(asked, told, strict=True))
        found = {name: by_stage[id(self._stages[name])] for name in loaded}
        intent, emotion = found.get("intent", Understanding()), found.get("emotion", Understanding())
        return replace(intent, emotion=emotion.emotion, emotion_confidence=emotion.emotion_confidence)

    async def _ask(self, name: str, text: str, topic: str | None) -> Understanding:
        """What the stage `name` tells."""
        stage = self._stages[name]
        if getattr(self._settings, name).adapter in registry.WHOLE:
            whole: UnderstandingStage = stage
            return await self._call(name, lambda: whole.understand([text], topic)[0])
        part: ClassifierStage = stage
        label = await self._call(name, lambda: part.classify([text], topic)[0])
        if name == "emotion":
            return Understanding(emotion=label.name, emotion_confidence=label.confidence)
        return Understanding(label.name, label.confidence, complete_prob=label.extra.get("complete_prob"))

    def generate(self, messages: Sequence[Message], options: GenerateOptions) -> AsyncIterator[str]:
        """See `Engine`."""
        stage = self._stage("llm")
        return self._stream("llm", lambda cancelled: stage.generate(messages, options, cancelled))

    def synthesize(self, text: str, voice: str | None = None) -> AsyncIterator[SpeechChunk]:
        """See `Engine`."""
        stage = self._stage("tts")
        return self._stream("tts", lambda cancelled: stage.synthesize(text, voice, cancelled))

    async def _stream(self, name: str, start: Callable[[Cancelled], Iterator[T]]) -> AsyncIterator[T]:
        """Runs a blocking iterator on the stage's lane, one step at a time; closing this stops it between steps.

        The next stream of the stage begins when this one has ended: a model has one state, and steps of two would mix it.
        """
        stop = threading.Event()
        done = object()
        steps: Iterator[T] | None = None

        def step() -> T | object:
            nonlocal steps
            if steps is None:
                steps = iter(start(stop.is_set))
            return done if stop.is_set() else next(steps, done)

        def close() -> None:
            if steps is not None and hasattr(steps, "close"):
                steps.close()

        async with self._streams.setdefault((name, asyncio.get_running_loop()), asyncio.Lock()):
            try:
                while True:
                    item: Any = await self._call(name, step)
                    if item is done:
                        return
                    yield item
            finally:
                stop.set()
                self._lanes[name].submit(close)

    async def aclose(self) -> None:
        """Ends the lanes; running calls finish their step."""
        for lane in self._lanes.values():
            lane.shutdown(wait=False, cancel_futures=True)


