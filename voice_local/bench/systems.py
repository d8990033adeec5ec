"""The systems that `peers` compares, each as one function that says utterances to it: ours, the
straight line, the drivers.

A driver is another framework's program in `benchmarks/peers`, run by that framework's own
environment. It takes a request a line, and answers each with a JSON document a line
(`benchmarks/peers/common.py` says what is in them).
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.audio.vad import SileroModel
from voice_local.bench import overhead, scripted_session
from voice_local.bench.real_time import (
    AUDIBLE,
    Playback,
    converse,
)
from voice_local.bench.straight_line import StraightLine
from voice_local.config import Settings
from voice_local.conversation.context.conversation_context import ConversationContext
from voice_local.conversation.events import TurnEnded
from voice_local.conversation.output.speech_queue import (
    SpeechQueue,
)
from voice_local.conversation.session import (
    VoiceSession,
)
from voice_local.engine.api import (
    GenerateOptions,
)
from voice_local.engine.client import EngineClient
from voice_local.errors import BenchmarkError
from voice_local.local.microphone import MicrophonePath
from voice_local.offline.switches import child_environment
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

BLOCK_MS = 10
"""Length of the blocks that microphones give where the models are at work."""

ANSWER_TIMEOUT_S = 300.0
MAX_LINE_BYTES = 2**22
PEERS = ("pipecat", "livekit")
VARIANTS = {
    "pipecat": ("pipecat", ""),
    "pipecat_early": ("pipecat", "early"),
    "pipecat_eager": ("pipecat", "eager"),
    "livekit": ("livekit", ""),
    "livekit_early": ("livekit", "early"),
    "livekit_plain": ("livekit", "plain"),
}
"""Systems that a driver runs: (peer, its variant)."""


@dataclass
class Run:
    """What one system did with some utterances.

    Attributes:
        voice_to_voice_ms: of each; None where it was not answered, or before it had ended.
        heard, answers: the transcripts, and the texts given to the voice.
        unanswered, cut_in: how many of each of the reasons for None.
        notes: how it was set.
    """

    voice_to_voice_ms: list[float | None] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    unanswered: int = 0
    cut_in: int = 0
    notes: str = ""

    def add(self, other: Run) -> None:
        """Takes another round in."""
        self.voice_to_voice_ms += other.voice_to_voice_ms
        self.heard += other.heard
        self.answers += other.answers
        self.unanswered += other.unanswered
        self.cut_in += other.cut_in
        self.notes = other.notes


def parse(line: str) -> Run:
    """A driver's answer.

    Raises:
        BenchmarkError: it is none.
    """
    try:
        document = json.loads(line)
        turns = document["turns"]
        times = [None if value is None else float(value) for value in turns["voice_to_voice_ms"]]
        return Run(
            times,
            [str(text) for text in document["heard"]],
            [str(text) for text in document["answers"]],
            int(turns["unanswered"]),
            int(turns["cut_in"]),
            f"{document['version']}: {document['notes']}",
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BenchmarkError(
            f"a driver's answer cannot be parsed ({type(error).__name__}: {error})",
            "run it by hand: benchmarks/peers",
        ) from None


class Driver:
    """The driver of `peer`, a process, from its first request to `aclose`."""

    def __init__(self, peer: str, root: Path, environments: Path) -> None:
        self.peer, self._root = peer, root
        self._python = environments / peer / "bin" / "python"
        self._process: asyncio.subprocess.Process | None = None
        self._log = Path(tempfile.mkdtemp(prefix="voice-local-driver-")) / "log"

    @property
    def ready(self) -> bool:
        """Whether its environment has been made."""
        return self._python.exists()

    async def ask(self, request: dict[str, Any]) -> Run:
        """One run, see `Request` in `benchmarks/peers/common.py`.

        Raises:
            BenchmarkError: it died, took too long, or answered something else.
        """
        if self._process is None:
            with self._log.open("wb") as log:
                self._process = await asyncio.create_subprocess_exec(
                    str(self._python),
                    "-m",
                    f"benchmarks.peers.{self.peer}_turns",
                    "--serve",
                    cwd=self._root,
                    limit=MAX_LINE_BYTES,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                    env={**child_environment(), "PYTHONPATH": str(self._root)},
                )
        assert self._process.stdin and self._process.stdout
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            await self._process.stdin.drain()
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise BenchmarkError(
                f"{self.peer} did not answer in {ANSWER_TIMEOUT_S:.0f} s", self._last_words()
            ) from None
        except (BrokenPipeError, ConnectionResetError):
            line = b""
        if not line:
            raise BenchmarkError(f"{self.peer}'s driver ended", self._last_words())
        return parse(line.decode())

    def _last_words(self) -> str:
        lines = [
            line for line in self._log.read_text(errors="replace").splitlines() if line.strip()
        ]
        return lines[-1][:200] if lines else "it said nothing"

    async def aclose(self) -> None:
        """Ends it."""
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        shutil.rmtree(self._log.parent, ignore_errors=True)


async def warm(engine: EngineClient, utterance: Audio) -> int:
    """Calls every model once; the voice's rate in Hz."""
    found = await engine.transcribe(utterance)
    await engine.understand(found.text or "hello")
    async for _ in engine.generate([{"role": "user", "content": "hello"}], GenerateOptions()):
        pass
    rate = SAMPLE_RATE
    async for chunk in engine.synthesize("Okay."):
        rate = chunk.sample_rate
    return rate


