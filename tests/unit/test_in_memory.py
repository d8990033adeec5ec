"""The sound card in memory: rates, stalls, bursts, and a whole conversation through it, in virtual
time."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from tests.unit.talker import Loudness
from voice_local.audio.types import Audio
from voice_local.bench.scripted import ScriptedEngine
from voice_local.config import (
    AudioSettings,
    load,
)
from voice_local.conversation import events
from voice_local.errors import (
    AudioDeviceError,
    AudioInputError,
)
from voice_local.local.audio_session import LocalAudioSession
from voice_local.local.in_memory import (
    LATE_MS,
    InMemoryCard,
    pcm16,
)
from voice_local.local.recorder import ControlKind
from voice_local.skills.responder import (
    new_conversation,
)
from voice_local.skills.router import IntentRouter

pytestmark = pytest.mark.unit
RATES = (16_000, 24_000, 48_000)
SETTINGS = AudioSettings()


def tone(seconds: float, rate: int, pitch_hz: float = 440.0, level: float = 0.3) -> Audio:
    """A sine."""
    return (level * np.sin(2 * np.pi * pitch_hz * np.arange(int(seconds * rate)) / rate)).astype(
        np.float32
    )


def pitch(samples: Audio, rate: int) -> float:
    """The loudest frequency, in Hz."""
    return float(
        np.argmax(np.abs(np.fft.rfft(samples * np.hanning(len(samples))))) * rate / len(samples)
    )


def silence(count: int) -> Audio:
    """Nothing to play."""
    return np.zeros(count, dtype=np.float32)


class Listener:
    """Takes a card's blocks.

    Attributes:
        recorded: the user's side so far, at the card's rate.
    """

    def __init__(self, card: InMemoryCard) -> None:
        self._card, self._parts = card, [silence(0)]
        self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async for block in self._card.blocks(silence):
            self._parts.append(block.recorded)

    @property
    def recorded(self) -> Audio:
        """See the class."""
        return np.concatenate(self._parts)

    async def stop(self) -> Audio:
        """What was recorded."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        return self.recorded


