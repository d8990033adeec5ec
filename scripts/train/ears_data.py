"""Speech for the ears: the world's sentences and public ones over its words, read by free synthetic
voices."""

from __future__ import annotations

import json
import os
import random
import re
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scripts.train import common, ears_variants, ears_voices
from scripts.train.ears_voices import SAMPLE_RATE
from scripts.train.world import text
from scripts.train.world.grammar import World


@dataclass(frozen=True)
class Speech:
    """A training set.

    Attributes:
        sounds: int16 mono at 16 kHz, one array an utterance.
        texts: their transcripts.
        phones: index into `names` every 10 ms of each utterance.
        names: "engine:phone"; nothing after the colon is a pause.
    """

    sounds: list[npt.NDArray[np.int16]]
    texts: list[str]
    phones: list[npt.NDArray[np.int16]]
    names: list[str]


def sentences(count: int, rng: random.Random, data_dir: Path) -> list[str]:
    """`count` transcripts: the world's users and answers, loose word order, and public sentences
    over its words."""
    world, vocabulary, kept_out = World(), common.vocabulary(), common.held_out()
    labelled = text.labelled(world, rng)
    public = public_sentences(data_dir, set(vocabulary))
    result: list[str] = []
    while len(result) < count:
        kind = rng.random()
        if kind < 0.44:
            sentence = next(labelled)[0]
        elif kind < 0.54:
            sentence = answer(world, rng)
        elif kind < 0.64:
            sentence = text.values(rng, vocabulary)
        elif kind < 0.87 or not public:
            sentence = text.salad(world, rng, vocabulary)
        else:
            sentence = rng.choice(public)
        if 0 < len(sentence) <= 95 and sentence not in kept_out:
            result.append(sentence)
    return result


def answer(world: World, rng: random.Random) -> str:
    """An assistant's sentence, as the ears would write it."""
    act = rng.choice(world.acts)
    whole = world.expand(
        rng.choice([a for a in act.answers if ":tr" not in a and ":def" not in a]), rng, {}
    )
    return spoken(rng.choice(re.split(r"(?<=[.?!])\s+", whole)))


def spoken(sentence: str) -> str:
    """Lower-case words without punctuation."""
    return " ".join(re.sub(r"[^a-z' ]", " ", sentence.lower()).split())


def public_sentences(data_dir: Path, vocabulary: set[str]) -> list[str]:
    """CLINC150 and HWU64 training sentences nearly all of whose words the world knows."""
    found = [s for s, _ in public_labelled(data_dir)]
    kept = []
    for sentence in found:
        words = sentence.split()
        known = sum(word in vocabulary for word in words)
        if 2 <= len(words) <= 12 and known >= len(words) - 1:
            kept.append(sentence)
    return kept


def public_labelled(data_dir: Path) -> list[tuple[str, str]]:
    """(sentence, "set:label") of the public intent sets' training parts; empty where the folder is
    absent."""
    pairs: list[tuple[str, str]] = []
    clinc = data_dir / "clinc_oos" / "train_val.json"
    if clinc.exists():
        content = json.loads(clinc.read_text(encoding="utf-8"))
        pairs += [
            (spoken(s), f"clinc:{label}") for s, label in content["train"] + content["oos_train"]
        ]
    for path in sorted((data_dir / "hwu64" / "trainset").glob("*.csv")):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            cells = line.split(";")
            if len(cells) >= 6:
                pairs.append((spoken(cells[4].strip('"')), f"hwu:{path.stem}"))
    return [(s, label) for s, label in pairs if s]


def _say_all(
    data: Path, part: list[tuple[ears_voices.Speaker, str]]
) -> list[ears_voices.Utterance]:
    espeak = ears_voices.Espeak(data)
    return [ears_voices.say(espeak, speaker, sentence) for speaker, sentence in part]


def build(count: int, seed: int, data_dir: Path, workers: int = 2) -> Speech:
    """Has `count` sentences said by random voices; those of 0.2 to 9 s are kept."""
    rng = random.Random(seed)
    said: list[ears_voices.Utterance] = []
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(workers) as pool:
        made = ears_variants.make(Path(folder), seed)
        tasks = [
            (ears_voices.random_speaker(rng, made), sentence)
            for sentence in sentences(count, rng, data_dir)
        ]
        parts = [tasks[i : i + 500] for i in range(0, len(tasks), 500)]
        for utterances in pool.map(partial(_say_all, Path(folder)), parts):
            said += utterances
            print(f"spoke {len(said)}/{count}", flush=True)
    kept = [i for i, one in enumerate(said) if 3200 < len(one.samples) < 9 * SAMPLE_RATE]
    names = sorted({name for i in kept for name in said[i].phones})
    index = {name: i for i, name in enumerate(names)}
    return Speech(
        [said[i].samples for i in kept],
        [tasks[i][1] for i in kept],
        [np.array([index[name] for name in said[i].phones], dtype=np.int16) for i in kept],
        names,
    )


def load(path: Path, count: int, seed: int, data_dir: Path) -> Speech:
    """`build`, from the cache file `path` if it is there."""
    if not path.exists():
        began = time.monotonic()
        speech = build(count, seed, data_dir)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".partial.npz")
        np.savez(
            unfinished,
            sound=np.concatenate(speech.sounds),
            lengths=[len(s) for s in speech.sounds],
            phones=np.concatenate(speech.phones),
            steps=[len(p) for p in speech.phones],
            texts=speech.texts,
            names=speech.names,
        )
        os.replace(unfinished, path)
        hours = sum(len(s) for s in speech.sounds) / SAMPLE_RATE / 3600
        print(f"spoke {hours:.2f} h in {(time.monotonic() - began) / 60:.1f} min", flush=True)
    with np.load(path) as stored:
        return Speech(
            np.split(stored["sound"], np.cumsum(stored["lengths"])[:-1]),
            [str(t) for t in stored["texts"]],
            np.split(stored["phones"], np.cumsum(stored["steps"])[:-1]),
            [str(n) for n in stored["names"]],
        )
