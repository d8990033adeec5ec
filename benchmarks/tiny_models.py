"""Rough figures of the embedded models on held-out data: `python -m benchmarks.tiny_models [--json
FILE]`.

Everything goes through the engine that the product uses. The held-out files were written apart from
the training text.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import json
import platform
import random
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import jiwer
import numpy as np

from voice_local.audio.level import audible_span
from voice_local.audio.vad import SileroModel
from voice_local.bench.speakers import (
    available,
    speak,
    with_noise,
)
from voice_local.config import (
    STAGES,
    load,
)
from voice_local.conversation.input.recordings import transcribe
from voice_local.conversation.session import VoiceSession
from voice_local.engine.client import EngineClient
from voice_local.engine.worker_engine import WorkerEngine
from voice_local.local.speakers import BufferOutput
from voice_local.models import properties
from voice_local.models.properties import RecognizerProperties
from voice_local.skills.responder import new_conversation
from voice_local.skills.router import IntentRouter
from voice_local.text.spoken import to_spoken

HELD_OUT = Path(__file__).parent / "heldout"
NOISES_DB: tuple[float | None, ...] = (None, 30.0, 20.0)
TARGETS = {
    "ears_wer": {"first": 0.30, "later": 0.12},
    "intent_accuracy": {"first": 0.75, "later": 0.90},
    "out_of_scope_recall": {"later": 0.70},
    "voice_own_ears_wer": {"first": 0.40, "later": 0.15},
    "mind_right": {"first": "12 of 20", "later": "9 of 10"},
    "emotion_macro_f1": {"later": 0.50},
    "finished_auc": {"later": 0.95},
}


def lines(name: str) -> list[str]:
    """Non-empty lines of a held-out file."""
    return [
        line for line in (HELD_OUT / name).read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def length(text: str) -> str:
    """A sentence's class by its length."""
    words = len(text.split())
    return "up to 8 words" if words <= 8 else "9 words" if words == 9 else "10 words and more"


def recognizer_properties() -> RecognizerProperties:
    """What is kept with the embedded recognizer."""
    return properties.of_settings(load("tiny"))


