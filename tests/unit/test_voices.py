"""The catalogue of voices: names, what is installed, which voice a person means, what else may be
spoken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from voice_local import (
    extras,
)
from voice_local.cli import app as commands
from voice_local.config import (
    Settings,
    load,
)
from voice_local.conversation.context.languages import Languages
from voice_local.engine import voice_models, voices
from voice_local.errors import (
    ConfigError,
    ModelMissingError,
    TextInputError,
    VoiceLocalError,
)
from voice_local.models.folder import (
    ModelFolder,
    home,
    tiny_folder,
    write_manifest,
)
from voice_local.models.lock import (
    read_lock,
    shipped_lock,
)
from voice_local.text import espeak

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """espeak-ng counts as installed."""
    monkeypatch.setattr(espeak, "available", lambda: True)


def install(root: Path, model: str, files: dict[str, Any], **about: Any) -> None:
    """A model's folder as the downloader leaves it, the weights aside."""
    for name, content in files.items():
        path = root / model / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    known = (
        json.loads((root / "manifest.json").read_text()).get("models", {})
        if (root / "manifest.json").exists()
        else {}
    )
    write_manifest(root, {**known, model: {"stage": "tts", "license": "MIT", **about}})


@pytest.fixture
def kokoro() -> Path:
    """Kokoro among the shared models."""
    install(
        home(), voice_models.KOKORO_MODEL, {"README.md": "weights elsewhere"}, architecture="kokoro"
    )
    return home()


def tts(settings: Settings) -> tuple[str, str, str | None]:
    return settings.tts.adapter, settings.tts.model, settings.tts.voice


def test_every_english_voice_of_kokoro_is_named() -> None:
    named = {voice.full: voice for voice in voices.catalogue(load("small"))}
    english = [
        voice
        for voice in named.values()
        if voice.engine == "kokoro" and voice.language.startswith("en")
    ]
    assert len(english) == 28 and sum(voice.language == "en-GB" for voice in english) == 8
    assert {voice.language for voice in named.values()} == {
        "en-US",
        "en-GB",
        "es",
        "fr",
        "hi",
        "it",
        "pt",
    }
    assert {"hibari/heart", "coqui/joe", "coqui/slt-tiny", "kokoro/bf_emma"} <= named.keys()
    for voice in named.values():
        assert voice.license and voice.bytes > 0 and (voice.place or voice.command)


def test_a_voice_decides_the_engine_in_every_profile(kokoro: Path) -> None:
    for profile, place in (
        ("small", voice_models.KOKORO_MODEL),
        ("tiny", f"store:{voice_models.KOKORO_MODEL}"),
    ):
        settings = voices.speaking(load(profile), "kokoro/bf_emma")
        assert tts(settings) == ("tts_kokoro", place, "bf_emma")
        assert (
            ModelFolder(tiny_folder() if profile == "tiny" else home()).folder(place)
            == home() / voice_models.KOKORO_MODEL
        )
    assert tts(voices.speaking(load("small"), "coqui/slt-tiny")) == (
        "tts_coqui",
        "tiny:tiny-tts",
        "slt-tiny",
    )
    assert tts(voices.speaking(load("tiny"), "slt-tiny")) == ("tts_coqui", "tiny-tts", "slt-tiny")
    assert tts(voices.speaking(load("tiny"), "bf_emma"))[0] == "tts_kokoro", (
        "a bare name that only one engine has"
    )
    assert tts(voices.speaking(load("tiny", tts={"voice": "kokoro/bf_emma"})))[2] == "bf_emma", (
        "from the settings"
    )


def test_a_voice_that_is_not_there_names_the_command_that_fetches_it() -> None:
    for name, command in (
        ("kokoro/bf_emma", "voice-local models download kokoro"),
        ("coqui/joe", "voice-local models download joe"),
    ):
        with pytest.raises(ModelMissingError, match=f"the voice {name} is not installed") as told:
            voices.speaking(load("small"), name)
        assert told.value.remedy == command


