"""What an understanding is worth, against its targets: `python -m benchmarks.understanding
--data-dir DIR [--profile P]`.

Decisions are the product's: the model's at its shipped threshold, emergencies checked by wording,
acts routed by the default router. Nothing here was trained on; of HWU64 the part that
`voice_local.bench.public` keeps apart is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.product import Product
from scripts.train.ears_data import public_labelled, spoken
from scripts.train.understanding_data import MAPPED, SKIPPED
from voice_local.bench import heldout
from voice_local.bench.classification import (
    codes,
    macro_f1,
)
from voice_local.bench.emotion import goemotions
from voice_local.bench.public import kept_apart
from voice_local.config import (
    PROFILES,
    Settings,
    load,
)
from voice_local.engine.api import (
    EMOTIONS,
)
from voice_local.models.folder import (
    ModelFolder,
    embedded_folder,
    profile_folder,
)
from voice_local.skills import emergencies
from voice_local.skills.abilities.general import asks_in_general
from voice_local.skills.responder import BEYOND_SURE

OUTSIDE = "out_of_scope"
BLIND = ("blind_a", "blind_b", "blind_c", "blind_d", "blind_e", "blind_f", "blind_g")
"""Folders of sentences that were written before the training text that they test; `blind_c` to
`blind_g` by people who knew neither that nor the rules (the limits of `emergency_prob` were chosen
on all but the last two).
"""
INVITING = "blind_d/deeds.txt"
ASKING = ("blind_d/questions.txt", "blind_d/ordinary.txt", "ordinary_questions.txt", "ordinary.txt")
"""What cannot be done or known here, and what is to be answered."""
TARGETS = {
    "ordinary_handled": (2, "at most"),
    "negated_carried_out": (0, "at most"),
    "emergencies_caught": (38, "at least"),
    "emergencies_invented": (1, "at most"),
    "in_scope": (0.92, "at least"),
    "foreign_out": (0.93, "at least"),
    "clinc_own_labels": (0.95, "at least"),
    "emotion_macro_f1": (0.55, "at least"),
    "finished_auc": (0.93, "at least"),
}


async def meanings(
    product: Product, folder: str, found: dict[str, Any], wrong: dict[str, Any]
) -> None:
    """Ordinary sentences, denials, emergencies and what only sounds like one, from a `folder` of
    the held-out files."""
    if (heldout.folder() / folder / "ordinary.txt").exists():
        await acts(product, folder, found, wrong)
    for name, file, wanted in (
        ("emergencies_caught", "emergencies.txt", True),
        ("emergencies_invented", "no_emergency.txt", False),
    ):
        texts = heldout.lines(f"{folder}{file}")
        called = {text: (await product.meant(text)).intent == emergencies.INTENT for text in texts}
        wrong[file] = [text for text, was in called.items() if was is not wanted]
        found |= {file: len(texts), name: sum(called.values())}


async def acts(product: Product, folder: str, found: dict[str, Any], wrong: dict[str, Any]) -> None:
    """Ordinary sentences and denials: which handlers they reach."""
    reached = {text: await product.handler(text) for text in heldout.lines(f"{folder}ordinary.txt")}
    wrong["ordinary"] = {text: by for text, by in reached.items() if by}
    found |= {"ordinary": len(reached), "ordinary_handled": len(wrong["ordinary"])}
    denied = [line.split("\t") for line in heldout.lines(f"{folder}negated.tsv")[1:]]
    by = {text: (intent, await product.handler(text)) for intent, text in denied}
    wrong["negated"] = {text: handler for text, (intent, handler) in by.items() if handler}
    found |= {
        "negated": len(by),
        "negated_carried_out": sum(intent == handler for intent, handler in by.values()),
        "negated_any_handler": len(wrong["negated"]),
    }


async def intents(product: Product, found: dict[str, Any], wrong: dict[str, Any]) -> None:
    """The world's held-out intents."""
    rows = [
        (intent, text, (await product.meant(text)).intent) for intent, text in heldout.intents()
    ]
    inside = [row for row in rows if row[0] != OUTSIDE]
    wrong["intents"] = {text: f"{intent} → {told}" for intent, text, told in rows if intent != told}
    found |= {
        "in_scope_rows": len(inside),
        "in_scope": share(intent == told for intent, _, told in inside),
        "out_of_scope": share(told == OUTSIDE for intent, _, told in rows if intent == OUTSIDE),
    }


async def committed(product: Product, found: dict[str, Any], wrong: dict[str, Any]) -> None:
    """The held-out files of the repository that were read while rules and templates were
    written."""
    await meanings(product, "", found, wrong)
    await intents(product, found, wrong)


async def beyond(product: Product, wrong: dict[str, Any]) -> dict[str, Any]:
    """What the model alone, without rules, tells as beyond this place."""
    texts = {text: INVITING for text in heldout.lines(INVITING)}
    texts |= {text: "" for file in ASKING for text in heldout.lines(file)}
    told = {
        text: ((await product.meant(text)).beyond_prob or 0.0) >= BEYOND_SURE
        and not asks_in_general(text)
        for text in texts
    }
    wrong["beyond"] = [text for text, where in texts.items() if told[text] is not bool(where)]
    invited = [told[text] for text, where in texts.items() if where]
    asked = [told[text] for text, where in texts.items() if not where]
    return {
        "beyond": len(invited),
        "beyond_told": sum(invited),
        "answerable": len(asked),
        "answerable_as_beyond": sum(asked),
    }