def _conversation(engine: EngineClient, settings: Settings) -> ConversationContext:
    """A new conversation in which every turn goes to the LLM: the peers have nothing that answers
    without."""
    return new_conversation(engine, settings, IntentRouter(2.0, 1.0))


async def ours_scripted(utterances: Sequence[Audio]) -> Run:
    """Our conversation on scripted stages, a run of `overhead`."""
    times: list[float | None] = list(await overhead.turns(len(utterances), speculate=True))
    return Run(times, notes=f"thinking ahead from {scripted_session.PAUSE_MS} ms of silence on")


async def ours(
    engine: EngineClient, settings: Settings, silero: SileroModel, utterances: Sequence[Audio]
) -> Run:
    """Our conversation with its shipped settings behind a card of 16 kHz; the device pulls a block
    at a time."""
    microphone = MicrophonePath(settings.audio.model_copy(update={"sample_rate": SAMPLE_RATE}))
    loudspeaker, playback = SpeechQueue(SAMPLE_RATE), Playback(SAMPLE_RATE)
    conversation = _conversation(engine, settings)
    await conversation.prepare()
    live = VoiceSession(conversation, silero.stream(), loudspeaker, microphone.echo_ratio)
    run = Run(
        notes="shipped settings: "
        + ", ".join(
            f"{key} {getattr(settings.vad, key)}"
            for key in (
                "eager_end_of_turn_ms",
                "min_endpointing_delay_ms",
                "endpointing_delay_ms",
                "max_endpointing_delay_ms",
            )
        )
    )

    async def follow() -> None:
        async for event in live.events():
            if isinstance(event, TurnEnded):
                run.heard.append(event.record.user_text)
                run.answers.append(event.record.assistant_text)

    async def feed(block: Audio) -> None:
        played = loudspeaker.pull(len(block))
        if np.abs(played).max() > AUDIBLE:
            playback.write(played)
        if playback.first is not None:
            loudspeaker.pull(int((playback.speed - 1) * len(block)))
        for frame in microphone.push(block, played):
            live.push_frame(frame)

    following = asyncio.create_task(follow())
    turns = await converse(utterances, feed, playback, BLOCK_MS)
    await live.aclose()
    await following
    run.voice_to_voice_ms, run.unanswered, run.cut_in = (
        turns.voice_to_voice_ms,
        turns.unanswered,
        turns.cut_in,
    )
    return run


async def straight_line(
    engine: EngineClient,
    settings: Settings,
    silero: SileroModel,
    voice_hz: int,
    utterances: Sequence[Audio],
) -> Run:
    """See `StraightLine`."""
    playback = Playback(voice_hz)
    assistant = StraightLine(_conversation(engine, settings), silero.stream(), playback)
    turns = await converse(utterances, assistant.feed, playback, BLOCK_MS)
    await assistant.aclose()
    return Run(
        turns.voice_to_voice_ms,
        assistant.transcripts,
        assistant.answers,
        turns.unanswered,
        turns.cut_in,
        f"endpointing_delay_ms {settings.vad.endpointing_delay_ms}, then stage after stage",
    )