async def recognition(engine: EngineClient) -> dict[str, Any]:
    """WER over every held-out sentence, voices and noise levels in turn."""
    silero, voices = SileroModel(), available()
    truth: list[str] = []
    heard: list[str] = []
    by: dict[str, tuple[list[str], list[str]]] = {}
    for index, text in enumerate(lines("sentences.txt")):
        name = sorted(voices)[index % len(voices)]
        snr_db = NOISES_DB[index // len(voices) % len(NOISES_DB)]
        audio = with_noise(speak(voices[name], text), snr_db, index)
        found = (await transcribe(engine, audio, silero, recognizer_properties())).text
        truth.append(text)
        heard.append(found)
        for key in (name, f"noise {snr_db} dB", length(text)):
            pair = by.setdefault(key, ([], []))
            pair[0].append(text)
            pair[1].append(found)
    return {
        "sentences": len(truth),
        "wer": round(jiwer.wer(truth, heard), 4),
        "by": {key: round(jiwer.wer(*pair), 4) for key, pair in sorted(by.items())},
        "worst": sorted(
            ({"said": t, "heard": h} for t, h in zip(truth, heard, strict=True) if t != h),
            key=lambda row: -jiwer.wer(row["said"], row["heard"]),
        )[:8],
    }


async def intents(engine: EngineClient) -> dict[str, Any]:
    """Accuracy in scope, out-of-scope recall, and the commonest mistakes."""
    rows = [line.split("\t") for line in lines("intents.tsv")[1:]]
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    mistakes: Counter[str] = Counter()
    for intent, text in rows:
        found = (await engine.understand(text)).intent
        total[intent] += 1
        right[intent] += found == intent
        if found != intent:
            mistakes[f"{intent} -> {found}"] += 1
    inside = [intent for intent in total if intent != "out_of_scope"]
    return {
        "rows": len(rows),
        "accuracy_in_scope": round(
            sum(right[i] for i in inside) / sum(total[i] for i in inside), 4
        ),
        "out_of_scope_recall": round(right["out_of_scope"] / total["out_of_scope"], 4),
        "mistakes": dict(mistakes.most_common(15)),
    }


async def finished(engine: EngineClient) -> dict[str, Any]:
    """Area under the ROC curve of the finished-sentence probability: whole sentences against cut
    ones, typed."""
    rng = random.Random(4)
    texts = lines("sentences.txt") + [line.split("\t")[1] for line in lines("intents.tsv")[1:]]
    texts = [text for text in texts if len(text.split()) >= 4]
    whole = [await probability(engine, text.split()) for text in texts]
    cuts = {
        "half": lambda count: count // 2,
        "anywhere": lambda count: rng.randrange(1, count),
        "last_word_missing": lambda count: count - 1,
    }
    result: dict[str, Any] = {"sentences": len(texts)}
    for name, cut in cuts.items():
        parts = [
            await probability(engine, words[: cut(len(words))]) for words in map(str.split, texts)
        ]
        result[f"auc_{name}"] = round(
            float(np.mean([(w > p) + 0.5 * (w == p) for w in whole for p in parts])), 4
        )
    return result


async def probability(engine: EngineClient, words: list[str]) -> float:
    """That `words` are a finished sentence."""
    return (await engine.understand(" ".join(words))).complete_prob or 0.0


def judge(case: dict[str, Any], answer: str) -> bool:
    """Whether `answer` holds what was asked for, contradicts nothing, echoes nothing, and is at
    most three sentences."""
    spoken = to_spoken(answer)
    any_found = any(
        re.search(p, answer, re.IGNORECASE) or re.search(p, spoken) for p in case["must_any"]
    )
    none_found = not any(
        re.search(p, answer, re.IGNORECASE) or re.search(p, spoken) for p in case["must_not"]
    )
    short = len(re.findall(r"[.!?](?:\s|$)", answer)) <= 3
    return bool(any_found and none_found and short and spoken != to_spoken(case["turns"][-1]))


class PermissiveRouter(IntentRouter):
    """Leaves every turn to the LLM, as a host program would that carries out what it says: no claim
    is held back."""

    def hosted(self, intent: str | None) -> bool:
        """See `IntentRouter`."""
        return True


async def answers(engine: EngineClient) -> dict[str, Any]:
    """How many prompts are answered rightly, one- and two-turn ones apart."""
    settings = load("tiny")
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    wrong = []
    for line in lines("mind.jsonl"):
        case = json.loads(line)
        session = VoiceSession(new_conversation(engine, settings, PermissiveRouter(2.0, 1.0)))
        answer = ""
        for text in case["turns"]:
            answer = (await session.ask(text)).assistant_text
        kind = f"{len(case['turns'])}_turn"
        total[kind] += 1
        if judge(case, answer):
            right[kind] += 1
        else:
            wrong.append({"turns": case["turns"], "answer": answer, "wanted": case["act"]})
    return {kind: {"right": right[kind], "of": total[kind]} for kind in sorted(total)} | {
        "wrong": wrong
    }


async def speech(engine: EngineClient) -> dict[str, Any]:
    """WER of the recognizer on what the voice says, its pace, and its leading silence."""
    silero = SileroModel()
    truth: list[str] = []
    heard: list[str] = []
    lead_ms: list[float] = []
    for text in lines("voice.txt"):
        collector = BufferOutput()
        async for chunk in engine.synthesize(text):
            await collector.send(chunk)
        first, _ = audible_span(collector.samples, collector.sample_rate)
        lead_ms.append(first * 1000 / collector.sample_rate)
        assert collector.sample_rate == 16_000, "the tiny voice speaks at the recognizer's rate"
        truth.append(to_spoken(text))
        heard.append(
            (await transcribe(engine, collector.samples, silero, recognizer_properties())).text
        )
    return {
        "sentences": len(truth),
        "own_ears_wer": round(jiwer.wer(truth, heard), 4),
        "leading_silence_ms_max": round(max(lead_ms), 1),
        "worst": [{"said": t, "heard": h} for t, h in zip(truth, heard, strict=True) if t != h][:8],
    }


async def measure() -> dict[str, Any]:
    """Everything, through one worker."""
    result: dict[str, Any] = {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": platform.processor() or platform.machine(),
        "command": "python -m benchmarks.tiny_models",
        "targets": TARGETS,
        "commit": subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
        ).stdout.strip(),
    }
    parts = {
        "ears": recognition,
        "understanding": intents,
        "finished": finished,
        "mind": answers,
        "voice": speech,
    }
    async with WorkerEngine(load("tiny"), STAGES, print) as engine:
        for name, part in parts.items():
            result[name] = await part(engine)
            print(
                name,
                json.dumps(
                    {
                        k: v
                        for k, v in result[name].items()
                        if k not in ("worst", "wrong", "mistakes")
                    }
                ),
                flush=True,
            )
    return result


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    result = asyncio.run(measure())
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
