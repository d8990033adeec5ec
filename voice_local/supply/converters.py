"""The conversions: publishers' formats into what our stages read. `convert` runs each in a confined
child."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from voice_local.models.properties import POSITIONS
from voice_local.supply.checkpoints import (
    load_checkpoint,
    tensors,
)


def coqui_to_safetensors(source: Path, out: Path) -> None:
    """A Coqui model (config.json, one .pth, maybe speakers): config.json, model.safetensors,
    voice.json.

    Raises:
        ValueError: a part is missing or there are several.
    """
    checkpoints = sorted(
        path
        for path in source.rglob("*")
        if path.suffix in (".pth", ".tar") and "speaker" not in path.name
    )
    configs = sorted(source.rglob("config.json"))
    if len(checkpoints) != 1 or len(configs) != 1:
        raise ValueError(
            f"wanted one config.json and one .pth, found {len(configs)} and {len(checkpoints)}"
        )
    config = json.loads(configs[0].read_text(encoding="utf-8"))
    speakers = _speakers(source)
    places = [config, config.get("model_args") or {}]
    for place in places:
        for key in (
            "speakers_file",
            "d_vector_file",
            "language_ids_file",
            "speaker_encoder_model_path",
            "speaker_encoder_config_path",
        ):
            if place.get(key):
                place[key] = None
    if speakers:
        config["speakers"] = speakers  # Coqui takes them from here where there is no file of them
    _save(tensors(checkpoints[0]), out / "model.safetensors")
    (out / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    about = {
        "voices": speakers or [str(config.get("run_name") or "voice")],
        "default": (speakers or ["voice"])[0],
    }
    (out / "voice.json").write_text(json.dumps(about, indent=1), encoding="utf-8")


def _speakers(source: Path) -> list[str]:
    """Speakers' names by index, from whichever of Coqui's files tells them."""
    for path in sorted(source.rglob("*speaker*")):
        if path.suffix == ".json":
            numbers = json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".pth":
            numbers = load_checkpoint(path)
        else:
            continue
        if (
            isinstance(numbers, dict)
            and numbers
            and all(isinstance(value, int) for value in numbers.values())
        ):
            return [str(name) for name in sorted(numbers, key=lambda name: numbers[name])]
    return []


def bark_to_safetensors(source: Path, out: Path) -> None:
    """Suno's Bark as Transformers keeps it, its pytorch_model.bin as model.safetensors.

    Raises:
        ValueError: there is no checkpoint.
    """
    pickled = source / "pytorch_model.bin"
    if pickled.exists():
        _save(tensors(pickled), out / "model.safetensors")
    elif (source / "model.safetensors").exists():
        shutil.copyfile(source / "model.safetensors", out / "model.safetensors")
    else:
        raise ValueError("there is no pytorch_model.bin and no model.safetensors")
    _copy_texts(source, out)


def whisper_to_ctranslate2(source: Path, out: Path) -> None:
    """A Whisper as Transformers keeps it (safetensors only) as CTranslate2 in float16."""
    from ctranslate2.converters import TransformersConverter

    if not list(source.glob("*.safetensors")):
        raise ValueError("there is no .safetensors")
    kept = [
        name for name in ("tokenizer.json", "preprocessor_config.json") if (source / name).exists()
    ]
    TransformersConverter(str(source), copy_files=kept, load_as_float16=True).convert(
        str(out), quantization="float16", force=True
    )
    # CTranslate2 does not tell how many positions the decoder has; OpenAI's weights have 448,
    # others may have fewer.
    positions = json.loads((source / "config.json").read_text(encoding="utf-8")).get(
        "max_target_positions"
    )
    if positions:
        about = json.loads((out / "config.json").read_text(encoding="utf-8"))
        (out / "config.json").write_text(
            json.dumps({**about, POSITIONS: int(positions)}, indent=1), encoding="utf-8"
        )


def classifier_to_onnx(source: Path, out: Path) -> None:
    """A DistilBERT or RoBERTa for sequences (safetensors only) as emotion.onnx, emotion.json and
    tokenizer.json.

    Raises:
        RuntimeError: ONNX Runtime gives other logits than torch (over 1e-4).
    """
    import numpy as np
    import onnxruntime
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    safe = {"local_files_only": True, "trust_remote_code": False}
    model = AutoModelForSequenceClassification.from_pretrained(
        source, use_safetensors=True, **safe
    ).eval()
    tokenizer = AutoTokenizer.from_pretrained(source, **safe)
    inputs = tokenizer(
        ["my knee hurts", "what a wonderful day this is"], return_tensors="pt", padding=True
    )

    class Logits(torch.nn.Module):
        """Only the two inputs and the one output that our stage knows."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).logits

    names = ("input_ids", "attention_mask")
    arguments = tuple(inputs[name] for name in names)
    axes = {name: {0: "batch", 1: "tokens"} for name in names}
    wrapped = Logits().eval()
    torch.onnx.export(
        wrapped,
        arguments,
        str(out / "emotion.onnx"),
        input_names=list(names),
        output_names=["logits"],
        dynamic_axes={**axes, "logits": {0: "batch"}},
        opset_version=18,
        dynamo=False,
    )
    session = onnxruntime.InferenceSession(
        str(out / "emotion.onnx"), providers=["CPUExecutionProvider"]
    )
    got = session.run(
        None, {name: value.numpy() for name, value in zip(names, arguments, strict=True)}
    )[0]
    with torch.no_grad():
        worst = float(np.abs(np.asarray(got) - wrapped(*arguments).numpy()).max())
    if worst > 1e-4:
        raise RuntimeError(f"ONNX differs from torch by {worst:.2e}")
    tokenizer.backend_tokenizer.save(str(out / "tokenizer.json"))
    labels = [str(model.config.id2label[i]).lower() for i in range(model.config.num_labels)]
    about = {
        "labels": labels,
        "temperature": 1.0,
        "max_tokens": 128,
        "finished_output": False,
        "onnx_max_difference": worst,
    }
    (out / "emotion.json").write_text(json.dumps(about, indent=1), encoding="utf-8")


def _copy_texts(source: Path, out: Path) -> None:
    """Configuration, tokenizer and presets, never a pickle."""
    for path in sorted(source.rglob("*")):
        if (
            path.is_file()
            and not path.is_symlink()
            and path.suffix in (".json", ".txt", ".npy", ".model")
        ):
            target = out / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _save(found: Mapping[str, Any], path: Path) -> None:
    from safetensors.torch import save_file

    # Tensors that share memory (tied weights) are written out each.
    save_file({name: value.clone() for name, value in found.items()}, path)
