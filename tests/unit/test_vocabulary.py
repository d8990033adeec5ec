"""Vocabularies as people give them: parted, checked, refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice_local.errors import TextInputError
from voice_local.text import vocabulary

pytestmark = pytest.mark.unit


def test_terms_are_parted_by_commas_semicolons_and_lines() -> None:
    found = vocabulary.parse_vocabulary(" flat  white, cortado;\nDr. O'Neill\r\ncortado,,")
    assert found == ("flat white", "cortado", "Dr. O'Neill")


def test_a_file_of_that_name_is_read(tmp_path: Path) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("\ufeffKaczmarek\nMüller-Lüdenscheidt\n", encoding="utf-8")
    assert vocabulary.load_vocabulary(str(file)) == ("Kaczmarek", "Müller-Lüdenscheidt")
    assert vocabulary.load_vocabulary("Kaczmarek, terms.txt") == ("Kaczmarek", "terms.txt")
    assert vocabulary.load_vocabulary("a\x00b".replace("\x00", " ") * 200)[0].startswith("a b")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "no terms"),
        (" , ;\n", "no terms"),
        ("…, !", "no terms"),
        ("word, " * 2000, "the limit is 1000"),
        ("milk, <|endoftext|>", "'<', which is markup"),
        ("<b>milk</b>", "markup"),
        ("{{ milk }}", "markup"),
        ("milk\x1b[31m", "markup"),
        ("a | b", "markup"),
    ],
)
def test_what_cannot_be_a_vocabulary_is_refused(text: str, cause: str) -> None:
    with pytest.raises(TextInputError, match=cause) as told:
        vocabulary.load_vocabulary(text)
    assert told.value.remedy and "\n" not in told.value.cause


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.mkdir(),
        lambda path: path.write_bytes(b"caf\xe9\n"),
        lambda path: path.write_bytes(b"\0" * 50),
        lambda path: path.write_text("term, " * 500),
    ],
)
def test_a_file_that_holds_none_is_refused(tmp_path: Path, make: object) -> None:
    make(tmp_path / "terms")  # type: ignore[operator]
    with pytest.raises(TextInputError) as told:
        vocabulary.load_vocabulary(str(tmp_path / "terms"))
    assert told.value.remedy


def test_terms_within_longer_ones_need_no_place_in_a_prompt() -> None:
    terms = ("milk", "skim milk", "Milk Skim", "a bit of", "a little bit of", "bit of")
    assert vocabulary.without_contained(terms) == [
        "skim milk",
        "Milk Skim",
        "a bit of",
        "a little bit of",
    ]


def test_the_share_of_a_text_that_the_terms_cover() -> None:
    terms = ("skim milk", "latte")
    assert vocabulary.share_of_terms("A latte, with Skim-Milk!", terms) == pytest.approx(3 / 5)
    assert vocabulary.share_of_terms("milk", terms) == 0.0
    assert vocabulary.share_of_terms("", terms) == 0.0


def test_a_clients_words_are_taken_as_far_as_they_are_terms() -> None:
    assert vocabulary.terms_of("mocha, latte", "Siobhan") == ("mocha", "latte", "Siobhan")
    assert vocabulary.terms_of("<|endoftext|>") == ("endoftext",)
    assert vocabulary.terms_of("", "…!") == ()
    assert vocabulary.terms_of("old, " * 500, "new")[-1] == "new"
