"""What the steps left, as a section: figures, findings and the picture of a turn."""

from __future__ import annotations

from typing import Any

from voice_local.bench import stats
from voice_local.bench.gpu.at_once import LIMIT_MS
from voice_local.bench.gpu.runner import Results
from voice_local.bench.gpu.steps import STEPS
from voice_local.bench.gpu.trial import Trial
from voice_local.bench.schema import (
    Better,
    Metric,
    Plot,
    Section,
    Series,
    given,
    metric,
)

AIM_MS = 150.0
"""Compute from the end of the turn to the first sound."""

ABOUT = (
    "Full-size models with random weights (Whisper large-v3-turbo in float16, an 8B Llama in "
    "Q4_K_M, VITS with VCTK's "
    "109 speakers, Bark-small, DistilBERT-base) behind the gpu profile's own adapters and "
    "settings. Lengths are "
    "fixed; what is said means nothing."
)
REHEARSAL = (
    "REHEARSAL on the CPU with small shapes: shows that every step of the gpu benchmark runs; its "
    "figures say "
    "nothing about a card."
)
PARTS = {
    "stt": "recognition",
    "understand": "intent and emotion",
    "llm_first_token": "first token",
    "llm_first_clause": "rest of the first clause",
    "tts": "voice",
}


def section(trial: Trial, done: Results, seconds: float) -> Section:
    """Everything that is known so far; `failed` while steps are missing, `skipped` when it is only
    a rehearsal."""
    missing = [name for name in STEPS if name not in done]
    made = Section(
        "gpu_rehearsal" if trial.rehearsal else "gpu",
        REHEARSAL if trial.rehearsal else ABOUT,
        seconds=seconds,
    )
    if missing:
        made.status, made.reason = "failed", f"not done yet: {', '.join(missing)}"
    elif trial.rehearsal:
        made.status, made.reason = (
            "skipped",
            "a rehearsal on the CPU with small shapes, no GPU result",
        )
    for name, result in done.items():
        made.metrics += _metrics(name, result.found, trial)
        made.findings += result.found.get("findings", [])
    if "time_first_sound" in done:
        samples = done["time_first_sound"].found["samples"]
        made.plots.append(_waterfall(samples))
        made.findings += _aims(samples, trial)
    if "at_once" in done:
        made.findings += _most(done["at_once"].found, trial)
    made.detail = {
        "machine": trial.card.machine if trial.card else REHEARSAL,
        "libraries": trial.card.libraries if trial.card else {},
        "shapes": trial.shapes.name,
        "settings": trial.settings().model_dump(
            mode="json", exclude={"models_dir", "audio", "conversation", "memory"}
        ),
        "steps": {
            name: {
                "seconds": result.seconds,
                "finished": result.finished,
                **{key: value for key, value in result.found.items() if key != "samples"},
            }
            for name, result in done.items()
        },
    }
    return made


def _metrics(step: str, found: dict[str, Any], trial: Trial) -> list[Metric]:
    made = []
    for name, samples in found.get("samples", {}).items():
        unit, better = _unit(name)
        for statistic in ("p50", "p95") if better == "lower" else ("p50",):
            made.append(metric(f"{name}.{statistic}", samples, unit, statistic, better, timed=True))
    if "bytes" in found:
        made.append(given(f"{step.removeprefix('make_')}_file_mb", found["bytes"] / 2**20, "MB"))
    if "sound_s" in found:
        made.append(given(f"{step.removeprefix('time_')}_clause_s", found["sound_s"], "s"))
    where = "resident_mb" if trial.rehearsal else "device_mb"
    for stage in found.get("stages", []):
        made += [
            given(f"{where}.{stage['stage']}", stage["held_mb"], "MB", "lower"),
            given(f"load_s.{stage['stage']}", stage["load_s"], "s", "lower", timed=True),
        ]
    for name, value in found.get("memory_mb", {}).items():
        made.append(given(f"{where}.all.{name}", value, "MB", "lower"))
    return made + _at_once(found) if "levels" in found else made


def _at_once(found: dict[str, Any]) -> list[Metric]:
    made = [given("conversations_at_once", found["most"], "count", "higher", timed=True)]
    for row in found["levels"]:
        name = f"at_once.{row['sessions']}"
        made += [
            given(f"{name}.first_sound_ms.{part}", row[f"{part}_ms"], "ms", "lower", timed=True)
            for part in ("p50", "p95")
        ]
        made.append(
            given(f"{name}.late_clauses", row["late_clauses"], "count", "lower", timed=True)
        )
    return made


def _unit(name: str) -> tuple[str, Better]:
    if "_per_s" in name:
        return "tokens/s", "higher"
    return ("x", "higher") if "_times_" in name else ("ms", "lower")


def _waterfall(samples: dict[str, list[float]]) -> Plot:
    """One row of bars a kind of prompt, medians of each part."""
    series = []
    for prompt in ("kept", "fresh"):
        ends, starts, at = [], [], 0.0
        for part in PARTS:
            starts.append(round(at, 2))
            at += stats.value("p50", samples[f"first_sound_part_ms.{prompt}.{part}"]) or 0.0
            ends.append(round(at, 2))
        series.append(Series(f"prompt {prompt}", tuple(PARTS.values()), tuple(ends), tuple(starts)))
    return Plot("waterfall", "Compute to first sound", "ms", "", tuple(series))


def _aims(samples: dict[str, list[float]], trial: Trial) -> list[str]:
    if trial.rehearsal:
        return []
    found = []
    for prompt in ("kept", "fresh"):
        value = stats.value("p50", samples[f"first_sound_ms.{prompt}"]) or 0.0
        verdict = "within" if value <= AIM_MS else "over"
        found.append(
            f"compute to first sound, prompt {prompt}: {value:.0f} ms (median), {verdict} the aim "
            f"of "
            f"{AIM_MS:.0f} ms"
        )
    return found


def _most(found: dict[str, Any], trial: Trial) -> list[str]:
    if trial.rehearsal:
        return []
    last = found["levels"][-1]
    beyond = (
        "more were not tried"
        if found["reached_the_end"]
        else f"with {last['sessions']} it was {last['p95_ms'] or 0:.0f} ms, {last['late_clauses']} "
        f"of {last['clauses']} "
        f"further clauses came late, {last['refused']} calls were refused"
    )
    return [
        f"{found['most']} conversations at once have their first sound within {LIMIT_MS:.0f} ms of "
        f"compute (p95); "
        f"{beyond}"
    ]
