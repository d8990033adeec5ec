"""A spoken conversation from recordings: the very path that a microphone's sound takes, only faster than real time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path

from voice_local.audio.files import write_wav
from voice_local.config import Settings
from voice_local.conversation.dialogue import Dialogue
from voice_local.conversation.record import ConversationTurn
from voice_local.conversation.session import Session
from voice_local.engine.protocol import Audio, Engine
from voice_local.local.speakers import Collector
from voice_local.local.talking import AWAITED_S
from voice_local.stages.vad_silero import SileroModel


def bundled() -> list[Path]:
    """The recordings of the bundled conversation's user, in order."""
    folder = Path(str(resources.files("voice_local"))) / "recordings"
    return sorted(folder.glob("user_*.flac"))


async def converse(engine: Engine, settings: Settings, sounds: list[Audio], out: Path) -> AsyncIterator[ConversationTurn]:
    """Plays `sounds` (16 kHz) to one session; yields each turn once its answer stands in `out` as `reply_N.wav`.

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
            yield kept(await session.reply_to_sound(heard, collector), collector)
    collectors: list[Collector] = []

    def another() -> Collector:
        collectors.append(Collector())
        return collectors[-1]

    async for ring in session.rings(AWAITED_S, another):
        yield kept(ring, collectors[-1])
