"""What the understanding model makes of what people want, and of what is none of its business."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from voice_local.bench import heldout
from voice_local.bench.calibration import calibration
from voice_local.bench.classification import (
    Decision,
    bootstrapped,
    classify,
    figures,
    latency,
    mistaken,
    mistakes,
    recall_at_precision,
    recalls,
)
from voice_local.bench.context import Context
from voice_local.bench.intent_sets import clinc, hwu64, meaning
from voice_local.bench.labelled_rows import Row, keep_known, read_csv, sample
from voice_local.bench.schema import (
    Metric,
    Section,
    given,
    metric,
)
from voice_local.config import Settings
from voice_local.engine.api import (
    Understanding,
)
from voice_local.engine.client import EngineClient
from voice_local.errors import (
    ModelFormatError,
    TextInputError,
)
from voice_local.models.folder import (
    ModelFolder,
    profile_folder,
)
from voice_local.stages.classify.distilbert import OUT_OF_SCOPE

PRECISION = 0.9
QUICK_ROWS = 300
QUICK_PUBLIC = 100
FULL_PUBLIC = 1000
OUTSIDE = ("oos", "out-of-scope", "out of scope")


async def measure(context: Context) -> Section:
    """Accuracy and macro-F1 in scope, out-of-scope recall, calibration, latency, and which labels
    are confused.

    On the held-out sentences, or on the option `csv` (columns text and label). With a data folder
    also `clinc_oos.*` and `hwu64.*`, as far as their labels mean one of the model's.

    Raises:
        TextInputError: the CSV cannot be used.
        ModelError: the model's labels cannot be read.
    """
    section = Section(
        "intent",
        "Intents as shipped, below the model's threshold out of scope. accuracy: of rows in scope; "
        "macro_f1: of labels in scope, over all rows; out_of_scope.recall_at_90_precision: the "
        "most that "
        "can be caught while nine of ten caught are rightly so, sweeping the confidence; ece: over "
        "the rows "
        "at or above the threshold; hwu64_train: a training part, which the embedded model has "
        "seen; "
        "latency_ms: a call through the worker process, the intent stage alone.",
    )
    known = labels(context.settings)
    given_csv = context.options.get("csv")
    rows = [Row(text, intent) for intent, text in heldout.intents()]
    if given_csv:
        rows = [
            Row(row.text, OUT_OF_SCOPE if row.label.lower() in OUTSIDE else row.label)
            for row in read_csv(Path(given_csv))
        ]
        rows = sample(rows, QUICK_ROWS) if context.quick else rows
    rows = keep_known(rows, {*known, OUT_OF_SCOPE}, section)
    if not rows:
        return section
    async with context.engine(("intent",)) as (engine, _):
        decisions = await classify(engine, rows, _intent)
        _add_figures(decisions, context.settings.intent.threshold, section)
        if context.data and not given_csv:
            await _public(context, context.data, engine, set(known), section)
    return section


def labels(settings: Settings) -> list[str]:
    """The labels of the profile's intent model.

    Raises:
        ModelError: the file that names them is missing, not the one of the manifest, or names none.
    """
    name = "understanding" if settings.intent.adapter == "understanding" else "intent"
    path = ModelFolder(profile_folder(settings.profile, settings.models_dir)).file(
        f"{settings.intent.model}/{name}.json"
    )
    try:
        return [str(label) for label in json.loads(path.read_text(encoding="utf-8"))["labels"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelFormatError(
            f"{path} names no labels", "train or export the model again"
        ) from None


def _intent(found: Understanding) -> tuple[str | None, float | None]:
    return found.intent, found.intent_confidence


def out_of_scope_score(decision: Decision, threshold: float) -> float:
    """How far a decision points out of scope: in 0..1 for one in scope, in 1..2 for one out of
    scope.

    A row under the threshold carries the confidence of its best label, one that the model's own
    out-of-scope label won carries that one's; so the sweep passes through the decisions as shipped.
    """
    if decision.label != OUT_OF_SCOPE:
        return 1 - decision.confidence
    return 1 + (
        decision.confidence if decision.confidence >= threshold else 1 - decision.confidence
    )


def out_of_scope(decisions: Sequence[Decision], threshold: float) -> list[Metric]:
    """Recall and precision as shipped, and the recall at a precision of `PRECISION`; none without
    such rows."""
    outside = [found.row.label == OUT_OF_SCOPE for found in decisions]
    if not any(outside):
        return []
    caught = [found for found in decisions if found.label == OUT_OF_SCOPE]
    scores, truth = (
        np.array([out_of_scope_score(found, threshold) for found in decisions]),
        np.array(outside),
    )
    return [
        metric(
            "out_of_scope.recall",
            [f.right for f in decisions if f.row.label == OUT_OF_SCOPE],
            "share",
            "mean",
            "higher",
            paired=True,
        ),
        metric(
            "out_of_scope.precision", [found.right for found in caught], "share", "mean", "higher"
        ),
        bootstrapped(
            f"out_of_scope.recall_at_{PRECISION * 100:.0f}_precision",
            lambda score, positive: recall_at_precision(score, positive, PRECISION),
            (scores, truth),
            "higher",
        ),
    ]


def _add_figures(decisions: Sequence[Decision], threshold: float, section: Section) -> None:
    inside = sorted({found.row.label for found in decisions} - {OUT_OF_SCOPE})
    sure = [found for found in decisions if found.confidence >= threshold]
    calibrated, diagram = calibration(sure)
    section.metrics += [
        *(figures(decisions, inside) if inside else []),
        *out_of_scope(decisions, threshold),
        *calibrated,
        *latency(decisions),
        *recalls(decisions, inside),
        given("rows", len(decisions), "count"),
    ]
    section.findings += mistaken(decisions)
    mistakes(decisions, section, texts=True)
    section.plots.append(diagram)


async def _public(
    context: Context, data: Path, engine: EngineClient, known: set[str], section: Section
) -> None:
    """Public rows: out of scope, and those whose label means one of the model's; their texts stay
    where they are."""
    most = QUICK_PUBLIC if context.quick else FULL_PUBLIC
    for name, read in (("clinc_oos", clinc), ("hwu64_train", hwu64)):
        try:
            rows = read(data)
        except TextInputError as error:
            section.detail.setdefault("left_out", {})[name] = error.cause
            continue
        meant = [
            Row(row.text, ours)
            for row in rows
            if (ours := meaning(row.label, known)) and ours != OUT_OF_SCOPE
        ]
        inside = await classify(engine, sample(meant, most), _intent)
        outside = await classify(
            engine, sample([row for row in rows if row.label == OUT_OF_SCOPE], most), _intent
        )
        if inside:
            section.metrics += figures(
                inside, sorted({found.row.label for found in inside}), f"{name}."
            )
            wrong = Counter(
                (found.row.label, found.label) for found in inside if not found.right
            ).most_common(10)
            section.detail[f"{name}.mistakes"] = [
                {"label": a, "called": b, "rows": times} for (a, b), times in wrong
            ]
        if outside:
            section.metrics.append(
                metric(
                    f"{name}.out_of_scope_recall",
                    [found.right for found in outside],
                    "share",
                    "mean",
                    "higher",
                    paired=True,
                )
            )
        if rows:
            there = {row.label for row in rows}
            section.detail[name] = {
                "rows": len(inside),
                "out_of_scope_rows": len(outside),
                "labels": len(there),
                "labels_meant": sum(meaning(label, known) is not None for label in there),
            }