def test_the_commands_aliases_are_in_the_lock() -> None:
    lock = read_lock(shipped_lock())
    assert [entry.name for entry in lock.of(None, ["kokoro", "joe"])] == [
        voice_models.KOKORO_MODEL,
        voice_models.JOE_MODEL,
    ]
    assert len(lock.of(None, ["joe", voice_models.JOE_MODEL])) == 1, (
        "one model under two names is one model"
    )


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("kokoro/bf_ema", "kokoro/bf_emma"),
        ("af_hart", "kokoro/af_heart"),
        ("hibari/hart", "hibari/heart"),
        ("coqui/jo", "coqui/joe"),
        ("piper/zzzzzz", ""),
        ("", ""),
        ("/", ""),
    ],
)
def test_an_unknown_voice_is_told_near_names_or_the_list(name: str, near: str) -> None:
    with pytest.raises(TextInputError, match="unknown voice") as told:
        voices.find(name, load("small"))
    assert near in told.value.remedy and told.value.remedy.endswith(voices.LIST)
    assert bool(near) == ("did you mean" in told.value.remedy)


def test_a_bare_name_of_two_engines_is_the_model_s_own_or_refused() -> None:
    install(
        home(),
        "mine",
        {"config.json": {"model": "vits"}, "voice.json": {"voices": ["heart"]}},
        architecture="vits",
    )
    settings = load("small")
    assert tts(voices.speaking(settings, "heart"))[0] == "tts_hibari", "the profile's own"
    with pytest.raises(TextInputError, match="of several engines") as told:
        voices.speaking(load("tiny"), "heart")
    assert "hibari/heart" in told.value.remedy and "coqui/heart" in told.value.remedy
    assert tts(voices.speaking(settings, "coqui/heart")) == ("tts_coqui", "mine", "heart")


def test_models_of_a_person_s_own_are_listed() -> None:
    install(
        home(),
        "vctk",
        {
            "config.json": {"model": "vits", "phoneme_language": "en"},
            "voice.json": {"voices": ["p225", "p226"]},
        },
        architecture="vits",
    )
    install(
        home(),
        "bark",
        {"config.json": {"model_type": "bark"}, "presets/calm/a.txt": "", "presets/calm/b.txt": ""},
    )
    install(home(), "broken", {"config.json": "{", "voice.json": "{}"})
    named = [voice.full for voice in voices.catalogue(load("small"))]
    assert {"coqui/p225", "coqui/p226", "bark/calm", "bark/none"} <= set(named) and named.count(
        "bark/calm"
    ) == 1
    assert tts(voices.speaking(load("tiny"), "p226")) == ("tts_coqui", "store:vctk", "p226")


def test_a_voice_that_the_settings_name_has_to_be_one() -> None:
    assert tts(voices.speaking(load("tiny", tts={"voice": "slt-tiny"})))[2] == "slt-tiny"
    for profile, name, known in (
        ("tiny", "slt", "coqui/slt-tiny"),
        ("small", "adam", "hibari/heart"),
    ):
        with pytest.raises(TextInputError, match=f"unknown voice '{name}'") as told:
            voices.speaking(load(profile, tts={"voice": name}))
        assert known in told.value.remedy


def test_a_conversation_in_another_voice(kokoro: Path) -> None:
    settings = voices.speaking(load("small"))
    spanish = Languages(voices.in_voice(settings, "kokoro/ef_dora"))
    assert (spanish.voice(None), spanish.voice("es"), spanish.voice("en"), spanish.voice("fr")) == (
        "kokoro/ef_dora",
        "kokoro/ef_dora",
        "hibari/heart",
        "kokoro/ff_siwis",
    )
    assert Languages(voices.in_voice(settings, "hibari/heart")).voice("en") == "heart", (
        "the engine's own, by its bare name"
    )
    with pytest.raises(TextInputError, match="unknown voice 'nobody'") as told:
        voices.in_voice(settings, "nobody")
    assert "hibari/heart" in told.value.remedy


