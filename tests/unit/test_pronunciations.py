"""The pronunciation dictionary: what it takes, where it applies, what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice_local.config import load
from voice_local.errors import ConfigError
from voice_local.text.pronounce import (
    for_hibari,
    misaki,
    with_letter_a,
)
from voice_local.text.pronunciations import Pronunciations
from voice_local.text.speech.speakable import speakable

pytestmark = pytest.mark.unit


def _said(text: str, **table: str) -> str:
    return speakable(text, pronunciations=Pronunciations.load(table))


def test_respellings_are_applied_to_whole_words() -> None:
    assert (
        _said("Start nginx, Nginx or nginxes.", nginx="engine ex")
        == "Start engine ex, engine ex or nginxes."
    )


def test_capitals_count_where_the_entry_has_them() -> None:
    assert _said("Polish the Polish table.", Polish="Poelish") == "Poelish the Poelish table."
    assert _said("polish the Polish table.", Polish="Poelish") == "polish the Poelish table."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Use SQL now.", "Use sequel now."),
        ("SQLs", "S Q L's"),
        ("AB12 is here", "the box is here"),
        ("Dr. Lee's", "Doctor Lay's"),
        ("In New York and York", "In Noo York and Yawk"),
    ],
)
def test_they_go_before_every_rule(text: str, said: str) -> None:
    assert (
        _said(
            text,
            **{
                "SQL": "sequel",
                "AB12": "the box",
                "Lee": "Lay",
                "York": "Yawk",
                "New York": "Noo York",
            },
        )
        == said
    )


def test_a_respelling_that_holds_its_word_is_applied_once() -> None:
    assert _said("Go, then St. St.", go="go on") == "go on, then Saint Street."


def test_apply_is_the_respelling_alone() -> None:
    table = Pronunciations.load({"nginx": "engine ex", "Siobhan": "/ʃəˈvɔːn/"})
    assert table.apply("NGINX at 5 by Siobhan") == "engine ex at 5 by Siobhan"
    assert table.phones == {"Siobhan": "ʃəˈvɔːn"}


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("Siobhan's here, SIOBHAN is not.", "[Siobhan](/ʃəˈvɔːn/)'s here, siobhan is not."),
        ("Ask Zoë at 5.", "Ask [Zoe](/ˈzoʊi/) at five."),
        ("GIF!", "[GIF](/dʒɪf/)!"),
    ],
)
def test_words_with_phones_reach_the_voice_as_they_are(text: str, given: str) -> None:
    table = Pronunciations.load({"Siobhan": "/ʃəˈvɔːn/", "Zoë": "/ˈzoʊi/", "GIF": "/dʒɪf/"})
    words = speakable(text, pronunciations=table)
    assert table.with_phones(words, lambda word, phones: f"[{word}](/{phones}/)") == given


@pytest.mark.parametrize(
    "table",
    [
        {"nginx": "engine 1"},
        {"nginx": ""},
        {"nginx": "//"},
        {"nginx": "/a/b/"},
        {"": "a"},
        {"nginx": "<b>"},
        {"AB12": "/a/"},
        {"nginx": 5},
    ],
)
def test_what_cannot_be_read_out_is_refused_by_name(table: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        Pronunciations.load(table)
    assert repr(next(iter(table))) in caught.value.cause and caught.value.remedy


def test_a_file_is_read_and_its_faults_told(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('nginx = "engine ex"\n"New York" = "Noo York"\n', encoding="utf-8")
    assert Pronunciations.load(path).apply("nginx in New York") == "engine ex in Noo York"
    path.write_text("nginx", encoding="utf-8")
    with pytest.raises(ConfigError, match="TOML"):
        Pronunciations.load(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        Pronunciations.load(tmp_path / "none.toml")


def test_settings_take_a_table_or_a_file() -> None:
    assert load("tiny", tts={"pronunciations": {"nginx": "engine ex"}}).tts.pronunciations == {
        "nginx": "engine ex"
    }
    assert load("tiny", tts={"pronunciations": "/x/own.toml"}).tts.pronunciations == Path(
        "/x/own.toml"
    )


def test_phones_need_a_voice_that_takes_them() -> None:
    table = Pronunciations.load({"Siobhan": "/ʃəˈvɔːn/"})
    table.require(True, "tts_hibari")
    Pronunciations.load({"nginx": "engine ex"}).require(False, "tts_coqui")
    with pytest.raises(ConfigError, match=r"'Siobhan'.*tts_coqui"):
        table.require(False, "tts_coqui")


@pytest.mark.parametrize(
    ("ipa", "taken"),
    [
        ("ʃəˈvɔːn", "ʃəvˈɔn"),
        ("ˈzoʊi", "zˈOi"),
        ("dʒɪf", "ʤɪf"),
        ("ˈstreɪt.tʃər", "stɹˈAtʧəɹ"),
        ("həlˈO", "həlˈO"),
        ("ˌɪndiˈænə", "ˌɪndiˈænə"),
    ],
)
def test_ipa_becomes_the_alphabet_of_the_voice(ipa: str, taken: str) -> None:
    assert misaki(ipa) == taken


def test_a_voice_is_given_phones_and_the_letter_a() -> None:
    table = Pronunciations.load({"Siobhan": "/ʃəˈvɔːn/"})
    assert for_hibari("Siobhan has A B one", table) == "[Siobhan](/ʃəvˈɔn/) has eh B one"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("eight A M", "eight ae M"),
        ("A B one two", "ae B one two"),
        ("the U S A won", "the U S ae won"),
        ("the C I A won", "the C I ae won"),
        ("room four A", "room four ae"),
        ("A cat", "A cat"),
        ("Order B A is here", "Order B ae is here"),
        ("A seven", "ae seven"),
        ("I saw a cat. A dog", "I saw a cat. A dog"),
    ],
)
def test_the_letter_a_is_told_from_the_article(text: str, written: str) -> None:
    assert with_letter_a(text, "ae") == written
