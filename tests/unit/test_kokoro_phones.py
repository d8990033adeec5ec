"""Phones in Kokoro's alphabet, and the pieces they are spoken in."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest

from voice_local.errors import ConfigError
from voice_local.stages.tts import kokoro_phones
from voice_local.stages.tts.kokoro_phones import (
    MOST,
    Phones,
    in_alphabet,
    pieces,
)
from voice_local.text import espeak

pytestmark = pytest.mark.unit
needs_espeak = pytest.mark.skipif(
    shutil.which(espeak.PROGRAM) is None, reason=f"espeak-ng is not here: {espeak.INSTALL}"
)
LONG = "ðə mˈiTɪŋ əbˈWt ðə nˈu lˈIbɹˌɛɹi wʌz mˈuvd fɹʌm tˈuzdˌA tə θˈɜɹzdˌA, bəkˈʌz θɹˈi ʌv ðə pˈipᵊl hæd tə ɡˈO."


def test_the_table_is_the_one_of_kokoro_s_config() -> None:
    """sha256 of the 114 entries of `vocab` in hexgrad/Kokoro-82M's config.json, sorted."""
    table = Phones().table
    assert len(table) == 114 and max(table.values()) == 177
    digest = hashlib.sha256(json.dumps(sorted(table.items())).encode()).hexdigest()
    assert digest == "145715f58569e6d5e0d28dac63b91edc652c4d95284c0475e8a79118d796f232"


def test_english_is_read_with_its_accent() -> None:
    phones = Phones()
    american, british = (
        phones.of("I heard you at the start.", language) for language in ("en-US", "en-GB")
    )
    assert "stˈɑɹt" in american and "stˈɑːt" in british
    assert all(char in phones.table for char in american + british)
    assert phones.of("one\n\ntwo", "en-US") == "wˈʌn tˈu"


def test_espeak_s_phones_are_written_as_misaki_writes_them() -> None:
    assert in_alphabet("t^ʃˈiko ˈo^ʊ d^ʒ ˈa^ɪ") == "ʧˈiko ˈO ʤ ˈI"
    assert in_alphabet("de- flˈaɡ «a»") == "de flˈaɡ “a”"


@needs_espeak
@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("Hola, ¿qué tal?", "es", "ˈola, kˈe tˈal?"),
        ("Bonjour !", "fr", "bɔ̃ʒˈuʁ!"),
        ("नमस्ते!", "hi", "nəmˈʌsteː!"),
    ],
)
def test_other_languages_are_read_by_espeak(text: str, language: str, wanted: str) -> None:
    assert Phones().of(text, language).replace(" !", "!") == wanted


@needs_espeak
def test_punctuation_stays_and_numbers_stay_whole() -> None:
    assert espeak.phones("Sí, 1,5 km: ¡bien!", "es").count(",") == 1
    assert "(" not in espeak.phones("Le Bluetooth est en panne", "fr-fr"), (
        "no mark of another language"
    )
    long = "palabra " * 120
    assert len(espeak.phones(long, "es").split()) == 120
    assert espeak.phones("", "es") == "" and espeak.phones("?!", "es") == "?!"


def test_without_espeak_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert not espeak.available()
    with pytest.raises(ConfigError, match="espeak-ng is not installed") as told:
        Phones().of("Hola", "es")
    assert told.value.remedy == "apt-get install espeak-ng"


def bare(text: str) -> str:
    return "".join(char for char in text if char not in " ,")


@pytest.mark.parametrize(
    "text", [LONG, LONG * 9, "a" * 1200, " ".join(["kˈæt"] * 300), "jˈɛs.", "", "  "]
)
@pytest.mark.parametrize("first", [10, 22, 600])
def test_pieces_hold_every_phone_and_fit_the_model(text: str, first: int) -> None:
    found = pieces(text, first, 1.5)
    assert bare("".join(found)) == bare(text)
    assert all(0 < len(piece) <= MOST for piece in found)


def test_the_first_piece_is_short_and_each_later_one_longer() -> None:
    found = pieces(LONG, 22, 1.5)
    assert len(found) >= 3 and len(found[0]) <= 36
    assert found[0] == "ðə mˈiTɪŋ əbˈWt,", "before an unstressed word, closed with a comma"
    assert all(piece[-1] in kokoro_phones.ENDS for piece in found)
    assert pieces("jˈɛs, ˌI kˈæn.", 22, 1.5) == ["jˈɛs, ˌI kˈæn."], "too short to be cut"
