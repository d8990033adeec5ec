"""Conversions in a confined child: real models of every kind, and pickles that want more than to be
read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.models import stage_calls
from voice_local.config import load
from voice_local.errors import (
    ConfigError,
    ModelFormatError,
    ModelMissingError,
)
from voice_local.models.folder import (
    ModelFolder,
    tiny_folder,
    write_manifest,
)
from voice_local.offline import landlock
from voice_local.supply import (
    custom,
    store,
)
from voice_local.supply.checkpoints import tensors
from voice_local.supply.convert import convert

pytestmark = pytest.mark.models


def test_a_coqui_checkpoint_speaks_as_before(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    from voice_local.stages.tts.coqui import CoquiTts

    source = tmp_path / "source"
    source.mkdir()
    weights = load_file(tiny_folder() / "tiny-tts" / "model.safetensors")
    torch.save({"model": weights, "optimizer": {"state": {}}, "step": 3}, source / "model_file.pth")
    (source / "config.json").write_bytes((tiny_folder() / "tiny-tts" / "config.json").read_bytes())
    convert("coqui_to_safetensors", source, tmp_path / "models" / "voice")
    write_manifest(tmp_path / "models")
    sound, wanted = (
        np.concatenate([chunk.samples for chunk in stage_calls.chunks(voice, "good morning")])
        for voice in (
            CoquiTts(load("tiny", tts={"model": "voice"}), ModelFolder(tmp_path / "models"), 1),
            CoquiTts(load("tiny"), ModelFolder(tiny_folder()), 1),
        )
    )
    assert sound.shape == wanted.shape and np.corrcoef(sound, wanted)[0, 1] > 0.99


def test_speakers_are_taken_along(tmp_path: Path) -> None:
    import torch

    torch.save({"model": {"a": torch.ones(2)}}, tmp_path / "model.pth")
    (tmp_path / "config.json").write_text(
        json.dumps({"model": "vits", "speakers_file": "/home/someone/speakers.json"})
    )
    torch.save({"p226": 1, "p225": 0}, tmp_path / "speakers.pth")
    convert("coqui_to_safetensors", tmp_path, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "voice.json").read_text())["voices"] == ["p225", "p226"]
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config["speakers_file"] is None and config["speakers"] == ["p225", "p226"]


def evil(canary: Path) -> Any:
    class Evil:
        def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
            return os.system, (f"touch {canary}",)

    return Evil()


def test_a_pickle_that_runs_code_does_not(tmp_path: Path) -> None:
    """Read here, unconfined: only the reader stands between it and the canary."""
    import torch

    canary = tmp_path / "canary"
    torch.save({"model": {"a": torch.ones(2)}, "config": evil(canary)}, tmp_path / "model.pth")
    assert tensors(tmp_path / "model.pth")["a"].tolist() == [1, 1]
    torch.save(evil(canary), tmp_path / "model.pth")
    with pytest.raises((ValueError, TypeError)):
        tensors(tmp_path / "model.pth")
    assert not canary.exists()
    torch.load(tmp_path / "model.pth", weights_only=False)
    assert canary.exists(), "with another reader it does run"


def test_a_program_in_the_place_of_weights_is_refused(tmp_path: Path) -> None:
    import torch

    source = tmp_path / "source"
    source.mkdir()
    (source / "config.json").write_text('{"model": "vits"}')
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), str(source / "model.pth"))
    with pytest.raises(ModelFormatError, match="is a program"):
        convert("coqui_to_safetensors", source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    command = [
        sys.executable,
        "-m",
        "voice_local",
        "models",
        "convert",
        "coqui_to_safetensors",
        str(tmp_path),
        str(tmp_path / "thesis"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "already exists" in done.stderr


def test_even_code_that_ran_could_neither_write_elsewhere_nor_reach_out(tmp_path: Path) -> None:
    if not landlock.version():
        pytest.skip("this kernel has no Landlock")
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    code = f"""
import os, socket, subprocess
from pathlib import Path
from voice_local.offline import landlock, seccomp
seccomp.deny_network()
assert landlock.write_only_below([Path({str(inside)!r})])
Path({str(inside / "a")!r}).write_text("x")
for deed in (lambda: Path({str(outside / "b")!r}).write_text("x"), lambda: os.remove(__file__),
             lambda: os.mkdir({str(outside / "c")!r}),
             lambda: os.rename({str(inside / "a")!r}, {str(outside / "a")!r}), lambda: socket.socket(socket.AF_INET)):
    try:
        deed()
    except OSError:
        print("refused")
print(subprocess.run(["touch", {str(outside / "d")!r}], capture_output=True).returncode)
try:
    socket.socket(socket.AF_UNIX)
except OSError:
    print("no local socket either")
