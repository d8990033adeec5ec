"""The sound devices' card over a made-up PortAudio: what is late is dropped, what stands still is
not taken for gone."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from voice_local.audio.types import Audio
from voice_local.config import AudioSettings
from voice_local.errors import AudioDeviceError
from voice_local.local import (
    device,
    portaudio,
    streams,
)
from voice_local.local.cards import Block
from voice_local.local.device import (
    LATEST_S,
    DeviceCard,
)

pytestmark = pytest.mark.unit
RATE, BLOCK = 48_000, 480
OUTPUT_S = 0.05


class PortAudioError(Exception):
    """As the library's."""


class Stream:
    """Either direction, moved by hand."""

    def __init__(self, **options: Any) -> None:
        self.options, self.started, self.closed = options, False, False

    def start(self) -> None:
        """See `sounddevice`."""
        self.started = True

    def close(self) -> None:
        """See `sounddevice`."""
        self.closed = True


class Sound:
    """What is used of `sounddevice`; `refused` directions cannot be opened."""

    PortAudioError = PortAudioError

    def __init__(self) -> None:
        self.opened: list[Stream] = []
        self.refused: set[str] = set()
        self.begun = 0

    def _make(self, kind: str, **options: Any) -> Stream:
        if kind in self.refused:
            raise PortAudioError("Device unavailable")
        self.opened.append(Stream(**options))
        return self.opened[-1]

    def RawOutputStream(self, **options: Any) -> Stream:
        """See `sounddevice`."""
        return self._make("output", **options)

    def RawInputStream(self, **options: Any) -> Stream:
        """See `sounddevice`."""
        return self._make("input", **options)

    def _terminate(self) -> None:
        self.begun -= 1

    def _initialize(self) -> None:
        self.begun += 1

    # Moved by hand.

    def record(self, number: int) -> None:
        """The microphone's block of that number arrives."""
        recorded = np.full(BLOCK, number / 10_000, dtype=np.float32).tobytes()
        self.opened[-1].options["callback"](
            recorded, BLOCK, None, SimpleNamespace(input_overflow=False)
        )

    def play(self) -> Audio:
        """The loudspeaker takes a block."""
        playing = bytearray(4 * BLOCK)
        stamps = SimpleNamespace(currentTime=100.0, outputBufferDacTime=100.0 + OUTPUT_S)
        self.opened[-2].options["callback"](playing, BLOCK, stamps, None)
        return np.frombuffer(bytes(playing), dtype=np.float32)


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> Sound:
    """In place of PortAudio; everything goes by the loop's clock, which is virtual."""
    made = Sound()
    for module in (device, streams):
        monkeypatch.setattr(module, "library", lambda: made)
        monkeypatch.setattr(
            module, "time", SimpleNamespace(monotonic=lambda: asyncio.get_event_loop().time())
        )
    monkeypatch.setattr(device, "present", lambda *asked: None)

    async def at_once(call: Callable[[], Any], seconds: float, undo: object = None) -> Any:
        return call()

    monkeypatch.setattr(device, "in_time", at_once)
    return made


