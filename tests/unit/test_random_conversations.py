"""Random conversations hold the invariants; planted faults are caught by them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.unit.random_conversations import run
from voice_local.conversation import turn_controller
from voice_local.conversation.output.gate import SpeculationGate
from voice_local.conversation.output.queued_speech import PlaybackPosition
from voice_local.conversation.output.speech_queue import SpeechQueue
from voice_local.conversation.response import Response

pytestmark = pytest.mark.unit
COUNT = 500
Patch = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(autouse=True)
def _own_loop() -> None:
    """Each conversation makes a loop of its own."""


def test_random_conversations() -> None:
    run(COUNT)


def _gate_that_is_open(patch: pytest.MonkeyPatch) -> None:
    made = SpeculationGate.__init__

    def opened(self: SpeculationGate, *arguments: object) -> None:
        made(self, *arguments)  # type: ignore[arg-type]
        self.open()

    patch.setattr(SpeculationGate, "__init__", opened)


def _controller_that_forgets_the_answer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(turn_controller._Step, "_interrupt", lambda self, by_voice: None)


def _memory_of_what_was_never_played(patch: pytest.MonkeyPatch) -> None:
    remember = Response.remember

    def whole(self: Response, played: str) -> None:
        remember(self, self.record.assistant_text)

    patch.setattr(Response, "remember", whole)


def _position_after_what_waits(patch: pytest.MonkeyPatch) -> None:
    flush = SpeechQueue.flush

    def late(self: SpeechQueue) -> PlaybackPosition:
        words = " ".join(one.text for one in (*self._done, *self._waiting) if not one.filler)
        return PlaybackPosition(words, flush(self).samples)

    patch.setattr(SpeechQueue, "flush", late)


def _side_effects_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    async def at_once(self: Response) -> None:
        await asyncio.sleep(0)

    patch.setattr(Response, "_begin_side_effects", at_once)


@pytest.mark.parametrize(
    "plant",
    [
        _gate_that_is_open,
        _controller_that_forgets_the_answer,
        _memory_of_what_was_never_played,
        _position_after_what_waits,
        _side_effects_before_the_commit,
    ],
)
def test_a_planted_fault_is_caught(plant: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    with pytest.raises(BaseException):  # noqa: B017 - whichever invariant notices it first
        run(COUNT, shrinks=False)
