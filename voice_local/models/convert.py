"""Conversions of what publishers offer into what our stages read, each in a child that can neither
reach out nor write anywhere but into its own folder.

Pickles are read by an unpickler that knows tensors and plain containers only; whatever else they
name becomes an inert stand-in, so that nothing of theirs ever runs. The child's confinement stands
behind that.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from voice_local.errors import (
    ConfigError,
    ModelFormatError,
    OutputError,
)
from voice_local.models.properties import POSITIONS
from voice_local.offline.switches import (
    child_environment,
    places,
)

KINDS = (
    "whisper_to_ctranslate2",
    "coqui_to_safetensors",
    "piper_to_coqui",
    "classifier_to_onnx",
    "bark_to_safetensors",
)
TIMEOUT_S = 3600.0
KNOWN = (
    "torch",
    "collections",
    "numpy",
    "numpy.core.multiarray",
    "numpy._core.multiarray",
    "torch._utils",
    "torch.storage",
    "torch.serialization",
    "_codecs",
)
HARMLESS = (
    "OrderedDict",
    "defaultdict",
    "_rebuild_tensor_v2",
    "_rebuild_parameter",
    "FloatStorage",
    "HalfStorage",
    "DoubleStorage",
    "LongStorage",
    "IntStorage",
    "BoolStorage",
    "BFloat16Storage",
    "UntypedStorage",
    "scalar",
    "_reconstruct",
    "ndarray",
    "dtype",
    "encode",
    "Size",
    "device",
    "float32",
    "float16",
    "int64",
    "bfloat16",
)


def convert(kind: str, source: Path, out: Path, timeout_s: float = TIMEOUT_S) -> None:
    """Turns the files in `source` into a model folder at `out`, which appears whole or not at all.

    Raises:
        ConfigError: an unknown kind, or a machine that cannot confine a child.
        ModelFormatError: `source` is not what `kind` converts.
    """
    if kind not in KINDS:
        raise ConfigError(f"unknown conversion {kind!r}", f"one of: {', '.join(KINDS)}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        (out.parent / f".{out.name}.probe").touch()
        (out.parent / f".{out.name}.probe").unlink()
    except OSError as error:
        raise OutputError(
            f"cannot write {out} ({error.strerror})", "choose another place"
        ) from None
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".converting-") as folder:
        work = Path(folder) / "model"
        work.mkdir()
        environment = {
            **child_environment(),
            **dict.fromkeys(places(), folder),
            "HOME": folder,
            "TMPDIR": folder,
            "XDG_CACHE_HOME": folder,
            "HF_HOME": folder,
            "PYTHONDONTWRITEBYTECODE": "1",
            "CUDA_VISIBLE_DEVICES": "",
        }
        command = [
            sys.executable,
            "-m",
            "voice_local.models.convert",
            kind,
            str(source.resolve()),
            str(work),
            folder,
        ]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=timeout_s,
                env=environment,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ModelFormatError(
                f"converting {source} took longer than {timeout_s:.0f} s", "try a larger machine"
            ) from None
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["no reason given"]
            raise ModelFormatError(
                f"{source} cannot be converted ({lines[-1][:160]})",
                "check that it is the model that the lock names",
            )
        if out.exists():
            shutil.rmtree(out)
        os.replace(work, out)


class _Stand:
    """What a pickle gets in the place of anything that is not a tensor or a plain container: it
    does nothing."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def append(self, _: object) -> None:
        """Nothing."""

    def __call__(self, *_: object, **__: object) -> _Stand:
        return self


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module in KNOWN and name in HARMLESS:
            return super().find_class(module, name)
        return _Stand


class _Reader:
    """The part of the `pickle` module that torch.load asks for."""

    Unpickler = _Unpickler
    __name__ = "voice_local.models.convert"

    @staticmethod
    def load(file: Any, **options: Any) -> Any:
        return _Unpickler(file, **options).load()


def tensors(path: Path) -> dict[str, Any]:
    """The tensors of a torch checkpoint: its "model" or "state_dict" where it has one.

    Raises:
        ValueError: it holds none.
    """
    import torch

    found = _load(path)
    for part in ("model", "state_dict"):
        if isinstance(found, Mapping) and isinstance(found.get(part), Mapping):
            found = found[part]
    kept = {
        str(name): value.contiguous()
        for name, value in dict(found).items()
        if isinstance(value, torch.Tensor)
    }
    if not kept:
        raise ValueError(f"{path.name} holds no tensors")
    return kept


def _load(path: Path) -> Any:
    """What a torch checkpoint holds, read by `_Unpickler`.

    Raises:
        ValueError: it is a TorchScript program, which torch would run.
    """
    import torch

    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        if any(name.endswith("/constants.pkl") or "/code/" in name for name in names):
            raise ValueError(f"{path.name} is a program (TorchScript), not weights")
    return torch.load(path, map_location="cpu", weights_only=False, pickle_module=_Reader)


def _save(found: Mapping[str, Any], path: Path) -> None:
    from safetensors.torch import save_file

    # Tensors that share memory (tied weights) are written out each.
    save_file({name: value.clone() for name, value in found.items()}, path)


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
            told = json.loads(path.read_text(encoding="utf-8"))
        elif path.suffix == ".pth":
            told = _load(path)
        else:
            continue
        if (
            isinstance(told, dict)
            and told
            and all(isinstance(value, int) for value in told.values())
        ):
            return [str(name) for name in sorted(told, key=lambda name: told[name])]
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


def _child(kind: str, source: str, out: str, writable: str) -> None:
    """Confines itself, then converts."""
    from voice_local.models.piper import piper_to_coqui
    from voice_local.offline import (
        landlock,
        seccomp,
        switches,
    )

    switches.own_process()
    seccomp.deny_network()
    if not landlock.write_only_below([Path(writable), Path("/dev/null")]):
        raise ConfigError(
            "this kernel cannot keep a process from writing (Landlock)", "use Linux 5.13 or newer"
        )
    run = {
        "coqui_to_safetensors": coqui_to_safetensors,
        "bark_to_safetensors": bark_to_safetensors,
        "piper_to_coqui": piper_to_coqui,
        "whisper_to_ctranslate2": whisper_to_ctranslate2,
        "classifier_to_onnx": classifier_to_onnx,
    }[kind]
    run(Path(source), Path(out))


if __name__ == "__main__":
    try:
        _child(*sys.argv[1:])
    except Exception as error:  # the parent tells a person
        print(
            f"{type(error).__name__}: "
            f"{' '.join(str(getattr(error, 'cause', error)).split())[:200]}",
            file=sys.stderr,
        )
        sys.exit(2)
