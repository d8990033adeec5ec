"""Batches for the ears: utterances of like length in random rooms, with what is said when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from scripts.train import common, ears_room
from scripts.train.ears_data import Speech
from scripts.train.ears_model import LETTERS
from scripts.train.ears_voices import LABEL_HOP
from scripts.train.ears_voices import SAMPLE_RATE as RATE

FRAME = 320  # samples of one encoder frame


@dataclass
class Drawn:
    """One batch.

    Attributes:
        audio: recordings (batch, samples).
        targets, letters: word pieces and letters of each row; empty for a row without speech.
        phones: (batch, encoder frames of 20 ms) int64, which phone is said; -100 where nothing is
            known.
        silent: (batch,), which rows hold no speech.
    """

    audio: npt.NDArray[np.float32]
    targets: list[list[int]]
    letters: list[list[int]]
    phones: npt.NDArray[np.int64]
    silent: npt.NDArray[np.bool_]


class Batches:
    """Draws batches of similar length: noisy recordings, decoder tokens, CTC targets."""

    def __init__(self, speech: Speech, tokenizer: Tokenizer, seed: int, seconds: float) -> None:
        self.sounds, self.phones = speech.sounds, speech.phones
        self.tokens = [tokenizer.encode(" " + text).ids for text in speech.texts]
        self.sizes = {
            i: max(1, len(tokenizer.id_to_token(i) or ""))
            for i in range(tokenizer.get_vocab_size())
        }
        self.letters = [
            [LETTERS.index(char) for char in text if char in LETTERS] for text in speech.texts
        ]
        lengths = np.array([len(s) for s in speech.sounds])
        self.order = np.argsort(lengths)
        self.until = np.cumsum(lengths[self.order])
        self.rng = np.random.default_rng(seed)
        self.seconds = seconds
        self.hardness = 1.0  # how often a room, a line, noise and stripes are there, 0..1
        self.longest = 1.0  # the part of all utterances, from the shortest, that may be drawn
        self.room = ears_room.Room(self.rng)
        self.ids = {
            t: common.token_id(tokenizer, t)
            for t in ("<|startoftranscript|>", "<|notimestamps|>", "<|nospeech|>", "<|endoftext|>")
        }

    def draw(self) -> Drawn:
        """A fresh batch."""
        rng = self.rng
        # Batches of long utterances hold fewer of them: drawn by length, each utterance comes
        # equally often.
        last = max(1, int(len(self.order) * self.longest))
        centre = int(np.searchsorted(self.until[:last], rng.uniform(0, self.until[last - 1])))
        size = self.size(len(self.sounds[self.order[centre]]) / RATE + 0.6)
        low = max(0, min(centre, len(self.order) - size))
        rows = self.order[rng.integers(low, min(low + 4 * size, len(self.order)), size)]
        longest = max(len(self.sounds[r]) for r in rows)
        extra = rng.uniform(0.05, 0.5) if rng.random() < 0.9 else rng.uniform(0.1, 6.0)
        # Half seconds, and as many rows as they always hold: few shapes, so that kernels are made
        # once.
        seconds = min(10.0, np.ceil((longest / RATE + 0.1 + extra) * 2) / 2)
        length, size = int(seconds * RATE), self.size(seconds)
        rows = np.resize(rows, size).astype(np.int64)
        audio = np.zeros((size, length), dtype=np.float32)
        targets: list[list[int]] = []
        letters: list[list[int]] = []
        phones = np.full((size, length // FRAME), -100, dtype=np.int64)
        silent = rng.random(size) < 0.06
        for i, row in enumerate(rows.tolist()):
            if silent[i]:
                audio[i] = self.no_speech(length)
                targets.append([])
                letters.append([])
                continue
            samples = self.sounds[row].astype(np.float32) / np.float32(32768)
            lead = int(rng.uniform(0, min(0.6 * RATE, max(1, length - len(samples)))))
            end = min(length, lead + len(samples) + int(rng.uniform(0, 0.8) * RATE))
            # The rest stays 0, as padding.
            audio[i, :end] = self.room.record(samples, end, lead, self.hardness)
            targets.append(self.tokens[row])
            letters.append(self.letters[row])
            phones[i] = self.frames(row, lead, length // FRAME)
        return Drawn(audio, targets, letters, phones, silent)

    def size(self, seconds: float) -> int:
        """Rows of a batch whose windows last `seconds`."""
        return max(6, min(48, int(self.seconds / (np.ceil(seconds * 2) / 2))))

    def frames(self, row: int, lead: int, count: int) -> npt.NDArray[np.int64]:
        """The phone of utterance `row` at each of `count` encoder frames, said after `lead`
        samples."""
        where = (np.arange(count) * FRAME + FRAME // 2 - lead) // LABEL_HOP
        told = self.phones[row]
        inside = (where >= 0) & (where < len(told))
        return np.where(inside, told[np.clip(where, 0, len(told) - 1)], -100).astype(np.int64)

    def no_speech(self, length: int) -> npt.NDArray[np.float32]:
        """Silence, noise of some level, or noise cut short."""
        rng = self.rng
        sound = np.zeros(length, dtype=np.float32)
        if rng.random() < 0.9:
            end = int(length * rng.uniform(0.2, 1.0))
            sound[:end] = self.room.noise(end) * 10 ** (rng.uniform(-75, -15) / 20)
        return sound


def other_throats(
    features: torch.Tensor, rng: np.random.Generator, hardness: float
) -> torch.Tensor:
    """Vocal tract length perturbation (Jaitly & Hinton 2013): formants move, pitch's harmonics with
    them; (b, mels, t).

    On the mel scale, which is nearly logarithmic, a factor on the frequency is a shift; the ends
    stay where they are.
    """
    count = features.shape[1]
    rows = torch.arange(count, dtype=torch.float32)
    warped = features.clone()
    for i in range(len(features)):
        if rng.random() >= 1.5 * hardness:
            continue
        shift = float(rng.uniform(-3.5, 3.5)) * torch.clamp(
            torch.minimum(rows, count - 1 - rows) / 12, max=1.0
        )
        where = torch.clamp(rows + shift, 0, count - 1)
        low = where.floor().long().clamp(max=count - 2)
        part = (where - low)[:, None]
        warped[i] = features[i, low] * (1 - part) + features[i, low + 1] * part
    return warped


def spec_augment(features: torch.Tensor, rng: np.random.Generator, hardness: float) -> torch.Tensor:
    """SpecAugment (Park et al. 2019): two frequency and two time stripes set to the mean,
    `hardness` of the time."""
    features = features.clone()
    for row in features:
        if rng.random() >= hardness:
            continue
        mean = row.mean()
        for _ in range(2):
            width = int(rng.integers(0, 13))
            start = int(rng.integers(0, row.shape[0] - width))
            row[start : start + width] = mean
            width = int(rng.integers(0, 22))
            start = int(rng.integers(0, max(1, row.shape[1] - width)))
            row[:, start : start + width] = mean
    return features
