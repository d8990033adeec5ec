"""Adds an output to the shipped understanding: whether an utterance asks for what nothing here can
do or know.

`python -m scripts.train.understanding_beyond --data-dir DIR`. The encoder stays as it is: a small
head is trained on its features and written into the same ONNX file as the output `beyond`, one
logit a kind. It learns from `world/beyond.tsv` and `world/dangers_told.tsv`, from CLINC150's and
HWU64's sentences by the map below, and from GoEmotions' remarks, which ask for nothing. It trains
in about a minute on two cores.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from torch import nn

from scripts.train import common
from scripts.train.understanding_beyond_data import OWN_WEIGHT, rows
from voice_local.models.folder import (
    read_manifest,
    write_manifest,
)
from voice_local.models.onnx_session import make_session
from voice_local.stages.classify.understanding import (
    BEYOND,
    NAME,
    NOTHING,
)

FEATURES = "/Concat_1_output_0"
"""What the other heads read, in the graph."""
OUTPUT = "beyond"
HIDDEN, BATCH = 96, 32
FOLDER = Path("models/small/understanding")
TOPICS = 0.15
"""Share of sentences that are read with a topic beside them, as the conversation does it."""


def features(folder: Path, texts: list[str], topics: list[str | None]) -> npt.NDArray[np.float32]:
    """(texts, width) of the shipped int8 encoder."""
    model = onnx.load(str(folder / f"{NAME}.onnx"))
    if FEATURES not in [one.name for one in model.graph.output]:
        model.graph.output.append(helper.make_tensor_value_info(FEATURES, TensorProto.FLOAT, None))
    about = json.loads((folder / f"{NAME}.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()  # its file says 128 tokens, whatever the text
    tokenizer.enable_truncation(int(about["max_tokens"]))
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "with_features.onnx"
        onnx.save(model, str(path))
        session = make_session(path, 2)
    rows = [
        tokenizer.encode(text, topic) if topic else tokenizer.encode(text)
        for text, topic in zip(texts, topics, strict=True)
    ]
    order = sorted(range(len(rows)), key=lambda index: len(rows[index].ids))
    found = np.zeros((len(rows), 0), np.float32)
    for start in range(0, len(order), BATCH):
        part = order[start : start + BATCH]
        longest = len(rows[part[-1]].ids)
        ids, mask = (
            np.array(
                [
                    getattr(rows[index], name) + [0] * (longest - len(rows[index].ids))
                    for index in part
                ],
                np.int64,
            )
            for name in ("ids", "attention_mask")
        )
        told = np.asarray(session.run([FEATURES], {"input_ids": ids, "attention_mask": mask})[0])
        if not found.shape[1]:
            found = np.zeros((len(rows), told.shape[1]), np.float32)
        found[part] = told
        if start // BATCH % 100 == 0:
            print(f"read {start} of {len(texts)}", flush=True)
    return found


class Head(nn.Module):
    """(batch, width) → (batch, kinds)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(width, HIDDEN), nn.Linear(HIDDEN, len(BEYOND))
        self.drop = nn.Dropout(0.3)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.second(self.drop(torch.relu(self.first(inputs))))  # type: ignore[no-any-return]


