"""Speech for the ears: the world's sentences read by free synthetic voices, and what a room and a line do to them."""

from __future__ import annotations

import json
import random
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile as sf
import soxr

from scripts.train import common
from scripts.train.world import text
from scripts.train.world.grammar import World

SAMPLE_RATE = 16_000
Audio = npt.NDArray[np.float32]

# Kept out of training for ever, so that measurements mean something.
HELD_OUT_VARIANTS = {"Annie", "Andy", "Alicia", "Denis", "linda", "steph3", "Michael"}
VARIANTS = (
    "adam alex Andrea antonio aunty belinda benjamin boris caleb david Diogo ed edward edward2 Gene Gene2 gustave "
    "Henrique Hugo iven iven2 iven3 iven4 Jacky john kaukovalta Lee marcelo marco Mario max michel miguel mike "
    "Nguyen pablo paul pedro quincy RicishayMax RicishayMax2 RicishayMax3 rob robert steph steph2 Storm travis "
    "victor Zac anika shelby sandro norbert grandma grandpa klatt klatt2 klatt3 klatt4 m1 m2 m3 m4 m5 m6 m7 m8 "
    "f1 f2 f3 f4 f5"
).split()
LANGUAGES = "en-us en-us en-us en-gb-x-rp en-gb-x-rp en-gb-scotland en-gb-x-gbclan en-gb-x-gbcwmd".split()
FLITE = "slt slt slt awb awb awb kal16 kal16 kal".split()


def sentences(count: int, rng: random.Random, data_dir: Path) -> list[str]:
    """`count` transcripts: the world's users and answers, loose word order, and public sentences over its words."""
    world, vocabulary = World(), common.vocabulary()
    labelled = text.labelled(world, rng)
    public = public_sentences(data_dir, set(vocabulary))
    result: list[str] = []
    while len(result) < count:
        kind = rng.random()
        if kind < 0.44:
            sentence = next(labelled)[0]
        elif kind < 0.54:
            sentence = answer(world, rng)
        elif kind < 0.86 or not public:
            sentence = text.salad(world, rng, vocabulary)
        else:
            sentence = rng.choice(public)
        if 0 < len(sentence) <= 95:
            result.append(sentence)
    return result


def answer(world: World, rng: random.Random) -> str:
    """An assistant's sentence, as the ears would write it."""
    act = rng.choice(world.acts)
    whole = world.expand(rng.choice([a for a in act.answers if ":tr" not in a and ":def" not in a]), rng, {})
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
    """(sentence, "set:label") of the public intent sets' training parts; empty where the folder is absent."""
    pairs: list[tuple[str, str]] = []
    clinc = data_dir / "clinc_oos" / "train_val.json"
    if clinc.exists():
        content = json.loads(clinc.read_text(encoding="utf-8"))
        pairs += [(spoken(s), f"clinc:{label}") for s, label in content["train"] + content["oos_train"]]
    for path in sorted((data_dir / "hwu64" / "trainset").glob("*.csv")):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            cells = line.split(";")
            if len(cells) >= 6:
                pairs.append((spoken(cells[4].strip('"')), f"hwu:{path.stem}"))
    return [(s, label) for s, label in pairs if s]


def voices(rng: random.Random) -> list[str]:
    """One random voice's command, without its text and output file."""
    if rng.random() < 0.42:
        command = ["flite", "-voice", rng.choice(FLITE), "--setf", f"duration_stretch={rng.uniform(0.78, 1.3):.2f}"]
        if rng.random() < 0.5:
            command += ["--setf", f"int_f0_target_mean={rng.uniform(75, 240):.0f}"]
        return command
    language = rng.choice(LANGUAGES)
    voice = language if rng.random() < 0.05 else f"{language}+{rng.choice(VARIANTS)}"
    return ["espeak-ng", "-v", voice, "-s", str(rng.randint(115, 215)), "-p", str(rng.randint(20, 80))]


def speak(command: list[str], sentence: str, path: Path) -> Audio:
    """Runs a synthesizer; float32 mono at 16 kHz.

    Raises:
        RuntimeError: it wrote nothing that can be read.
    """
    where = ["-o", str(path), "-t", sentence] if command[0] == "flite" else ["-w", str(path), sentence]
    subprocess.run([*command, *where], check=True, capture_output=True)
    samples, rate = sf.read(path, dtype="float32")
    if samples.ndim > 1 or not len(samples):
        raise RuntimeError(f"{command[0]} wrote no mono sound for {sentence!r}")
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE), dtype=np.float32)


def build(count: int, seed: int, data_dir: Path, workers: int = 2) -> tuple[list[npt.NDArray[np.int16]], list[str]]:
    """Synthesizes `count` utterances of at most 9 s; int16 samples at 16 kHz and their transcripts."""
    rng = random.Random(seed)
    texts = sentences(count, rng, data_dir)
    commands = [voices(rng) for _ in texts]
    # A small change of rate shifts pitch and formants together: another size of speaker for the few voices there are.
    warps = [rng.uniform(0.86, 1.16) if rng.random() < 0.6 else 1.0 for _ in texts]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        def one(index: int) -> npt.NDArray[np.int16]:
            path = Path(folder) / f"{index}.wav"
            samples = speak(commands[index], texts[index], path)
            path.unlink()
            if warps[index] != 1.0:
                samples = soxr.resample(samples, SAMPLE_RATE, SAMPLE_RATE * warps[index])
            peak = float(np.abs(samples).max()) or 1.0
            return np.asarray(samples / peak * 0.7 * 32767, dtype=np.int16)

        sounds = []
        for index, sound in enumerate(pool.map(one, range(count))):
            sounds.append(sound)
            if index % 1000 == 999:
                print(f"spoke {index + 1}/{count}", flush=True)
    keep = [i for i, sound in enumerate(sounds) if 3200 < len(sound) < 9 * SAMPLE_RATE]
    return [sounds[i] for i in keep], [texts[i] for i in keep]
