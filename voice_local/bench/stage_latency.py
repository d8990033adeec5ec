"""How long one call of each stage takes, cold and warm, by length."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from voice_local.audio.types import FRAME_SAMPLES, Audio
from voice_local.audio.vad import SileroModel
from voice_local.bench import conversations
from voice_local.bench.context import Context
from voice_local.bench.heldout import lines
from voice_local.bench.schema import Metric, given, metric
from voice_local.config import Prompting, Settings
from voice_local.conversation.context.history import Memory
from voice_local.conversation.context.prompts import system_prompt, turn_context
from voice_local.engine.api import GenerateOptions
from voice_local.engine.client import EngineClient

T = TypeVar("T")
LENGTHS_S = (1, 3, 8, 20)
HISTORIES = (0, 2, 6, 12)
SEGMENTS = {
    "3 words": "let me check",
    "8 words": "your order will arrive on monday before noon",
    "16 words": "i am sorry you had to wait so long and i will do my best today",
}
QUICK_S, QUICK_LEAST = 4.0, 3
"""In a quick run a measurement is repeated no longer than this, but so often at least: real models
take seconds a call."""


@dataclass(frozen=True)
class Repeats:
    """How often a measurement is made: `most` times, no longer than `seconds`, but `QUICK_LEAST`
    times at least."""

    most: int
    seconds: float

    async def of(self, call: Callable[[int], Awaitable[T]]) -> list[T]:
        """The results of `call(0)`, `call(1)` …"""
        found: list[T] = []
        began = time.perf_counter()
        while len(found) < self.most and (
            len(found) < QUICK_LEAST or time.perf_counter() - began < self.seconds
        ):
            found.append(await call(len(found)))
        return found


class StageClock:
    """Calls one stage at a time and says how many milliseconds it took."""

    def __init__(self, engine: EngineClient, settings: Settings) -> None:
        self._engine, self._settings = engine, settings
        self._options = GenerateOptions(settings.llm.max_tokens, seed=settings.seed)

    async def stt(self, audio: Audio) -> float:
        """Recognition of `audio`."""
        began = time.perf_counter()
        await self._engine.transcribe(audio)
        return _ms_since(began)

    async def understand(self) -> float:
        """Intent and emotion of a sentence."""
        began = time.perf_counter()
        await self._engine.understand("where is my order it should have been here on monday")
        return _ms_since(began)

    async def llm(self, history: int, salt: int) -> tuple[float | None, float]:
        """(the first token, the whole answer), after `history` turns that differ by `salt`."""
        began, first = time.perf_counter(), None
        async for _ in self._engine.generate(_prompt(self._settings, history, salt), self._options):
            first = first or _ms_since(began)
        return first, _ms_since(began)

    async def tts(self, segment: str) -> float | None:
        """The first sound of `segment`; None if nothing was said."""
        began, first = time.perf_counter(), None
        # To its end: what is given up would still be at work in the next.
        async for _ in self._engine.synthesize(segment):
            first = first or _ms_since(began)
        return first


async def measure_stages(engine: EngineClient, context: Context, repeats: Repeats) -> list[Metric]:
    """Cold (the first call after loading) and warm, by length."""
    clock, sounds = StageClock(engine, context.settings), _sounds(context)
    cold = {
        "stt": await clock.stt(sounds[3][0]),
        "understand": await clock.understand(),
        "llm_first_token": (await clock.llm(0, 0))[0],
        "tts_first_sound": await clock.tts(SEGMENTS["8 words"]),
    }
    found = [
        given(f"cold_ms.{name}", took, "ms", "lower", timed=True) for name, took in cold.items()
    ]
    found += await _recognition(clock, context, repeats, sounds)
    found += summary("understand_ms", await repeats.of(lambda _: clock.understand()))
    found += _vad(sounds[8][0])
    found += await _generation(clock, repeats)
    found += await _synthesis(clock, repeats)
    return found


def _sounds(context: Context) -> dict[int, list[Audio]]:
    """A few utterances of each length, in seconds."""
    voices, texts = context.voices(), lines("sentences.txt")
    names = sorted(voices)
    return {
        seconds: [
            conversations.of_length(voices[names[i % len(names)]], texts[i * 3 :] + texts, seconds)
            for i in range(5)
        ]
        for seconds in LENGTHS_S
    }


async def _recognition(
    clock: StageClock, context: Context, repeats: Repeats, sounds: dict[int, list[Audio]]
) -> list[Metric]:
    found: list[Metric] = []
    for seconds in LENGTHS_S:
        context.note(f"latency: recognition of {seconds} s")
        found += summary(
            f"stt_ms.{seconds}s", await repeats.of(partial(_nth, clock.stt, sounds[seconds]))
        )
    return found


async def _generation(clock: StageClock, repeats: Repeats) -> list[Metric]:
    found: list[Metric] = []
    for history in HISTORIES:
        # A new conversation each time: what the LLM keeps of the one before is only the system
        # prompt.
        times = await repeats.of(partial(_shifted, clock.llm, history))
        found += summary(f"llm_first_token_ms.history{history}", [first for first, _ in times])
        if history == 0:
            found += summary("llm_ms.history0", [whole for _, whole in times])
    return found


async def _synthesis(clock: StageClock, repeats: Repeats) -> list[Metric]:
    found: list[Metric] = []
    for name, segment in SEGMENTS.items():
        await clock.tts(segment)  # a length that was not said before costs more the first time
        found += summary(
            f"tts_first_sound_ms.{name.replace(' ', '_')}",
            await repeats.of(partial(_same, clock.tts, segment)),
        )
    return found


async def _nth(call: Callable[[Audio], Awaitable[T]], sounds: list[Audio], number: int) -> T:
    return await call(sounds[number % len(sounds)])


async def _shifted(call: Callable[[int, int], Awaitable[T]], history: int, number: int) -> T:
    return await call(history, 1 + number)


async def _same(call: Callable[[str], Awaitable[T]], segment: str, number: int) -> T:
    return await call(segment)


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _vad(audio: Audio) -> list[Metric]:
    """One frame of 32 ms through the voice detector, in the front process."""
    stream, times = SileroModel().stream(), []
    for start in range(0, len(audio) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        began = time.perf_counter()
        stream.probability(audio[start : start + FRAME_SAMPLES])
        times.append((time.perf_counter() - began) * 1000)
    return summary("vad_frame_ms", times[10:])


def _prompt(settings: Settings, history: int, salt: int) -> Any:
    """What the LLM is sent after `history` turns, as the conversation would send it."""
    memory, texts = (
        Memory(settings.memory, system_prompt(settings.llm.prompting)),
        lines("sentences.txt"),
    )
    context = (
        turn_context("order_status", "neutral")
        if settings.llm.prompting is Prompting.TRAINED
        else ""
    )
    for number in range(history):
        memory.add(
            context,
            texts[(salt * 7 + number) % len(texts)],
            "let me check that for you, one moment please.",
        )
    return memory.messages(context, texts[salt % len(texts)])


def summary(name: str, samples: list[Any]) -> list[Metric]:
    """p50, p95 and p99 of times in ms, as far as there are enough; the raw numbers are kept once,
    with the median."""
    known = [float(x) for x in samples if x is not None]
    found = [metric(f"{name}.p50", known, "ms", "p50", timed=True)]
    return found + [
        replace(metric(f"{name}.{part}", known, "ms", part, timed=True), samples=())
        for part in ("p95", "p99")
    ]
