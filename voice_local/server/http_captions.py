"""Transcripts as captions: segments with their times, SRT, WebVTT and OpenAI's verbose JSON."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from voice_local.conversation.input.recordings import Passage
from voice_local.engine.api import Transcript, Word
from voice_local.text.languages import named

LONGEST_CHARACTERS, LONGEST_S = 84, 7.0
"""Of a caption: two lines, and as long as people need to read them."""

PAUSE_S = 0.8
"""So long a pause ends a caption."""

ENDS = (".", "?", "!", "…")


@dataclass(frozen=True)
class Caption:
    """`text` is said from `start_s` to `end_s`, in seconds. `of`: the transcript it is part of."""

    text: str
    start_s: float
    end_s: float
    of: Transcript


def captions(passages: Sequence[Passage]) -> list[Caption]:
    """What is said in pieces that can be read on a screen."""
    return [caption for passage in passages for caption in _of(passage)]


def _of(passage: Passage) -> Iterator[Caption]:
    transcript = passage.transcript
    if not transcript.text:
        return
    if not transcript.words:
        yield Caption(transcript.text, passage.start_s, passage.end_s, transcript)
        return
    run: list[Word] = []
    for word in transcript.words:
        if run and _parts(run, word):
            yield _caption(run, transcript)
            run = []
        run.append(word)
    yield _caption(run, transcript)


def _parts(run: list[Word], word: Word) -> bool:
    """Whether a caption ends before `word`."""
    return (
        run[-1].text.rstrip("\"'”’)").endswith(ENDS)
        or word.start_s - run[-1].end_s > PAUSE_S
        or word.end_s - run[0].start_s > LONGEST_S
        or len(_text(run)) + 1 + len(word.text.strip()) > LONGEST_CHARACTERS
    )


def _caption(run: list[Word], transcript: Transcript) -> Caption:
    return Caption(_text(run), run[0].start_s, max(run[-1].end_s, run[0].start_s), transcript)


def _text(run: list[Word]) -> str:
    return " ".join(word.text.strip() for word in run)


def srt(found: Sequence[Caption]) -> str:
    """SubRip."""
    return "".join(
        f"{number}\n{_time(one.start_s, ',')} --> {_time(one.end_s, ',')}\n{one.text}\n\n"
        for number, one in enumerate(found, 1)
    )


def vtt(found: Sequence[Caption]) -> str:
    """WebVTT."""
    cues = (
        f"{_time(one.start_s, '.')} --> {_time(one.end_s, '.')}\n{_escaped(one.text)}\n\n"
        for one in found
    )
    return "WEBVTT\n\n" + "".join(cues)


def verbose(
    whole: Transcript, found: Sequence[Caption], duration_s: float, *, words: bool
) -> dict[str, Any]:
    """OpenAI's verbose JSON. What of it this recognizer does not tell is empty (`tokens`) or 0."""
    result: dict[str, Any] = {
        "task": "transcribe",
        "language": named(whole.language).lower(),
        "duration": round(duration_s, 3),
        "text": whole.text,
        "segments": [_segment(number, one) for number, one in enumerate(found)],
        "usage": usage(duration_s),
    }
    if words:
        result["words"] = [
            {"word": word.text.strip(), "start": word.start_s, "end": word.end_s}
            for word in whole.words
        ]
    return result


def usage(duration_s: float) -> dict[str, Any]:
    """How much sound was transcribed."""
    return {"type": "duration", "seconds": round(duration_s, 3)}


def _segment(number: int, one: Caption) -> dict[str, Any]:
    raw = one.text.encode()
    return {
        "id": number,
        "seek": 0,
        "start": round(one.start_s, 2),
        "end": round(one.end_s, 2),
        "text": one.text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": round(one.of.avg_logprob, 4),
        "compression_ratio": round(len(raw) / max(1, len(zlib.compress(raw))), 4),
        "no_speech_prob": round(one.of.no_speech_prob, 4),
    }


def _time(seconds: float, point: str) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}{point}{ms % 1000:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
