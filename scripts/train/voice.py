"""Train the embedded default voice from nothing: ``python -m scripts.train.voice`` (or by its
path).

A small Coqui ``ForwardTTS`` (FastPitch shape) learns mel spectrograms and durations from the flite
voice ``slt``.
The teacher gives its own phone durations, laid over the IPA characters that Coqui's gruut tokenizer
emits, so the
running assistant needs neither flite nor espeak. Work in progress lives in a git-ignored cache and
is resumed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch.nn import functional

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.train import common, voice_align, voice_eval, voice_texts
from scripts.train.voice_model import (
    GRIFFIN_LIM_ITERS,
    HOP,
    SAMPLE_RATE,
    VOICE,
    build_config,
    build_model,
)

GAIN = 1.0  # brings Griffin-Lim's loudness to the teacher's
TEXTS = 3400
FRAMES_A_BATCH = 2400
PEAK_RATE = 5e-4
WARMUP = 100  # steps
EMA_DECAY = 0.995
SAVE_EVERY = 200  # steps


def _write(path: Path, write: Any) -> None:
    """Write a file beside its place, then move it there in one step."""
    part = path.with_suffix(path.suffix + ".part")
    write(part)
    part.chmod(0o644)
    os.replace(part, path)


def prepared(args: argparse.Namespace, model: Any) -> list[dict[str, Any]]:
    """Training examples (ids, durations in frames, mel as float16), made once and kept in the
    cache."""
    path: Path = args.cache / f"examples-{args.seed}.pt"
    if path.is_file():
        loaded: list[dict[str, Any]] = torch.load(path, weights_only=True)
        return loaded
    words = [word for word in common.vocabulary() if len(word) > 2]
    texts = voice_texts.training_texts(args.data_dir, words, voice_eval.SENTENCES, TEXTS, args.seed)
    began = time.monotonic()

    def report(done: int, kept: int) -> None:
        left = (time.monotonic() - began) / done * (len(texts) - done)
        print(f"teacher {done}/{len(texts)} kept {kept}, {left:.0f} s left", flush=True)

    out: list[dict[str, Any]] = []
    for made in voice_align.examples(texts, model.tokenizer, HOP, report):
        mel = model.ap.melspectrogram(made.sound.astype(np.float32) / 32768.0)[
            :, : sum(made.durations)
        ]
        out.append(
            {
                "text": made.text,
                "ids": torch.tensor(made.ids),
                "durations": torch.tensor(made.durations),
                "mel": torch.from_numpy(np.ascontiguousarray(mel.T)).half(),
                "sound": torch.from_numpy(made.sound),
            }
        )
    hours = sum(len(item["mel"]) for item in out) * HOP / SAMPLE_RATE / 3600
    print(f"kept {len(out)} of {len(texts)} texts, {hours:.2f} h", flush=True)
    _write(path, lambda part: torch.save(out, part))
    return out


def epoch_batches(items: list[dict[str, Any]], seed: int, epoch: int) -> list[list[int]]:
    """Indices in batches of similar length (the decoder has no padding mask), shuffled anew each
    epoch."""
    rng = random.Random(f"{seed}-{epoch}")
    order = sorted(
        range(len(items)), key=lambda index: len(items[index]["mel"]) * rng.uniform(0.97, 1.03)
    )
    batches: list[list[int]] = [[]]
    longest = 0
    for index in order:
        longest = max(longest, len(items[index]["mel"]))
        if batches[-1] and longest * (len(batches[-1]) + 1) > FRAMES_A_BATCH:
            batches.append([])
            longest = len(items[index]["mel"])
        batches[-1].append(index)
    rng.shuffle(batches)
    return batches


def loss_of(model: Any, chosen: list[dict[str, Any]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean absolute mel error (normalized units) and mean absolute error of log(1 + frames)."""
    pad = torch.nn.utils.rnn.pad_sequence
    ids = pad([item["ids"] for item in chosen], batch_first=True)
    durations = pad([item["durations"] for item in chosen], batch_first=True)
    mel = pad([item["mel"].float() for item in chosen], batch_first=True)
    ids_len = torch.tensor([len(item["ids"]) for item in chosen])
    mel_len = torch.tensor([len(item["mel"]) for item in chosen])
    out = model.forward(ids, ids_len, mel_len, dr=durations)
    mask = (torch.arange(mel.shape[1])[None] < mel_len[:, None]).unsqueeze(-1).float()
    mel_loss = ((out["model_outputs"].float() - mel).abs() * mask).sum() / (
        mask.sum() * mel.shape[2]
    )
    seen = (torch.arange(ids.shape[1])[None] < ids_len[:, None]).float()
    wanted = torch.log(1.0 + durations.float())
    error = functional.smooth_l1_loss(
        out["durations_log"].float(), wanted, reduction="none", beta=0.1
    )
    return mel_loss, (error * seen).sum() / seen.sum()


