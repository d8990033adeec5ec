"""Old names of the embedded models: the refusal tells the new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice_local.config import STAGES, load
from voice_local.errors import ModelMissingError
from voice_local.models.folder import RENAMED, ModelFolder, tiny_folder, write_manifest
from voice_local.models.properties import intents_of
from voice_local.profile_choice import require
from voice_local.supply.bundle import EMBEDDED

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("prefix", ["", "tiny:"])
@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("ears", "ears", "tiny-stt"),
        ("mind/mind.gguf", "mind/mind.gguf", "tiny-llm/model.gguf"),
        ("mind", "mind", "tiny-llm"),
        ("voice", "voice", "tiny-tts"),
        ("understanding", "understanding", "tiny-classifier"),
        ("understanding/intent.onnx", "understanding", "tiny-classifier"),
    ],
)
def test_the_new_name_is_told(prefix: str, name: str, old: str, new: str) -> None:
    models = ModelFolder(tiny_folder())
    for look_up in (models.file, models.folder):
        with pytest.raises(ModelMissingError) as told:
            look_up(f"{prefix}{name}")
        assert told.value.cause == f"the embedded model {old} is called {new} now"
        assert told.value.remedy == f"write {new} instead of {old} in the settings or the profile"


def test_settings_with_an_old_name_are_refused_so() -> None:
    old = {"model": "understanding"}
    with pytest.raises(ModelMissingError, match="tiny-classifier"):
        intents_of(load("tiny", intent=old, emotion=old))


def test_so_are_they_before_anything_is_loaded() -> None:
    with pytest.raises(ModelMissingError, match="the embedded model voice is called tiny-tts now"):
        require(load("tiny", tts={"model": "voice"}), STAGES)


def test_the_new_names_are_those_of_the_embedded_models() -> None:
    assert {new.split("/")[0] for new in RENAMED.values()} == set(EMBEDDED) - {"silero-vad"}


def test_a_model_of_one_s_own_may_have_such_a_name(tmp_path: Path) -> None:
    (tmp_path / "voice").mkdir()
    (tmp_path / "voice" / "config.json").write_text("{}", encoding="utf-8")
    write_manifest(tmp_path)
    assert ModelFolder(tmp_path).folder("voice") == tmp_path / "voice"
    with pytest.raises(ModelMissingError, match="ears is not in the manifest"):
        ModelFolder(tmp_path).folder("ears")
