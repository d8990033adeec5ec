"""Folders of recordings with their words, in the layouts that people have them in."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from voice_local.errors import (
    AudioInputError,
    TextInputError,
)

AUDIO_SUFFIXES = (".flac", ".wav", ".mp3", ".ogg", ".opus", ".aiff", ".au")
NAMES = ("transcripts", "transcript", "metadata", "manifest")
"""How a table of transcripts is called where other tables lie beside it, the likeliest first."""

AUDIO_KEYS = (
    "audio",
    "path",
    "audio_path",
    "audio_filepath",
    "audio_file",
    "file",
    "filename",
    "file_name",
    "wav",
)
TEXT_KEYS = ("text", "sentence", "transcript", "transcription", "raw_transcription")
SPEAKER_KEYS = ("speaker", "speaker_id", "client_id")
NOISE_KEYS = ("noise", "snr_db", "snr", "condition")
LAYOUTS = (
    "LibriSpeech (*.trans.txt), a table (.tsv, .csv or .jsonl: audio, text; speaker and noise if "
    "known), "
    "or a .txt beside each recording"
)
LONGEST_NAME = 40  # Common Voice calls people by 128 letters


@dataclass(frozen=True)
class Utterance:
    """A recording and its words.

    Attributes:
        audio: the file.
        text: what is said, as written; empty where nothing is.
        speaker: who says it; empty if the folder does not tell.
        noise: how noisy it is, as the folder calls it; empty if it does not tell.
    """

    audio: Path
    text: str
    speaker: str = ""
    noise: str = ""


def read(place: Path) -> list[Utterance]:
    """The utterances of a folder in one of `LAYOUTS`, or of one table of transcripts.

    Raises:
        AudioInputError: no such folder, no transcripts in it, or a recording that is not there.
        TextInputError: a transcript that cannot be read; tells file and line.
        TextInputError: which of several tables, or of several recordings of a name, is meant cannot
            be told.
    """
    if place.is_file():
        return _with_speakers(list(_table(place, _Finder(place.parent))))
    if not place.is_dir():
        raise AudioInputError(f"{place} does not exist", f"give a folder: {LAYOUTS}")
    finder = _Finder(place)
    found = [
        row for path in sorted(place.rglob("*.trans.txt")) for row in _librispeech(path, finder)
    ]
    if not found:
        found = [row for path in _tables(place) for row in _table(path, finder)]
    if not found:
        found = [
            Utterance(audio, _text(audio.with_suffix(".txt")).strip())
            for audio in finder.all()
            if audio.with_suffix(".txt").is_file()
        ]
    if not found:
        raise AudioInputError(
            f"{place} holds no recordings with transcripts", f"known layouts: {LAYOUTS}"
        )
    return _with_speakers(found)


class _Finder:
    """Looks for recordings under `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._by_name: dict[str, list[Path]] = {}

    def all(self) -> list[Path]:
        """Every recording, in order."""
        return sorted(
            path for path in self._root.rglob("*") if path.suffix.lower() in AUDIO_SUFFIXES
        )

    def find(self, name: str, beside: Path, line: int) -> Path:
        """The recording that line `line` of the file `beside` calls `name`, with or without its
        suffix."""
        for path in (
            beside.parent / name,
            *(beside.parent / f"{name}{suffix}" for suffix in AUDIO_SUFFIXES),
        ):
            try:
                if path.is_file():
                    return path
            except OSError:  # a name that no file can have
                continue
        if not self._by_name:
            for path in self.all():
                for key in {path.name, path.stem}:
                    self._by_name.setdefault(key, []).append(path)
        found = self._by_name.get(Path(name).name) or self._by_name.get(Path(name).stem) or []
        if len(found) > 1:
            raise TextInputError(
                f"{beside}:{line}: {name!r} could be {found[0]} or {found[1]}",
                "write the path from the transcripts' folder",
            )
        if not found:
            raise AudioInputError(
                f"{beside}:{line}: no recording {name!r} is there",
                "check the path, or leave the line out",
            )
        return found[0]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TextInputError(
            f"{path} cannot be read ({type(error).__name__})", "write it as UTF-8 text"
        ) from None


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """(number, line) of those that are not blank; parted at line feeds only, for a text may hold
    other separators."""
    for number, line in enumerate(_text(path).split("\n"), 1):
        if line.strip():
            yield number, line.rstrip("\r")


def _librispeech(path: Path, finder: _Finder) -> Iterator[Utterance]:
    """`ID WORDS` a line."""
    for number, line in _lines(path):
        name, _, text = line.strip().partition(" ")
        yield Utterance(finder.find(name, path, number), text)


def _tables(folder: Path) -> list[Path]:
    """The tables of transcripts under `folder`: those so called, one a folder; else the only
    one."""
    there = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in (".tsv", ".csv", ".jsonl", ".json")
    )
    named: dict[Path, list[Path]] = {}
    for path in there:
        if path.stem.lower() in NAMES:
            named.setdefault(path.parent, []).append(path)
    if named:
        return [
            min(paths, key=lambda path: NAMES.index(path.stem.lower())) for paths in named.values()
        ]
    there = [path for path in there if path.suffix.lower() != ".json"]
    if len(there) > 1:
        raise TextInputError(
            f"{folder} holds {len(there)} tables ({', '.join(path.name for path in there[:3])}, …)",
            f"name the one with the transcripts, or call it {NAMES[0]}{there[0].suffix}",
        )
    return there


def _table(path: Path, finder: _Finder) -> Iterator[Utterance]:
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".json"):
        rows = _json_rows(path)
    elif suffix in (".tsv", ".csv"):
        rows = _cell_rows(path, _cells(path, suffix))
    elif path.name.endswith(".trans.txt"):
        yield from _librispeech(path, finder)
        return
    else:
        raise TextInputError(f"{path} is no table of transcripts", f"known layouts: {LAYOUTS}")
    for number, row in rows:
        audio, text = _first(row, AUDIO_KEYS), _first(row, TEXT_KEYS)
        if not audio or text is None:
            raise TextInputError(
                f"{path}:{number}: {'a text' if audio else 'a recording'} is missing",
                f"columns or keys: {AUDIO_KEYS[0]} and {TEXT_KEYS[0]}",
            )
        yield Utterance(
            finder.find(audio, path, number),
            text.strip(),
            (_first(row, SPEAKER_KEYS) or "")[:LONGEST_NAME],
            _first(row, NOISE_KEYS) or "",
        )


def _first(row: dict[str, str], keys: Sequence[str]) -> str | None:
    return next((row[key] for key in keys if key in row), None)


def _json_rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise TextInputError(
                f"{path}:{number}: no JSON object", "write one object a line, with audio and text"
            )
        yield (
            number,
            {
                str(key).lower(): str(value)
                for key, value in row.items()
                if isinstance(value, str | int | float)
            },
        )


def _cells(path: Path, suffix: str) -> Iterator[tuple[int, list[str]]]:
    """Tabs part plainly, as in Common Voice; commas with quotes."""
    if suffix == ".tsv":
        yield from ((number, line.split("\t")) for number, line in _lines(path))
        return
    reader = csv.reader(_text(path).splitlines(keepends=True), strict=True)
    try:
        for row in reader:
            if any(row):
                yield reader.line_num, row
    except csv.Error as error:
        raise TextInputError(
            f"{path}:{reader.line_num}: {error}", "write it as a CSV again"
        ) from None


def _cell_rows(
    path: Path, rows: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, dict[str, str]]]:
    """With the header's names, or recording and text without one."""
    header: list[str] | None = None
    for index, (number, cells) in enumerate(rows):
        lower = [cell.strip().lower() for cell in cells]
        if index == 0 and set(lower) & set(AUDIO_KEYS) and set(lower) & set(TEXT_KEYS):
            header = lower
            continue
        names = header or ["audio", "text"]
        if len(cells) != len(names):
            raise TextInputError(
                f"{path}:{number}: {len(cells)} columns instead of {len(names)}",
                "a header of audio and text, or recording and text with a tab between",
            )
        yield number, dict(zip(names, cells, strict=True))


def _with_speakers(rows: list[Utterance]) -> list[Utterance]:
    """Where no speaker is given: LibriSpeech's number (SPEAKER-CHAPTER-UTTERANCE), or the
    recording's folder if several."""
    several = len({row.audio.parent for row in rows}) > 1

    def speaker(row: Utterance) -> str:
        number = re.fullmatch(r"(\d+)-\d+-\d+", row.audio.stem)
        return row.speaker or (
            number.group(1) if number else row.audio.parent.name if several else ""
        )

    return [replace(row, speaker=speaker(row)) for row in rows]