async def finished(product: Product) -> dict[str, float]:
    """Area under the ROC curve, whole sentences against the same cut anywhere, in the middle,
    before the last word."""
    rng = random.Random(4)
    texts = heldout.lines("sentences.txt") + [text for _, text in heldout.intents()]
    texts = [text for text in texts if len(text.split()) >= 4]
    whole = [(await product.meant(text)).complete_prob or 0.0 for text in texts]
    result = {}
    for name, cut in (
        ("finished_auc", lambda n: rng.randrange(1, n)),
        ("finished_auc_half", lambda n: n // 2),
        ("finished_auc_last_word", lambda n: n - 1),
    ):
        shorter = [" ".join(text.split()[: cut(len(text.split()))]) for text in texts]
        parts = [(await product.meant(text)).complete_prob or 0.0 for text in shorter]
        result[name] = round(
            float(np.mean([(w > p) + 0.5 * (w == p) for w in whole for p in parts])), 4
        )
    return result


def foreign(data: Path) -> list[tuple[str, str]]:
    """(label, sentence) of CLINC150's validation rows and HWU64's kept-apart ones with a label that
    is not near ours."""
    content = json.loads((data / "clinc_oos" / "train_val.json").read_text(encoding="utf-8"))
    rows = [(f"clinc:{label}", text) for text, label in content["val"] + content["oos_val"]]
    trained = {spoken(text) for text, _ in content["train"] + content["oos_train"]}
    rows += [
        (label, text)
        for text, label in public_labelled(data)
        if label.startswith("hwu:") and kept_apart(text) and text not in trained
    ]
    ours = {label for labels in MAPPED.values() for label in labels.split()} | SKIPPED
    return sorted({(label, text) for label, text in rows if label not in ours})


async def public(
    product: Product, data: Path, found: dict[str, Any], wrong: dict[str, Any]
) -> None:
    """The public sets in `data`."""
    rows = foreign(data)
    told = [(label, text, (await product.meant(text)).intent) for label, text in rows]
    handled = [
        text for label, text, intent in told if intent != OUTSIDE and await product.handler(text)
    ]
    by_set = {
        name: share(intent == OUTSIDE for label, _, intent in told if label.startswith(name))
        for name in ("clinc", "hwu")
    }
    mistaken = Counter(f"{label} → {intent}" for label, _, intent in told if intent != OUTSIDE)
    wrong["foreign"] = dict(mistaken.most_common(25))
    found |= {
        "foreign_rows": len(rows),
        "foreign_out": share(intent == OUTSIDE for *_, intent in told),
        "foreign_by_set": by_set,
        "foreign_handled": round(len(handled) / len(rows), 4),
    }
    comments = goemotions(data)
    guess = [(await product.meant(row.text)).emotion or "" for row in comments]
    truth = codes([row.label for row in comments], EMOTIONS)
    score = macro_f1(truth, codes(guess, EMOTIONS), len(EMOTIONS))
    found |= {"emotion_rows": len(comments), "emotion_macro_f1": round(score, 4)}


def share(right: Any) -> float:
    """The share of true values, to four places."""
    values = list(right)
    return round(float(sum(values)) / len(values), 4)


def own_labels(settings: Settings) -> float | None:
    """CLINC150's validation rows under its own labels, as the training script measured it: the head
    is not exported."""
    models = ModelFolder(profile_folder(settings.profile, settings.models_dir))
    path = models.file(f"{settings.intent.model}/understanding.json")
    told = json.loads(path.read_text(encoding="utf-8"))["development"].get("clinc_own_labels")
    return None if told is None else float(told)


async def measure(settings: Settings, data: Path | None) -> dict[str, Any]:
    """Every figure, and what went wrong by set."""
    product = Product(settings)
    found: dict[str, Any] = {
        "profile": settings.profile,
        "model": settings.intent.model,
        "threshold": settings.intent.threshold,
    }
    wrong: dict[str, Any] = {}
    await committed(product, found, wrong)
    for name in BLIND:
        await meanings(product, f"{name}/", found.setdefault(name, {}), wrong.setdefault(name, {}))
    found |= await beyond(product, wrong)
    found |= await finished(product)
    if data:
        await public(product, data, found, wrong)
    if settings.intent.adapter == "understanding":
        found["clinc_own_labels"] = own_labels(settings)
    found["ms_p50"] = round(float(np.median(product.ms)), 2)
    await product.engine.aclose()
    return {**found, "wrong": wrong}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="small")
    parser.add_argument("--data-dir", type=Path, help="the public sets")
    parser.add_argument("--threshold", type=float, help="instead of the profile's")
    parser.add_argument("--json", action="store_true", help="one document with all that went wrong")
    args = parser.parse_args()
    changes = {"intent": {"threshold": args.threshold}} if args.threshold is not None else {}
    # Nothing else is loaded.
    models = {"models_dir": embedded_folder("small")} if args.profile in PROFILES[1:] else {}
    found = asyncio.run(measure(load(args.profile, **models, **changes), args.data_dir))
    if args.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
        return
    for name, value in found.items():
        if name != "wrong":
            print(f"{name:28}{value!s:>14}  {verdict(name, value)}")


def verdict(name: str, value: Any) -> str:
    """The target of a figure and whether it is met; empty where it has none."""
    if name not in TARGETS or value is None:
        return ""
    target, how = TARGETS[name]
    met = value <= target if how == "at most" else value >= target
    return f"{f'{how} {target}':16}{'ok' if met else 'SHORT'}"


if __name__ == "__main__":
    main()
