"""The engine inside its process: every stage loaded once, each on a thread of its own.

Serves the `Engine` protocol with blocking stages behind it: one call at a time a stage (a stream is
one call, to its end), calls to different stages side by side. Cancelling a call's task, or closing
its iterator, stops the stage at its next step. The words of a finished turn go before words in
between; what nobody waits for gives way to everything.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import psutil

from voice_local.audio.types import Audio
from voice_local.config import (
    Settings,
    thread_shares,
)
from voice_local.engine import registry
from voice_local.engine.api import (
    DEFAULT_OPTIONS,
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
from voice_local.engine.lanes import (
    Background,
    Lane,
    Priority,
)
from voice_local.engine.many_voices import ManyVoices
from voice_local.errors import (
    EngineBusyError,
    StageError,
    VoiceLocalError,
)
from voice_local.models.folder import (
    ModelFolder,
    profile_folder,
)
from voice_local.text.pronunciations import Pronunciations
from voice_local.text.speech.speakable import speakable

T = TypeVar("T")


class LocalEngine:
    """The stages named in `stages` (of stt, intent, emotion, llm, tts), loaded when constructed.

    `loading` is told the name of each stage before it is loaded.
    """

    def __init__(
        self,
        settings: Settings,
        stages: Sequence[str],
        loading: Callable[[str], None] = lambda stage: None,
    ) -> None:
        models = ModelFolder(profile_folder(settings.profile, settings.models_dir))
        self._shares = shares = thread_shares(settings.cpu_threads)
        self._settings = settings
        self._pronunciations = Pronunciations.load(settings.tts.pronunciations)
        self._stages: dict[str, Stage] = {}
        self._lanes: dict[str, Lane] = {}
        self._background = Background()
        self._streams: dict[tuple[str, asyncio.AbstractEventLoop], asyncio.Lock] = {}
        self.reports: list[StageReport] = []
        me = psutil.Process()
        for name in stages:
            adapter = getattr(settings, name).adapter
            if (twin := self._twin(adapter)) is not None:
                self._stages[name], self._lanes[name] = self._stages[twin], self._lanes[twin]
                told = next(report for report in self.reports if report.stage == twin)
                self.reports.append(
                    replace(
                        told, stage=name, memory_mb=0.0, load_s=0.0, notes=f"one pass with {twin}"
                    )
                )
                continue
            loading(name)
            before, began = me.memory_info().rss, time.monotonic()
            lane = Lane(name)
            # Loaded where it will run: some libraries keep what they have loaded for one thread
            # only.
            build: Callable[..., Stage] = (
                ManyVoices if name == "tts" else partial(registry.build, adapter)
            )
            stage = lane.submit(partial(build, settings, models, shares[name])).result()
            if name == "tts":
                self._pronunciations.require(stage.takes_phones, adapter)
            about = stage.describe()
            self._stages[name], self._lanes[name] = stage, lane
            self.reports.append(
                StageReport(
                    name,
                    adapter,
                    about["runtime"],
                    about["device"],
                    about["model"],
                    max(0.0, (me.memory_info().rss - before) / 2**20),
                    time.monotonic() - began,
                    about.get("notes", ""),
                )
            )

    def _twin(self, adapter: str) -> str | None:
        """The stage, loaded already, whose model tells what one of `adapter` tells, too."""
        return next(
            (
                name
                for name in self._stages
                if adapter in registry.WHOLE and getattr(self._settings, name).adapter == adapter
            ),
            None,
        )

    def _stage(self, name: str) -> Stage:
        if name not in self._stages:
            raise StageError(
                f"the {name} stage is not loaded", "ask for it when the engine is made"
            )
        return self._stages[name]

    @property
    def voices(self) -> list[str]:
        """Voices of the loaded TTS stage; empty without one."""
        return list(self._stages["tts"].voices()) if "tts" in self._stages else []

    async def _call(
        self, name: str, work: Callable[[], T], priority: Priority = Priority.INTERACTIVE
    ) -> T:
        try:
            return await self._lanes[name].call(work, priority)
        except (VoiceLocalError, asyncio.CancelledError):
            raise
        except Exception as error:  # whatever a model's library throws
            raise StageError(
                f"{name} failed: {type(error).__name__}: {error}", "see the worker's log"
            ) from error

    async def transcribe(
        self, audio: Audio, options: TranscribeOptions = DEFAULT_OPTIONS
    ) -> Transcript:
        """See `Engine`."""
        stage, stop = self._stage("stt"), threading.Event()
        if not options.interim:
            self._background.give_way()
        try:
            return await self._call(
                "stt",
                lambda: stage.transcribe(audio, options, stop.is_set),
                Priority.INTERIM if options.interim else Priority.FINAL,
            )
        finally:
            stop.set()  # where this call was cancelled, the stage ends at its next step

    async def understand(self, text: str, topic: str | None = None) -> Understanding:
        """See `Engine`; intent and emotion from one pass where one model tells both, else side by
        side."""
        loaded = [name for name in ("intent", "emotion") if name in self._stages]
        asked = {id(self._stages[name]): name for name in reversed(loaded)}
        told = await asyncio.gather(*(self._ask(name, text, topic) for name in asked.values()))
        by_stage = dict(zip(asked, told, strict=True))
        found = {name: by_stage[id(self._stages[name])] for name in loaded}
        intent, emotion = (
            found.get("intent", Understanding()),
            found.get("emotion", Understanding()),
        )
        return replace(
            intent, emotion=emotion.emotion, emotion_confidence=emotion.emotion_confidence
        )

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
        return Understanding(
            label.name,
            label.confidence,
            complete_prob=label.extra.get("complete_prob"),
            emergency_prob=label.extra.get("emergency_prob"),
        )

    def generate(self, messages: Sequence[Message], options: GenerateOptions) -> AsyncIterator[str]:
        """See `Engine`."""
        stage = self._stage("llm")
        return self._stream(
            "llm",
            lambda cancelled: stage.generate(messages, options, cancelled),
            options.background,
        )

    async def prefill(self, messages: Sequence[Message]) -> bool:
        """See `Engine`."""
        stage = self._stage("llm")
        try:
            async for _ in self._stream(
                "llm", lambda cancelled: stage.prefill(messages, cancelled), background=True
            ):
                pass
        except EngineBusyError:
            return False
        return True

    def synthesize(self, text: str, voice: str | None = None) -> AsyncIterator[SpeechChunk]:
        """See `Engine`. Every text that sounds passes here, and is given to the voice in words: see
        `speakable`."""
        stage, settings = self._stage("tts"), self._settings.tts
        words = speakable(
            text,
            stage.language(voice),
            day_first=settings.day_first,
            pronunciations=self._pronunciations,
        )
        return self._stream("tts", lambda cancelled: stage.synthesize(words, voice, cancelled))

    async def _stream(
        self, name: str, start: Callable[[Cancelled], Iterator[T]], background: bool = False
    ) -> AsyncIterator[T]:
        """Runs a blocking iterator on the stage's lane, one step at a time; closing this stops it
        between steps.

        The next stream of the stage begins when this one has ended: a model has one state, and
        steps of two would mix it.

        Raises:
            EngineBusyError: it ran in the background and gave way.
        """
        done = object()
        steps: Iterator[T] | None = None
        call: AbstractContextManager[threading.Event] = nullcontext(threading.Event())
        if background:
            call = self._background.call()
        else:
            self._background.give_way()

        with call as stop:

            def step() -> T | object:
                nonlocal steps
                if stop.is_set():
                    return done
                if name == "llm":
                    self._stages[name].use_threads(self._llm_threads())
                if steps is None:
                    steps = iter(start(stop.is_set))
                return next(steps, done)

            def close() -> None:
                if steps is not None and hasattr(steps, "close"):
                    steps.close()

            async with self._streams.setdefault((name, asyncio.get_running_loop()), asyncio.Lock()):
                try:
                    while True:
                        item: Any = await self._call(
                            name, step, Priority.BACKGROUND if background else Priority.INTERACTIVE
                        )
                        if stop.is_set():
                            raise EngineBusyError(
                                "the work in the background gave way",
                                "try again when nobody speaks",
                            )
                        if item is done:
                            return
                        yield item
                finally:
                    stop.set()
                    self._lanes[name].submit(close)

    def _llm_threads(self) -> int:
        """Every core while nothing else computes, else the share."""
        if self._settings.llm.threads:
            return self._settings.llm.threads
        others = any(lane.busy for name, lane in self._lanes.items() if name in ("stt", "tts"))
        return self._shares["llm"] if others else self._shares["stt"]

    async def aclose(self) -> None:
        """Ends the lanes; running calls finish their step."""
        for lane in self._lanes.values():
            lane.close()
