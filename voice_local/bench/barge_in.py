"""Interrupting, and not being interrupted: by noise, own echo, a "mhm"; and whether history holds
what was heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from voice_local.audio.level import dbfs
from voice_local.audio.types import (
    SAMPLE_RATE,
    Audio,
)
from voice_local.bench import (
    conversations,
    envelopes,
)
from voice_local.bench.context import Context
from voice_local.bench.conversations import RecordedConversation
from voice_local.bench.echo_reduction import DELAY_MS, ECHO_DB, echo_reduction
from voice_local.bench.heldout import lines
from voice_local.bench.played_history import compare_history
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
from voice_local.conversation.output.speech_cache import SpeechCache
from voice_local.engine.client import EngineClient

NOISE_DBFS = -38.0
BACKCHANNELS = ("mhm", "okay", "yeah", "right")
OVER = "please stop that and listen to me"
OVER_FRAMES = 300
"""Of 10 ms, in which an interruption has to be told after its first sound."""

QUICK_ANSWER_TOKENS = 24
"""In a quick run answers are as short as they may be to be talked over: some eight seconds."""

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
class Scenario:
    """What happens in a conversation.

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
    scenarios = {
        "talked_over": Scenario(answers, (OVER,)),
        "backchannel": Scenario(answers, BACKCHANNELS),
        "noise": Scenario(answers, noise=True),
        "echo": Scenario(answers, echo=True),
        "talked_over_with_echo": Scenario(answers, (OVER,), echo=True),
    }
    if not context.quick:
        scenarios["echo_without_canceller"] = Scenario(answers, echo=True, cancel=False)
    async with context.engine() as (engine, _):
        cache = (await context.conversation(engine)).cache
        for name, scenario in scenarios.items():
            context.note(f"barge_in: {name}")
            spoken = await _conversation(engine, context, scenario, cache)
            _figures(section, name, scenario, spoken, context.settings)
            if scenario.over == (OVER,):
                await compare_history(section, name, engine, spoken, context.settings)
        section.metrics += [
            given(f"echo_reduction_db.{part}", value, "dB", "higher")
            for part, value in (await echo_reduction(engine, context.settings)).items()
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
    engine: EngineClient, context: Context, scenario: Scenario, cache: SpeechCache
) -> RecordedConversation:
    """Asks `scenario.answers` times, each in another voice, the next one when an answer has sounded
    to its end."""
    audio = context.settings.audio.model_copy(update={"echo_cancel": scenario.cancel})
    settings = context.settings.model_copy(update={"audio": audio})
    conversation = conversations.conversation(engine, settings, cache)
    voices, texts = context.voices(), lines("sentences.txt")
    names = sorted(voices)
    quiet, rng = np.zeros(SAMPLE_RATE, np.float32), np.random.default_rng(3)
    asked, spoken_over, over_at = 1, 0, -1

    def on(event: events.Event, card: RoomCard) -> None:
        nonlocal asked, spoken_over, over_at
        if scenario.over and isinstance(event, events.AssistantSays) and over_at < asked:
            over_at = asked
            said = speak(
                voices[names[(asked - 1) % len(names)]],
                scenario.over[spoken_over % len(scenario.over)],
            )
            spoken_over += 1
            card.say(np.concatenate([quiet[: SAMPLE_RATE // 2], said]))
        elif isinstance(event, events.TurnEnded) and not event.record.interrupted:
            if asked >= scenario.answers:
                card.ended = True
            else:
                card.say(
                    np.concatenate(
                        [quiet, speak(voices[names[asked % len(names)]], texts[asked % len(texts)])]
                    )
                )
                asked += 1

    spoken = await conversations.as_fast_as_it_goes(
        conversation,
        np.concatenate([quiet, speak(voices[names[0]], texts[0])]),
        on,
        room_response(audio.sample_rate, DELAY_MS) if scenario.echo else None,
        10 ** (ECHO_DB / 20),
        hold=True,
        noise=_pink(rng) if scenario.noise else None,
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


def _figures(
    section: Section,
    name: str,
    scenario: Scenario,
    spoken: RecordedConversation,
    settings: Settings,
) -> None:
    event_log = spoken.event_log
    stopped = sum(isinstance(event, events.Interrupted) for event in event_log)
    paused = sum(isinstance(event, events.FalseInterruption) for event in event_log)
    turns = sum(isinstance(event, events.UserSaid) for event in event_log)
    wanted = spoken.over if scenario.over == (OVER,) else 0
    if spoken.asked < scenario.answers:
        section.findings.append(
            f"{name}: it came to an end after {spoken.asked} of {scenario.answers} questions"
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
        "heard": [event.text for event in event_log if isinstance(event, events.UserSaid)],
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
        if not scenario.echo and (
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


def reactions(spoken: RecordedConversation, rate: int) -> list[tuple[int, int]]:
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
