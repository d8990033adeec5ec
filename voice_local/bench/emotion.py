"""What the understanding model makes of how people feel."""

from __future__ import annotations

from pathlib import Path

from voice_local.bench.calibration import calibration
from voice_local.bench.classification import classify, figures, latency, mistaken, mistakes, recalls
from voice_local.bench.context import Context
from voice_local.bench.labelled_rows import Row, keep_known, read_csv, sample
from voice_local.bench.schema import (
    Section,
    given,
)
from voice_local.engine.api import (
    EMOTIONS,
    Understanding,
)
from voice_local.errors import TextInputError
from voice_local.stages.classify.emotion import SYNONYMS

QUICK_ROWS = 300


async def measure(context: Context) -> Section:
    """Accuracy, macro-F1, calibration, latency and confusions over Ekman's six emotions and
    neutral.

    On GoEmotions' rows of a single label (dev part, Ekman's grouping) in the data folder, or on the
    option `csv` (columns text and label; labels that mean one of the seven count as it). Skipped
    without either.

    Raises:
        TextInputError: the CSV or GoEmotions' files cannot be used.
    """
    section = Section(
        "emotion",
        "Emotions of written sentences. accuracy: share of rows; macro_f1: mean over the emotions "
        "that occur; ece: of all rows, 15 bins (the embedded model's temperature was fitted on "
        "GoEmotions' "
        "dev rows: on them its ece flatters); latency_ms: a call through the worker process, the "
        "emotion "
        "stage alone.",
    )
    given_csv = context.options.get("csv")
    rows = goemotions(context.data) if context.data and not given_csv else []
    if given_csv:
        rows = [
            Row(row.text, SYNONYMS.get(row.label.lower(), row.label.lower()))
            for row in read_csv(Path(given_csv))
        ]
    elif not rows:
        section.status = "skipped"
        section.reason = (
            "no sentences with emotions: give a data folder with goemotions/ekman, or a CSV "
            "(text,label)"
        )
        return section
    rows = keep_known(sample(rows, QUICK_ROWS) if context.quick else rows, set(EMOTIONS), section)
    if not rows:
        return section
    async with context.engine(("emotion",)) as (engine, _):
        decisions = await classify(engine, rows, _emotion)
    calibrated, diagram = calibration(decisions)
    section.metrics = [
        *figures(decisions, EMOTIONS),
        *calibrated,
        *latency(decisions),
        *recalls(decisions, EMOTIONS),
        given("rows", len(rows), "count"),
    ]
    section.findings += mistaken(decisions)
    mistakes(decisions, section, texts=bool(given_csv))
    section.plots.append(diagram)
    return section


def _emotion(found: Understanding) -> tuple[str | None, float | None]:
    return found.emotion, found.emotion_confidence


def goemotions(data: Path) -> list[Row]:
    """GoEmotions' dev rows (Demszky et al. 2020) with one of Ekman's six or neutral; none where
    they are not.

    Raises:
        TextInputError: a file cannot be read or is of another form.
    """
    folder = data / "goemotions" / "ekman"
    path = folder / "dev.tsv"
    if not path.is_file():
        return []
    try:
        names = (folder / "labels.txt").read_text(encoding="utf-8").split()
        cells = [
            line.split("\t")
            for line in path.read_text(encoding="utf-8").split("\n")
            if line.strip()
        ]
        # "3,4" is of two labels.
        return [Row(row[0], names[int(row[1])]) for row in cells if row[1].isdigit()]
    except (OSError, ValueError, IndexError) as error:
        raise TextInputError(
            f"{path} is not GoEmotions' form ({type(error).__name__})", "get it again"
        ) from None
