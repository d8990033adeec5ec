"""Voice to voice, read from a recording of both sides of a conversation in real time: through
`voice-local serve`, or in this process as a microphone and a loudspeaker have it.

Through the server the user's sound is sent over `/v1/realtime` as a microphone gives it, and the
answer is put into the recording where a client that plays it at once would sound it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

import numpy as np
import soundfile as sf
import soxr
from websockets.asyncio.client import ClientConnection, connect

from voice_local.audio.files import read_audio
from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.bench import conversations
from voice_local.bench.context import Context
from voice_local.bench.heldout import lines
from voice_local.bench.real_time import last_audible
from voice_local.bench.schema import Section, given, metric
from voice_local.bench.server_process import running_server
from voice_local.bench.speakers import speak
from voice_local.conversation.events import Phase
from voice_local.errors import BenchmarkError, EngineError

ABOUT = (
    "From the user's last audible sample (40 dB under the loudest) to the assistant's first (over "
    "-45 dBFS), read from the recording of both. With --server: of a client of voice-local serve, "
    "over a WebSocket of this machine, that plays what comes at once. Turns in which "
    "the gap says nothing of the answer are discarded, and counted."
)
RECORDED = "picovoice_speech_to_intent/clean_flac"
"""People's recordings, in the folder of data; without it synthetic voices speak."""

RATE, BLOCK_MS = 24_000, 20
BLOCK = RATE * BLOCK_MS // 1000
LEAD_S, REST_S, LONGEST_S = 0.5, 0.8, 20.0
"""Quiet before an utterance; quiet after an answer; how long an answer is waited for."""

QUIET_S = 2.0
"""Silence after an utterance, in this process."""

QUICK, FULL = 6, 110


@dataclass
class Recording:
    """Both sides of a conversation, 24 kHz, on the client's clock.

    Attributes:
        starts: where each utterance begins, in samples.
        records: of each utterance, the records of the turns that ended after it.
        idle: whether the server waits for the user, and no response goes on.
    """

    began: float = field(default_factory=time.perf_counter)
    user: list[Audio] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    records: list[list[dict[str, Any]]] = field(default_factory=list)
    idle: bool = True
    _assistant: list[tuple[int, Audio]] = field(default_factory=list)
    _ends: int = 0

    @property
    def now(self) -> int:
        """The sample that is recorded now."""
        return int((time.perf_counter() - self.began) * RATE)

    def play(self, samples: Audio) -> None:
        """The assistant's next sound has come."""
        start = max(self.now, self._ends)
        self._assistant.append((start, samples))
        self._ends = start + len(samples)

    def stop(self) -> None:
        """What has not sounded yet is dropped."""
        now = self.now
        self._assistant = [
            (start, samples[: max(0, now - start)]) for start, samples in self._assistant
        ]
        self._ends = min(self._ends, now)

    def quiet_s(self, ended: int) -> float:
        """How long nothing of an answer has sounded since sample `ended`."""
        return (self.now - max(self._ends, ended)) / RATE

    def stereo(self) -> Audio:
        """Samples by two channels: the user, the assistant."""
        user = np.concatenate(self.user)
        length = max(len(user), self._ends)
        both = np.zeros((length, 2), dtype=np.float32)
        both[: len(user), 0] = user
        for start, samples in self._assistant:
            both[start : start + len(samples), 1] = samples
        return both


@dataclass
class Heard:
    """What was recorded: `both` sides (samples by two channels) at `rate` Hz; the gap after each
    utterance, None where no answer is heard after it; the records of the turns after each."""

    both: Audio
    rate: int
    gaps_ms: list[float | None]
    records: list[list[dict[str, Any]]]


async def measure(context: Context) -> Section:
    """The section."""
    section, count = Section("voice_to_voice", ABOUT), QUICK if context.quick else FULL
    said = list(islice(cycle(_utterances(context)), count))
    served = "server" in context.options
    where = "through a server" if served else "in this process"
    context.note(f"voice_to_voice: {len(said)} turns in real time, {where}")
    heard = await (_through_server if served else _in_process)(context, said)
    sf.write(context.folder / "voice_to_voice.flac", heard.both, heard.rate)
    gaps, discarded = _kept(heard)
    told = Counter(discarded.values())
    if not gaps:
        raise EngineError(f"no turn of {len(said)} could be measured: {dict(told)}", "")
    section.metrics += [
        metric("voice_to_voice_ms.p50", gaps, "ms", timed=True),
        metric("voice_to_voice_ms.p95", gaps, "ms", "p95", timed=True),
        metric("voice_to_voice_ms.p99", gaps, "ms", "p99", timed=True),
        given("turns", float(len(said)), "count"),
        given("discarded", float(len(discarded)), "count", "lower"),
    ]
    section.detail["discarded"] = dict(told)
    section.detail["rows"] = [
        {"utterance": number, "discarded": discarded.get(number), "turns": records}
        for number, records in enumerate(heard.records)
    ]
    if discarded:
        why = ", ".join(f"{number} {reason}" for reason, number in sorted(told.items()))
        section.findings.append(f"{len(discarded)} of {len(said)} turns were discarded: {why}")
    return section


def _utterances(context: Context) -> Iterator[Audio]:
    """16 kHz, without the silence around the words."""
    files = sorted((context.data / RECORDED).glob("*.flac")) if context.data else []
    if files:
        yield from (_words(read_audio(path)) for path in files)
        return
    voices = cycle(context.voices().values())
    for text in cycle(lines("voice.txt")):
        yield _words(speak(next(voices), text))


