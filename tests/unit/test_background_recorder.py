"""What is handed to the recorder's thread is written in order, whatever the disk does."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tests.unit.real_time import in_real_time
from voice_local.audio.types import Audio
from voice_local.conversation.record import ConversationTurn
from voice_local.errors import OutputError
from voice_local.local import background_recorder
from voice_local.local.background_recorder import BackgroundRecorder
from voice_local.local.recorder import Control, ControlKind, Recorder, read_session, to_int16

pytestmark = pytest.mark.unit
RATE, BLOCK = 16_000, 160
FULL = "recording into x has ended (No space left on device)"


class Notes(Recorder):
    """Writes no file: `written` is what it was given, in order.

    `fails`: what the write of a text raises. `go`: no write ends before it is set. `begun`: one has
    begun.
    """

    def __init__(self, fails: dict[str, Exception] | None = None) -> None:
        self.written: list[str] = []
        self.threads: set[int] = set()
        self.begun, self.go = threading.Event(), threading.Event()
        self.go.set()
        self._fails = fails or {}

    def note(self, text: str) -> None:
        """One write."""
        self.begun.set()
        assert self.go.wait(10)
        self.threads.add(threading.get_ident())
        if text in self._fails:
            raise self._fails[text]
        self.written.append(text)


class Kept:
    """A recorder behind a thread; `told`: why its recording ended."""

    def __init__(self, fails: dict[str, Exception] | None = None) -> None:
        self.recorder = Notes(fails)
        self.told: list[str] = []
        self.threads: list[int] = []
        self.background = BackgroundRecorder(self.recorder, self._tell)

    def _tell(self, why: str) -> None:
        self.told.append(why)
        self.threads.append(threading.get_ident())

    def write(self, *texts: str) -> None:
        """Hands them over."""
        for text in texts:
            self.background.write(self.recorder.note, text)


@in_real_time
async def test_what_is_handed_over_is_written_in_order_on_one_other_thread() -> None:
    kept, texts = Kept(), [str(number) for number in range(500)]
    for text in texts:
        kept.write(text)
        if text.endswith("00"):
            await asyncio.sleep(0.001)
    await kept.background.drain()
    assert kept.recorder.written == texts and kept.told == []
    assert len(kept.recorder.threads) == 1 and threading.get_ident() not in kept.recorder.threads


@in_real_time
async def test_blocks_turns_and_controls_are_read_back_as_they_were(tmp_path: Path) -> None:
    sound: Audio = np.random.default_rng(1).uniform(-0.9, 0.9, 50 * BLOCK).astype(np.float32)
    told: list[str] = []
    with Recorder(tmp_path, RATE, {}) as recorder:
        background = BackgroundRecorder(recorder, told.append)
        for number in range(50):
            block = sound[number * BLOCK : (number + 1) * BLOCK]
            background.write(recorder.block, block, -block)
            if number % 10 == 0:
                background.write(recorder.control, Control(number, ControlKind.READ, str(number)))
                background.write(recorder.turn, ConversationTurn(user_text=str(number)))
        await background.drain()
    session, exact = read_session(tmp_path), to_int16(sound) / np.float32(32768)
    np.testing.assert_array_equal(session.microphone, exact)
    np.testing.assert_array_equal(session.loudspeaker, -exact)
    assert [control.block for control in session.controls] == [0, 10, 20, 30, 40]
    assert [turn["user_text"] for turn in session.turns] == ["0", "10", "20", "30", "40"]
    assert told == []


@in_real_time
async def test_a_slow_disk_does_not_hold_the_event_loop_up() -> None:
    kept = Kept()
    kept.recorder.go.clear()
    longest = 0.0
    for number in range(100):
        began = time.monotonic()
        kept.write(str(number))
        await asyncio.sleep(0.001)
        longest = max(longest, time.monotonic() - began)
    assert kept.recorder.begun.is_set() and kept.recorder.written == []
    assert longest < 0.5, "a write that took as long would have held the sound up"
    closing = asyncio.create_task(kept.background.drain())
    await asyncio.sleep(0.05)
    assert not closing.done(), "all of it is still to be written"
    kept.recorder.go.set()
    await closing
    assert kept.recorder.written == [str(number) for number in range(100)]


@in_real_time
async def test_a_disk_that_is_too_slow_ends_the_recording_with_what_it_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background_recorder, "MOST_WAITING", 5)
    kept = Kept()
    kept.recorder.go.clear()
    kept.write(*"abcdefgh")
    assert kept.told == ["the disk is too slow to record"]
    kept.recorder.go.set()
    await asyncio.sleep(0.05)
    kept.write("i")  # there would be room again, but the recording has ended
    await kept.background.drain()
    assert kept.recorder.written == list("abcde") and len(kept.told) == 1


@in_real_time
async def test_a_full_disk_is_told_once_in_the_event_loop_and_nothing_else_fails() -> None:
    kept = Kept({"c": OutputError(FULL, "make room"), "d": OutputError("another", "")})
    kept.write("a", "b", "c", "d")
    await asyncio.sleep(0.05)
    assert kept.told == [FULL] and kept.threads == [threading.get_ident()]
    kept.write("e", "f")
    await kept.background.drain()
    assert kept.told == [FULL] and kept.recorder.written == ["a", "b"]


@in_real_time
async def test_nothing_is_written_behind_what_could_not_be() -> None:
    """Else a disk that has room again leaves a hole: all that follows lies at the wrong time."""
    kept = Kept({"c": OutputError(FULL, "make room")})
    kept.recorder.go.clear()
    kept.write(*"abcdefgh")  # all of them before anybody knows of the full disk
    kept.recorder.go.set()
    await kept.background.drain()
    assert kept.recorder.written == ["a", "b"] and kept.told == [FULL]


@in_real_time
async def test_whatever_else_a_recorder_raises_is_told_too() -> None:
    """A recording that ends in silence looks whole until it is needed."""
    kept = Kept({"b": ValueError("I/O operation on closed file")})
    kept.write("a", "b", "c")
    await kept.background.drain()
    assert kept.told == ["recording has failed (ValueError: I/O operation on closed file)"]
    assert kept.recorder.written == ["a"]


@in_real_time
async def test_an_error_of_the_last_write_is_told_before_it_is_closed() -> None:
    kept = Kept({"b": OutputError(FULL, "")})
    kept.write("a", "b")
    await kept.background.drain()
    assert kept.told == [FULL]


@in_real_time
async def test_what_comes_during_or_after_the_end_is_dropped() -> None:
    """A key that is pressed in that moment: its conversation's methods may be called at any time."""
    kept = Kept()
    kept.recorder.go.clear()
    kept.write("a")
    closing = asyncio.create_task(kept.background.drain())
    await asyncio.sleep(0.01)
    kept.write("too late")
    kept.recorder.go.set()
    await closing
    kept.write("after its end")
    await kept.background.drain()
    assert kept.recorder.written == ["a"] and kept.told == []