def test_an_engine_alone_is_its_first_voice(kokoro: Path) -> None:
    assert tts(voices.speaking(load("small"), engine="kokoro"))[0] == "tts_kokoro"
    assert tts(voices.speaking(load("small"), engine="hibari")) == ("tts_hibari", "hibari", None), (
        "the profile's"
    )
    assert tts(voices.speaking(load("small"), engine="coqui")) == (
        "tts_coqui",
        "tiny:tiny-tts",
        "slt-tiny",
    ), "joe is not here"
    assert tts(voices.speaking(load("small"), "bf_emma", "kokoro"))[2] == "bf_emma"
    with pytest.raises(ConfigError, match="unknown engine 'piper'"):
        voices.speaking(load("small"), engine="piper")


def test_other_languages_get_the_voices_that_are_installed(
    kokoro: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = voices.speaking(load("small"))
    assert settings.tts.language == "en" and tts(settings)[0] == "tts_hibari"
    assert settings.tts.voices_by_language == {
        "es": "kokoro/ef_dora",
        "fr": "kokoro/ff_siwis",
        "hi": "kokoro/hf_alpha",
        "it": "kokoro/if_sara",
        "pt": "kokoro/pf_dora",
    }
    assert voices.speaking(settings) == settings, "told again, nothing changes"
    only = voices.speaking(load("small", stt={"language": "fr"}))
    assert only.tts.voices_by_language == {"fr": "kokoro/ff_siwis"}
    own = voices.speaking(
        load("small", tts={"voices_by_language": {"es": "kokoro/em_alex", "fr": ""}})
    )
    assert own.tts.voices_by_language["es"] == "kokoro/em_alex" and voices.speaking(own) == own
    assert (
        Languages(own.tts).speaks("es")
        and Languages(own.tts).speaks("it")
        and not Languages(own.tts).speaks("fr")
    )
    spanish = voices.speaking(load("small"), "kokoro/ef_dora")
    assert spanish.tts.language == "es" and spanish.tts.voices_by_language["en"] == "hibari/heart"
    with pytest.raises(TextInputError, match="unknown voice"):
        voices.speaking(load("small", tts={"voices_by_language": {"es": "kokoro/nobody"}}))
    monkeypatch.setattr(espeak, "available", lambda: False)
    assert voices.speaking(load("small")).tts.voices_by_language == {}
    with pytest.raises(ConfigError, match="kokoro/ef_dora needs espeak-ng") as told:
        voices.find("kokoro/ef_dora", load("small"))
    assert told.value.remedy == espeak.INSTALL


def test_a_conversion_without_its_libraries_is_refused_before_the_download(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from voice_local.supply import fetch

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    joe = read_lock(shipped_lock()).of(None, ["joe"])
    with pytest.raises(ConfigError, match=r"coqui-joe has to be converted.*TTS, torch") as told:
        fetch.check(joe, (), tmp_path, None)
    assert told.value.remedy == extras.remedy("coqui")
    assert fetch.check(read_lock(shipped_lock()).of(None, ["kokoro"]), (), tmp_path, None), (
        "nothing is converted"
    )


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    commands.app(["voices", *arguments], standalone_mode=False)
    return capsys.readouterr().out


def test_the_command_lists_language_size_licence_and_what_fetches_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = {row["voice"]: row for row in json.loads(listed(capsys, "--profile", "tiny", "--json"))}
    assert (
        rows["kokoro/bf_emma"]["language"] == "en-GB"
        and rows["kokoro/bf_emma"]["license"] == "Apache-2.0"
    )
    assert (
        rows["coqui/joe"]["command"] == "voice-local models download joe"
        and not rows["coqui/joe"]["ready"]
    )
    assert rows["coqui/slt-tiny"]["ready"]
    told = listed(capsys, "--profile", "tiny", "--language", "es")
    assert "kokoro/ef_dora" in told and "bf_emma" not in told
    for arguments in (["nobody"], ["--out", "x.wav"], ["kokoro/bf_emma", "--out", "x.wav"]):
        with pytest.raises(VoiceLocalError):
            listed(capsys, "--profile", "tiny", *arguments)
