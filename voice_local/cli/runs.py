"""What the commands do, once their arguments are known."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import typer
from rich.console import Console
from rich.markup import escape

from voice_local.cli import show
from voice_local.config import Settings
from voice_local.conversation.dialogue import Dialogue
from voice_local.conversation.session import Session, checked_text
from voice_local.engine.protocol import Audio
from voice_local.engine.supervisor import WorkerEngine
from voice_local.errors import AudioInputError, OutputError, TextInputError
from voice_local.local.talking import AWAITED_S

SAY_LIMIT = 20_000
SPOKEN = ("stt", "intent", "emotion", "llm", "tts")
TYPED = ("intent", "emotion", "llm")


def _engine(settings: Settings, stages: Sequence[str], quiet: bool) -> WorkerEngine:
    if not quiet:
        show.loading(settings, stages)
    return WorkerEngine(settings, stages, show.note)


async def demo(settings: Settings, wav: Path | None, out: Path, as_json: bool) -> None:
    """See the command."""
    from voice_local.audio.files import check_writable, read_audio
    from voice_local.local.demo import bundled, converse

    # Refused before any model is loaded; read once only, for a pipe gives its sound but once.
    sounds = [read_audio(file) for file in ([wav] if wav else bundled())]
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make {out} ({error.strerror})", "choose another folder") from None
    check_writable(out / "reply_1.wav")
    turns = []
    async with _engine(settings, SPOKEN, as_json) as engine:
        if not as_json:
            show.note(f"engine worker {engine.pid} is ready")
        async for turn in converse(engine, settings, sounds, out):
            turns.append(turn)
            if not as_json:
                show.turn(turn, len(turns))
            if len(turns) == 1 and not as_json:  # the process may have begun as scripts/demo, which sets everything up
                since = time.time() - psutil.Process().create_time()
                show.note(f"the first answer stood {since:.0f} s after the start")
    if as_json:
        show.emit({"profile": settings.profile, "turns": [turn.as_json() for turn in turns]})
    elif not turns:
        show.note("no speech was heard in the recording")


async def transcribe(settings: Settings, files: Sequence[Path], word_times: bool, as_json: bool) -> None:
    """See the command. A file that cannot be read costs only itself; without one that can, no model is loaded."""
    from voice_local.audio.files import read_audio
    from voice_local.audio.sources import shown
    from voice_local.engine.protocol import SAMPLE_RATE, TranscribeOptions
    from voice_local.local import recordings
    from voice_local.models import properties
    from voice_local.stages.vad_silero import SileroModel

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
            rows.append({"file": shown(file), "text": found.text, "language": found.language,
                         "duration_s": round(len(audio) / SAMPLE_RATE, 3),
                         "no_speech_prob": round(found.no_speech_prob, 4),
                         "latency_ms": round((time.perf_counter() - began) * 1000, 1),
                         **({"words": [asdict(word) for word in found.words]} if word_times else {})})
            if not as_json:
                Console(highlight=False).print(f"[bold]{escape(shown(file))}[/bold]  "
                                               f"{escape(found.text) or '[dim](no words)[/dim]'}", soft_wrap=True)
    if as_json:
        show.emit(rows)
    if any("error" in row for row in rows):
        raise typer.Exit(2)


async def classify(settings: Settings, texts: Sequence[str], as_json: bool) -> None:
    """See the command."""
    checked = [checked_text(text) for text in texts]
    rows = []
    async with _engine(settings, ("intent", "emotion"), as_json) as engine:
        for text in checked:
            found = await engine.understand(text)
            rows.append({"text": text, **{key: round(value, 4) if isinstance(value, float) else value
                                          for key, value in vars(found).items()}})
    if as_json:
        show.emit(rows)
        return
    for row in rows:
        finished = "" if row["complete_prob"] is None else f", finished {row['complete_prob']:.2f}"
        Console(highlight=False).print(
            f"{escape(str(row['text']))}\n  intent {row['intent']} {row['intent_confidence']:.2f}, "
            f"emotion {row['emotion']} {row['emotion_confidence']:.2f}{finished}")


async def chat(settings: Settings, once: Sequence[str] | None, as_json: bool) -> None:
    """See the command."""
    if as_json and not once:
        raise TextInputError("--json needs something to say", "add --once TEXT, several times for several turns")
    for text in once or ():
        checked_text(text)
    turns = []
    async with _engine(settings, TYPED, as_json) as engine:
        session = Session(Dialogue(engine, settings), lasts_s=AWAITED_S if once else None)
        for text in once or ():
            turns.append(await session.reply_to_text(text))
            if not as_json:
                show.turn(turns[-1], len(turns))
        if once:
            async for ring in session.rings(AWAITED_S):
                turns.append(ring)
                if not as_json:
                    show.turn(ring, len(turns))
        else:
            session.tell_rings(show.note)
            await _converse_by_keyboard(session)
        for name in session.still_waiting():
            show.note(f"the {name} ended with this conversation")
    if as_json:
        show.emit({"turns": [turn.as_json() for turn in turns]})


async def _converse_by_keyboard(session: Session) -> None:
    import asyncio

    show.note("type to talk; an empty line or Ctrl-D ends")
    number = 0
    while True:
        try:
            text = await asyncio.to_thread(input, "you: ")
        except EOFError:
            return
        if not text.strip():
            return
        number += 1
        try:
            show.turn(await session.reply_to_text(text), number)
        except TextInputError as error:
            show.note(f"{error.cause}: {error.remedy}")


async def say(settings: Settings, text: str, out: Path, as_json: bool) -> None:
    """See the command."""
    from voice_local.audio.files import check_writable, write_wav

    text = checked_text(text, SAY_LIMIT)
    check_writable(out)
    began = time.perf_counter()
    samples, sample_rate = await _speech(settings, text, as_json)
    write_wav(out, samples, sample_rate)
    seconds = len(samples) / sample_rate
    if as_json:
        show.emit({"file": str(out), "duration_s": round(seconds, 3), "sample_rate": sample_rate,
                   "latency_ms": round((time.perf_counter() - began) * 1000, 1)})
    else:
        show.note(f"{seconds:.1f} s of speech in {out}")


async def sample(settings: Settings, text: str, out: Path | None, output_device: str | None, as_json: bool) -> None:
    """A sample of a voice, written to `out`, or played."""
    if out is not None:
        await say(settings, text, out, as_json)
        return
    from voice_local.local.device import play

    samples, sample_rate = await _speech(settings, checked_text(text, SAY_LIMIT), as_json)
    play(samples, sample_rate, output_device)
    if as_json:
        show.emit({"file": None, "duration_s": round(len(samples) / sample_rate, 3), "sample_rate": sample_rate})


async def _speech(settings: Settings, text: str, quiet: bool) -> tuple[Audio, int]:
    """The sound of `text` in the voice of `settings`, and its rate in Hz.

    Raises:
        TextInputError: nothing in it can be pronounced.
    """
    from voice_local.conversation.sentences import split
    from voice_local.local.speakers import Collector
    from voice_local.text.markup import without_markup

    collector = Collector()
    async with _engine(settings, ("tts",), quiet) as engine:
        for clause in split(without_markup(text)):
            async for chunk in engine.synthesize(clause, settings.tts.voice):
                await collector.send(chunk)
    if not len(collector.samples):
        raise TextInputError("there is nothing to pronounce in the text", "use words")
    return collector.samples, collector.sample_rate
