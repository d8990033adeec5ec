"""Our voice to voice against other frameworks' and against an assistant that does one thing after
the other.

(a) Scripted stages of equal delays: what the framework itself costs. (b) The profile's models given
to each of them, the same sound, the same machine. Rounds are interleaved, so that the machine's
moods hit all alike.
"""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from voice_local.audio.types import SAMPLE_RATE, Audio
from voice_local.audio.vad import SileroModel
from voice_local.bench import (
    overhead,
    scripted_session,
    systems,
)
from voice_local.bench.context import Context
from voice_local.bench.faults import FaultyEngine
from voice_local.bench.heldout import lines
from voice_local.bench.peer_figures import OF_REAL_MODELS, TARGETS, add_figures, check_targets
from voice_local.bench.schema import Section
from voice_local.bench.speakers import speak
from voice_local.bench.systems import (
    PEERS,
    VARIANTS,
    Driver,
    Run,
)
from voice_local.config import (
    STAGES,
    Settings,
)
from voice_local.engine.client import EngineClient
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.errors import BenchmarkError

QUICK = {"scripted": ("pipecat", "livekit_early"), "models": ("pipecat", "livekit")}
FULL = {
    "scripted": ("pipecat", "pipecat_early", "pipecat_eager", "livekit_early", "livekit_plain"),
    "models": ("pipecat", "pipecat_eager", "livekit", "livekit_early"),
}

WORDS = range(4, 9)
"""Sentences of so many words are said."""

ABOUT = (
    "Reply time by the wall clock, from the user's last audible sample (40 dB under the loudest) "
    "to the assistant's "
    "first (−50 dBFS). All systems take turns, so that a busy moment of the machine hits each of "
    "them. Our answer "
    "counts when the sound device takes it, the frameworks' answer already when they hand it over. "
    "Answers are played "
    "three times as fast, to save time. Scripted: fixed delays of 50, 100 and 80 ms instead of "
    "models, and 200 ms of "
    "silence end a turn, for all. With models: one worker serves all systems with the profile's "
    "models; every turn "
    "goes to the LLM with the same prompt; the user has the profile's own voice (with tiny, those "
    "that its recognizer was trained for): older synthesizers are misheard by real "
    "recognizers, and what is doubtful is decoded several times. The frameworks use their own "
    "Silero detector and 300 ms "
    "of silence; ours "
    "uses its normal settings, 160 to 1,200 ms depending on how finished the sentence is, 300 ms "
    "in the middle. "
    "pipecat and livekit: of that silence the detector needs 200 ms, as pipecat recommends; "
    "recognition runs "
    "meanwhile; livekit generates and synthesises ahead. _early: their detector needs 60 ms only, "
    "which cuts some "
    "utterances in two. _plain: as _early, nothing ahead. _eager: pipecat's eager turns, with a "
    "recognizer that we "
    "wrote because none of its local ones predicts the end of a turn. better_peer: the quicker of "
    "pipecat and "
    "livekit; better_tuned_peer: the quickest of their other settings (not in a quick run). "
    "straight_line: 300 ms of "
    "silence, then recognition, understanding, the whole answer and the whole sound, one after the "
    "other."
)

Say = Callable[[Sequence[Audio]], Awaitable[Run]]


def repository() -> Path | None:
    """The checkout, where the drivers are; None when installed without."""
    root = Path(str(resources.files("voice_local"))).parent
    return root if (root / "benchmarks" / "peers" / "common.py").is_file() else None


async def measure(context: Context) -> Section:
    """The section. Option `peers`: where the environments are (default: .cache/peers of the
    checkout).

    Raises:
        BenchmarkError: no voice on this machine.
    """
    section = Section("peers", ABOUT)
    root = repository()
    if root is None:
        section.status = "skipped"
        section.reason = (
            "the peers' drivers are in the repository only; run it from a checkout: git clone, "
            "scripts/peers"
        )
        return section
    async with AsyncExitStack() as stack:
        drivers = await _drivers(context, section, root, stack)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voice-local-peers-")))
        profile = context.settings.profile
        results = {
            "scripted": await _scripted(context, section, drivers, folder),
            profile: await _models(context, section, drivers, folder),
        }
    for mode, found in results.items():
        add_figures(section, mode, found)
    # What was asked for, first.
    section.metrics.sort(key=lambda row: not row.name.startswith("ratio."))
    real = (
        {}
        if profile == "tiny"
        else {f"ratio.{profile}.{name}": limit for name, limit in OF_REAL_MODELS.items()}
    )
    check_targets(section, TARGETS | real)
    return section


async def _drivers(
    context: Context, section: Section, root: Path, stack: AsyncExitStack
) -> dict[str, Driver]:
    """Those whose environment is there, warm: what is compiled or loaded at a first turn is not
    measured."""
    place = Path(context.options.get("peers") or root / ".cache" / "peers").absolute()
    found = {}
    for peer in PEERS:
        driver = Driver(peer, root, place)
        stack.push_async_callback(driver.aclose)
        if not driver.ready:
            _missing(section, peer, "not measured, run scripts/peers first")
            continue
        found[peer] = driver
    with tempfile.TemporaryDirectory(prefix="voice-local-peers-") as folder:
        speech = _keep(Path(folder) / "warm.npz", overhead.noises(2))
        for peer, driver in list(found.items()):
            context.note(f"peers: {peer} warms up")
            try:
                await driver.ask(
                    {"mode": "scripted", "window_ms": scripted_session.WINDOW_MS, "speech": speech}
                )
            except BenchmarkError as error:
                _missing(section, peer, f"{error.cause}: {error.remedy}")
                del found[peer]
    return found


