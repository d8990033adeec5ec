"""A session on disk: both sides in one stereo WAV on one clock, and the turn records."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt
import soundfile as sf

from voice_local.audio.types import Audio
from voice_local.config import AudioSettings
from voice_local.conversation.context.conversation_context import local_now
from voice_local.conversation.record import ConversationTurn
from voice_local.errors import (
    AudioInputError,
    OutputError,
)

WRITTEN_S = 0.1
"""So much sound is written together: block by block it cost a tenth of what idle listening does."""
WAV, TURNS, CONTROLS, ABOUT = "session.wav", "turns.jsonl", "controls.jsonl", "session.json"

AS_RECORDED = ("sample_rate", "block_ms", "echo_cancel")
"""Settings of the sound that a recording is replayed with."""


class ControlKind(StrEnum):
    """What a user, or a host program, does other than by voice."""

    MUTE = "mute"
    UNMUTE = "unmute"
    HOLD = "hold"
    """Push to talk: the user takes the turn."""
    RELEASE = "release"
    READ = "read"
    """A typed turn."""
    SAY = "say"
    """The host program lets the assistant say something."""
    INTERRUPT = "interrupt"


@dataclass(frozen=True)
class Control:
    """What was done before block number `block` of the sound card. `text`: of READ and SAY."""

    block: int
    kind: ControlKind
    text: str = ""


@dataclass(frozen=True)
class RecordedSession:
    """A recorded session.

    Attributes:
        microphone, loudspeaker: float32 mono of equal length.
        about: `sample_rate` (Hz), `began` (ISO 8601) and what else is known of it.
        turns: the turn records.
        controls: what the user did other than speak, in order.
    """

    microphone: Audio
    loudspeaker: Audio
    about: dict[str, Any]
    turns: list[dict[str, Any]]
    controls: list[Control]


class Recorder:
    """Writes into `folder`: left the microphone as recorded, right what was played.

    Attributes:
        folder: as given.

    Raises:
        OutputError: the folder cannot be written, or holds a session already.
    """

    def __init__(self, folder: Path, sample_rate: int, about: dict[str, Any]) -> None:
        if _taken(folder):
            raise OutputError(
                f"cannot record into {folder}: it holds a session already", "choose another folder"
            )
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._about = {"sample_rate": sample_rate, **about}
            self._path = folder / ABOUT
            self._write_about()
            self._turns = (folder / TURNS).open("w", encoding="utf-8")
            self._controls = (folder / CONTROLS).open("w", encoding="utf-8")
            self._wav: Any = sf.SoundFile(os.fsencode(folder / WAV), "w", sample_rate, 2, "PCM_16")
            self._pending: list[tuple[Audio, Audio]] = []
            self._samples, self._enough = 0, int(WRITTEN_S * sample_rate)
        except (OSError, sf.LibsndfileError) as error:
            raise OutputError(
                f"cannot record into {folder} ({error})", "choose another folder"
            ) from None

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A full disk must not hide why a session ended.
        for close in (
            self._write_sound,
            self._wav.close,
            self._turns.close,
            self._controls.close,
            self._write_about,
        ):
            with contextlib.suppress(OSError, sf.LibsndfileError):
                close()

    def tell(self, **facts: Any) -> None:
        """Adds to what `session.json` says at the end."""
        self._about.update(facts)

    def _write_about(self) -> None:
        """Raises OSError where it cannot be written."""
        self._path.write_text(json.dumps(self._about, indent=2) + "\n", encoding="utf-8")

    def block(self, recorded: Audio, played: Audio) -> None:
        """Adds one block of both sides. It is on disk a tenth of a second later, or at the end.

        Raises:
            OutputError: it cannot be written any further. What was written before stays.
        """
        if not self._pending and "began" not in self._about:
            self._about["began"] = local_now().isoformat()
        self._pending.append((recorded, played))
        self._samples += len(recorded)
        if self._samples < self._enough:
            return
        try:
            self._write_sound()
        except (OSError, sf.LibsndfileError) as error:
            raise self._full(error) from None

    def _write_sound(self) -> None:
        """Raises OSError or LibsndfileError where it cannot be written."""
        if not self._pending:
            return
        recorded, played = (np.concatenate(side) for side in zip(*self._pending, strict=True))
        self._pending, self._samples = [], 0
        self._wav.write(to_int16(np.stack([recorded, played], axis=1)))

    def turn(self, record: ConversationTurn) -> None:
        """Adds one finished turn. Raises as `block`."""
        self._add(self._turns, record.as_json())

    def control(self, control: Control) -> None:
        """Adds what the user did. Raises as `block`."""
        self._add(
            self._controls, {"block": control.block, "what": control.kind, "text": control.text}
        )

    def _add(self, file: TextIO, row: dict[str, Any]) -> None:
        try:
            file.write(json.dumps(row) + "\n")
            file.flush()
        except OSError as error:
            raise self._full(error) from None

    def _full(self, error: Exception) -> OutputError:
        why = getattr(error, "strerror", None) or "no more can be written"
        return OutputError(
            f"recording into {self._path.parent} has ended ({why})",
            "free disk space, and record again",
        )


def _taken(folder: Path) -> bool:
    try:
        return any((folder / name).exists() for name in (WAV, TURNS, CONTROLS, ABOUT))
    except OSError:  # raised again when it is written to
        return False


def next_free(folder: Path) -> Path:
    """`folder`, or where it holds a session already, the first of `folder-2`, `folder-3` … that
    holds none."""
    folder = folder if folder.name else folder.resolve()  # "." has no name to put a number behind
    found, number = folder, 1
    while _taken(found):
        number += 1
        found = folder.with_name(f"{folder.name}-{number}")
    return found


def forget_empty(folder: Path) -> None:
    """Takes a session away in which nothing was recorded, and its folder where nothing else is in
    it."""
    with contextlib.suppress(OSError, sf.LibsndfileError):
        if sf.info(folder / WAV).frames == 0:
            for name in (WAV, TURNS, CONTROLS, ABOUT):
                (folder / name).unlink(missing_ok=True)
            folder.rmdir()


def to_int16(samples: Audio) -> npt.NDArray[np.int16]:
    """Samples as they are kept; divided by 32,768 they are what `read_session` gives."""
    return np.asarray(np.clip(np.rint(samples * np.float32(32768)), -32768, 32767), dtype=np.int16)


def read_session(folder: Path) -> RecordedSession:
    """A recorded session.

    Raises:
        AudioInputError: there is none, or it cannot be read.
    """
    try:
        both, rate = sf.read(os.fsencode(folder / WAV), dtype="float32", always_2d=True)
        about = _about(folder / ABOUT)
        turns = _rows(folder / TURNS)
        controls = [
            Control(row["block"], ControlKind(row["what"]), row.get("text", ""))
            for row in (_rows(folder / CONTROLS) if (folder / CONTROLS).exists() else [])
        ]
    except (OSError, ValueError, TypeError, KeyError, RecursionError, sf.LibsndfileError) as error:
        raise AudioInputError(
            f"{folder} holds no recorded session ({error})",
            "name a folder that talk --record wrote",
        ) from None
    if both.shape[1] != 2 or about.get("sample_rate") != rate:
        raise AudioInputError(
            f"{folder / WAV} is not a session's stereo recording", "record it again"
        )
    return RecordedSession(both[:, 0], both[:, 1], about, turns, controls)


def _about(path: Path) -> dict[str, Any]:
    about = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(about, dict):
        raise TypeError(f"{path.name} is no JSON object")
    if "began" in about:
        datetime.fromisoformat(about["began"])
    AudioSettings(**{key: about[key] for key in AS_RECORDED if key in about})
    return about


def _rows(path: Path) -> list[dict[str, Any]]:
    """A last line that was not written to its end is left out."""
    whole, _, _ = path.read_text(encoding="utf-8").rpartition("\n")
    rows = [json.loads(line) for line in whole.splitlines()]
    if not all(isinstance(row, dict) for row in rows):
        raise TypeError(f"a line of {path.name} is no JSON object")
    return rows
