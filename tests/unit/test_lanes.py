"""One thread a stage: who waits for a finished turn goes first, what was given up is not run."""

from __future__ import annotations

import threading

import pytest
from voice_local.engine.lanes import (
    Background,
    Lane,
    Priority,
)

pytestmark = pytest.mark.unit


@pytest.fixture
def held() -> tuple[Lane, threading.Event]:
    """A lane that is at work until the event is set."""
    lane, go = Lane("test"), threading.Event()
    lane.submit(go.wait)
    return lane, go


def test_a_final_pass_goes_before_interim_ones_of_others(
    held: tuple[Lane, threading.Event],
) -> None:
    """D19: calls were taken in the order in which they came, whatever they were for."""
    lane, go = held
    order: list[str] = []
    names = [
        ("summary", Priority.BACKGROUND),
        ("interim 1", Priority.INTERIM),
        ("interim 2", Priority.INTERIM),
        ("answer", Priority.INTERACTIVE),
        ("final 1", Priority.FINAL),
        ("final 2", Priority.FINAL),
    ]
    done = [lane.submit(lambda name=name: order.append(name), priority) for name, priority in names]  # type: ignore[misc]
    go.set()
    for future in done:
        future.result(5)
    assert order == ["final 1", "final 2", "answer", "interim 1", "interim 2", "summary"]
    lane.close()


def test_what_was_cancelled_while_it_waited_is_not_run(held: tuple[Lane, threading.Event]) -> None:
    lane, go = held
    ran: list[int] = []
    first, second = (lane.submit(lambda number=number: ran.append(number)) for number in (1, 2))  # type: ignore[misc]
    assert first.cancel() and lane.busy
    go.set()
    second.result(5)
    assert ran == [2]
    lane.close()


def test_errors_come_to_whoever_waits() -> None:
    lane = Lane("test")
    with pytest.raises(ZeroDivisionError):
        lane.submit(lambda: 1 // 0).result(5)
    assert lane.submit(lambda: 3).result(5) == 3
    lane.close()


def test_a_closed_lane_drops_what_waits_and_ends(held: tuple[Lane, threading.Event]) -> None:
    lane, go = held
    waiting = lane.submit(lambda: 1)
    lane.close()
    go.set()
    assert waiting.cancelled()
    lane._thread.join(5)
    assert not lane._thread.is_alive()


def test_background_calls_are_told_to_stop() -> None:
    background = Background()
    with background.call() as first, background.call() as second:
        assert not first.is_set()
        background.give_way()
        assert first.is_set() and second.is_set()
        with background.call() as later:
            assert not later.is_set(), "what comes after waits its turn"
    assert later.is_set()
