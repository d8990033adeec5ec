"""Teacher speech with durations for exactly the symbols that Coqui's tokenizer emits at run time.

flite tells its own phones and their end times (``-psdur``); gruut, through Coqui, tells the IPA
characters the model
will be given. A small dynamic program lays one over the other and every character gets its frames
(at least one).
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

TEACHER_VOICE = "slt"
PUNCTUATION = "!,.?…— "
MULTI = ("t͡ʃ", "d͡ʒ", "eɪ", "aɪ", "oʊ", "aʊ", "ɔɪ")
VOWELS = {"eɪ", "aɪ", "oʊ", "aʊ", "ɔɪ", "ɑ", "æ", "ʌ", "ə", "ɔ", "ɛ", "ɚ", "ɪ", "i", "ʊ", "u"}
ARPABET = dict(
    pair.split("=")
    for pair in (
        "aa=ɑ ae=æ ah=ʌ ao=ɔ aw=aʊ ax=ə ay=aɪ b=b ch=t͡ʃ d=d dh=ð eh=ɛ er=ɚ ey=eɪ f=f g=ɡ "
        "hh=h ih=ɪ iy=i jh=d͡ʒ k=k l=l m=m n=n ng=ŋ ow=oʊ oy=ɔɪ p=p r=ɹ s=s sh=ʃ t=t th=θ "
        "uh=ʊ uw=u v=v w=w y=j z=z zh=ʒ"
    ).split()
)
NEAR_PAIRS = (
    "ʌ ə,ɪ ə,ɛ ə,ʊ ə,i ɪ,u ʊ,ɛ ɪ,ɑ ɔ,ɔ oʊ,ɚ ə,ɚ ʌ,ɚ ɔ,ɚ ʊ,ɚ ɛ,ɚ ɪ,t d,s z,θ ð,"
    "æ ə,æ ɛ,ʊ ɔ,n ŋ,i ə,oʊ ə,u ə,ɑ ə,f v"
)
NEAR = {frozenset(pair.split()) for pair in NEAR_PAIRS.split(",")}
SKIP = 0.6  # a phone or symbol without a partner
TOO_FAR = 1.1  # one substitution this bad, or worse, drops the sentence
MEAN_LIMIT = 0.14  # so does a mean cost above this


@dataclass(frozen=True)
class Example:
    """One utterance: token ids, frames for each of them, and the sound they cover (16 kHz,
    int16)."""

    text: str
    ids: list[int]
    durations: list[int]
    sound: npt.NDArray[np.int16]


def segments(symbols: str) -> list[tuple[int, int, str]]:
    """Split IPA into sounds: (start, end, sound), with ``|`` for a run of spaces and
    punctuation."""
    out: list[tuple[int, int, str]] = []
    at = 0
    while at < len(symbols):
        end = at + 1
        sound = "|"
        if symbols[at] in PUNCTUATION:
            while end < len(symbols) and symbols[end] in PUNCTUATION:
                end += 1
        else:
            sound = next((multi for multi in MULTI if symbols.startswith(multi, at)), symbols[at])
            end = at + len(sound)
        out.append((at, end, sound))
        at = end
    return out


def distance(sound: str, phone: str) -> float:
    """How badly a teacher phone stands for a gruut sound: 0 the same, 3 unthinkable."""
    if sound == "|" or phone == "|":
        return 0.0 if sound == phone else 9.0
    if sound == phone:
        return 0.0
    if frozenset((sound, phone)) in NEAR:
        return 0.3
    if (sound in VOWELS) != (phone in VOWELS):
        return 3.0
    return TOO_FAR if sound in VOWELS and len(sound) == len(phone) else 1.3


def _skip(sound: str) -> float:
    """Cost of leaving one sound without a partner; spaces are free, r beside ɚ and glides are
    cheap."""
    return {"|": 0.0, "ɹ": 0.25, "j": 0.4, "ə": 0.4, "t": 0.4, "d": 0.4, "h": 0.4}.get(sound, SKIP)


def align(sounds: list[str], phones: list[str]) -> tuple[list[int], float, float]:
    """For each phone the index of the sound that takes its time, the mean cost, and the worst
    substitution."""
    rows, columns = len(sounds) + 1, len(phones) + 1
    cost = np.full((rows, columns), np.inf)
    step = np.zeros((rows, columns), dtype=np.int8)
    cost[0, 0] = 0.0
    for i in range(rows):
        for j in range(columns):
            options = [(cost[0, 0], 0)] if i == j == 0 else []
            if i and j:
                options.append((cost[i - 1, j - 1] + distance(sounds[i - 1], phones[j - 1]), 0))
            if i:
                options.append((cost[i - 1, j] + _skip(sounds[i - 1]), 1))
            if j:
                lost = 2.0 if phones[j - 1] == "|" else _skip(phones[j - 1])
                options.append((cost[i, j - 1] + lost, 2))
            cost[i, j], step[i, j] = min(options)
    owner = [0] * len(phones)
    i, j, worst = len(sounds), len(phones), 0.0
    while i or j:
        move = step[i, j]
        if move == 0:
            worst = max(worst, distance(sounds[i - 1], phones[j - 1]))
            owner[j - 1] = i - 1
            i, j = i - 1, j - 1
        elif move == 1:
            i -= 1
        else:
            owner[j - 1] = max(0, i - 1)
            j -= 1
    return owner, float(cost[-1, -1]) / max(8, len(sounds)), worst


def at_least_one(durations: list[int]) -> list[int] | None:
    """Give every symbol one frame, taken from the nearest symbol that has two; None if there are
    too few."""
    out = list(durations)
    for at, value in enumerate(durations):
        if value > 0:
            continue
        rich = [other for other, frames in enumerate(out) if frames > 1]
        if not rich:
            return None
        giver = min(rich, key=lambda other: (abs(other - at), -out[other]))
        out[giver] -= 1
        out[at] += 1
    return out


def teacher(text: str, folder: Path) -> tuple[list[str], list[float], npt.NDArray[np.int16]]:
    """flite's phones (IPA, ``|`` for a pause), their end times in seconds, and its sound (16 kHz,
    int16)."""
    wav = folder / "teacher.wav"
    spoken = text.replace("…", ",").replace(" —", ",")
    command = ["flite", "-voice", TEACHER_VOICE, "-psdur", "-t", spoken, "-o", str(wav)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    pairs = [piece.rsplit(":", 1) for piece in answer.split() if ":" in piece]
    sound, rate = soundfile.read(wav, dtype="int16")
    if rate != 16000:
        raise ValueError(f"the teacher speaks at {rate} Hz, 16000 expected")
    return [ARPABET.get(name, "|") for name, _ in pairs], [float(end) for _, end in pairs], sound


def example(text: str, tokenizer: Any, hop: int, folder: Path) -> Example | None:
    """Speak one text, lay its symbols over the teacher's phones; None where the two pronounce
    differently."""
    cleaned = tokenizer.text_cleaner(text)
    symbols: str = tokenizer.phonemizer.phonemize(cleaned, separator="", language="en-us")
    known = set(tokenizer.characters.vocab)
    if not symbols.strip(PUNCTUATION) or any(char not in known for char in symbols):
        return None
    phones, ends, sound = teacher(cleaned, folder)
    if len(phones) < 3 or phones[0] != "|" or phones[-1] != "|":
        return None
    parts = segments(symbols)
    inner = parts[:-1] if parts[-1][2] == "|" else parts
    owner, mean, worst = align([part[2] for part in inner], phones[1:-1])
    if mean > MEAN_LIMIT or worst >= TOO_FAR:
        return None
    marks = [round(end * 16000 / hop) for end in ends]
    first = max(0, marks[0] - 3)
    last = min(len(sound) // hop, marks[-2] + 8)
    durations = [0] * len(symbols)
    for index, sound_index in enumerate(owner):
        frames = marks[index + 1] - marks[index]
        start, end, kind = inner[sound_index]
        if kind == "|":  # a pause belongs to the mark, not to the space after it
            durations[start] += frames
            continue
        for place in range(start, end):
            durations[place] += frames // (end - start) + (
                1 if place - start < frames % (end - start) else 0
            )
    tail = last - marks[-2]
    if parts[-1][2] == "|" and tail > 3:
        durations[parts[-1][0]] += tail - 3
        tail = 3
    full = at_least_one([marks[0] - first, *durations, tail])
    if full is None:
        return None
    chosen = tokenizer.characters
    ids = [chosen.bos_id, *tokenizer.encode(symbols), chosen.eos_id]
    return Example(text, ids, full, sound[first * hop : last * hop])


def examples(texts: list[str], tokenizer: Any, hop: int, report: Any) -> list[Example]:
    """Speak all texts; calls ``report(done, kept)`` every 100 texts."""
    kept: list[Example] = []
    with tempfile.TemporaryDirectory() as name:
        for done, text in enumerate(texts, 1):
            made = example(text, tokenizer, hop, Path(name))
            if made is not None:
                kept.append(made)
            if done % 100 == 0:
                report(done, len(kept))
    return kept
