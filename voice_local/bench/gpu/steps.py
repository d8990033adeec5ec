"""The steps, in their order: what each does, what has to be done before, how long it may take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from voice_local.bench.gpu import (
    checks,
    timing,
)
from voice_local.bench.gpu.at_once import at_once
from voice_local.bench.gpu.make_bark import make_bark
from voice_local.bench.gpu.make_distilbert import make_distilbert
from voice_local.bench.gpu.make_llm import make_llm
from voice_local.bench.gpu.make_vits import make_vits
from voice_local.bench.gpu.make_whisper import make_whisper
from voice_local.bench.gpu.trial import (
    BARK,
    DISTILBERT,
    LLM,
    VITS,
    WHISPER,
    Trial,
)
from voice_local.bench.gpu.workfolder import publish
from voice_local.errors import BenchmarkError

STEP_LIMIT_S = 600.0
RUN_LIMIT_S = 1500.0
"""Of one step, and of all steps that one command runs."""


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        model: what it makes; empty for one that measures, which is stale on another machine.
        needs: steps that have to be done before; done again, they make this one stale.
    """

    name: str
    run: Callable[[Trial], Awaitable[dict[str, Any]]]
    model: str = ""
    needs: tuple[str, ...] = ()


async def _whisper(trial: Trial) -> dict[str, Any]:
    return {
        "bytes": publish(
            trial.models, WHISPER, "stt", lambda out: make_whisper(trial.shapes.whisper, out)
        )
    }


async def _llm(trial: Trial) -> dict[str, Any]:
    return {
        "bytes": publish(trial.models, LLM, "llm", lambda out: make_llm(trial.shapes.llama, out))
    }


async def _vits(trial: Trial) -> dict[str, Any]:
    return {
        "bytes": publish(trial.models, VITS, "tts", lambda out: make_vits(trial.shapes.vits, out))
    }


async def _bark(trial: Trial) -> dict[str, Any]:
    tokens = trial.shapes.lengths.bark_tokens
    return {
        "bytes": publish(
            trial.models, BARK, "tts", lambda out: make_bark(trial.shapes.bark, tokens, out)
        )
    }


async def _distilbert(trial: Trial) -> dict[str, Any]:
    return {
        "bytes": publish(
            trial.models,
            DISTILBERT,
            "intent",
            lambda out: make_distilbert(trial.shapes.distilbert, out),
        )
    }


PROFILE = ("make_whisper", "make_llm", "make_vits", "make_distilbert")
_ALL = (
    Step("make_whisper", _whisper, WHISPER),
    Step("make_llm", _llm, LLM),
    Step("make_vits", _vits, VITS),
    Step("make_bark", _bark, BARK),
    Step("make_distilbert", _distilbert, DISTILBERT),
    Step("check_profile", checks.check_profile, needs=PROFILE),
    Step("time_stt", timing.time_stt, needs=("check_profile",)),
    Step("time_intent", timing.time_intent, needs=("check_profile",)),
    Step("time_llm", timing.time_llm, needs=("check_profile",)),
    Step("time_tts", timing.time_tts, needs=("check_profile",)),
    Step("time_bark", timing.time_bark, needs=("make_bark", "check_profile")),
    Step("time_first_sound", timing.time_first_sound, needs=("check_profile",)),
    Step("memory", timing.memory, needs=("check_profile",)),
    Step("at_once", at_once, needs=("check_profile",)),
)
STEPS = {step.name: step for step in _ALL}


def wanted(only: str | None) -> list[Step]:
    """Every step, or the one called `only` and before it what it needs.

    Raises:
        BenchmarkError: there is none of that name.
    """
    if only is None:
        return list(_ALL)
    if only not in STEPS:
        raise BenchmarkError(f"unknown step {only!r}", f"one of: {', '.join(STEPS)}")
    names = {only}
    while more := {need for name in names for need in STEPS[name].needs} - names:
        names |= more
    return [step for step in _ALL if step.name in names]
