"""Interrupting, and not being interrupted: by noise, own echo, a "mhm"; and whether history holds
what was heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr

from voice_local.audio.echo import EchoCanceller
from voice_local.audio.level import dbfs
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.audio.vad import SileroModel
from voice_local.bench import (
    conversations,
    envelopes,
    tts,
)
from voice_local.bench.context import Context
from voice_local.bench.conversations import Spoken
from voice_local.bench.heldout import lines
from voice_local.bench.normalize import count
from voice_local.bench.rooms import (
    RoomCard,
    room_response,
)
from voice_local.bench.schema import (
    Plot,
    Section,
    Series,
    given,
    metric,
)
from voice_local.bench.speakers import speak
from voice_local.config import Settings
from voice_local.conversation import events
from voice_local.conversation.output.speech_cache import (
    SpeechCache,
)
from voice_local.conversation.record import ConversationTurn
from voice_local.engine.client import EngineClient
from voice_local.local.recordings import transcribe
from voice_local.models import properties
from voice_local.text.spoken import to_spoken

ECHO_DB, DELAY_MS = -20.0, 80.0
NOISE_DBFS = -38.0
BACKCHANNELS = ("mhm", "okay", "yeah", "right")
OVER = "please stop that and listen to me"
OVER_FRAMES = 300
"""Of 10 ms, in which an interruption has to be told after its first sound."""

QUICK_ANSWER_TOKENS = 24
"""In a quick run answers are as short as they may be to be talked over: some eight seconds."""

HEARD_SLACK = 2
"""Words by which a history may differ from a recognizer's reading of the sound before it is called
wrong."""

ABOUT = (
    "Whole conversations with held-out voices, the clock waiting for the engine. Talked over: half "
    "a second into "
    f"an answer somebody says {OVER!r}; silence is the first 300 ms in which the loudspeaker gives "
    f"nothing. Echo: "
    f"the answer comes back {-ECHO_DB:.0f} dB down after {DELAY_MS:.0f} ms with a simulated room's "
    f"reflections. "
    f"Noise: steady pink noise at {NOISE_DBFS:.0f} dBFS under everything. Heard history: what the "
    f"record says was "
    "heard, against the profile's own recognizer on the loudspeaker's side."
)


@dataclass(frozen=True)
class Room:
    """What a conversation takes place in.

    Attributes:
        answers: how many the user asks for.
        over: what is said over each answer; empty for nothing.
        echo, cancel, noise: whether the answer comes back, is taken out again, and whether there is
            noise.
    """

    answers: int
    over: tuple[str, ...] = ()
    echo: bool = False
    cancel: bool = True
    noise: bool = False


async def measure(context: Context) -> Section:
    """The section."""
    section = Section("barge_in", ABOUT)
    context = context.answering(QUICK_ANSWER_TOKENS) if context.quick else context
    answers = 3 if context.quick else 10
    rooms = {
        "talked_over": Room(answers, (OVER,)),
        "backchannel": Room(answers, BACKCHANNELS),
        "noise": Room(answers, noise=True),
        "echo": Room(answers, echo=True),
        "talked_over_with_echo": Room(answers, (OVER,), echo=True),
    }
    if not context.quick:
        rooms["echo_without_canceller"] = Room(answers, echo=True, cancel=False)
    async with context.engine() as (engine, _):
        phrases = (await context.dialogue(engine)).cache
        for name, room in rooms.items():
            context.note(f"barge_in: {name}")
            spoken = await _conversation(engine, context, room, phrases)
            _figures(section, name, room, spoken, context.settings)
            if room.over == (OVER,):
                await _history(section, name, engine, spoken, context.settings)
        section.metrics += [
            given(f"echo_reduction_db.{part}", value, "dB", "higher")
            for part, value in (await _reduction(engine, context.settings)).items()
        ]
    waits = [
        m
        for m in section.metrics
        if m.name.startswith("silent_after_ms.") and m.name.endswith(".p50")
    ]
    section.plots.append(
        Plot(
            "points",
            "From the first sound over an answer to silence",
            "interruption",
            "ms",
            tuple(
                Series(m.name.split(".")[1], tuple(range(1, len(m.samples) + 1)), m.samples)
                for m in waits
            ),
        )
    )
    return section


async def _conversation(
    engine: EngineClient, context: Context, room: Room, phrases: SpeechCache
) -> Spoken:
    """Asks `room.answers` times, each in another voice, the next one when an answer has sounded to
    its end."""
    audio = context.settings.audio.model_copy(update={"echo_cancel": room.cancel})
    settings = context.settings.model_copy(update={"audio": audio})
    dialogue = conversations.dialogue(engine, settings, phrases)
    voices, texts = context.voices(), lines("sentences.txt")
    names = sorted(voices)
    quiet, rng = np.zeros(SAMPLE_RATE, np.float32), np.random.default_rng(3)
    asked, spoken_over, over_at = 1, 0, -1

    def on(event: events.Event, card: RoomCard) -> None:
        nonlocal asked, spoken_over, over_at
        if room.over and isinstance(event, events.AssistantSays) and over_at < asked:
            over_at = asked
            said = speak(
                voices[names[(asked - 1) % len(names)]], room.over[spoken_over % len(room.over)]
            )
            spoken_over += 1
            card.say(np.concatenate([quiet[: SAMPLE_RATE // 2], said]))
        elif isinstance(event, events.TurnEnded) and not event.record.interrupted:
            if asked >= room.answers:
                card.ended = True
            else:
                card.say(
                    np.concatenate(
                        [quiet, speak(voices[names[asked % len(names)]], texts[asked % len(texts)])]
                    )
                )
                asked += 1

    spoken = await conversations.as_fast_as_it_goes(
        dialogue,
        np.concatenate([quiet, speak(voices[names[0]], texts[0])]),
        on,
        room_response(audio.sample_rate, DELAY_MS) if room.echo else None,
        10 ** (ECHO_DB / 20),
        hold=True,
        noise=_pink(rng) if room.noise else None,
    )
    spoken.asked, spoken.over = asked, spoken_over
    return spoken


def _pink(rng: np.random.Generator) -> Callable[[int], Audio]:
    """A source of steady noise falling by 3 dB an octave, at `NOISE_DBFS` RMS."""
    length = 48_000 * 10
    spectrum = np.fft.rfft(rng.standard_normal(length))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(length, 1 / 48_000), 50.0))
    sound = np.fft.irfft(spectrum, length)
    sound = (sound / sound.std() * 10 ** (NOISE_DBFS / 20)).astype(np.float32)
    at = 0

    def take(count: int) -> Audio:
        nonlocal at
        part = np.take(sound, range(at, at + count), mode="wrap")
        at = (at + count) % length
        return np.asarray(part)

    return take


def _figures(section: Section, name: str, room: Room, spoken: Spoken, settings: Settings) -> None:
    told = spoken.told
    stopped = sum(isinstance(event, events.Interrupted) for event in told)
    paused = sum(isinstance(event, events.FalseInterruption) for event in told)
    turns = sum(isinstance(event, events.UserSaid) for event in told)
    wanted = spoken.over if room.over == (OVER,) else 0
    if spoken.asked < room.answers:
        section.findings.append(
            f"{name}: it came to an end after {spoken.asked} of {room.answers} questions"
        )
    section.metrics += [
        given(f"answers.{name}", spoken.asked, "count"),
        given(f"interrupted.{name}", stopped, "count"),
        given(f"paused_and_went_on.{name}", paused, "count", "lower"),
    ]
    row: dict[str, Any] = {
        "conversation": name,
        "asked": spoken.asked,
        "spoken_over": spoken.over,
        "interrupted": stopped,
        "paused_and_went_on": paused,
        "heard": [event.text for event in told if isinstance(event, events.UserSaid)],
    }
    if wanted:
        rate = settings.audio.sample_rate
        cuts = reactions(spoken, rate)
        waits = [float(silent - began) * 10 for began, silent in cuts]
        section.metrics += [
            metric(f"silent_after_ms.{name}.p50", waits, "ms"),
            metric(f"silent_after_ms.{name}.max", waits, "ms", "max"),
            given(f"not_interrupted.{name}", max(0, wanted - stopped), "count", "lower"),
        ]
        row["silent_after_ms"] = waits
        if not room.echo and (
            shown := envelopes.interruption(spoken.user, spoken.assistant, rate, cuts)
        ):
            section.detail["interruption"] = {"said": OVER, **shown}
        if stopped < wanted:
            section.findings.append(
                f"{name}: {wanted - stopped} of {wanted} answers went on although talked over"
            )
    else:
        section.metrics.append(given(f"false_interruptions.{name}", stopped, "count", "lower"))
        section.metrics.append(
            given(f"false_turns.{name}", max(0, turns - spoken.asked), "count", "lower")
        )
        if stopped:
            section.findings.append(
                f"{name}: {stopped} of {spoken.asked} answers were wrongly cut off"
            )
    section.detail.setdefault("conversations", []).append(row)


def reactions(spoken: Spoken, rate: int) -> list[tuple[int, int]]:
    """Each answer that was cut off by a voice: when the voice was first audible, and when the
    assistant had fallen silent.

    Both in hundredths of a second since the conversation began.
    """
    frame, card = rate // 100, spoken.card
    cuts = [end // frame for _, end in spoken.cut_spans()]
    said, played = (
        np.array(
            [
                dbfs(float(np.abs(part[i : i + frame]).max())) > -45
                for part in side
                for i in range(0, len(part) - frame + 1, frame)
            ]
        )
        for side in (card.said, card.played)
    )
    found = []
    for at in np.flatnonzero(said[1:] & ~said[:-1]) + 1:
        before = slice(max(0, at - 25), at)
        if (
            said[before].any()
            or not played[before].any()
            or not any(at <= cut <= at + OVER_FRAMES for cut in cuts)
        ):
            # not the beginning of an utterance, not over an answer, or one that ended by itself
            continue
        quiet = next(
            (i for i in range(at, len(played)) if not played[i : i + 30].any()), len(played)
        )
        found.append((int(at), int(quiet)))
    return found


async def _history(
    section: Section, name: str, engine: EngineClient, spoken: Spoken, settings: Settings
) -> None:
    """Whether the words that the record says were heard are those on the loudspeaker's side, by the
    recognizer."""
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
    wrong = [row for row in rows if row["words_apart"] > HEARD_SLACK]
    if wrong:
        section.findings.append(
            f"{name}: history and sound differ by more than {HEARD_SLACK} words in {len(wrong)} of "
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


def interrupted_sounds(spoken: Spoken) -> list[Audio]:
    """The sound of each answer that was cut off, in order."""
    return [spoken.assistant[begin:end] for begin, end in spoken.cut_spans()]


async def _reduction(engine: EngineClient, settings: Settings) -> dict[str, float]:
    """How much weaker the assistant's own sound comes out of the canceller: the first two seconds,
    and after them."""
    rate, parts = settings.audio.sample_rate, []
    for text in lines("sentences.txt")[:6]:
        clause, voice_hz, _, _ = await tts.spoken(engine, text)
        parts.append(soxr.resample(clause, voice_hz, rate))
    return await asyncio.to_thread(_reduced, np.concatenate(parts).astype(np.float32), rate)


def _reduced(played: Audio, rate: int) -> dict[str, float]:
    echo = np.convolve(played, room_response(rate, DELAY_MS) * 10 ** (ECHO_DB / 20))[
        : len(played)
    ].astype(np.float32)
    canceller, block = EchoCanceller(rate), rate // 100
    whole = len(played) // block * block
    out = np.concatenate(
        [
            canceller.process(echo[i : i + block], played[i : i + block])
            for i in range(0, whole, block)
        ]
    )

    def ratio(start: int, end: int) -> float:
        before, after = (float((x[start:end] ** 2).mean()) for x in (echo, out))
        return round(10 * float(np.log10(before / max(after, 1e-12))), 1)

    return {"first_2_s": ratio(0, 2 * rate), "after": ratio(2 * rate, whole)}
