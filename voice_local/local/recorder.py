"""A session on disk: both sides in one stereo WAV on one clock, and the turn records."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import soundfile as sf

from voice_local.conversation.record import ConversationTurn
from voice_local.engine.protocol import Audio
from voice_local.errors import AudioInputError, OutputError

WAV, TURNS, ABOUT = "session.wav", "turns.jsonl", "session.json"


class Recorder:
    """Writes into `folder`: left the microphone as recorded, right what was played.

    Raises:
        OutputError: the folder cannot be written.
    """

    def __init__(self, folder: Path, sample_rate: int, about: dict[str, Any]) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._about = {"sample_rate": sample_rate, **about}
            self._path = folder / ABOUT
            self._write_about()
            self._turns = (folder / TURNS).open("w", encoding="utf-8")
            self._wav: Any = sf.SoundFile(folder / WAV, "w", sample_rate, 2, "PCM_16")
        except (OSError, sf.LibsndfileError) as error:
            raise OutputError(f"cannot record into {folder} ({error})", "choose another folder") from None

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._wav.close()
        self._turns.close()
        with contextlib.suppress(OSError):  # the sound is what matters; a full disk must not hide why a session ended
            self._write_about()

    def tell(self, **facts: Any) -> None:
        """Adds to what `session.json` says at the end."""
        self._about.update(facts)

    def _write_about(self) -> None:
        """Raises OSError where it cannot be written."""
        self._path.write_text(json.dumps(self._about, indent=2) + "\n", encoding="utf-8")

    def block(self, recorded: Audio, played: Audio) -> None:
        """Adds one block of both sides."""
        self._wav.write(np.stack([recorded, played], axis=1))

    def turn(self, record: ConversationTurn) -> None:
        """Adds one finished turn."""
        self._turns.write(json.dumps(record.as_json()) + "\n")
        self._turns.flush()


def read_session(folder: Path) -> tuple[Audio, Audio, dict[str, Any], list[dict[str, Any]]]:
    """(microphone, loudspeaker, about, turn records) of a recorded session.

    Raises:
        AudioInputError: there is none, or it cannot be read.
    """
    try:
        both, rate = sf.read(folder / WAV, dtype="float32", always_2d=True)
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        turns = [json.loads(line) for line in (folder / TURNS).read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError, sf.LibsndfileError) as error:
        raise AudioInputError(f"{folder} holds no recorded session ({error})",
                              "name a folder that talk --record wrote") from None
    if both.shape[1] != 2 or about.get("sample_rate") != rate:
        raise AudioInputError(f"{folder / WAV} is not a session's stereo recording", "record it again")
    return both[:, 0], both[:, 1], about, turns
