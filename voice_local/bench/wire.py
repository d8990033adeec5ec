"""What `/v1/realtime` adds: the same scripted turns in this process and through a WebSocket.

Rounds alternate. Sound goes in and comes out at the pace of speech in both. Server and client share
one process and one event loop, so the figure holds the work of both.
"""

from __future__ import annotations

import asyncio
import base64
import json

import numpy as np
import soxr
from websockets.asyncio.client import ClientConnection, connect

from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.bench.context import Context
from voice_local.bench.overhead import noises
from voice_local.bench.real_time import Playback, Turns, converse
from voice_local.bench.schema import Section, given, metric
from voice_local.bench.scripted_server import scripted_state, served
from voice_local.bench.scripted_session import CHUNK_MS, STAGE_MS, WINDOW_MS
from voice_local.conversation.output.queued_speech import Taken
from voice_local.errors import EngineError
from voice_local.server.pool import Wanted
from voice_local.server.realtime.audio_format import PCM_RATE
from voice_local.server.state import ServerState

ABOUT = (
    f"The scripted stages of `overhead` ({sum(STAGE_MS.values())} ms in all, an endpointing delay "
    f"of {WINDOW_MS} ms). Voice to voice by the client's clock, from the last audible sample sent "
    "to the first audible one received: in this process, and through /v1/realtime on loopback."
)
TURNS_A_ROUND = 3


async def measure(context: Context) -> Section:
    """The section."""
    section, rounds = Section("wire", ABOUT), 2 if context.quick else 7
    context.note(f"wire: {2 * rounds * TURNS_A_ROUND} scripted turns in real time")
    state = scripted_state()
    inside: list[float] = []
    outside: list[float] = []
    async with served(state) as address:
        for _ in range(rounds):
            inside += await _in_process(state)
            outside += await _realtime(address)
    added = [float(np.median(outside)) - float(np.median(inside))]
    section.metrics += [
        metric("in_process_ms.p50", inside, "ms", timed=True),
        metric("realtime_ms.p50", outside, "ms", timed=True),
        metric("realtime_ms.p95", outside, "ms", "p95", timed=True),
        given("added_ms.p50", added[0], "ms", "lower", timed=True),
    ]
    return section


async def _in_process(state: ServerState) -> list[float]:
    playback = Playback(PCM_RATE)

    async def send(taken: Taken) -> None:
        playback.write(taken.samples)

    served_session = state.pool.open(Wanted("bench", "bench", PCM_RATE), send)

    async def feed(block: Audio) -> None:
        served_session.push(_at_24_khz(block), PCM_RATE)

    try:
        return _answered(await converse(noises(TURNS_A_ROUND), feed, playback, CHUNK_MS))
    finally:
        await served_session.aclose()


async def _realtime(address: str) -> list[float]:
    playback = Playback(PCM_RATE)
    async with connect(f"ws://{address}/v1/realtime", max_size=None) as connection:
        hearing = asyncio.create_task(_hear(connection, playback))

        async def feed(block: Audio) -> None:
            pcm = (_at_24_khz(block) * 32767).astype("<i2").tobytes()
            audio = base64.b64encode(pcm).decode()
            await connection.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))

        try:
            return _answered(await converse(noises(TURNS_A_ROUND), feed, playback, CHUNK_MS))
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)


async def _hear(connection: ClientConnection, playback: Playback) -> None:
    async for message in connection:
        event = json.loads(message)
        if event["type"] == "response.output_audio.delta":
            data = np.frombuffer(base64.b64decode(event["delta"]), dtype="<i2")
            playback.write(data.astype(np.float32) / np.float32(32768))


def _at_24_khz(block: Audio) -> Audio:
    return np.asarray(soxr.resample(block, SAMPLE_RATE, PCM_RATE), dtype=np.float32)


def _answered(found: Turns) -> list[float]:
    values = found.voice_to_voice_ms
    answered = [value for value in values if value is not None]
    if len(answered) < len(values):
        raise EngineError(
            f"{len(values) - len(answered)} of {len(values)} scripted turns were not answered",
            "is the machine busy?",
        )
    return answered
