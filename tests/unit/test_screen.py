"""What a person sees of a live conversation: their words stay, of the answer what sounds, times
only when asked for."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from voice_local.audio.types import SAMPLE_RATE
from voice_local.cli import (
    event_lines,
    show,
)
from voice_local.cli.screen import Screen
from voice_local.config import AudioSettings
from voice_local.conversation import events
from voice_local.conversation.output.speech_queue import (
    SpeechQueue,
)
from voice_local.conversation.record import ConversationTurn
from voice_local.engine.api import SpeechChunk
from voice_local.local.cards import WavCard

pytestmark = pytest.mark.unit
FIRST, SECOND = "It is on its way.", "It will arrive on Monday."


class Setting:
    """A screen of 80 columns, a speech queue and a card that has no device."""

    def __init__(self, **options: Any) -> None:
        self.out = io.StringIO()
        self.console = Console(
            file=self.out, force_terminal=True, width=80, highlight=False, color_system=None
        )
        self.screen = Screen(False, console=self.console, **options)
        self.queue = SpeechQueue(SAMPLE_RATE)
        self.talking: Any = SimpleNamespace(
            microphone=SimpleNamespace(level=0.0),
            session=SimpleNamespace(queue=self.queue, muted=False),
        )
        self.card: Any = SimpleNamespace(ended=False, lost=False, overruns=0)

    def take(self, *told: events.Event) -> None:
        for event in told:
            self.screen.take(event, self.talking, self.card)

    def speak(self, *segments: str) -> None:
        """Hands a second of sound for each segment to the speech queue."""
        generation = self.queue.begin()
        for segment in segments:
            self.queue.feed(
                generation, SpeechChunk(np.full(SAMPLE_RATE, 0.1, np.float32), SAMPLE_RATE), segment
            )
            self.take(events.AssistantSays(segment))

    def bottom(self) -> str:
        with self.console.capture() as got:
            self.console.print(self.screen.shown(self.talking, self.card))
        return got.get()


def test_the_users_words_stay_while_the_segment_that_sounds_is_shown() -> None:
    setting = Setting()
    setting.take(events.Partial("where is", "my"))
    assert "where is my" in setting.bottom()
    setting.take(events.UserSaid("where is my order"))
    setting.speak(FIRST, SECOND)
    assert "where is my order" in setting.bottom()
    assert FIRST not in setting.bottom() and SECOND not in setting.bottom(), (
        "handed over, and not heard yet"
    )
    setting.queue.pull(SAMPLE_RATE // 2)
    shown = setting.bottom()
    assert "where is my order" in shown and FIRST in shown and SECOND not in shown
    setting.queue.pull(SAMPLE_RATE)
    assert f"{FIRST} {SECOND}" in setting.bottom() and "where is my order" in setting.bottom()


def test_words_over_an_answer_stand_below_it() -> None:
    setting = Setting()
    setting.take(events.UserSaid("where is my order"))
    setting.speak(FIRST)
    setting.queue.pull(SAMPLE_RATE // 2)
    setting.take(events.Partial("no wait", ""))
    shown = setting.bottom()
    assert shown.index("where is my order") < shown.index(FIRST) < shown.index("no wait")
    setting.take(events.FalseInterruption("backchannel"))
    assert "no wait" not in setting.bottom()


def test_a_turn_that_goes_on_is_not_shown_as_answered() -> None:
    setting = Setting()
    setting.take(events.UserSaid("where is"), events.TurnMerged())
    assert "where is …" in setting.bottom() and "assistant" not in setting.bottom()


def _ended(**facts: Any) -> events.TurnEnded:
    return events.TurnEnded(
        ConversationTurn(
            **{
                "user_text": "where is my order",
                "user_audio_duration": 1.0,
                "assistant_text": f"{FIRST} {SECOND}",
                "intent": "check_order_status",
                "intent_confidence": 0.9,
                "stt_latency_ms": 200.0,
                **facts,
            }
        )
    )


def test_a_finished_turn_stands_above_without_times() -> None:
    setting = Setting()
    setting.take(events.UserSaid("where is my order"), _ended())
    written = setting.out.getvalue()
    assert "you        where is my order" in written and f"assistant  {FIRST} {SECOND}" in written
    assert " ms" not in written and "intent" not in written
    assert "where is my order" not in setting.bottom()


def test_where_lines_are_typed_the_answer_is_written_as_it_sounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())  # a pipe: nobody sees what comes through it
    setting = Setting(typed=True)
    setting.take(events.UserSaid("where is my order"))
    setting.speak(FIRST, SECOND)
    setting.queue.pull(SAMPLE_RATE + SAMPLE_RATE // 20)
    setting.screen.draw(setting.talking, setting.card)
    assert setting.out.getvalue().split() == [
        "you",
        "where",
        "is",
        "my",
        "order",
        "assistant",
        *FIRST.split(),
    ]
    setting.take(_ended())
    assert setting.out.getvalue().split() == [
        "you",
        "where",
        "is",
        "my",
        "order",
        "assistant",
        *FIRST.split(),
        *SECOND.split(),
    ]


def test_times_are_shown_when_asked_for() -> None:
    setting = Setting(verbose=True)
    setting.take(_ended())
    assert (
        "200 ms" in setting.out.getvalue()
        and "intent check_order_status 0.90" in setting.out.getvalue()
    )


def test_of_an_interrupted_answer_only_what_was_heard_stays() -> None:
    setting = Setting()
    setting.take(_ended(interrupted=True, heard_text=FIRST))
    assert (
        f"{FIRST} …(interrupted)" in setting.out.getvalue() and SECOND not in setting.out.getvalue()
    )


def test_a_recording_shows_how_far_it_is(tmp_path: Any) -> None:
    import soundfile as sf

    sf.write(tmp_path / "user.wav", np.zeros(75 * SAMPLE_RATE, np.float32), SAMPLE_RATE)
    setting = Setting()
    setting.card = WavCard(tmp_path / "user.wav", AudioSettings())
    setting.card.position_s = 12.4
    assert "0:12 of 1:15" in setting.bottom()


def test_long_lines_break_between_words_under_the_first() -> None:
    setting = Setting()
    show.turn(ConversationTurn(user_text="a " * 50, assistant_text="words " * 30), setting.console)
    lines = setting.out.getvalue().splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert all(line.startswith((" " * 11, "you", "assistant")) for line in lines if line.strip())


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        (
            events.StateChanged(events.Phase.USER_SPEAKING),
            {"event": "state_changed", "sample": 0, "state": "user_speaking"},
        ),
        (
            events.AssistantSays("Hello.", False, place=events.Place("talk", "talk/1", 2, 16_000)),
            {
                "event": "assistant_says",
                "session_id": "talk",
                "turn_id": "talk/1",
                "item": 2,
                "sample": 16_000,
                "text": "Hello.",
                "audible": False,
            },
        ),
        (
            events.Action("stop", {}),
            {"event": "action", "sample": 0, "action": "stop", "params": {}, "late": False},
        ),
    ],
)
def test_an_event_is_one_line(event: events.Event, wanted: dict[str, Any]) -> None:
    assert event_lines.as_json(event) == wanted
    assert "\n" not in json.dumps(event_lines.as_json(event))


def test_a_finished_turn_is_its_record() -> None:
    told = event_lines.as_json(_ended())
    assert told["event"] == "turn_ended" and told["turn"]["user_text"] == "where is my order"