def _words(audio: Audio) -> Audio:
    end = last_audible(audio)
    begin = len(audio) - last_audible(audio[::-1])
    return audio[max(0, begin - SAMPLE_RATE // 10) : end]


async def _in_process(context: Context, utterances: list[Audio]) -> Heard:
    quiet = np.zeros(int(QUIET_S * SAMPLE_RATE), dtype=np.float32)
    said = (np.concatenate([utterance, quiet]) for utterance in utterances)
    async with context.engine() as (engine, _):
        spoken = await conversations.in_real_time(await context.conversation(engine), said)
    rate = context.settings.audio.sample_rate
    gaps = conversations.gaps_ms(spoken.user, spoken.assistant, rate, spoken.ends)
    records: list[list[dict[str, Any]]] = [[] for _ in utterances]
    for number, record in zip(spoken.of, spoken.records, strict=True):
        records[number].append(record.as_json())
    length = min(len(spoken.user), len(spoken.assistant))
    both = np.stack([spoken.user[:length], spoken.assistant[:length]], axis=1)
    gaps += [None] * (len(utterances) - len(gaps))
    return Heard(both, rate, gaps, records)


async def _through_server(context: Context, utterances: list[Audio]) -> Heard:
    if context.faults:
        raise BenchmarkError("no faults can be planted into a server", "leave --server out")
    settings = context.settings
    with running_server(context.folder, settings.profile, settings.models_dir) as server:
        recording = await _converse(server.address, utterances)
    both, gaps = recording.stereo(), list[float | None]()
    limits = [*recording.starts[1:], len(both)]
    for start, limit in zip(recording.starts, limits, strict=True):
        gaps.append(conversations.gap_ms(both[start:limit, 0], both[start:limit, 1], RATE))
    return Heard(both, RATE, gaps, recording.records)


async def _converse(address: str, utterances: list[Audio]) -> Recording:
    url = f"ws://{address}/v1/realtime?extensions=voice_local"
    async with connect(url, max_size=None, max_queue=None) as connection:
        recording = Recording()
        hearing = asyncio.create_task(_hear(connection, recording))
        try:
            for utterance in utterances:
                await _say(connection, recording, utterance)
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
    return recording


async def _say(connection: ClientConnection, recording: Recording, utterance: Audio) -> None:
    """One utterance, and silence until its answer is over."""
    sound = np.asarray(soxr.resample(utterance, SAMPLE_RATE, RATE), dtype=np.float32)
    lead = np.zeros(int(LEAD_S * RATE), dtype=np.float32)
    sound = np.concatenate([lead, sound, np.zeros(-(len(lead) + len(sound)) % BLOCK, np.float32)])
    position = sum(map(len, recording.user))
    recording.starts.append(position + len(lead))
    recording.records.append([])
    ended = recording.starts[-1] + len(utterance) * RATE // SAMPLE_RATE
    for at in range(0, len(sound), BLOCK):
        await _send(connection, recording, sound[at : at + BLOCK])
    quiet = np.zeros(BLOCK, dtype=np.float32)
    while not _over(recording, ended):
        await _send(connection, recording, quiet)


def _over(recording: Recording, ended: int) -> bool:
    if recording.records[-1] and recording.idle:
        return recording.quiet_s(ended) > REST_S
    return recording.now - ended > LONGEST_S * RATE


async def _send(connection: ClientConnection, recording: Recording, block: Audio) -> None:
    """Sends a block once its last sample has been recorded."""
    recording.user.append(block)
    due = recording.began + len(recording.user) * BLOCK_MS / 1000
    await asyncio.sleep(max(0.0, due - time.perf_counter()))
    audio = base64.b64encode((block * 32767).astype("<i2").tobytes()).decode()
    await connection.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))


async def _hear(connection: ClientConnection, recording: Recording) -> None:
    async for message in connection:
        event = json.loads(message)
        if event["type"] == "response.output_audio.delta":
            data = np.frombuffer(base64.b64decode(event["delta"]), dtype="<i2")
            recording.play(data.astype(np.float32) / np.float32(32768))
        elif event["type"] == "response.created":
            recording.idle = False
        elif event["type"] == "voice_local.state":
            recording.idle = event["state"] == Phase.LISTENING.value
        elif event["type"] == "input_audio_buffer.speech_started":
            recording.stop()
        elif event["type"] == "voice_local.turn" and recording.records:
            recording.records[-1].append(event["turn"])


def _kept(heard: Heard) -> tuple[list[float], dict[int, str]]:
    """The gaps, and by the utterance's number why it has none."""
    gaps: list[float] = []
    discarded: dict[int, str] = {}
    for number, (gap, records) in enumerate(zip(heard.gaps_ms, heard.records, strict=True)):
        reason = _reason(records)
        if reason is None and gap is None:
            reason = "without an audible answer after it"
        if reason is not None:
            discarded[number] = reason
        elif gap is not None:
            gaps.append(gap)
    return gaps, discarded


def _reason(records: list[dict[str, Any]]) -> str | None:
    """Why the gap after an utterance says nothing of its answer; None: it does."""
    if not records:
        return "unanswered"
    if len(records) > 1:
        return "answered before they were over"
    if records[0].get("filler"):
        return "begun with words to gain time"
    return None
