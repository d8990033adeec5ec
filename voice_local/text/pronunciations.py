"""A pronunciation dictionary: words, and how a voice is to pronounce them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from voice_local.errors import ConfigError
from voice_local.text.speech.rules import (
    Reading,
    Rule,
)
from voice_local.text.speech.signs import (
    only_speech,
    unaccented,
)

_WORD = re.compile(r"[^\W_](?:[\w .&'’+#/-]*[\w.+#])?")
_RESPELLING = re.compile(r"[^\W\d_](?:[^\W\d_]|['’ ,.-])*")
_PHONES = re.compile(r"/(?P<phones>[^/\[\]()<>]*[^\s/\[\]()<>][^/\[\]()<>]*)/")
_FORM = 'write WORD = "respelling" in letters, or WORD = "/phones/"'


@dataclass(frozen=True)
class Pronunciations:
    """Whole words and their respellings or phones.

    A word with capitals is matched case-sensitively, others in any case.

    Attributes:
        respellings: word → a spelling that is read as it is pronounced ("nginx" → "engine ex").
        phones: word → phones (IPA), for voices that accept them.
    """

    respellings: Mapping[str, str] = field(default_factory=dict)
    phones: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, table_or_file: Mapping[str, str] | Path) -> Pronunciations:
        """Reads a table, or a TOML file with one.

        Raises:
            ConfigError: the file cannot be read, or an entry is neither a respelling nor phones in
                slashes.
        """
        table = _read(table_or_file) if isinstance(table_or_file, Path) else table_or_file
        respellings, phones = {}, {}
        for word, said in table.items():
            if not isinstance(said, str) or not _WORD.fullmatch(word):
                raise ConfigError(f"the pronunciation of {word!r} is not an entry", _FORM)
            if found := _PHONES.fullmatch(said.strip()):
                if not only_speech(unaccented(word)) or re.search(r"\d", word):
                    raise ConfigError(
                        f"the pronunciation of {word!r} gives phones to what is no word of letters",
                        _FORM,
                    )
                phones[word] = found["phones"].strip()
            elif _RESPELLING.fullmatch(said.strip()):
                respellings[word] = said.strip()
            else:
                raise ConfigError(
                    f"the pronunciation of {word!r} is {said!r}, which cannot be read out", _FORM
                )
        return cls(respellings, phones)

    def apply(self, text: str) -> str:
        """`text` with the respellings put in."""
        return _replaced(text, self.respellings, lambda word, said: said)

    def rules(self, *, again: bool = False) -> tuple[Rule, ...]:
        """Rules that put in the respellings, and keep words with phones from other rules.

        `again`: the text has already been through these rules; the respellings in it are kept.
        """
        respelled = dict.fromkeys(self.respellings.values(), "") if again else self.respellings
        table = {**respelled, **dict.fromkeys(self.phones, "")}
        return tuple(Rule(pattern, _saying(said)) for pattern, _, said in _patterns(table))

    def with_phones(self, text: str, write: Callable[[str, str], str]) -> str:
        """`text`, after `speakable`, with every word that has phones replaced by `write(word,
        phones)`."""
        spoken = {only_speech(unaccented(word)): said for word, said in self.phones.items()}
        return _replaced(text, {**spoken, **self.phones}, write)

    def require(self, takes_phones: bool, engine: str) -> None:
        """Raises:
        ConfigError: there are phones, and the engine takes none.
        """
        if self.phones and not takes_phones:
            word = next(iter(self.phones))
            raise ConfigError(
                f"the pronunciation of {word!r} is given in phones, which {engine} does not take",
                "respell it in letters, or use a hibari or Kokoro voice",
            )


def _read(path: Path) -> Mapping[str, str]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"the pronunciations {path} cannot be read ({error.strerror})", _FORM
        ) from None
    except ValueError as error:
        raise ConfigError(f"the pronunciations {path} are not TOML ({error})", _FORM) from None


def _patterns(table: Mapping[str, str]) -> list[tuple[re.Pattern[str], str, str]]:
    """(pattern, word, replacement) of each entry, longest first: "New York" before "York"."""
    return [
        (
            re.compile(
                rf"(?<![\w]){re.escape(word)}(?![\w])", re.IGNORECASE if word == word.lower() else 0
            ),
            word,
            said,
        )
        for word, said in sorted(table.items(), key=lambda entry: -len(entry[0]))
    ]


def _saying(said: str) -> Callable[[re.Match[str], Reading], str]:
    return lambda match, reading: said or match[0]


def _replaced(text: str, table: Mapping[str, str], write: Callable[[str, str], str]) -> str:
    if not table:
        return text
    patterns = _patterns(table)
    one = re.compile(
        "|".join(
            f"(?P<w{number}>{'(?i:' if pattern.flags & re.IGNORECASE else '(?:'}{pattern.pattern}))"
            for number, (pattern, _, _) in enumerate(patterns)
        )
    )
    return one.sub(
        lambda match: write(match[0], patterns[int((match.lastgroup or "w0")[1:])][2]), text
    )
