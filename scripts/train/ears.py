"""Trains the tiny ears: `python -m scripts.train.ears`. Whisper's architecture, our words, CTranslate2 int8."""

from __future__ import annotations

import os
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import nn

from scripts.train import common, ears_data, ears_room
from scripts.train.ears_model import LETTERS, LogMel, build_model, encode, export, train_tokenizer

RATE = ears_data.SAMPLE_RATE
FRAME = 320
HARDEST = 0.25
BLANKED = 0.2


def load_speech(args: Any, count: int) -> tuple[list[npt.NDArray[np.int16]], list[str]]:
    """The synthesized utterances, from the cache if they are there."""
    path: Path = args.cache / f"speech-{count}-{args.seed}.npz"
    if not path.exists():
        began = time.monotonic()
        sounds, texts = ears_data.build(count, args.seed, args.data_dir)
        args.cache.mkdir(parents=True, exist_ok=True)
        lengths = np.array([len(s) for s in sounds])
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, sound=np.concatenate(sounds), lengths=lengths, texts=np.array(texts))
        os.replace(partial, path)
        print(f"spoke {lengths.sum() / RATE / 3600:.2f} h in {(time.monotonic() - began) / 60:.1f} min", flush=True)
    with np.load(path) as stored:
        sound, lengths, texts = stored["sound"], stored["lengths"], [str(t) for t in stored["texts"]]
    return np.split(sound, np.cumsum(lengths)[:-1]), texts


@dataclass
class Drawn:
    """One batch.

    Attributes:
        audio: recordings (batch, samples).
        targets, letters: word pieces and letters of each row; empty for a row without speech.
        spans: where its speech begins and ends, in encoder frames of 20 ms.
        silent: (batch,), which rows hold no speech.
    """

    audio: npt.NDArray[np.float32]
    targets: list[list[int]]
    letters: list[list[int]]
    spans: list[tuple[float, float]]
    silent: npt.NDArray[np.bool_]


class Batches:
    """Draws batches of similar length: noisy recordings, decoder tokens, CTC targets."""

    def __init__(self, sounds: list[npt.NDArray[np.int16]], texts: list[str], tokenizer: Tokenizer,
                 seed: int, seconds: float = 160.0) -> None:
        self.sounds = sounds
        self.tokens = [tokenizer.encode(" " + text).ids for text in texts]
        self.sizes = {i: max(1, len(tokenizer.id_to_token(i) or "")) for i in range(tokenizer.get_vocab_size())}
        self.letters = [[LETTERS.index(char) for char in text if char in LETTERS] for text in texts]
        self.order = np.argsort([len(s) for s in sounds])
        self.rng = np.random.default_rng(seed)
        self.seconds = seconds
        self.hardness = 1.0  # how often a room, a line, noise and stripes are there, 0..1
        self.longest = 1.0  # the part of all utterances, from the shortest, that may be drawn
        self.room = ears_room.Room(self.rng)
        self.ids = {t: common.token_id(tokenizer, t) for t in
                    ("<|startoftranscript|>", "<|notimestamps|>", "<|nospeech|>", "<|endoftext|>")}

    def draw(self) -> Drawn:
        """A fresh batch."""
        rng = self.rng
        centre = int(rng.integers(0, int(len(self.order) * self.longest)))
        size = max(6, min(48, int(self.seconds * RATE / (len(self.sounds[self.order[centre]]) + RATE))))
        low = max(0, min(centre, len(self.order) - size))
        rows = self.order[rng.integers(low, min(low + 4 * size, len(self.order)), size)]
        longest = max(len(self.sounds[r]) for r in rows)
        extra = rng.uniform(0.1, 1.0) if rng.random() < 0.9 else rng.uniform(0.1, 6.0)
        length = int(min(10.0, np.ceil((longest / RATE + 0.1 + extra) * 2) / 2) * RATE)
        audio = np.zeros((size, length), dtype=np.float32)
        targets: list[list[int]] = []
        letters: list[list[int]] = []
        spans: list[tuple[float, float]] = []
        silent = rng.random(size) < 0.06
        for i, row in enumerate(rows):
            if silent[i]:
                audio[i] = self.no_speech(length)
                targets.append([])
                letters.append([])
                spans.append((0.0, 0.0))
                continue
            samples = self.sounds[row].astype(np.float32) / 32768
            lead = int(rng.uniform(0, min(0.6 * RATE, max(1, length - len(samples)))))
            end = min(length, lead + len(samples) + int(rng.uniform(0, 0.8) * RATE))
            audio[i, :end] = self.room.record(samples, end, lead, self.hardness)  # what follows is padding: digital silence
            targets.append(self.tokens[row])
            letters.append(self.letters[row])
            spans.append((lead / FRAME, (lead + len(samples)) / FRAME))
        return Drawn(audio, targets, letters, spans, silent)

    def no_speech(self, length: int) -> npt.NDArray[np.float32]:
        """Silence, noise of some level, or noise cut short."""
        rng = self.rng
        sound = np.zeros(length, dtype=np.float32)
        if rng.random() < 0.9:
            end = int(length * rng.uniform(0.2, 1.0))
            sound[:end] = self.room.noise(end) * 10 ** (rng.uniform(-75, -15) / 20)
        return sound


