"""The five figures at the top of a report, each as a number with its unit and a sentence about what
it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from voice_local.bench.labels import tidy
from voice_local.bench.schema import (
    Metric,
    Report,
    Section,
)

MORE_IS_POOR = 0.5
"""A word error rate from which the sentence calls recognition unfit for that speech."""

NOT_RUN = "it was not part of this run"


@dataclass(frozen=True)
class KeyFigure:
    """One of the five.

    Attributes:
        title: what it is, in a few words.
        section: where it comes from.
        value, unit: as people write them; both empty where it was not measured.
        sentences: what is written below the value.
        interval: the 95 % interval with its unit; empty if there is none.
        why: why it was not measured; empty if it was.
    """

    title: str
    section: str
    value: str = ""
    unit: str = ""
    sentences: tuple[str, ...] = ()
    interval: str = ""
    why: str = ""


def five(report: Report) -> tuple[KeyFigure, ...]:
    """Reply time, words, requests, interruption, conversations at once: in this order, measured or
    not."""
    made = (
        ("Reply time", "latency", _reply),
        ("Words recognised wrongly", "wer", _words),
        ("Requests understood", "intent", _requests),
        ("Silence when interrupted", "barge_in", _interruption),
        ("Conversations at once", "load", _load),
    )
    found = []
    for title, name, tell in made:
        section = found_in(report, name)
        figure = (
            tell(report, section, title)
            if section is not None and section.status == "measured"
            else None
        )
        found.append(figure or KeyFigure(title, name, why=reason(section)))
    return tuple(found)


def found_in(report: Report, name: str) -> Section | None:
    """The section `name`; None without."""
    return next((section for section in report.sections if section.name == name), None)


def reason(section: Section | None) -> str:
    """Why a section gives no figure."""
    if section is None:
        return NOT_RUN
    if section.status == "measured":
        return "this run has no such figure"
    if section.status == "skipped":
        return section.reason or "it was skipped"
    return f"it failed: {section.reason}" if section.reason else "it failed"


def _reply(report: Report, section: Section, title: str) -> KeyFigure | None:
    device = _metric(section, "device_voice_to_voice_ms.p50")
    middle, most = (
        device or _metric(section, "voice_to_voice_ms.p50"),
        _metric(section, "voice_to_voice_ms.p95"),
    )
    if middle is None:
        return None
    turns = middle.count or len(middle.samples)
    sentences = [
        f"From the user's last sound to the answer's first. Half of {turns} turns were quicker."
    ]
    if most is not None:
        sentences.append(f"95 % of turns: within {_number(most)} ms.")
    sentences.append(
        "Through sound devices, as a stopwatch beside them shows."
        if device
        else "With a simulated sound card: a real one adds its own delay."
    )
    unanswered = _metric(section, "unanswered_turns")
    if unanswered is not None and unanswered.value:
        sentences.append(f"{tidy(unanswered.value, 0)} turns got no answer.")
    return KeyFigure(
        title, section.name, _number(middle), "ms", tuple(sentences), _interval(middle, "ms")
    )


def _words(report: Report, section: Section, title: str) -> KeyFigure | None:
    rate = _metric(section, "wer")
    if rate is None:
        return None
    sentences = [f"In {tidy(rate.count or len(rate.samples), 0)} sentences by synthetic voices."]
    real = [
        (row.name.split(".")[1], row.value)
        for row in section.metrics
        if row.name.startswith("real.") and row.name.endswith(".wer") and row.value is not None
    ]
    if real:
        sets = " and ".join(
            f"{tidy(value * 100, 0)} % ({name.replace('_', ' ')})" for name, value in real
        )
        sentences.append(f"In recordings of people: {sets}.")
    if real and min(value for _, value in real) >= MORE_IS_POOR:
        sentences.append("These models cannot be used with people's voices.")
    if not real:
        sentences.append("Recordings of people were not part of this run.")
    return KeyFigure(
        title, section.name, _number(rate, 100), "%", tuple(sentences), _interval(rate, "%", 100)
    )


def _requests(report: Report, section: Section, title: str) -> KeyFigure | None:
    right = _metric(section, "accuracy")
    if right is None:
        return None
    sentences = [
        f"{tidy(right.count or len(right.samples), 0)} typed sentences; right is the one intended "
        f"meaning."
    ]
    unknown = _metric(section, "out_of_scope.recall")
    if unknown is not None:
        sentences.append(
            f"Of sentences about something else, {_number(unknown, 100)} % were recognised as such."
        )
    return KeyFigure(
        title, section.name, _number(right, 100), "%", tuple(sentences), _interval(right, "%", 100)
    )


def _interruption(report: Report, section: Section, title: str) -> KeyFigure | None:
    wait = _metric(section, "silent_after_ms.talked_over.p50")
    if wait is None:
        return None
    tries = wait.count or len(wait.samples)
    sentences = ["After the user begins to speak over an answer."]
    longest, made = (
        _metric(section, "silent_after_ms.talked_over.max"),
        _metric(section, "answers.talked_over"),
    )
    if longest is not None:
        sentences.append(f"The longest of {tries}: {_number(longest)} ms.")
    missed = _metric(section, "not_interrupted.talked_over")
    if missed is not None and made is not None and missed.value:
        sentences.append(f"{tidy(missed.value, 0)} of {tidy(made.value, 0)} answers went on.")
    wrong, asked = (
        _metric(section, "false_interruptions.backchannel"),
        _metric(section, "answers.backchannel"),
    )
    if wrong is not None and asked is not None:
        sentences.append(
            f"“mhm”, “okay” and the like wrongly ended {tidy(wrong.value, 0)} of "
            f"{tidy(asked.value, 0)} answers."
        )
    return KeyFigure(
        title, section.name, _number(wait), "ms", tuple(sentences), _interval(wait, "ms")
    )


def _load(report: Report, section: Section, title: str) -> KeyFigure | None:
    most = _metric(section, "sessions_under_2_s")
    if most is None:
        return None
    cores = report.about.get("cores")
    sentences = [
        "The most with 95 % of replies within 2 s and at most 5 % unanswered"
        + (f", on {cores} cores." if isinstance(cores, int) else ".")
    ]
    level = next(
        (row for row in _rows(section.detail.get("levels")) if row.get("sessions") == most.value),
        {},
    )
    if level.get("dropped"):
        sentences.append(
            f"At that load {level['dropped']} of {level.get('turns')} utterances got no answer."
        )
    memory = found_in(report, "memory")
    models = _metric(memory, "worker_mb") if memory is not None else None
    each = _metric(section, "front_mb_a_session")
    if models is not None and each is not None:
        sentences.append(
            f"Memory: {_number(models)} MB for the models, {_number(each)} MB for each "
            f"conversation."
        )
    return KeyFigure(title, section.name, tidy(most.value, 0), "conversations", tuple(sentences))


def _metric(section: Section, name: str) -> Metric | None:
    """The metric, if it has a value."""
    return next(
        (row for row in section.metrics if row.name == name and row.value is not None), None
    )


def _rows(found: Any) -> list[Mapping[str, Any]]:
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def _number(found: Metric, scale: float = 1.0) -> str:
    """Whole ms; one decimal for what is small or a percentage."""
    value = (found.value or 0.0) * scale
    return tidy(value, 1 if scale != 1.0 or abs(value) < 10 else 0)


def _interval(found: Metric, unit: str, scale: float = 1.0) -> str:
    if found.interval is None:
        return ""
    low, high = (tidy(bound * scale, 1 if scale != 1.0 else 0) for bound in found.interval)
    return f"{low} to {high} {unit}"
