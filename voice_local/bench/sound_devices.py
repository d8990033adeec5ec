"""`bench latency --device`: the whole program through sound devices, beside which somebody listens
with a stopwatch.

The record of a turn is compared with what sounded at the microphone and the loudspeaker, before and
after the program has stood still.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from voice_local.audio.files import read_audio
from voice_local.audio.level import audible_span
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench import breakdown
from voice_local.bench.context import Context
from voice_local.bench.conversations import gap_ms
from voice_local.bench.schema import (
    Section,
    given,
    metric,
)
from voice_local.bench.sound_server import (
    RATE,
    Monitor,
    SoundServer,
    User,
    stop_for,
    wait_until,
)
from voice_local.bench.talk_process import TalkProcess
from voice_local.local.demo import bundled

TURNS, STALLS_BEFORE, STALL_S = 10, (4, 7), 2.0
"""Ten turns; before those of these numbers, counted from 0, the program stands still for so
long."""

AGREE_MS = 60.0
"""How far the record may be from what a bystander's stopwatch shows."""

IDLE_S, LOOKS = 5.0, 3
"""Idle cost is looked at so often for so long, and the least counts: other programs on the machine
only add to it."""

TURN_S, QUIET_S = 60.0, 0.7

ABOUT = (
    "The whole program (`talk`) through sound devices without hardware: two null sinks of a "
    "PulseAudio server of its "
    "own. Microphone and loudspeaker are each recorded beside it (`parec --latency-msec=20`); "
    "voice to voice is what "
    "those recordings show, from the user's last audible sample to the assistant's first. The "
    "program is stopped for "
    "two seconds (SIGSTOP) before the fifth and the eighth turn. Idle cores: the program and its "
    "engine together, "
    "while nobody speaks. Speech: the bundled recordings."
)


@dataclass
class DeviceRun:
    """What was measured.

    Attributes:
        real_ms, record_ms: voice to voice of each turn by the monitors and by the record; None
            where it is missing.
        idle_cores: of the program and its engine while nobody speaks.
        records: the turn records.
        about: the session's own description.
    """

    real_ms: list[float | None] = field(default_factory=list)
    record_ms: list[float | None] = field(default_factory=list)
    idle_cores: float = 0.0
    records: list[dict[str, Any]] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def apart_ms(self) -> list[float]:
        """How far the two are from each other, of the turns that have both."""
        return [
            abs(real - recorded)
            for real, recorded in zip(self.real_ms, self.record_ms, strict=True)
            if real is not None and recorded is not None
        ]


def sentences() -> list[Audio]:
    """The bundled user's turns (16 kHz), without silence around; not the last: a goodbye ends
    `talk`."""
    found = []
    for path in bundled()[:-1]:
        whole = read_audio(path)
        first, end = audible_span(whole, SAMPLE_RATE)
        found.append(whole[first:end])
    return found


@contextmanager
def beside(server: SoundServer) -> Iterator[tuple[User, Monitor, Monitor]]:
    """Somebody who speaks, and an ear beside the microphone and the loudspeaker."""
    with (
        User(server) as user,
        Monitor(server, "user") as said,
        Monitor(server, "assistant") as answered,
    ):
        yield user, said, answered


def converse(
    server: SoundServer,
    session: Path,
    arguments: Sequence[str],
    turns: int = TURNS,
    stalls_before: Sequence[int] = STALLS_BEFORE,
) -> DeviceRun:
    """Says `turns` sentences to the program, each once the answer to the one before has sounded.

    Raises:
        BenchmarkError: the program or a turn does not come.
    """
    spoken, said_texts = DeviceRun(), sentences()
    with beside(server) as (user, said, answered):
        program = TalkProcess(server, session, *arguments)
        try:
            time.sleep(1.0)
            spoken.idle_cores = min(program.cores(IDLE_S) for _ in range(LOOKS))
            spans = []
            for number in range(turns):
                if number in stalls_before:
                    stop_for(program.process, STALL_S)
                    time.sleep(QUIET_S)
                began, before = time.monotonic(), len(program.turns)
                user.say(said_texts[number % len(said_texts)])
                one_more = partial(_has_more_turns, program, before)
                wait_until(one_more, TURN_S, f"turn {number + 1}")
                time.sleep(QUIET_S)
                spans.append((began, time.monotonic()))
            time.sleep(0.2)
            spoken.real_ms = [
                gap_ms(said.between(*span), answered.between(*span), RATE) for span in spans
            ]
            spoken.records = program.turns
            spoken.record_ms = [record["first_audio_ms"] for record in spoken.records[:turns]]
        finally:
            program.end()
        spoken.about = program.about
    return spoken


async def measure(context: Context) -> Section:
    """The section."""
    section = Section("latency", ABOUT)
    arguments = ["--profile", context.settings.profile]
    if context.settings.models_dir:
        arguments += ["--models-dir", str(context.settings.models_dir)]
    with tempfile.TemporaryDirectory(prefix="voice-local-sound-") as folder:
        server = SoundServer(Path(folder))
        server.start()
        try:
            context.note(f"latency: {TURNS} turns through sound devices")
            spoken = await asyncio.to_thread(
                converse, server, context.folder / "session", arguments
            )
        finally:
            server.stop()
    after = max(STALLS_BEFORE)
    section.metrics = [
        metric("device_voice_to_voice_ms.p50", _known(spoken.real_ms), "ms", timed=True),
        metric(
            "device_voice_to_voice_ms.after_stalls",
            _known(spoken.real_ms[after:]),
            "ms",
            timed=True,
        ),
        metric("record_first_audio_ms.p50", _known(spoken.record_ms), "ms", timed=True),
        metric("device_to_record_ms", spoken.apart_ms, "ms", "max", timed=True),
        metric(
            "input_age_ms.p50",
            _known([turn["input_age_ms"] for turn in spoken.records]),
            "ms",
            timed=True,
        ),
        metric(
            "output_latency_ms.p50",
            _known([turn["output_latency_ms"] for turn in spoken.records]),
            "ms",
            timed=True,
        ),
        given("idle_cores", spoken.idle_cores, "count", "lower", timed=True),
        given("input_dropped_ms", spoken.about["input_dropped_ms"], "ms", "neither", timed=True),
    ]
    missing = TURNS - len(spoken.apart_ms)
    if missing:
        section.findings.append(
            f"{missing} of {TURNS} turns have no answer, or one that began before the user had "
            f"ended"
        )
    if max(spoken.apart_ms, default=0.0) > AGREE_MS:
        section.findings.append(
            f"the turn record and the monitors differ by up to {max(spoken.apart_ms):.0f} ms "
            f"(more than {AGREE_MS:.0f}): do not trust the record"
        )
    section.detail["turns"] = [
        {
            "voice_to_voice_ms": real,
            **{key: value for key, value in record.items() if key in breakdown.RECORD_KEYS},
        }
        for real, record in zip(spoken.real_ms, spoken.records, strict=False)
    ]
    return section


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _has_more_turns(program: TalkProcess, count: int) -> bool:
    """Whether the program has recorded more than `count` turns by now."""
    return len(program.turns) > count