class Reading:
    """Reads a card's blocks; `played` are the first values of the blocks that were pulled."""

    def __init__(self, card: DeviceCard) -> None:
        self.card, self.pulled = card, 0
        self.blocks: list[Block] = []
        self.ages: list[float] = []
        self._task = asyncio.create_task(self._read())

    def _pull(self, count: int) -> Audio:
        self.pulled += 1
        return np.full(count, self.pulled / 10_000, dtype=np.float32)

    async def _read(self) -> None:
        async for block in self.card.blocks(self._pull):
            self.blocks.append(Block(*block))
            assert block.captured_s is not None
            self.ages.append(asyncio.get_running_loop().time() - block.captured_s)

    @property
    def numbers(self) -> list[int]:
        """Of the blocks that were read, several of which may come as one."""
        return [
            round(float(value) * 10_000)
            for block in self.blocks
            for value in block.recorded[::BLOCK]
        ]

    async def end(self) -> None:
        """Closes the card."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def run(sound: Sound, numbers: range, plays: bool = True) -> None:
    """Both devices work in real (virtual) time."""
    for number in numbers:
        await asyncio.sleep(0.01)
        sound.record(number)
        if plays:
            sound.play()


async def test_both_directions_are_streams_of_their_own(sound: Sound) -> None:
    reading = Reading(DeviceCard(AudioSettings(input_device="3", output_device="pulse")))
    await asyncio.sleep(0)
    output, input_ = sound.opened
    assert (output.options["device"], input_.options["device"]) == ("pulse", 3)
    assert output.started and input_.started
    await reading.end()
    assert output.closed and input_.closed


async def test_what_was_in_the_air_comes_with_what_was_recorded(sound: Sound) -> None:
    reading = Reading(DeviceCard(AudioSettings()))
    await asyncio.sleep(0)
    await run(sound, range(300))
    await asyncio.sleep(0.01)
    block = reading.blocks[-1]
    await reading.end()
    number = round(float(block.recorded[0]) * 10_000)
    assert (
        number > 290
        and block.captured_s == pytest.approx(number / 100)
        and block.reference is not None
    )
    # The block pulled at 1.00 s is the hundredth and sounds at 1.05 s, as block 105 is being
    # recorded.
    assert block.played[100] * 10_000 == pytest.approx(number - 5, abs=0.1)
    assert block.reference[100] * 10_000 == pytest.approx(number - 3, abs=0.1), "20 ms early"
    moment = reading.card.sounded(293 * BLOCK)
    assert (
        moment is not None
        and moment.at_s == pytest.approx(2.99)
        and moment.latency_ms == pytest.approx(50)
    )


async def test_what_piled_up_while_the_process_stood_still_is_dropped_and_counted(
    sound: Sound,
) -> None:
    card = DeviceCard(AudioSettings())
    reading = Reading(card)
    await asyncio.sleep(0)
    await run(sound, range(300))
    await asyncio.sleep(2.0)
    for number in range(300, 500):
        sound.record(number)
    await run(sound, range(500, 600))
    await asyncio.sleep(0.01)
    await reading.end()
    assert max(reading.ages) <= LATEST_S + 0.01
    assert card.dropped_ms == pytest.approx(1800, abs=20)
    dropped = sorted(set(range(597)) - set(reading.numbers))
    assert (
        dropped == list(range(dropped[0], dropped[0] + len(dropped))) and 297 <= dropped[0] <= 300
    ), "the oldest only"
    assert card.overruns == 0 and card.reopened == 0 and len(sound.opened) == 2


async def test_nothing_is_dropped_of_what_comes_in_time(sound: Sound) -> None:
    card = DeviceCard(AudioSettings())
    reading = Reading(card)
    await asyncio.sleep(0)
    for number in range(0, 300, 6):  # as a sound server hands it out
        await asyncio.sleep(0.06)
        for block in range(number, number + 6):
            sound.record(block)
            sound.play()
    await asyncio.sleep(0.01)
    await reading.end()
    assert card.dropped_ms == 0 and reading.numbers[:297] == list(range(297))


@pytest.mark.parametrize("dies", ["microphone", "loudspeaker"])
async def test_where_one_direction_is_gone_both_are_opened_again(sound: Sound, dies: str) -> None:
    card = DeviceCard(AudioSettings())
    reading = Reading(card)
    await asyncio.sleep(0)
    await run(sound, range(100))
    for number in range(100, 400):
        await asyncio.sleep(0.01)
        if dies == "loudspeaker":
            sound.record(number)
        else:
            sound.play()
    sound.refused.add("output")
    await asyncio.sleep(2)
    assert card.lost and all(stream.closed for stream in sound.opened)
    sound.refused.clear()
    await asyncio.sleep(2)
    assert not card.lost and card.reopened == 1 and len(sound.opened) == 4
    read = len(reading.numbers)
    await run(sound, range(400, 420))
    await asyncio.sleep(0.01)
    assert len(reading.numbers) >= read + 16
    await reading.end()


async def test_a_device_that_cannot_be_opened_at_the_start_is_an_error(sound: Sound) -> None:
    sound.refused.add("input")
    reading = DeviceCard(AudioSettings()).blocks(lambda count: np.zeros(count, np.float32))
    with pytest.raises(AudioDeviceError, match="Device unavailable"):
        await anext(reading)
    assert [stream.closed for stream in sound.opened] == [True], "the loudspeaker is not left open"


class Library:
    """What `present` asks of `sounddevice`."""

    PortAudioError = PortAudioError

    def __init__(self, *devices: tuple[str, int, int]) -> None:
        self._devices = [
            {"name": name, "max_input_channels": inputs, "max_output_channels": outputs}
            for name, inputs, outputs in devices
        ]

    def query_devices(self, device: int | str | None = None, kind: str | None = None) -> Any:
        """See `sounddevice`."""
        if kind is None:
            return self._devices
        found = [
            d for d in self._devices if d[f"max_{kind}_channels"] and device in (None, d["name"])
        ]
        if not found:
            raise ValueError(f"No {kind} device matching {device!r}")
        return found[0]

    def check_input_settings(self, *asked: object) -> None:
        """See `sounddevice`."""
        raise PortAudioError("Invalid sample rate")

    def check_output_settings(self, *asked: object) -> None:
        """See `sounddevice`."""


@pytest.mark.parametrize(
    ("devices", "kind", "name", "told"),
    [
        ((), "input", None, "no microphone"),
        ((("speakers", 0, 2),), "input", None, "no microphone"),
        ((("headset", 1, 0),), "output", None, "no loudspeaker"),
        ((("headset", 1, 2),), "output", "hedset", "no loudspeaker called 'hedset'"),
        ((("headset", 1, 2),), "input", "headset", "Invalid sample rate"),
    ],
)
def test_what_is_missing_is_said(
    monkeypatch: pytest.MonkeyPatch, devices: Any, kind: str, name: str | None, told: str
) -> None:
    monkeypatch.setattr(portaudio, "library", lambda: Library(*devices))
    with pytest.raises(AudioDeviceError) as found:
        portaudio.present(kind, name, RATE)
    assert (
        told in found.value.cause
        and "\n" not in found.value.cause
        and "voice-local" in found.value.remedy
    )


def test_one_that_is_there_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portaudio, "library", lambda: Library(("headset", 1, 2)))
    portaudio.present("output", "headset", RATE)
    portaudio.present("output", None, RATE)


def test_alsa_says_nothing_on_the_terminal() -> None:
    program = (
        "import ctypes, sys\n"
        "from voice_local.local.portaudio import silence_alsa\n"
        "if sys.argv[1] == 'silent': silence_alsa()\n"
        "alsa, card = ctypes.CDLL('libasound.so.2'), ctypes.c_void_p()\n"
        "assert alsa.snd_pcm_open(ctypes.byref(card), b'no_such_device', 0, 0) < 0\n"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", program, how], capture_output=True, text=True, check=False
        )
        for how in ("loud", "silent")
    ]
    if "OSError" in told[0].stderr:
        pytest.skip("no ALSA here")
    assert "ALSA lib" in told[0].stderr, "else this shows nothing"
    assert told[1].stderr == "" and told[1].returncode == 0
