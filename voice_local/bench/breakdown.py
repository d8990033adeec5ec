"""One turn, from the user's last sound to the answer's first: what each millisecond of it went
into.

The steps follow each other and add up to the time measured. What happens meanwhile, without
delaying it, is no step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median
from typing import Any

LOUDSPEAKER = "Sound device: from the program to the loudspeaker"
SMALLEST_MS = 0.05
"""A shorter step is not shown: it is a rounding."""

WORK = (
    ("Speech recognition", "stt_latency_ms"),
    ("Intent and emotion", "intent_latency_ms"),
    ("LLM until its first token", "llm_first_token_ms"),
)
RECORD_KEYS = frozenset(
    (
        "first_audio_ms",
        "input_age_ms",
        "output_latency_ms",
        "compute_first_audio_ms",
        "commit_window_ms",
        "stt_latency_ms",
        "intent_latency_ms",
        "llm_first_token_ms",
        "tts_latency_ms",
        "speculation_hit",
        "handled_by",
        "user_audio_duration",
        "user_text",
        "assistant_text",
    )
)
"""What of a turn's record a report keeps."""

SYNTHESIS = ("Speech synthesis until its first sound", "tts_latency_ms")


class Kind(Enum):
    """What a step is: its name in the report."""

    WAITING = "waiting"
    WORK = "work"
    PASSING = "passing on"


@dataclass(frozen=True)
class Step:
    """One step, in ms after the user's last sound. `to_ms` is below `from_ms` where steps before it
    overlapped."""

    name: str
    kind: Kind
    from_ms: float
    to_ms: float

    @property
    def length_ms(self) -> float:
        """How long it took; below zero for what overlapped."""
        return self.to_ms - self.from_ms


def middle_turn(turns: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The turn whose reply time is nearest to the median of all; of two alike the LLM's. None if
    none was measured.

    `turns`: rows of the section `latency`, detail `turns`; times in ms.
    """
    known = [turn for turn in turns if (_ms(turn, "voice_to_voice_ms") or 0.0) > 0]
    if not known:
        return None
    wanted = median(float(turn["voice_to_voice_ms"]) for turn in known)
    return min(
        known,
        key=lambda turn: (
            abs(float(turn["voice_to_voice_ms"]) - wanted),
            turn.get("handled_by") != "llm",
        ),
    )


def steps(turn: Mapping[str, Any], pause_ms: float) -> list[Step]:
    """The steps of `turn`, a row as `middle_turn` takes them. `pause_ms`: the silence after which
    thinking begins."""
    window, ahead = _ms(turn, "commit_window_ms") or 0.0, bool(turn.get("speculation_hit"))
    silence = min(pause_ms, window) if ahead else window
    work = _work(turn)
    noticed = _noticed_ms(turn, silence)
    device = _ms(turn, "output_latency_ms") or 0.0
    parts = [
        (
            "Sound device: from the microphone to the program",
            Kind.PASSING,
            _ms(turn, "input_age_ms") or 0.0,
        ),
        ("Noticing that the voice has stopped", Kind.WAITING, noticed or 0.0),
        ("Silence before the thinking starts", Kind.WAITING, silence),
        *((name, Kind.WORK, length) for name, length in work),
    ]
    ready = silence + sum(length for _, length in work)
    parts.append(
        (
            "Answer ready; still listening in case the user goes on",
            Kind.WAITING,
            max(0.0, window - ready),
        )
    )
    left = float(turn["voice_to_voice_ms"]) - sum(length for _, _, length in parts) - device
    if left < 0:
        rest = "Less: steps that overlapped"
    elif noticed is None:
        rest = (
            "Noticing that the voice has stopped, and passing sound on in blocks (not measured "
            "apart)"
        )
    else:
        rest = "Passing sound on in blocks, silence before the first word"
    found: list[Step] = []
    at = 0.0
    for name, kind, length in [
        *parts,
        (rest, Kind.PASSING, left),
        (LOUDSPEAKER, Kind.PASSING, device),
    ]:
        if abs(length) >= SMALLEST_MS:
            found.append(Step(name, kind, round(at, 1), round(at + length, 1)))
        at += length
    return found


def _work(turn: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Name and length in ms of what is computed, in order."""
    found = [(name, length) for name, key in WORK if (length := _ms(turn, key)) is not None]
    synthesis, whole = _ms(turn, SYNTHESIS[1]), _ms(turn, "compute_first_audio_ms")
    if whole is not None:
        between = whole - sum(length for _, length in found) - (synthesis or 0.0)
        if between > 0:
            llm = any(name == WORK[-1][0] for name, _ in found)
            name = (
                "LLM until its first clause, silence in the sound"
                if llm
                else "Choosing the answer, handing it over"
            )
            found.append((name, between))
    return [*found, (SYNTHESIS[0], synthesis)] if synthesis is not None else found


def _noticed_ms(turn: Mapping[str, Any], silence: float) -> float | None:
    """From the user's last sound until the voice detector took it for silence; None where that is
    not known.

    The words are known, and the turn is over, once recognition is done and the whole window has
    passed.
    """
    known = _ms(turn, "words_known_ms")
    if known is None:
        return None
    rest = max(_ms(turn, "commit_window_ms") or 0.0, silence + (_ms(turn, "stt_latency_ms") or 0.0))
    return known - rest if known >= rest else None


def _ms(turn: Mapping[str, Any], key: str) -> float | None:
    value = turn.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
