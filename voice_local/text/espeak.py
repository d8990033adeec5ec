"""IPA phones of text in many languages, by the program `espeak-ng`, which is run, never linked.

Punctuation is kept in its place, since voices that were trained on espeak-ng's phones need it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess

from voice_local.errors import (
    ConfigError,
    StageError,
)

PROGRAM = "espeak-ng"
INSTALL = "apt-get install espeak-ng"
TIE = "^"
"""Joins the letters of one phone (`t^ʃ`)."""

NO_SOUND = {"PULSE_SERVER": f"unix:{os.devnull}"}
"""Environment variables for the program. Even with `-q` it looks for a sound server when it starts,
and may start one; this address keeps it from finding one."""

TIMEOUT_S = 10.0
LONGEST = 200
"""Most characters of one piece; espeak-ng splits longer ones itself, at unpredictable places."""

_MARKS = re.compile(r"\s*(?:(?<!\d)[.,:]|[.,:](?!\d)|[;!?¡¿—…\"«»“”()\[\]{}])+\s*")
_LANGUAGE_FLAG = re.compile(r"\([a-z^-]+\)")
"""Marks of espeak-ng around words that it read in another language: `(en)bluetooth(fr)`."""


def available() -> bool:
    """Whether the program is installed."""
    return shutil.which(PROGRAM) is not None


def phones(text: str, language: str) -> str:
    """The phones of `text` in `language` (an espeak-ng voice, such as `es` or `en-us`), its
    punctuation kept.

    Raises:
        ConfigError: the program is not installed. StageError: it failed.
    """
    pieces, marks = _parted(text)
    spoken = _pieces(pieces, language)
    return "".join(f"{piece}{mark}" for piece, mark in zip(spoken, marks, strict=True)).strip()


def _parted(text: str) -> tuple[list[str], list[str]]:
    """(pieces between punctuation, the punctuation after each); a mark within a number belongs to
    the number."""
    pieces, marks, at = [], [], 0
    for match in _MARKS.finditer(text):
        head, *tail = _fit(text[at : match.start()])
        for part in [head, *tail]:
            pieces.append(part)
            marks.append(" ")
        marks[-1] = match.group()
        at = match.end()
    for part in _fit(text[at:]):
        pieces.append(part)
        marks.append(" ")
    marks[-1] = ""
    return pieces, marks


def _fit(piece: str) -> list[str]:
    """`piece` on one line, cut at blanks where it is too long."""
    parts, left = [], " ".join(piece.split())
    while len(left) > LONGEST:
        cut = left.rfind(" ", 1, LONGEST)
        cut = cut if cut > 0 else LONGEST
        parts.append(left[:cut])
        left = left[cut:].strip()
    return [*parts, left]


def _pieces(pieces: list[str], language: str) -> list[str]:
    """The phones of each piece. The program reads lines and writes one line for each."""
    wanted = [piece for piece in pieces if any(char.isalnum() for char in piece)]
    lines = _run("\n".join(wanted), language) if wanted else []
    if len(lines) != len(wanted):  # it split one of them
        lines = [" ".join(_run(piece, language)) for piece in wanted]
    found = iter(lines)
    return [next(found) if any(char.isalnum() for char in piece) else "" for piece in pieces]


def _run(text: str, language: str) -> list[str]:
    command = [PROGRAM, "-q", "--ipa", f"--tie={TIE}", "-b", "1", "-v", language]
    environment = {**os.environ, **NO_SOUND}
    try:
        done = subprocess.run(
            command,
            input=text + "\n",
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            env=environment,
            check=False,
        )
    except FileNotFoundError:
        raise ConfigError(
            f"{PROGRAM} is not installed, and this voice takes its phones from it", INSTALL
        ) from None
    except subprocess.TimeoutExpired:
        raise StageError(
            f"{PROGRAM} did not answer in {TIMEOUT_S:.0f} s", f"try it: {PROGRAM} -q hello"
        ) from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise StageError(f"{PROGRAM} failed ({lines[-1][:80]})", f"{INSTALL} again")
    return [
        _LANGUAGE_FLAG.sub("", line).strip() for line in done.stdout.splitlines() if line.strip()
    ]
