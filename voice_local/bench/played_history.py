"""Whether the history of a conversation holds the words that were played before an interruption."""

from __future__ import annotations

from typing import Any

import numpy as np
import soxr

from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.audio.vad import SileroModel
from voice_local.bench.conversations import RecordedConversation
from voice_local.bench.normalize import count
from voice_local.bench.schema import Section, metric
from voice_local.config import Settings
from voice_local.conversation.input.recordings import transcribe
from voice_local.conversation.record import ConversationTurn
from voice_local.engine.client import EngineClient
from voice_local.models import properties
from voice_local.text.spoken import to_spoken

WORD_SLACK = 2
"""Words by which a history may differ from a recognizer's reading of the sound before it is called
wrong."""


async def compare_history(
    section: Section,
    name: str,
    engine: EngineClient,
    spoken: RecordedConversation,
    settings: Settings,
) -> None:
    """Whether the words that the record says were played are those on the loudspeaker's side, by
    the recognizer."""
    rate, silero, rows = settings.audio.sample_rate, SileroModel(), []
    cuts = [record for record in spoken.records if record.interrupted]
    for record, sound in zip(cuts, interrupted_sounds(spoken), strict=False):
        there = np.asarray(soxr.resample(sound, rate, SAMPLE_RATE), dtype=np.float32)
        quiet = np.zeros(SAMPLE_RATE // 4, dtype=np.float32)
        rows.append(
            _row(
                record,
                (
                    await transcribe(
                        engine,
                        np.concatenate([quiet, there, quiet]),
                        silero,
                        properties.of_settings(settings),
                    )
                ).text,
            )
        )
    section.metrics += [
        metric(f"history_{key}.{name}", [row[key] for row in rows], "count", "mean")
        for key in ("words_apart", "word_errors")
    ]
    section.detail[f"heard_history_{name}"] = rows
    wrong = [row for row in rows if row["words_apart"] > WORD_SLACK]
    if wrong:
        section.findings.append(
            f"{name}: history and sound differ by more than {WORD_SLACK} words in {len(wrong)} of "
            f"{len(rows)} answers, as {wrong[0]['history']!r} for {wrong[0]['recognized']!r}"
        )


def _row(record: ConversationTurn, read: str) -> dict[str, Any]:
    history = to_spoken(record.heard_text or "")
    return {
        "answer": record.assistant_text,
        "history": history,
        "recognized": read,
        "words_apart": float(abs(len(history.split()) - len(read.split()))),
        "word_errors": count(history, read).all,
    }


def interrupted_sounds(spoken: RecordedConversation) -> list[Audio]:
    """The sound of each answer that was cut off, in order."""
    return [spoken.assistant[begin:end] for begin, end in spoken.cut_spans()]
