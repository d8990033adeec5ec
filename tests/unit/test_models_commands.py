"""`voice-local models …`: what a person is told of profiles, of folders without models and of
manifests and locks that say odd things."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.unit.model_files import install, write_model
from voice_local.cli.app import app
from voice_local.config_files import own_profile
from voice_local.errors import ConfigError, InputError, ModelError, VoiceLocalError
from voice_local.models.folder import MANIFEST, home
from voice_local.models.lock import shipped_lock
from voice_local.supply import custom, placing, store

pytestmark = pytest.mark.unit


def said(*words: str) -> str:
    """What `voice-local models` prints on standard output; its refusal is raised."""
    result = CliRunner().invoke(app, ["models", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def listed(*words: str) -> dict[str, dict[str, Any]]:
    """What `models list --json` tells, by name."""
    return {row["name"]: row for row in json.loads(said("list", "--json", *words))["models"]}


def test_a_profile_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown profile 'bogus'") as told:
        said("list", "--profile", "bogus")
    assert "small" in told.value.remedy


def test_tiny_lists_the_models_that_come_with_the_package() -> None:
    rows = listed("--profile", "tiny")
    assert {name: row["state"] for name, row in rows.items()} == dict.fromkeys(
        ("tiny-stt", "tiny-classifier", "tiny-llm", "tiny-tts"), "embedded"
    )
    assert rows["tiny-llm"]["stage"] == "llm" and rows["tiny-llm"]["bytes"] > 1e6
    assert rows["tiny-stt"]["profiles"] == ["tiny"] and rows["tiny-stt"]["license"]
    assert "Embedded" in said("list", "--profile", "tiny")


def test_ones_own_profile_lists_what_it_uses(tmp_path: Path) -> None:
    custom.add(write_model(tmp_path / "mine.gguf"), "llm", "MIT", home(), base="small")
    profile = own_profile("own-mine")
    rows = listed("--profile", "own-mine")
    assert rows["mine.gguf"]["state"] == "own" and rows["mine.gguf"]["license"] == "MIT"
    assert rows["whisper-base"]["state"] in ("locked", "unlocked")
    assert rows["understanding"]["state"] == "embedded" and "hibari" in rows
    profile.write_text(profile.read_text().replace("mine.gguf", "other.gguf"))
    assert listed("--profile", "own-mine")["other.gguf"]["state"] == "missing"
    assert "Not here" in said("list", "--profile", "own-mine")
    elsewhere = tmp_path / "elsewhere"
    install(elsewhere, "other.gguf")
    profile.write_text(f'models_dir = "{elsewhere}"\n{profile.read_text()}')
    assert listed("--profile", "own-mine")["other.gguf"]["state"] == "own"


@pytest.mark.parametrize("profile", ["small", "cpu"])
def test_a_profile_of_the_lock_is_listed_as_before(profile: str) -> None:
    rows = listed("--profile", profile)
    assert rows and all(profile in row["profiles"] for row in rows.values())


@pytest.mark.parametrize("folder", ["none", "empty"])
def test_without_models_verify_says_how_to_get_some(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    for words in ((), ("--models-dir", str(tmp_path / folder))):
        with pytest.raises(ModelError, match="no models are installed in") as told:
            said("verify", *words)
        assert told.value.remedy == "voice-local models download --profile small"
    with pytest.raises(ModelError, match="there is no bundle at"):
        said("verify", str(tmp_path / "nothing"))


def test_stages_and_licences_are_no_markup(tmp_path: Path) -> None:
    install(home(), "m.gguf")
    manifest = json.loads((home() / MANIFEST).read_text())
    manifest["models"]["m.gguf"]["stage"] = "[/b]"
    (home() / MANIFEST).write_text(json.dumps(manifest))
    assert "[/b]" in said("list")
    lock = json.loads(shipped_lock().read_text())
    lock["models"][0]["license"] = "[/b]"
    lock["models"][0]["profiles"] = ["[/i]"]
    (tmp_path / "lock.json").write_text(json.dumps(lock))
    path = ("--lock", str(tmp_path / "lock.json"))
    assert "[/i]" in said("list", *path) and "[/b]" in said("licenses", *path)
    assert "[/b]" in said("licenses", "--full", lock["models"][0]["name"], *path)


def test_a_manifest_without_sizes_is_told() -> None:
    install(home(), "m.gguf")
    (home() / MANIFEST).write_text('{"files": {"m.gguf": {}}, "models": {"m.gguf": {}}}')
    with pytest.raises(ModelError, match="is not a model manifest"):
        said("list")


def test_names_that_are_too_long_are_told(tmp_path: Path) -> None:
    long = str(tmp_path / ("x" * 300))
    for words in (
        ("list", "--models-dir", long),
        ("list", "--profile", "own-nothing", "--models-dir", long),
        ("list", "--lock", long),
        ("licenses", "--full", "whisper-base", "--models-dir", long),
        ("add", long, "--stage", "llm", "--license", "MIT"),
        ("verify", long),
        ("verify", "--models-dir", long),
        ("import", long),
        ("convert", "bark_to_safetensors", long, str(tmp_path / "out")),
        ("convert", "bark_to_safetensors", str(tmp_path), long),
        ("bundle", "--out", long, "--no-wheelhouse"),
        ("download", "whisper-base", "--models-dir", long),
    ):
        with pytest.raises(VoiceLocalError) as told:
            said(*words)
        assert len(told.value.cause) < 400, words


def test_a_licence_text_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    text = tmp_path / store.LICENSES / "whisper-base" / "LICENSE"
    text.mkdir(parents=True)
    with pytest.raises(InputError, match="LICENSE cannot be read"):
        said("licenses", "--full", "whisper-base", "--models-dir", str(tmp_path))
    text.rmdir()
    text.write_text("these are the terms")
    assert "these are the terms" in said(
        "licenses", "--full", "whisper-base", "--models-dir", str(tmp_path)
    )


def test_adding_again_says_that_the_profile_stays(tmp_path: Path) -> None:
    path = str(write_model(tmp_path / "mine.gguf"))
    words = ("add", path, "--stage", "llm", "--license", "MIT", "--json")
    assert json.loads(said(*words))["profile_made"]
    assert not json.loads(said(*words))["profile_made"]
    result = CliRunner().invoke(app, ["models", *words[:-1]])
    assert "was there already and stays as it is" in result.stderr


def test_the_lock_of_models_is_filled_in_by_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read before it is written is read when nobody else writes."""
    from voice_local.supply import locking

    shutil.copyfile(shipped_lock(), tmp_path / "lock.json")
    held: list[Path] = []
    holding = placing.held

    def watched(folder: Path, note: placing.Note = placing.nobody) -> Any:
        held.append(folder)
        return holding(folder, note)

    monkeypatch.setattr(placing, "held", watched)
    monkeypatch.setattr(locking, "lock_all", lambda before, *_, **__: (before, []))
    said("lock", "--lock", str(tmp_path / "lock.json"))
    assert held == [tmp_path]