def fit(inputs: torch.Tensor, wanted: torch.Tensor, weights: torch.Tensor, seed: int) -> Head:
    """Trains a head with AdamW on shuffled batches."""
    torch.manual_seed(seed)
    head = Head(inputs.shape[1])
    epochs, batch = 30, 128
    optimizer = torch.optim.AdamW(head.parameters(), lr=1e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        head.train()
        for part in torch.randperm(len(inputs)).split(batch):
            losses = nn.functional.cross_entropy(
                head(inputs[part]), wanted[part], reduction="none", label_smoothing=0.02
            )
            loss = (losses * weights[part]).sum() / weights[part].sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    return head.eval()


def write(folder: Path, head: Head) -> None:
    """Puts the head into the graph, in the place of an older one; weights as float16, computed in
    float32."""
    path = folder / f"{NAME}.onnx"
    model = onnx.load(str(path))
    graph = model.graph
    parts: tuple[Any, ...] = (graph.node, graph.initializer, graph.output)
    for kept in parts:
        whole = [one for one in kept if not one.name.startswith(OUTPUT)]
        del kept[:]
        kept.extend(whole)
    at = FEATURES
    for name, layer in (("first", head.first), ("second", head.second)):
        weight, bias = (value.detach().numpy() for value in (layer.weight.T, layer.bias))
        graph.initializer.append(
            numpy_helper.from_array(weight.astype(np.float16), f"{OUTPUT}_{name}_weight")
        )
        graph.initializer.append(
            numpy_helper.from_array(bias.astype(np.float32), f"{OUTPUT}_{name}_bias")
        )
        last = name == "second"
        told = OUTPUT if last else f"{OUTPUT}_{name}_relu"
        graph.node.extend(
            [
                helper.make_node(
                    "Cast",
                    [f"{OUTPUT}_{name}_weight"],
                    [f"{OUTPUT}_{name}_wide"],
                    f"{OUTPUT}_{name}_cast",
                    to=TensorProto.FLOAT,
                ),
                helper.make_node(
                    "MatMul",
                    [at, f"{OUTPUT}_{name}_wide"],
                    [f"{OUTPUT}_{name}_product"],
                    f"{OUTPUT}_{name}_matmul",
                ),
                helper.make_node(
                    "Add",
                    [f"{OUTPUT}_{name}_product", f"{OUTPUT}_{name}_bias"],
                    [OUTPUT if last else f"{OUTPUT}_{name}_sum"],
                    f"{OUTPUT}_{name}_add",
                ),
            ]
        )
        if not last:
            graph.node.append(
                helper.make_node("Relu", [f"{OUTPUT}_{name}_sum"], [told], f"{OUTPUT}_{name}_max")
            )
        at = told
    graph.output.append(
        helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", len(BEYOND)])
    )
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def measured(
    head: Head, inputs: torch.Tensor, kept: list[tuple[str, str, float]], heat: float
) -> dict[str, Any]:
    """What the head tells of sentences kept apart, at some limits of its surety."""
    with torch.no_grad():
        chances = torch.softmax(head(inputs) / heat, 1).numpy()
    nothing = BEYOND.index(NOTHING)
    is_none = np.array([kind == NOTHING for _, kind, _ in kept])
    right = np.array(
        [BEYOND[index] == kind for index, (_, kind, _) in zip(chances.argmax(1), kept, strict=True)]
    )
    told: dict[str, Any] = {"rows": len(kept), "accuracy": round(float(right.mean()), 4)}
    for limit in (0.5, 0.7, 0.8, 0.9):
        beyond = (1 - chances[:, nothing]) >= limit
        told[f"beyond_at_{limit}"] = {
            "caught": round(float(beyond[~is_none].mean()), 4),
            "invented": round(float(beyond[is_none].mean()), 4),
        }
    return told


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    learnt, kept = rows(args.data_dir)
    about = json.loads((args.folder / f"{NAME}.json").read_text(encoding="utf-8"))
    draw = random.Random(args.seed)
    names = [label.replace("_", " ") for label in about["labels"]]
    topics = [draw.choice(names) if draw.random() < TOPICS else None for _ in learnt]
    inputs = torch.from_numpy(features(args.folder, [text for text, _, _ in learnt], topics))
    held = torch.from_numpy(
        features(args.folder, [text for text, _, _ in kept], [None] * len(kept))
    )
    wanted = torch.tensor([BEYOND.index(kind) for _, kind, _ in learnt])
    weights = torch.tensor([weight for _, _, weight in learnt])
    head = fit(inputs, wanted, weights, args.seed)
    own = [index for index, row in enumerate(kept) if row[2] == OWN_WEIGHT]
    figures = {
        "public_and_own": measured(head, held, kept, 1.0),
        "own": measured(head, held[own], [kept[index] for index in own], 1.0),
    }
    print(json.dumps(figures, indent=1))
    write(args.folder, head)
    about["beyond"], about["beyond_development"] = list(BEYOND), figures
    common.write_json(args.folder / f"{NAME}.json", about)
    write_manifest(args.folder.parent, read_manifest(args.folder.parent).models)


if __name__ == "__main__":
    main()