def spec_augment(features: torch.Tensor, rng: np.random.Generator, hardness: float) -> torch.Tensor:
    """SpecAugment (Park et al. 2019): two frequency and two time stripes set to the mean, `hardness` of the time."""
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


def losses(model: Any, mel: LogMel, batches: Batches) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(cross-entropy of the decoder, CTC of the encoder, guided attention) on one fresh batch."""
    drawn = batches.draw()
    features = spec_augment(mel(torch.from_numpy(drawn.audio)), batches.rng, batches.hardness)
    hidden = encode(model, features)
    ids = batches.ids
    start, plain, none, end = (ids[t] for t in ("<|startoftranscript|>", "<|notimestamps|>", "<|nospeech|>",
                                                "<|endoftext|>"))
    longest = max(len(t) for t in drawn.targets) + 2
    inputs = torch.full((len(drawn.targets), longest), end)
    labels = torch.full((len(drawn.targets), longest), -100)
    for i, tokens in enumerate(drawn.targets):
        row = [start, plain, *tokens]
        # Words the decoder thinks it said are often wrong: it has to listen rather than to guess from them.
        shown = [end if k > 1 and batches.rng.random() < BLANKED else token for k, token in enumerate(row)]
        inputs[i, : len(row)] = torch.tensor(shown)
        labels[i, : len(row)] = torch.tensor([none if drawn.silent[i] else plain, *tokens, end])
    out = model.model.decoder(input_ids=inputs, encoder_hidden_states=hidden, output_attentions=True)
    logits = model.proj_out(out.last_hidden_state)
    entropy = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100,
                                          label_smoothing=0.03)
    # Without letters the loss is a sum over all frames, not a mean over letters: a few silent rows would drown the rest.
    spoken = [i for i, row in enumerate(drawn.letters) if row]
    log_probs = model.ctc(hidden[spoken]).log_softmax(-1).permute(1, 0, 2)
    letters = [drawn.letters[i] for i in spoken]
    ctc = nn.functional.ctc_loss(
        log_probs, torch.tensor([t for row in letters for t in row]), torch.full((len(letters),), hidden.shape[1]),
        torch.tensor([len(t) for t in letters]), blank=log_probs.shape[-1] - 1, zero_infinity=True)
    return entropy, ctc, guide(out.cross_attentions, batches, drawn)


def guide(attentions: tuple[torch.Tensor, ...], batches: Batches, drawn: Drawn, width: float = 10.0) -> torch.Tensor:
    """Guided attention (Tachibana et al. 2018): half of the heads are drawn to where each word piece must be.

    A piece's place is its letters' part of the utterance; `width` is the tolerance in frames of 20 ms.
    """
    heads = torch.stack(attentions).mean(0)[:, ::2]  # (batch, heads / 2, tokens, frames)
    frames = torch.arange(heads.shape[-1], dtype=torch.float32)
    penalty = torch.zeros(heads.shape[0], heads.shape[2], heads.shape[3])
    for i, tokens in enumerate(drawn.targets):
        if not tokens:
            continue
        sizes = np.array([batches.sizes[t] for t in tokens], dtype=np.float64)
        middle = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
        first, last = drawn.spans[i]
        places = torch.tensor(first + (last - first) * middle, dtype=torch.float32)
        # The state after position k + 1 tells piece k.
        penalty[i, 1 : len(tokens) + 1] = 1 - torch.exp(-((frames[None] - places[:, None]) ** 2) / (2 * width**2))
    return (heads * penalty[:, None]).sum(-1).mean()


def train(args: Any) -> None:
    """Trains or resumes, then exports."""
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    sounds, texts = load_speech(args, args.utterances)
    tokenizer_path = args.cache / "tokenizer.json"
    if not tokenizer_path.exists():
        train_tokenizer(texts).save(str(tokenizer_path))
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    model, mel = build_model(tokenizer), LogMel()
    model.set_attn_implementation("eager")  # only this one tells its weights
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {len(texts)} utterances", flush=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01)
    state = common.load_checkpoint(args.cache / "last.pt")
    first = 0
    if state:
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    batches = Batches(sounds, texts, tokenizer, args.seed + first)
    progress = common.Progress(args.steps, first)
    model.train()
    for step in range(first + 1, args.steps + 1 if not args.export else first + 1):
        # A curriculum, short and clean first. At this size and time everything at once is never learned.
        part = min(1.0, max(0.0, (step - 600) / 1000))
        batches.longest, batches.hardness = 0.3 + 0.7 * part, HARDEST * part
        for group in optimizer.param_groups:
            group["lr"] = common.cosine(step, args.steps, 5e-4, 150)
        entropy, ctc, aligned = losses(model, mel, batches)
        optimizer.zero_grad(set_to_none=True)
        (entropy + ctc + 3.0 * aligned).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        progress.step(step, ce=float(entropy.detach()), ctc=float(ctc.detach()), guide=float(aligned.detach()))
        if step % 250 == 0 or step == args.steps:
            common.save_checkpoint(args.cache / "last.pt", {"model": model.state_dict(), "step": step,
                                                            "optimizer": optimizer.state_dict()})
    export(model.eval(), tokenizer, args.out)


def main() -> None:
    """Command line."""
    parser = common.arguments("ears", __doc__ or "", steps=4000)
    parser.add_argument("--utterances", type=int, default=16_000)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    train(args)


if __name__ == "__main__":
    main()
