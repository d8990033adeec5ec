"""A sound card and a conversation: what was said while muted is gone, and times are those of a
bystander's stopwatch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soxr

from tests.unit.talker import Loudness
from voice_local.audio.clocks import Moment
from voice_local.audio.types import Audio
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import (
    AudioSettings,
    load,
)
from voice_local.conversation import events
from voice_local.local import audio_session as session_module
from voice_local.local import timing as timing_module
from voice_local.local.audio_session import LocalAudioSession
from voice_local.local.cards import (
    Block,
    Pull,
)
from voice_local.local.recorder import (
    ControlKind,
    Recorder,
    read_session,
)
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit
RATE, BLOCK = 48_000, 480
INPUT_S, OUTPUT_S = 0.11, 0.17


class LoopTime:
    """`time` by the event loop's clock, which is virtual here."""

    @staticmethod
    def monotonic() -> float:
        """See `time`."""
        return asyncio.get_running_loop().time()


@pytest.fixture(autouse=True)
def virtual(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything goes by the loop's clock."""
    for module in (session_module, timing_module):
        monkeypatch.setattr(module, "time", LoopTime)


class LateCard:
    """The user speaks in `spans` (seconds); what is recorded comes `INPUT_S` late, what is played
    sounds `OUTPUT_S` later.

    `late_s`: recorded sound comes so much later still.
    """

    def __init__(self, length_s: float, *spans: tuple[float, float], late_s: float = 0.0) -> None:
        rng, self.length_s = np.random.default_rng(7), length_s
        self._late_s = INPUT_S + late_s
        time = np.arange(int(length_s * RATE)) / RATE
        speaks = np.any([(time >= begin) & (time < end) for begin, end in spans], axis=0)
        # What a microphone hears of a voice has been through its filter.
        noise = soxr.resample(
            rng.uniform(-0.6, 0.6, len(time) // 6 + 1).astype(np.float32), RATE / 6, RATE
        )[: len(time)]
        self._sound = np.where(speaks, noise, 0).astype(np.float32)
        self.in_the_air = np.zeros(len(time) + 10 * RATE, dtype=np.float32)
        self.ended, self.lost, self.overruns = False, False, 0
        self._began = 0.0

    def sounded(self, sample: int) -> Moment:
        """See `TimedCard`."""
        return Moment(self._began + sample / RATE + OUTPUT_S, OUTPUT_S * 1000)

    async def blocks(self, pull: Pull) -> AsyncIterator[Block]:
        """See `SoundCard`."""
        loop = asyncio.get_running_loop()
        self._began = loop.time()
        late = int(self._late_s * RATE) // BLOCK
        for number in range(len(self._sound) // BLOCK + late):
            played = pull(BLOCK)
            at = number * BLOCK + int(OUTPUT_S * RATE)
            self.in_the_air[at : at + BLOCK] = played
            await asyncio.sleep(self._began + (number + 1) * BLOCK / RATE - loop.time())
            first = (number - late) * BLOCK
            if first >= 0:
                yield Block(
                    self._sound[first : first + BLOCK],
                    self.in_the_air[first : first + BLOCK],
                    self.in_the_air[first + 960 : first + 960 + BLOCK],
                    self._began + first / RATE,
                )
        self.ended = True
        while True:
            yield Block(np.zeros(BLOCK, np.float32), pull(BLOCK), None, loop.time())
            await asyncio.sleep(0.01)


def conversation(
    card: LateCard, engine: ScriptedEngine, recorder: Recorder | None = None, muted: bool = False
) -> LocalAudioSession:
    """Over a scripted engine, without an echo canceller."""
    settings = load("tiny", audio=AudioSettings(echo_cancel=False).model_dump())
    return LocalAudioSession(
        new_conversation(engine, settings, IntentRouter(2.0, 1.0)),
        Loudness(),
        card,
        recorder,
        muted=muted,
    )


async def told_by(
    talking: LocalAudioSession, controls: dict[float, ControlKind] | None = None
) -> list[events.Event]:
    """All that a conversation tells, while controls are given at their times."""
    loop, began = asyncio.get_running_loop(), asyncio.get_running_loop().time()

    async def control() -> None:
        for at_s, what in (controls or {}).items():
            await asyncio.sleep(began + at_s - loop.time())
            talking.control(what)

    beside = asyncio.create_task(control())
    told = [event async for event in talking.events()]
    await beside
    return told


async def test_the_record_shows_what_a_bystanders_stopwatch_would() -> None:
    card = LateCard(5.0, (1.0, 2.0))
    told = await told_by(conversation(card, ScriptedEngine(segment_s=0.2)))
    (turn,) = [event.record for event in told if isinstance(event, events.TurnEnded)]
    heard = np.flatnonzero(np.abs(card.in_the_air) > 0.01)[0] / RATE
    assert turn.first_audio_ms == pytest.approx((heard - 2.0) * 1000, abs=15)
    assert turn.input_age_ms == pytest.approx(INPUT_S * 1000, abs=15)
    assert turn.output_latency_ms == pytest.approx(OUTPUT_S * 1000)


async def test_words_said_while_muted_are_never_answered_however_late_they_come(
    tmp_path: Path,
) -> None:
    card = LateCard(8.0, (0.5, 1.9), (3.0, 4.0), late_s=2.0)
    with Recorder(tmp_path, RATE, {}) as recorder:
        told = await told_by(
            conversation(card, ScriptedEngine(), recorder, muted=True), {2.0: ControlKind.UNMUTE}
        )
    (turn,) = [event.record for event in told if isinstance(event, events.TurnEnded)]
    assert turn.user_audio_duration is not None and turn.user_audio_duration < 1.9, (
        "what was said after"
    )
    kept = read_session(tmp_path).microphone
    assert not kept[: 2 * RATE].any() and kept[3 * RATE : 4 * RATE].any(), "nor is it kept"


async def test_muting_drops_what_is_on_its_way_too() -> None:
    card = LateCard(6.0, (1.0, 2.0), late_s=2.0)
    told = await told_by(conversation(card, ScriptedEngine()), {2.5: ControlKind.MUTE})
    assert not [event for event in told if isinstance(event, events.UserSaid)]


async def test_pressed_to_talk_nothing_from_before_is_heard() -> None:
    card = LateCard(7.0, (0.5, 1.9), (2.2, 3.0), late_s=0.5)
    told = await told_by(
        conversation(card, ScriptedEngine(), muted=True),
        {2.0: ControlKind.HOLD, 4.0: ControlKind.RELEASE},
    )
    (turn,) = [event.record for event in told if isinstance(event, events.TurnEnded)]
    assert turn.user_audio_duration is not None and turn.user_audio_duration < 1.5


async def test_a_card_of_plain_pairs_is_one_too() -> None:
    class Plain:
        """Half a second of silence."""

        ended, lost, overruns = False, False, 0

        async def blocks(self, pull: Pull) -> AsyncIterator[tuple[Audio, Audio]]:
            """See `SoundCard`."""
            for _ in range(50):
                await asyncio.sleep(0.01)
                yield np.zeros(BLOCK, np.float32), pull(BLOCK)
            self.ended = True
            for _ in range(500):
                yield np.zeros(BLOCK, np.float32), pull(BLOCK)

    talking = conversation(LateCard(1.0, (0.0, 0.0)), ScriptedEngine())
    talking = LocalAudioSession(talking.session.context, Loudness(), Plain())
    assert await told_by(talking) == []
