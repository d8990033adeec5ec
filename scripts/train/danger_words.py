"""Trains the table of danger words: `python -m scripts.train.danger_words --data-dir DIR`.

Logistic regression over `danger_words.features`, on the sentences that `understanding_beyond`
learns from, against all that is no danger. A quarter of a minute on one core. Writes
`models/tiny/tiny-classifier/dangers.safetensors`. `--card` writes only its card beside it, with the
figures that `benchmarks.understanding --json` left in `benchmarks/results`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn

from scripts.train.understanding_beyond_data import rows
from voice_local.models.folder import (
    read_manifest,
    tiny_folder,
    write_manifest,
)
from voice_local.stages.classify.danger_words import (
    BITS,
    MODEL,
    features,
)
from voice_local.stages.classify.understanding import DANGER
from voice_local.text.written_out import written_out

EPOCHS, BATCH, RATE, SMALL = 12, 256, 0.02, 1e-5
RESULTS = Path("benchmarks/results")
SMOOTHED = 0.01
"""How unsure the labels are taken to be."""


class Table(nn.Module):
    """Sums weights by feature; divided by the square root of their number."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.EmbeddingBag(1 << BITS, 1, mode="sum")
        self.bias = nn.Parameter(torch.full((1,), -2.0))
        nn.init.zeros_(self.weights.weight)

    def forward(self, texts: list[torch.Tensor]) -> torch.Tensor:
        counts = torch.tensor([len(text) for text in texts])
        starts = counts.cumsum(0) - counts
        total: torch.Tensor = self.weights(torch.cat(texts), starts)[:, 0]
        return total / counts.clamp(min=1).sqrt() + self.bias


def fit(texts: list[str], wanted: torch.Tensor, weights: torch.Tensor, seed: int) -> Table:
    """Adam on shuffled batches."""
    torch.manual_seed(seed)
    told = [torch.tensor(features(written_out(text)), dtype=torch.long) for text in texts]
    table = Table()
    optimizer = torch.optim.Adam(table.parameters(), lr=RATE)
    for epoch in range(EPOCHS):
        total = 0.0
        for part in torch.randperm(len(told)).split(BATCH):
            losses = nn.functional.binary_cross_entropy_with_logits(
                table([told[index] for index in part.tolist()]), wanted[part], reduction="none"
            )
            loss = (losses * weights[part]).sum() / weights[part].sum()
            optimizer.zero_grad()
            (loss + SMALL * table.weights.weight.pow(2).sum()).backward()
            optimizer.step()
            total += loss.item() * len(part)
        print(f"epoch {epoch}: {total / len(told):.4f}", flush=True)
    return table


def card(found: dict[str, dict[str, Any]]) -> str:
    """The model's card. `found`: what `benchmarks.understanding` measured, by profile."""
    rows = []
    for name in ("", "blind_a", "blind_b", "blind_c", "blind_d", "blind_e", "blind_f"):
        cells = []
        for profile in ("small", "tiny"):
            told = found[profile][name] if name else found[profile]
            cells.append(
                f"{told['emergencies.txt'] - told['emergencies_caught']} of "
                f"{told['emergencies.txt']} / {told['emergencies_invented']} of "
                f"{told['no_emergency.txt']}"
            )
        rows.append(f"| {name or 'read while rules were written'} | {' | '.join(cells)} |")
    table = "\n".join(rows)
    return f"""# Danger words

A linear model over hashed words, word pairs and four-letter parts of words (2^{BITS} weights, int8, one scale): how much a
sentence sounds like a danger here and now. Every profile asks it, in its own right or beside a larger model's opinion; see
`voice_local/skills/emergencies.py`. English only.

- **Made by** `python -m scripts.train.danger_words` (seed 3, {EPOCHS} epochs, a quarter of a minute on one core).
- **Data**: `scripts/train/world/dangers_told.tsv` (5,700 sentences by writers who knew no held-out file), `beyond.tsv`,
  CLINC150's (CC BY 3.0) and HWU64's (CC BY 4.0) sentences and GoEmotions' (Apache-2.0) remarks as none. Sentences like the
  held-out ones (three quarters of their words in common) were left out.
- **Limits**: words only, no grammar: "the nurse said it heals" and "it heals, said the nurse" are nearly the same to it.
- **Licence**: Apache-2.0.

## Emergencies missed / invented, wording, table and model together
| set | `small` | `tiny` (no model beside it) |
|---|---|---|
{table}

`blind_c` to `blind_f` are by four people who knew neither rules nor training. The limits (`SURE`, `LIKELY`, `UNLIKELY`) and
the share of the table were chosen on the first six, and some wordings mended after they had failed. `blind_f` came after
all that: its figures are those of the first contact.
"""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--card", action="store_true", help="only the card")
    args = parser.parse_args()
    path = tiny_folder() / MODEL
    if args.card:
        found = {
            profile: json.loads(
                (RESULTS / f"understanding_{profile}.json").read_text(encoding="utf-8")
            )
            for profile in ("small", "tiny")
        }
        path.with_name("dangers.md").write_text(card(found), encoding="utf-8")
        write_manifest(tiny_folder(), read_manifest(tiny_folder()).models)
        return
    if args.data_dir is None:
        parser.error("--data-dir is needed for training")
    torch.set_num_threads(1)
    learnt, kept = rows(args.data_dir)
    labels = (
        torch.tensor([float(kind == DANGER) for _, kind, _ in learnt]) * (1 - 2 * SMOOTHED)
        + SMOOTHED
    )
    table = fit(
        [text for text, _, _ in learnt],
        labels,
        torch.tensor([weight for *_, weight in learnt]),
        args.seed,
    )
    weights = table.weights.weight.detach().numpy()[:, 0]
    scale = float(np.abs(weights).max()) / 127
    path.parent.mkdir(exist_ok=True)
    save_file(
        {
            "weights": np.rint(weights / scale).astype(np.int8),
            "scale": np.array([scale], np.float32),
            "bias": table.bias.detach().numpy().astype(np.float32),
        },
        path,
    )
    path.chmod(0o644)
    write_manifest(tiny_folder(), read_manifest(tiny_folder()).models)
    with torch.no_grad():
        told = torch.sigmoid(
            table(
                [torch.tensor(features(written_out(text)), dtype=torch.long) for text, _, _ in kept]
            )
        )
    danger = np.array([kind == DANGER for _, kind, _ in kept])
    print(
        f"kept apart: {np.mean(told.numpy()[danger] >= 0.5):.3f} of {danger.sum()} caught, "
        f"{np.mean(told.numpy()[~danger] >= 0.5):.4f} of {(~danger).sum()} invented"
    )


if __name__ == "__main__":
    main()
