"""What the commands do, once their arguments are known."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import typer
from rich.console import Console
from rich.markup import escape

from voice_local.audio.types import Audio
from voice_local.cli import (
    show,
    sound,
)
from voice_local.cli.loading import Loading
from voice_local.config import Settings
from voice_local.conversation.text import (
    checked_text,
)
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import (
    AudioDeviceError,
    AudioInputError,
    OutputError,
    TextInputError,
)

PIPE = Path("-")
SPOKEN = ("stt", "intent", "emotion", "llm", "tts")


@contextlib.asynccontextmanager
async def _engine(
    settings: Settings, stages: Sequence[str], quiet: bool
) -> AsyncIterator[WorkerEngine]:
    """An engine with `stages`; what is loaded is shown unless `quiet`."""
    async with contextlib.AsyncExitStack() as stack:
        with Loading(settings, stages, quiet) as loading:
            engine = await stack.enter_async_context(
                WorkerEngine(settings, stages, show.note, loading.stage)
            )
        yield engine


async def demo(
    settings: Settings,
    wav: Path | None,
    out: Path,
    plays: bool | None,
    as_json: bool,
    verbose: bool = False,
) -> None:
    """See the command. `plays` None: where there is a loudspeaker and a person to hear it."""
    from voice_local.audio.files import (
        check_writable,
        read_audio,
        write_flac,
    )
    from voice_local.local.demo import (
        CONVERSATION,
        RATE,
        bundled,
        card_for,
        converse,
    )

    # Refused before any model is loaded; read once only, for a pipe gives its sound but once.
    sounds = [read_audio(file) for file in ([wav] if wav else bundled())]
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot make {out} ({error.strerror})", "choose another folder"
        ) from None
    check_writable(out / "reply_1.wav")
    turns, card = [], card_for(sounds, settings)
    async with _engine(settings, SPOKEN, as_json) as engine:
        async for turn in converse(engine, settings, card, out):
            turns.append(turn)
            if not as_json:
                show.turn(turn, verbose=verbose)
            # The process may have begun as scripts/demo, which sets everything up.
            if len(turns) == 1 and not as_json:
                since = time.time() - psutil.Process().create_time()
                show.note(f"the first answer was ready {since:.0f} s after the start")
    path = out / CONVERSATION
    if turns:
        write_flac(path, card.sides(), RATE)
    if as_json:
        show.emit(
            {
                "profile": settings.profile,
                "conversation": str(path) if turns else None,
                "turns": [turn.as_json() for turn in turns],
            }
        )
        return
    show.note(
        f"{len(turns)} answers written to {out}"
        + (f", the whole conversation to {path}" if turns else "")
    )
    if turns and plays is not False:
        await _play_conversation(card.sides(), RATE, asked=plays is True)


async def _play_conversation(sides: Audio, rate: int, asked: bool) -> None:
    if not asked and not (sys.stderr.isatty() and sound.has_loudspeaker()):
        return
    try:
        sound.require_loudspeaker(instead="listen to the file elsewhere")
        show.note("playing it; Ctrl-C ends")
        await sound.play(sides.mean(axis=1), rate)
    except AudioDeviceError as error:
        if asked:
            raise
        show.note(f"{error.cause}; it was not played")


async def transcribe(
    settings: Settings, files: Sequence[Path], word_times: bool, as_json: bool
) -> None:
    """See the command. A file that cannot be read costs only itself; without one that can, no model
    is loaded."""
    from voice_local.audio.files import read_audio
    from voice_local.audio.sources import shown
    from voice_local.audio.types import SAMPLE_RATE
    from voice_local.audio.vad import SileroModel
    from voice_local.conversation.input import recordings
    from voice_local.engine.api import TranscribeOptions
    from voice_local.models import properties

    options = TranscribeOptions(word_times=word_times)
    rows: list[dict[str, Any]] = []
    async with contextlib.AsyncExitStack() as stack:
        engine: WorkerEngine | None = None
        for file in files:
            try:
                audio = read_audio(file)
            except AudioInputError as error:
                rows.append({"file": shown(file), "error": error.cause, "remedy": error.remedy})
                show.complain(error.cause, error.remedy)
                continue
            if engine is None:
                engine = await stack.enter_async_context(_engine(settings, ("stt",), as_json))
                silero, recognizer = SileroModel(), properties.of_settings(settings)
            began = time.perf_counter()
            found = await recordings.transcribe(engine, audio, silero, recognizer, options)
            rows.append(
                {
                    "file": shown(file),
                    "text": found.text,
                    "language": found.language,
                    "duration_s": round(len(audio) / SAMPLE_RATE, 3),
                    "no_speech_prob": round(found.no_speech_prob, 4),
                    "latency_ms": round((time.perf_counter() - began) * 1000, 1),
                    **({"words": [asdict(word) for word in found.words]} if word_times else {}),
                }
            )
            if not as_json:
                Console(highlight=False).print(
                    f"[bold]{escape(shown(file))}[/bold]  "
                    f"{escape(found.text) or '[dim](no words)[/dim]'}",
                    soft_wrap=True,
                )
    if as_json:
        show.emit(rows)
    if any("error" in row for row in rows):
        raise typer.Exit(2)


UNTOLD = ("emergency_prob", "beyond", "beyond_prob")
"""What `classify` keeps to itself: the conversation decides by it together with the wording."""


async def classify(settings: Settings, texts: Sequence[str], as_json: bool) -> None:
    """See the command."""
    checked = [checked_text(text) for text in texts]
    rows = []
    async with _engine(settings, ("intent", "emotion"), as_json) as engine:
        for text in checked:
            found = await engine.understand(text)
            rows.append(
                {
                    "text": text,
                    **{
                        key: round(value, 4) if isinstance(value, float) else value
                        for key, value in vars(found).items()
                        if key not in UNTOLD
                    },
                }
            )
    if as_json:
        show.emit(rows)
        return
    for row in rows:
        finished = "" if row["complete_prob"] is None else f", finished {row['complete_prob']:.2f}"
        Console(highlight=False).print(
            f"{escape(str(row['text']))}\n  intent {row['intent']} {row['intent_confidence']:.2f}, "
            f"emotion {row['emotion']} {row['emotion_confidence']:.2f}{finished}"
        )


async def say(
    settings: Settings, text: str, out: Path | None, output_device: str | None, as_json: bool
) -> None:
    """See the command. `out` None: it is played; "-": WAV on standard output."""
    from voice_local.audio.files import (
        check_writable,
        wav_bytes,
        write_wav,
    )
    from voice_local.conversation.output.reading import MOST_CHARACTERS

    text = checked_text(text, MOST_CHARACTERS)
    piped = out == PIPE
    if piped and as_json:
        raise TextInputError(
            "--json and --out - both write to standard output", "name a file with --out"
        )
    if piped and sys.stdout.isatty():
        raise OutputError(
            "standard output is a terminal, which takes no WAV data",
            "leave out --out to hear it, or send it on: --out - | aplay",
        )
    if out is None:
        sound.require_loudspeaker(output_device)
    elif not piped:
        check_writable(out)
    began = time.perf_counter()
    samples, sample_rate = await _speech(settings, text, as_json)
    spent_ms = (time.perf_counter() - began) * 1000
    seconds = len(samples) / sample_rate
    if piped:
        sys.stdout.buffer.write(wav_bytes(samples, sample_rate))
        sys.stdout.buffer.flush()
    elif out is not None:
        write_wav(out, samples, sample_rate)
    else:
        await sound.play(samples, sample_rate, output_device)
    if as_json:
        show.emit(
            {
                "file": None if out is None else str(out),
                "duration_s": round(seconds, 3),
                "sample_rate": sample_rate,
                "latency_ms": round(spent_ms, 1),
            }
        )
    elif out is not None and not piped:
        show.note(f"{seconds:.1f} s of speech in {out}")


async def _speech(settings: Settings, text: str, quiet: bool) -> tuple[Audio, int]:
    """The sound of `text` in the voice of `settings`, and its rate in Hz.

    Raises:
        TextInputError: nothing in it can be pronounced.
    """
    import numpy as np

    from voice_local.conversation.output.reading import read_aloud

    async with _engine(settings, ("tts",), quiet) as engine:
        chunks = [chunk async for chunk in read_aloud(engine, text, settings.tts.voice)]
    return np.concatenate([chunk.samples for chunk in chunks]), chunks[0].sample_rate