def _missing(section: Section, peer: str, why: str) -> None:
    section.detail.setdefault("missing", {})[peer] = why
    section.findings.append(f"{peer}: {why}")


def _keep(path: Path, utterances: Sequence[Audio]) -> str:
    np.savez(path, **{f"{number:04d}": audio for number, audio in enumerate(utterances)})  # type: ignore[arg-type]
    return str(path)


def _peers(
    wanted: Sequence[str], drivers: dict[str, Driver], request: dict[str, Any], folder: Path
) -> dict[str, Say]:
    """The driven systems among `wanted`, ready to be spoken to."""

    async def say(driver: Driver, variant: str, utterances: Sequence[Audio]) -> Run:
        speech = _keep(folder / "said.npz", utterances)
        return await driver.ask({**request, "variant": variant, "speech": speech})

    return {
        name: partial(say, drivers[VARIANTS[name][0]], VARIANTS[name][1])
        for name in wanted
        if VARIANTS[name][0] in drivers
    }


async def _rounds(
    context: Context,
    section: Section,
    mode: str,
    says: dict[str, Say],
    rounds: Sequence[Sequence[Audio]],
) -> dict[str, Run]:
    """Every system on every round's utterances, in the opposite order each time; one that fails is
    left out from then."""
    found: dict[str, Run] = {name: Run() for name in says}
    for number, utterances in enumerate(rounds):
        for name in list(says)[:: -1 if number % 2 else 1]:
            if name not in found:
                continue
            context.note(f"peers: {mode}, round {number + 1} of {len(rounds)}, {name}")
            try:
                found[name].add(await says[name](utterances))
            except BenchmarkError as error:
                _missing(section, f"{mode}.{name}", f"{error.cause}: {error.remedy}")
                del found[name]
    return found


async def _scripted(
    context: Context, section: Section, drivers: dict[str, Driver], folder: Path
) -> dict[str, Run]:
    request = {
        "mode": "scripted",
        "window_ms": scripted_session.WINDOW_MS,
        "stage_ms": [scripted_session.STAGE_MS[stage] for stage in ("stt", "llm", "tts")],
    }
    says: dict[str, Say] = {"ours": systems.ours_scripted}
    says |= _peers((QUICK if context.quick else FULL)["scripted"], drivers, request, folder)
    rounds = 2 if context.quick else 3
    return await _rounds(
        context, section, "scripted", says, [overhead.noises(2 if context.quick else 4)] * rounds
    )


async def _models(
    context: Context, section: Section, drivers: dict[str, Driver], folder: Path
) -> dict[str, Run]:
    settings, silero, profile = _settings(context), SileroModel(), context.settings.profile
    each, rounds = 4, 2 if context.quick else 5
    texts = _sentences(each * rounds)
    section.detail["sentences"] = texts
    context.note("peers: loading the models")
    async with WorkerEngine(settings, STAGES, context.note) as worker:
        engine: EngineClient = FaultyEngine(worker, context.faults) if context.faults else worker
        tiny = profile == "tiny"
        sounds = _in_old_voices(context, texts) if tiny else await _in_own_voice(engine, texts)
        rate = await systems.warm(engine, sounds[0])
        request = {
            "mode": "models",
            "window_ms": settings.vad.endpointing_delay_ms,
            "socket": str(worker.socket),
            "settings": settings.model_dump(mode="json"),
        }
        says: dict[str, Say] = {
            "ours": partial(systems.ours, engine, settings, silero),
            "straight_line": partial(systems.straight_line, engine, settings, silero, rate),
        }
        says |= _peers((QUICK if context.quick else FULL)["models"], drivers, request, folder)
        return await _rounds(
            context,
            section,
            profile,
            says,
            [sounds[i * each : (i + 1) * each] for i in range(rounds)],
        )


def _settings(context: Context) -> Settings:
    """The profile's. While a driver asks the worker, its beats go there: their absence here means
    nothing."""
    engine = context.settings.engine
    return context.settings.model_copy(
        update={"engine": engine.model_copy(update={"heartbeat_timeout_s": 3600.0})}
    )


def _sentences(number: int) -> list[str]:
    """What is said: held-out sentences."""
    texts = [text for text in lines("sentences.txt") if len(text.split()) in WORDS]
    return [texts[i % len(texts)] for i in range(number)]


def _in_old_voices(context: Context, texts: Sequence[str]) -> list[Audio]:
    """`texts` by espeak-ng, flite and festival, voices in turn."""
    voices = context.voices()
    names = sorted(voices)
    return [speak(voices[names[i % len(names)]], text) for i, text in enumerate(texts)]


async def _in_own_voice(engine: EngineClient, texts: Sequence[str]) -> list[Audio]:
    """`texts` by the voice of the profile, 16 kHz."""
    sounds = []
    for text in texts:
        chunks = [chunk async for chunk in engine.synthesize(text)]
        samples = np.concatenate([chunk.samples for chunk in chunks])
        sound = soxr.resample(samples, chunks[0].sample_rate, SAMPLE_RATE)
        sounds.append(np.asarray(sound, dtype=np.float32))
    return sounds
