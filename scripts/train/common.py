"""What every training script shares: arguments, progress with time left, checkpoints, digests of
what was made."""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "models" / "tiny"
HELD_OUT = ROOT / "benchmarks" / "heldout"
VOCABULARY = Path(__file__).parent / "world" / "vocabulary.txt"
NEAR = 0.75
"""From this share of words in common on, a sentence counts as a held-out one."""


def arguments(
    stage: str, out: Path, description: str, steps: int, seed: int = 7
) -> argparse.ArgumentParser:
    """The flags every stage takes; `out`: where its model goes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, default=out)
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache" / "train" / stage)
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=ROOT.parent / "shared" / "data",
        help="public evaluation and training sentences (optional)",
    )
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--seed", type=int, default=seed)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--eval", action="store_true", help="only measure what is in --out")
    parser.add_argument("--export", action="store_true", help="only export the last checkpoint")
    return parser


def vocabulary() -> list[str]:
    """The world's words, one list without comments."""
    lines = VOCABULARY.read_text(encoding="utf-8").splitlines()
    return sorted({word for line in lines if not line.startswith("#") for word in line.split()})


def held_out() -> frozenset[str]:
    """Every text that the embedded models are measured on: drawn by chance for training, it is
    drawn again."""
    texts = [*(HELD_OUT / "sentences.txt").read_text(encoding="utf-8").splitlines()]
    texts += [
        line.split("\t")[-1]
        for line in (HELD_OUT / "intents.tsv").read_text(encoding="utf-8").splitlines()
    ]
    for name in ("mind.jsonl", "errands.jsonl"):
        for line in (HELD_OUT / name).read_text(encoding="utf-8").splitlines():
            texts += json.loads(line)["turns"]
    for folder in (HELD_OUT, *sorted(HELD_OUT.glob("blind_*"))):
        for name in (
            "ordinary.txt",
            "emergencies.txt",
            "no_emergency.txt",
            "negated.tsv",
            "deeds.txt",
            "questions.txt",
        ):
            if (folder / name).exists():
                texts += [
                    line.split("\t")[-1]
                    for line in (folder / name).read_text(encoding="utf-8").splitlines()
                ]
    for name in ("false_deeds.txt", "ordinary_questions.txt"):
        texts += (HELD_OUT / name).read_text(encoding="utf-8").splitlines()
    return frozenset(text.strip() for text in texts)


class HeldOut:
    """Tells sentences that are, or nearly are, one that models are measured on."""

    def __init__(self) -> None:
        self._words = [frozenset(re.findall(r"[\w']+", text.lower())) for text in held_out()]
        self._with: dict[str, list[int]] = {}
        for place, words in enumerate(self._words):
            for word in words:
                self._with.setdefault(word, []).append(place)

    def near(self, text: str, share: float = NEAR) -> bool:
        """Whether `text` has at least `share` of its and a held-out sentence's words together in
        common (Jaccard)."""
        words = frozenset(re.findall(r"[\w']+", text.lower()))
        # So many of its words may be missing there: one of the rarest of them, and one more, is
        # there then.
        rarest = sorted(words, key=lambda word: len(self._with.get(word, ())))[
            : int((1 - share) * len(words)) + 1
        ]
        for place in {place for word in rarest for place in self._with.get(word, ())}:
            other = self._words[place]
            common = len(words & other)
            if common >= share * (len(words) + len(other) - common):
                return True
        return False


def token_id(tokenizer: Any, token: str) -> int:
    """The id of `token`.

    Raises:
        KeyError: the tokenizer does not know it.
    """
    found = tokenizer.token_to_id(token)
    if found is None:
        raise KeyError(token)
    return int(found)


def products() -> Any:
    """Context in which matrix products are in bfloat16 where the cores have instructions for it;
    elsewhere it is slower."""
    import torch

    flags = (
        Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    )
    return torch.autocast(
        "cpu", torch.bfloat16, enabled="amx_bf16" in flags or "avx512_bf16" in flags
    )


class Progress:
    """Prints a line every `every` steps: step, losses (running mean), rate and time left."""

    def __init__(self, total: int, start: int = 0, every: int = 50) -> None:
        self.total, self.start, self.every = total, start, every
        self.began = time.monotonic()
        self.means: dict[str, float] = {}

    def step(self, step: int, **values: float) -> None:
        """Records step `step`'s values."""
        for key, value in values.items():
            old = self.means.get(key, value)
            self.means[key] = value if math.isnan(old) else 0.97 * old + 0.03 * value
        if step % self.every == 0 or step == self.total:
            per_step = (time.monotonic() - self.began) / max(1, step - self.start)
            left = per_step * (self.total - step)
            shown = " ".join(f"{key} {value:.4f}" for key, value in self.means.items())
            print(
                f"step {step}/{self.total} {shown} {per_step:.2f} s/step, {left / 60:.1f} min left",
                flush=True,
            )


def round_up(value: int, multiple: int) -> int:
    """The next whole `multiple`: batches of few shapes need few kernels."""
    return -(-value // multiple) * multiple


def cosine(step: int, total: int, peak: float, warmup: int = 200) -> float:
    """Learning rate: linear warm-up, then cosine to a fiftieth of `peak`."""
    if step < warmup:
        return peak * (step + 1) / warmup
    part = (step - warmup) / max(1, total - warmup)
    return peak * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, part))))


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Writes a training checkpoint whole or not at all (cache only: never shipped)."""
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """The last checkpoint, or None."""
    import torch

    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=False)
    return state


def write_json(path: Path, value: object) -> None:
    """Writes `value` as indented JSON with a final newline."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