"""
    script = tmp_path / "script.py"
    script.write_text(code)
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.split() == [*["refused"] * 5, "1", *"no local socket either".split()], (
        done.stderr
    )
    assert not list(outside.iterdir()) and script.exists()


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles and models of these tests lie in their folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_a_classifier_becomes_onnx_and_agrees(tmp_path: Path) -> None:
    from transformers import BertTokenizer, DistilBertConfig, DistilBertForSequenceClassification

    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        *"my knee hurts what a wonderful day this is".split(),
    ]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    BertTokenizer(str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    config = DistilBertConfig(
        vocab_size=len(words),
        dim=16,
        n_layers=1,
        n_heads=2,
        hidden_dim=32,
        id2label={0: "joy", 1: "Sadness", 2: "anger"},
        label2id={"joy": 0, "Sadness": 1, "anger": 2},
    )
    DistilBertForSequenceClassification(config).save_pretrained(tmp_path, safe_serialization=True)
    convert("classifier_to_onnx", tmp_path, tmp_path / "models" / "feelings")
    about = json.loads((tmp_path / "models" / "feelings" / "emotion.json").read_text())
    assert about["labels"] == ["joy", "sadness", "anger"] and about["onnx_max_difference"] < 1e-4
    made = custom.add(
        tmp_path / "models" / "feelings",
        "emotion",
        "apache-2.0",
        tmp_path / "store",
        profile="feeling",
    )
    assert made["architecture"] == "onnx"


def test_a_whisper_becomes_ctranslate2(tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    from scripts.train.ears_model import build_model, keep_as_transformers
    from voice_local.stages.stt.whisper import WhisperStt

    tokenizer = Tokenizer.from_file(str(tiny_folder() / "tiny-stt" / "tokenizer.json"))
    keep_as_transformers(build_model(tokenizer), tokenizer, tmp_path / "source")
    convert("whisper_to_ctranslate2", tmp_path / "source", tmp_path / "models" / "heard")
    assert {"model.bin", "tokenizer.json"} <= {
        path.name for path in (tmp_path / "models" / "heard").iterdir()
    }
    write_manifest(tmp_path / "models")
    stage = WhisperStt(load("tiny", stt={"model": "heard"}), ModelFolder(tmp_path / "models"), 1)
    stage_calls.transcribed(
        stage, np.random.default_rng(1).normal(0, 0.1, 16_000).astype(np.float32)
    )
    assert (
        custom.add(tmp_path / "models" / "heard", "stt", "mit", tmp_path / "store")["architecture"]
        == "WhisperSpec"
    )


def test_bark_is_rewritten_and_refused_when_empty(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    torch.save({"semantic.weight": torch.ones(3)}, tmp_path / "pytorch_model.bin")
    (tmp_path / "config.json").write_text('{"model_type": "bark"}')
    convert("bark_to_safetensors", tmp_path, tmp_path / "out")
    assert load_file(tmp_path / "out" / "model.safetensors")["semantic.weight"].tolist() == [
        1,
        1,
        1,
    ]
    assert not (tmp_path / "out" / "pytorch_model.bin").exists()
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelFormatError, match=r"no pytorch_model\.bin"):
        convert("bark_to_safetensors", tmp_path / "empty", tmp_path / "out3")
    with pytest.raises(ConfigError, match="unknown conversion"):
        convert("anything", tmp_path, tmp_path / "out3")


def test_a_model_of_ones_own_gets_a_profile_that_talks(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "voice_local"]
    mine = tmp_path / "mine.gguf"
    mine.write_bytes((tiny_folder() / "tiny-llm" / "model.gguf").read_bytes())
    adding = [
        *program,
        "models",
        "add",
        str(mine),
        "--stage",
        "llm",
        "--license",
        "apache-2.0",
        "--json",
    ]
    done = subprocess.run(adding, capture_output=True, text=True, check=True)
    made = json.loads(done.stdout)
    assert made["architecture"] == "llama" and made["profile"] == "own-mine"
    settings = load("own-mine")
    assert settings.llm.model == "mine.gguf" and settings.stt.model == "tiny:tiny-stt"
    assert settings.llm.n_ctx == 4096, "nothing of the base's own LLM"
    chatting = [*program, "chat", "--once", "hello there", "--profile", "own-mine", "--json"]
    said = subprocess.run(chatting, capture_output=True, text=True, check=False)
    assert said.returncode == 0 and json.loads(said.stdout)["turns"][0]["assistant_text"], (
        said.stderr
    )
    assert (
        store.verify(tmp_path / "data" / "voice_local" / "models").models["mine.gguf"]["license"]
        == "apache-2.0"
    )


def test_what_cannot_be_added_is_told(tmp_path: Path) -> None:
    root = tmp_path / "store"
    mind, ears = tiny_folder() / "tiny-llm" / "model.gguf", tiny_folder() / "tiny-stt"
    for path, stage, license, error, word in (
        (mind, "stt", "MIT", ModelFormatError, "model.gguf is no folder of a stt model"),
        (ears, "llm", "MIT", ModelFormatError, "holds 0 GGUF files"),
        (ears, "tts", "MIT", ModelFormatError, "no model.safetensors"),
        (mind, "brain", "MIT", ConfigError, "unknown stage"),
        (mind, "llm", " ", ConfigError, "needs a licence"),
        (tmp_path / "none", "llm", "MIT", ModelMissingError, "nothing at"),
    ):
        with pytest.raises(error, match=word):
            custom.add(path, stage, license, root)
    with pytest.raises(ConfigError, match="plain name"):
        custom.add(mind, "llm", "MIT", root, name="../mind.gguf")
    for taken in ("licenses", ".incoming", "manifest.json"):
        with pytest.raises(ConfigError, match="plain name"):
            custom.add(ears, "stt", "MIT", root, name=taken)
    with pytest.raises(ConfigError, match="plain name"):
        custom.add(mind, "llm", "MIT", root, profile="tiny")
    assert not root.exists()
    with pytest.raises(ConfigError, match="unknown profile"):
        load("own-nothing")
