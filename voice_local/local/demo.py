"""A spoken conversation from recordings: the very path that a microphone's sound takes, only faster
than real time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path

import numpy as np
import soxr

from voice_local.audio.files import write_wav
from voice_local.audio.level import audible_span
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.audio.vad import SileroModel
from voice_local.config import Settings
from voice_local.conversation.context.conversation_context import Dialogue
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.session import Session
from voice_local.engine.client import EngineClient
from voice_local.local.speakers import Collector
from voice_local.local.talking import AWAITED_S

CONVERSATION = "conversation.flac"
"""Beside the answers: both sides."""

RATE = 24_000
"""Of that file, Hz."""

PAUSE_S = 0.8
"""Between an answer and what the user says next."""


def bundled() -> list[Path]:
    """The recordings of the bundled conversation's user, in order."""
    folder = Path(str(resources.files("voice_local"))) / "recordings"
    return sorted(folder.glob("user_*.flac"))


class Both:
    """Both sides of the conversation on one clock, each answer as long after the user's words as it
    would have come."""

    def __init__(self) -> None:
        self._placed: list[tuple[int, Audio, int]] = []  # where, what, which side
        self._end = 0

    def add(self, user: Audio, answer: Audio, answer_rate: int, waited_ms: float) -> None:
        """One exchange: `user` at 16 kHz, and the answer, first heard `waited_ms` after the user's
        last audible sample."""
        begin = self._end + (int(PAUSE_S * RATE) if self._placed else 0)
        left = _at_rate(user, SAMPLE_RATE)
        self._placed.append((begin, left, 0))
        self._end = begin + len(left)
        if len(answer):
            right = _at_rate(answer, answer_rate)
            lead = audible_span(right, RATE)[0]
            at = max(
                begin, begin + audible_span(left, RATE)[1] + int(waited_ms * RATE / 1000) - lead
            )
            self._placed.append((at, right, 1))
            self._end = max(self._end, at + len(right))

    def sides(self) -> Audio:
        """Samples of shape (count, 2) at `RATE` Hz: left the user, right the assistant."""
        whole = np.zeros((self._end, 2), dtype=np.float32)
        for at, samples, side in self._placed:
            whole[at : at + len(samples), side] += samples
        return whole


def _at_rate(samples: Audio, rate: int) -> Audio:
    if not len(samples):
        return samples
    return np.asarray(soxr.resample(samples, rate, RATE), dtype=np.float32)


async def converse(
    engine: EngineClient, settings: Settings, sounds: list[Audio], out: Path, both: Both
) -> AsyncIterator[ConversationTurn]:
    """Plays `sounds` (16 kHz) to one session; yields each turn once its answer stands in `out` as
    `reply_N.wav`.

    `both` is given each exchange.

    Raises:
        OutputError: `out` cannot be written.
    """
    session = Session(Dialogue(engine, settings), SileroModel().stream(), AWAITED_S)
    number = 0

    def kept(turn: ConversationTurn, collector: Collector) -> ConversationTurn:
        nonlocal number
        number += 1
        if len(collector.samples):
            target = out / f"reply_{number}.wav"
            write_wav(target, collector.samples, collector.sample_rate)
            turn.audio_path = str(target)
        return turn

    for sound in sounds:
        for heard in session.hear_all(sound):
            collector = Collector()
            turn = kept(await session.reply_to_sound(heard, collector), collector)
            both.add(
                heard.audio, collector.samples, collector.sample_rate, turn.first_audio_ms or 0.0
            )
            yield turn
    collectors: list[Collector] = []

    def another() -> Collector:
        collectors.append(Collector())
        return collectors[-1]

    async for ring in session.rings(AWAITED_S, another):
        rung = collectors[-1]
        both.add(np.zeros(0, dtype=np.float32), rung.samples, rung.sample_rate, 0.0)
        yield kept(ring, rung)
