"""Voices, voice activity, end of turn and sentence models: told from their bytes, before anything
of them runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from voice_local.errors import (
    ModelError,
    ModelFormatError,
)
from voice_local.models import formats
from voice_local.models.folder import (
    ModelFolder,
    tiny_folder,
)
from voice_local.supply import weights
from voice_local.supply.compatibility import (
    SENTENCE_TENSORS,
    check_compatibility,
)

pytestmark = pytest.mark.unit


def onnx_file(path: Path, inputs: tuple[str, ...]) -> None:
    """An ONNX model that takes `inputs` and gives one value."""
    from onnx import TensorProto, helper, save_model

    path.parent.mkdir(parents=True, exist_ok=True)
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, None]) for name in inputs]
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 1])
    node = helper.make_node("Identity", [inputs[0]], ["out"])
    save_model(helper.make_model(helper.make_graph([node], "g", values, [out])), str(path))


def kokoro(folder: Path) -> None:
    onnx_file(folder / "kokoro.onnx", ("tokens", "style", "speed"))
    (folder / "voices").mkdir()
    style = np.zeros((510, 256), np.float32)
    style[0, 0] = np.frombuffer(b"\x80\x02}q", np.float32)[0]  # begins as a pickle does
    style.tofile(folder / "voices" / "af_heart.bin")


def piper(folder: Path) -> None:
    onnx_file(folder / "joe.onnx", ("input", "input_lengths", "scales"))
    (folder / "joe.onnx.json").write_text(
        json.dumps({"audio": {"sample_rate": 22050}, "phoneme_id_map": {"a": [14]}})
    )


def sentences(folder: Path) -> None:
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: np.zeros((2, 2), np.float32) for name in SENTENCE_TENSORS},
        folder / "model.safetensors",
    )
    (folder / "config.json").write_text('{"model_type": "bert"}')
    (folder / "tokenizer.json").write_text('{"model": {}}')


def silero(folder: Path) -> None:
    onnx_file(folder / "silero.onnx", ("input", "state", "sr"))


def turn(folder: Path) -> None:
    onnx_file(folder / "smart-turn.onnx", ("input_features",))


MODELS = {
    "kokoro": ("tts", kokoro),
    "piper": ("tts", piper),
    "bert": ("embed", sentences),
    "silero": ("vad", silero),
    "smart-turn": ("turn", turn),
}


@pytest.mark.parametrize("architecture", MODELS)
def test_each_is_told_by_its_bytes_and_by_no_other_stage(architecture: str, tmp_path: Path) -> None:
    stage, make = MODELS[architecture]
    make(tmp_path / "model")
    for path in (tmp_path / "model").rglob("*.*"):
        formats.inspect(path)
        weights.finite(path)
    assert check_compatibility(stage, tmp_path / "model") == architecture
    for other in {"tts", "embed", "vad", "turn", "stt"} - {stage}:
        with pytest.raises(ModelError):
            check_compatibility(other, tmp_path / "model")


@pytest.mark.parametrize(
    ("architecture", "name", "content", "word"),
    [
        ("kokoro", "voices/af_heart.bin", b"short", "holds af_heart.bin"),
        ("kokoro", "kokoro.onnx", b"no", "no ONNX model"),
        ("piper", "joe.onnx.json", b"{}", "not a whole tts model"),
        ("silero", "silero.onnx", b"no", "no ONNX model"),
        (
            "piper",
            "joe.onnx.json",
            b'{"audio": {"sample_rate": 1}, "phoneme_id_map": {}}',
            "names no sample rate",
        ),
        ("bert", "config.json", b'{"model_type": "gpt2"}', "is a 'gpt2'"),
        ("bert", "tokenizer.json", b"[", "not a whole embed"),
    ],
)
def test_a_spoilt_one_is_refused(
    architecture: str, name: str, content: bytes, word: str, tmp_path: Path
) -> None:
    stage, make = MODELS[architecture]
    make(tmp_path / "model")
    (tmp_path / "model" / name).write_bytes(content)
    with pytest.raises(ModelFormatError, match=word):
        check_compatibility(stage, tmp_path / "model")


def test_a_voice_of_what_is_no_number_is_refused(tmp_path: Path) -> None:
    kokoro(tmp_path)
    np.full((510, 256), np.nan, np.float32).tofile(tmp_path / "voices" / "af_heart.bin")
    with pytest.raises(ModelFormatError, match="weights that are not numbers"):
        weights.finite(tmp_path / "voices" / "af_heart.bin")


def test_the_embedded_silero_is_the_one_of_the_lock() -> None:
    from voice_local.models.lock import (
        read_lock,
        shipped_lock,
    )

    (entry,) = read_lock(shipped_lock()).of(None, ["silero-vad"])
    folder = ModelFolder(tiny_folder())
    for file in entry.files:
        assert folder.manifest[f"silero-vad/{file.path}"] == {
            "sha256": file.sha256,
            "bytes": file.bytes,
        }
    assert check_compatibility("vad", folder.folder("silero-vad")) == "silero"
