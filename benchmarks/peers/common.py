"""What the drivers of both peers share: requests and answers, the models behind the seam, what the
LLM is told.

Runs in a peer's own environment, with the repository on its path; imports no model library.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from voice_local.audio.types import Audio
from voice_local.bench.real_time import Turns
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import (
    Prompting,
    Settings,
    load,
)
from voice_local.conversation.context.emotion import (
    EmotionSmoother,
)
from voice_local.conversation.context.history import Memory
from voice_local.conversation.context.intent_context import (
    IntentContext,
)
from voice_local.conversation.context.prompts import (
    system_prompt,
    turn_context,
)
from voice_local.engine.api import (
    GenerateOptions,
    Understanding,
)
from voice_local.engine.attached_engine import AttachedEngine
from voice_local.engine.client import (
    EngineClient,
    text_of,
)
from voice_local.errors import BenchmarkError


@dataclass(frozen=True)
class Request:
    """One run of a driver.

    Attributes:
        mode: `scripted` (equal delays) or `models` (those of a profile).
        window_ms: silence that ends the user's turn.
        speech: NPZ file of the utterances, 16 kHz, said in the order of their names.
        stage_ms: delays of recognition, of the LLM's first token and of the voice's first sound,
            when scripted.
        socket: of a running worker with a profile's models; needed for them.
        variant: which of the peer's own ways, see the driver.
        settings: of the worker, as JSON; needed for models.
    """

    mode: str
    window_ms: int
    speech: str
    stage_ms: Sequence[float] = (50.0, 100.0, 80.0)
    socket: str | None = None
    variant: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def of_models(self) -> Settings:
        """The worker's settings; the embedded models' where none were given."""
        return Settings.model_validate(self.settings) if self.settings else load("tiny")

    @property
    def block_ms(self) -> int:
        """Length of the blocks the microphone gives."""
        return 20 if self.mode == "scripted" else 10


@dataclass
class Outcome:
    """What a driver prints, as JSON.

    Attributes:
        peer, version, mode, variant: what was measured.
        turns: see `Turns`.
        heard, answers: the transcripts, and the texts that were given to the voice, as they came.
        notes: how the peer was set.
    """

    peer: str
    version: str
    mode: str
    variant: str = ""
    turns: Turns = field(default_factory=Turns)
    heard: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    notes: str = ""


def engine_for(request: Request) -> AbstractAsyncContextManager[Any]:
    """The engine that the peer's services ask, to be entered."""
    if request.mode == "scripted":
        stt, llm, tts = (delay / 1000 for delay in request.stage_ms)
        return nullcontext(ScriptedEngine(answers=["Okay."], stt_s=stt, token_s=llm, segment_s=tts))
    if not request.socket:
        raise BenchmarkError(
            "a run with models needs the socket of a running worker", "give --socket"
        )
    return AttachedEngine(Path(request.socket), request.of_models.engine)


async def voice_rate(engine: EngineClient) -> int:
    """The rate of its voice, in Hz, by one word of it; the models are warm then."""
    rate = 0
    async for chunk in engine.synthesize("Okay."):
        rate = chunk.sample_rate
    return rate


class PromptedLlm:
    """The LLM with what our own conversation tells it: intent, tone, topic and the past as the
    peer's history has it."""

    def __init__(self, engine: EngineClient, settings: Settings) -> None:
        self._engine, self._settings = engine, settings
        self._known: dict[str, Understanding] = {}

    async def answer(self, past: Sequence[tuple[str, str]], text: str) -> AsyncGenerator[str, None]:
        """Pieces of the answer to `text`; `past` are (user, assistant) pairs."""
        memory = Memory(self._settings.memory, system_prompt(self._settings.llm.prompting))
        tone, topic = (
            EmotionSmoother(self._settings.conversation.emotion_thresholds),
            IntentContext(),
        )
        for user, assistant in past:
            meant = self._known.get(user, Understanding())
            memory.add(
                self._context(meant, tone.update(meant.emotion, meant.emotion_confidence)),
                user,
                assistant,
            )
            topic.update(meant.intent)
        found = self._known[text] = await self._engine.understand(text, topic.intent)
        context = self._context(found, tone.preview(found.emotion, found.emotion_confidence))
        llm = self._settings.llm
        options = GenerateOptions(llm.max_tokens, llm.temperature, self._settings.seed)
        answer = self._engine.generate(memory.messages(context, text), options)
        async for piece in text_of(answer):
            yield piece

    def _context(self, meant: Understanding, tone: str) -> str:
        return (
            turn_context(meant.intent, tone)
            if self._settings.llm.prompting is Prompting.TRAINED
            else ""
        )


def pairs(said: Sequence[tuple[str, str]]) -> tuple[list[tuple[str, str]], str]:
    """((user, assistant) pairs, the last user's words) of a history of (role, text)."""
    past: list[tuple[str, str]] = []
    user, assistant = "", ""
    for role, text in said:
        if role == "user":
            if assistant:
                past.append((user, assistant))
                user, assistant = "", ""
            user = f"{user} {text}".strip()
        elif role == "assistant":
            assistant = f"{assistant} {text}".strip()
    return past, user


def utterances(request: Request) -> list[Audio]:
    """What is said."""
    with np.load(request.speech) as kept:
        return [np.asarray(kept[name], dtype=np.float32) for name in sorted(kept.files)]


def from_pcm(data: bytes | memoryview) -> Audio:
    """16-bit samples → −1..1."""
    return np.frombuffer(data, dtype=np.int16).astype(np.float32) / np.float32(32768)


def to_pcm(samples: Audio) -> bytes:
    """−1..1 → 16-bit samples."""
    return (np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()


def energy_probability(samples: Audio) -> float:
    """Speech is what is over −40 dBFS: the detector of the scripted runs."""
    return 1.0 if float(np.sqrt((samples**2).mean())) > 0.01 else 0.0


def main(run: Callable[[Request], Coroutine[Any, Any, Outcome]]) -> None:
    """A driver's command line: one run by its arguments, or `--serve` one for each line of JSON on
    standard input.

    Standard output carries one JSON document a run and nothing else.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--serve", action="store_true", help="take requests from standard input")
    parser.add_argument("--mode", choices=("scripted", "models"), default="scripted")
    parser.add_argument("--window-ms", type=int, default=200)
    parser.add_argument("--speech", type=Path, help="NPZ file of 16 kHz utterances")
    parser.add_argument("--socket", help="of a running worker")
    parser.add_argument("--variant", default="")
    args = parser.parse_args()
    # What libraries print must not end up among the documents.
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(request: Request) -> None:
        own.write(json.dumps(asdict(asyncio.run(run(request)))) + "\n")
        own.flush()

    if not args.serve:
        answer(
            Request(
                args.mode,
                args.window_ms,
                str(args.speech),
                socket=args.socket,
                variant=args.variant,
            )
        )
        return
    for line in sys.stdin:
        wanted: dict[str, Any] = json.loads(line)
        answer(Request(**wanted))