@pytest.mark.parametrize("rate", RATES)
async def test_the_user_s_side_at_any_rate(rate: int) -> None:
    card = InMemoryCard(SETTINGS, input_rate=rate)
    listener = Listener(card)
    sound = tone(1.0, rate)
    for start in range(0, len(sound), rate // 50):
        card.push_pcm16(pcm16(sound[start : start + rate // 50]))
        await asyncio.sleep(0.02)
    recorded = await listener.stop()
    assert len(recorded) == pytest.approx(SETTINGS.sample_rate, abs=2 * SETTINGS.sample_rate // 100)
    middle = recorded[SETTINGS.sample_rate // 4 : SETTINGS.sample_rate * 3 // 4]
    assert pitch(middle, SETTINGS.sample_rate) == pytest.approx(440, abs=3)
    assert float(np.abs(middle).max()) == pytest.approx(0.3, abs=0.01) and card.overruns == 0


@pytest.mark.parametrize("rate", RATES)
async def test_the_assistant_s_side_at_any_rate_and_in_real_time(rate: int) -> None:
    card = InMemoryCard(SETTINGS, output_rate=rate)
    whole, pulled, parts = tone(1.0, SETTINGS.sample_rate), 0, []

    def pull(count: int) -> Audio:
        nonlocal pulled
        pulled += count
        return whole[pulled - count : pulled] if pulled <= len(whole) else silence(count)

    async def run() -> None:
        async for _ in card.blocks(pull):
            pass

    running = asyncio.create_task(run())
    loop = asyncio.get_running_loop()
    async for samples in card.playback():
        parts.append(samples)
        heard_s = sum(map(len, parts)) / rate
        assert heard_s <= loop.time() + 0.011
        if heard_s > 0.9:
            running.cancel()  # the conversation is over: so is what is played
    played = np.concatenate(parts)
    assert pitch(played[rate // 4 : rate * 3 // 4], rate) == pytest.approx(440, abs=3)


async def test_a_stalled_network_loses_sound_and_delays_nothing_after_it() -> None:
    card = InMemoryCard(SETTINGS)
    listener = Listener(card)
    await asyncio.sleep(2.0)  # nothing came: silence is heard
    for _ in range(100):
        card.push(tone(0.02, 16_000))  # and now all at once
    await asyncio.sleep(1.0)
    assert card.overruns >= 1 and card.dropped_s == pytest.approx(2.0, abs=LATE_MS / 1000 + 0.05)
    begun = len(listener.recorded)
    for _ in range(5):
        card.push(tone(0.02, 16_000))
        await asyncio.sleep(0.02)
    late = (await listener.stop())[begun:]
    assert np.flatnonzero(np.abs(late) > 0.05)[0] / SETTINGS.sample_rate < 0.05


async def test_what_is_needlessly_late_catches_up_in_a_pause() -> None:
    card = InMemoryCard(SETTINGS)
    for _ in range(8):
        card.push(silence(320))  # 160 ms ahead of the clock
    listener = Listener(card)
    for _ in range(150):
        card.push(silence(320))
        await asyncio.sleep(0.02)
    begun = len(listener.recorded)
    for _ in range(15):
        card.push(tone(0.02, 16_000))
        await asyncio.sleep(0.02)
    after = (await listener.stop())[begun:]
    assert (
        np.flatnonzero(np.abs(after) > 0.05)[0] / SETTINGS.sample_rate < 0.06 and card.overruns == 0
    )


async def test_after_this_process_was_held_up_nothing_is_played_in_a_burst() -> None:
    card = InMemoryCard(SETTINGS)
    listener = Listener(card)
    await asyncio.sleep(1.0)
    asyncio.get_running_loop()._jumping.now += 5.0  # type: ignore[attr-defined]
    await asyncio.sleep(1.0)
    assert len(await listener.stop()) / SETTINGS.sample_rate == pytest.approx(2.0, abs=0.3)


async def test_a_recording_is_heard_whole_and_ends() -> None:
    card = InMemoryCard(SETTINGS)
    listener = Listener(card)
    sound = np.concatenate([tone(1.0, 16_000), silence(32_000), tone(1.0, 16_000)])
    await card.feed(sound)
    assert asyncio.get_running_loop().time() == pytest.approx(4.0, abs=0.2), "in real time"
    card.end()
    await asyncio.sleep(0.3)
    recorded = await listener.stop()
    loud = np.flatnonzero(np.abs(recorded) > 0.05) / SETTINGS.sample_rate
    assert loud[-1] - loud[0] == pytest.approx(4.0, abs=0.01)
    assert card.ended and card.dropped_s == 0
    card.push(tone(0.1, 16_000))  # too late: nothing happens


async def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(AudioDeviceError, match="1000 Hz"):
        InMemoryCard(SETTINGS, input_rate=1000)
    card = InMemoryCard(SETTINGS)
    for samples in (np.full(160, np.nan, dtype=np.float32), np.zeros((160, 2), dtype=np.float32)):
        with pytest.raises(AudioInputError):
            card.push(samples)
    with pytest.raises(AudioInputError, match="3 bytes"):
        card.push_pcm16(b"abc")


async def conversation(engine: ScriptedEngine) -> tuple[LocalAudioSession, InMemoryCard]:
    settings = load("tiny")
    card = InMemoryCard(settings.audio, 24_000, 16_000)
    return LocalAudioSession(
        new_conversation(engine, settings, IntentRouter(2.0, 1.0)), Loudness(), card
    ), card


async def test_a_conversation_through_it() -> None:
    talking, card = await conversation(ScriptedEngine(stt_s=0.05))
    parts: list[Audio] = []

    async def speak() -> None:
        await card.feed(np.concatenate([silence(12_000), tone(1.0, 24_000), silence(24_000)]))
        card.end()

    async def listen() -> None:
        async for samples in card.playback():
            parts.append(samples)

    others = asyncio.gather(speak(), listen())
    told = [event async for event in talking.events()]
    await others
    (turn,) = [event.record for event in told if isinstance(event, events.TurnEnded)]
    assert turn.user_text == "hello" and turn.heard_text == "Hello! How can I help you?"
    played = np.concatenate(parts)
    loud = np.flatnonzero(np.abs(played) > 0.05)
    assert turn.first_audio_ms is not None
    assert loud[0] / 16_000 == pytest.approx(1.5 + turn.first_audio_ms / 1000, abs=0.08)


async def test_the_host_program_says_something_and_stops_it() -> None:
    talking, _ = await conversation(ScriptedEngine())
    told: list[events.Event] = []

    async def read() -> None:
        async for event in talking.events():
            told.append(event)

    reading = asyncio.create_task(read())
    talking.control(ControlKind.INTERRUPT)  # there is nothing yet
    talking.control(
        ControlKind.SAY,
        "A long sentence that takes its time to be said aloud, and another part. And one more.",
    )
    await asyncio.sleep(0.5)
    talking.control(ControlKind.INTERRUPT)
    await asyncio.sleep(0.1)
    (cut,) = [event for event in told if isinstance(event, events.Interrupted)]
    (ended,) = [event.record for event in told if isinstance(event, events.TurnEnded)]
    assert ended.interrupted and 0 < len(cut.played_text) < 60
    assert talking.session.queue.drained and talking.session.phase is events.Phase.LISTENING
    await talking.aclose()
    await asyncio.wait_for(reading, 1)


async def test_it_ends_after_the_last_answer_when_told_so() -> None:
    talking, _ = await conversation(ScriptedEngine())
    talking.control(ControlKind.READ, "hello")
    talking.end()
    told = [event async for event in talking.events()]
    (ended,) = [event.record for event in told if isinstance(event, events.TurnEnded)]
    assert ended.heard_text == "Hello! How can I help you?" and not ended.interrupted