def rate_at(step: int, steps: int) -> float:
    """Learning rate: linear warm-up, then a cosine down to 3 %."""
    if step < WARMUP:
        return PEAK_RATE * (step + 1) / WARMUP
    done = min(1.0, (step - WARMUP) / max(1, steps - WARMUP))
    return PEAK_RATE * (0.03 + 0.97 * 0.5 * (1.0 + math.cos(math.pi * done)))


def export(average: dict[str, torch.Tensor], out: Path) -> None:
    """Write config.json, model.safetensors and voice.json."""
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "config.json", lambda part: build_config().save_json(str(part)))
    weights = {name: value.contiguous() for name, value in average.items()}
    _write(out / "model.safetensors", lambda part: save_file(weights, str(part)))
    # (bins, mels); with it librosa is not needed at run time.
    inverse = np.linalg.pinv(build_model().ap.mel_basis).astype(np.float32)
    tables = {"mel_inverse": torch.from_numpy(np.ascontiguousarray(inverse))}
    _write(out / "griffin_lim.safetensors", lambda part: save_file(tables, str(part)))
    card: dict[str, Any] = {"voices": [VOICE], "default": VOICE, "sample_rate": SAMPLE_RATE}
    card |= {"vocoder": "griffin_lim", "griffin_lim_iters": GRIFFIN_LIM_ITERS}
    card |= {"fast_griffin_lim_iters": 16, "gain": GAIN}
    _write(
        out / "voice.json",
        lambda part: part.write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8"),
    )


def train(args: argparse.Namespace) -> None:
    """Train up to ``args.steps`` steps, resuming from the cache, exporting averaged weights on the
    way."""
    torch.manual_seed(args.seed)
    model = build_model()
    items = prepared(args, model)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=PEAK_RATE, betas=(0.9, 0.98), weight_decay=1e-4
    )
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    state_path: Path = args.cache / f"state-{args.seed}.pt"
    step, spent = 0, 0.0
    if state_path.is_file():
        saved = torch.load(state_path, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        average, step, spent = saved["average"], saved["step"], saved["seconds"]
        print(f"resumed at step {step}", flush=True)
    queue: list[list[int]] = []
    epoch, passed = 0, 0
    while passed + len(queue := epoch_batches(items, args.seed, epoch)) <= step:
        epoch, passed = epoch + 1, passed + len(queue)
    queue = queue[step - passed :]
    model.train()
    began, first = time.monotonic(), step
    progress = common.Progress(args.steps, step)
    while step < args.steps:
        if not queue:
            epoch += 1
            queue = epoch_batches(items, args.seed, epoch)
        torch.manual_seed(args.seed * 1_000_003 + step)
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, args.steps)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=not args.no_bf16):
            mel_loss, duration_loss = loss_of(model, [items[index] for index in queue.pop(0)])
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(mel_loss + duration_loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        decay = min(EMA_DECAY, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in model.state_dict().items():
                average[name].lerp_(value, 1.0 - decay)
        progress.step(step, mel=mel_loss.item(), duration=duration_loss.item())
        if step % SAVE_EVERY == 0 or step == args.steps:
            seconds = spent + time.monotonic() - began
            state = {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "average": average,
                "step": step,
                "seconds": seconds,
            }
            _write(state_path, lambda part, state=state: torch.save(state, part))
            export(average, args.out)
    record = {
        "steps": step,
        "seed": args.seed,
        "texts": len(items),
        "train_seconds": round(spent + (time.monotonic() - began if step > first else 0.0)),
        "sound_minutes": round(sum(len(item["mel"]) for item in items) * HOP / SAMPLE_RATE / 60),
        "parameters": sum(value.numel() for value in model.parameters()),
    }
    _write(
        args.cache / "record.json",
        lambda part: part.write_text(json.dumps(record), encoding="utf-8"),
    )


def main() -> None:
    """Parse the command line, then train, export or measure."""
    parser = common.arguments("voice", common.TINY / "tiny-tts", __doc__ or "", steps=1700)
    parser.add_argument("--no-bf16", action="store_true", help="train in plain float32 (slower)")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.cache.mkdir(parents=True, exist_ok=True)
    if args.export:
        export(
            torch.load(args.cache / f"state-{args.seed}.pt", weights_only=True)["average"], args.out
        )
    elif not args.eval:
        train(args)
    if not args.export:
        voice_eval.run(args.out, args.cache, args.data_dir)


if __name__ == "__main__":
    main()
