"""The figures and plots of word errors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from voice_local.bench.normalize import Errors
from voice_local.bench.recognizer import Recognized
from voice_local.bench.schema import Metric, Plot, Series, metric

LENGTHS = ((8, "up_to_8"), (12, "9_to_12"), (20, "13_to_20"), (10**9, "21_and_more"))
SPEAKERS = 40
"""So many are told apart; of more, those who say most."""

ROWS = 200


def figures(rows: Sequence[Recognized], prefix: str) -> list[Metric]:
    """Error rates over the words (characters) of the truth, and the real-time factor: work over
    sound, in wall time."""
    if not rows:
        return []
    errors = [row.errors for row in rows]
    words = [found.words for found in errors]
    kinds: list[tuple[str, list[int]]] = [
        ("wer", [found.all for found in errors]),
        ("substitutions", [found.substitutions for found in errors]),
        ("deletions", [found.deletions for found in errors]),
        ("insertions", [found.insertions for found in errors]),
        ("deletions.between_right_words", [found.lost for found in errors]),
    ]
    return [
        *(
            metric(f"{prefix}{name}", samples, "ratio", "ratio", weights=words, paired=True)
            for name, samples in kinds
        ),
        metric(
            f"{prefix}cer",
            [found.character_errors for found in errors],
            "ratio",
            "ratio",
            weights=[found.characters for found in errors],
            paired=True,
        ),
        metric(
            f"{prefix}rtf",
            [row.work_s for row in rows],
            "ratio",
            "ratio",
            weights=[row.audio_s for row in rows],
            timed=True,
            paired=True,
        ),
    ]


def by_group(rows: Sequence[Recognized], prefix: str) -> list[Metric]:
    """The word error rate apart: `wer.speaker.NAME`, `wer.noise.LEVEL`, `wer.length.CLASS` (words
    of the truth)."""
    groups: dict[str, list[Errors]] = {}
    for row in rows:
        length = next(name for most, name in LENGTHS if row.errors.words <= most)
        for kind, name in (
            ("speaker", row.sample.speaker),
            ("noise", row.sample.noise),
            ("length", length),
        ):
            if name:
                groups.setdefault(f"{kind}.{re.sub(r'[^A-Za-z0-9_-]+', '_', name)}", []).append(
                    row.errors
                )
    speakers = sorted(
        (key for key in groups if key.startswith("speaker.")),
        key=lambda key: (-len(groups[key]), key),
    )
    return [
        metric(
            f"{prefix}wer.{key}",
            [found.all for found in groups[key]],
            "ratio",
            "ratio",
            weights=[found.words for found in groups[key]],
            paired=True,
        )
        for key in sorted(groups)
        if key not in speakers[SPEAKERS:]
    ]


def lost_words(rows: Sequence[Recognized]) -> list[str]:
    """A finding where words go missing that a mishearing does not explain.

    A recognizer that errs loses words beside others that it mishears, and in few utterances. So it
    is told when single words are missing between rightly heard ones, over 3 % of all and in a third
    of the utterances; or when deletions are over 8 % of the words and twice all other errors.
    """
    words = sum(row.errors.words for row in rows)
    if not words:
        return []
    deleted, inserted, replaced, lost = (
        sum(getattr(row.errors, name) for row in rows) / words
        for name in ("deletions", "insertions", "substitutions", "lost")
    )
    spread = sum(row.errors.lost > 0 for row in rows) / len(rows)
    if not (
        (lost > 0.03 and spread >= 1 / 3)
        or (deleted > 0.08 and deleted > 2 * (inserted + replaced))
    ):
        return []
    return [
        f"words are lost: deletions are {deleted:.1%} of the words, substitutions {replaced:.1%}, "
        f"insertions "
        f"{inserted:.1%}; {lost:.1%} are single words gone between rightly heard ones, in "
        f"{spread:.0%} of utterances"
    ]


def worst_first(rows: Sequence[Recognized], *, texts: bool) -> list[dict[str, Any]]:
    """The utterances, the worst first, at most `ROWS`; `texts`: with what was said and heard."""
    worst = sorted(rows, key=lambda row: -row.errors.all / max(row.errors.words, 1))[:ROWS]
    return [
        {
            "audio": row.sample.name,
            "speaker": row.sample.speaker,
            "noise": row.sample.noise,
            "words": row.errors.words,
            "errors": row.errors.all,
            **({"said": row.sample.text, "heard": row.text} if texts else {}),
        }
        for row in worst
    ]


def plots_by_group(metrics: Sequence[Metric]) -> list[Plot]:
    """A bar chart of the word error rate by speaker, noise and length, as far as there are such
    figures."""
    plots = []
    for kind in ("speaker", "noise", "length"):
        found = [m for m in metrics if m.name.startswith(f"wer.{kind}.") and m.value is not None]
        if kind == "speaker":
            found.sort(key=lambda m: -(m.value or 0.0))
        if found:
            bounds = [m.interval or (m.value or 0.0, m.value or 0.0) for m in found]
            series = Series(
                "wer",
                tuple(m.name.removeprefix(f"wer.{kind}.") for m in found),
                tuple(m.value or 0.0 for m in found),
                tuple(b[0] for b in bounds),
                tuple(b[1] for b in bounds),
            )
            plots.append(
                Plot("bars", f"Word error rate by {kind}", kind, "word error rate", (series,))
            )
    return plots
