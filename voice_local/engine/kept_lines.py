"""The sound of fixed sentences, kept from one start to the next.

Nothing that a user or an LLM has said is kept here.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import json
import os
import shutil
import sys
import uuid
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from voice_local.config import Settings
from voice_local.engine.api import SpeechChunk
from voice_local.models.folder import MANIFEST, home, profile_folder, tiny_folder
from voice_local.offline.switches import cache_folder

Lines = dict[str, tuple[SpeechChunk, ...]]
"""By text, in one voice."""

PACKAGE = Path(__file__).resolve().parents[1]

FILES = 8
"""So many are kept, the latest: each voice, profile and version makes one, of about 9 MB."""

INDEX = "index"


class KeptLines:
    """With `settings`, below the cache folder: a file for each voice."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @functools.cached_property
    def _key(self) -> str:
        return key_of(self._settings)

    def _path(self, voice: str | None) -> Path:
        name = hashlib.sha256(f"{self._key} {voice}".encode()).hexdigest()[:32]
        return cache_folder() / "lines" / f"{name}.npz"

    def read(self, voice: str | None) -> Lines:
        """What is kept of `voice` (None: the settings'); empty where there is nothing, or nothing
        that can be read."""
        path = self._path(voice)
        try:
            with np.load(path, allow_pickle=False) as file:
                found = {
                    text: tuple(
                        SpeechChunk(
                            file[name].astype(np.float32, copy=False),
                            int(rate),
                            bool(final),
                            float(remaining_s),
                        )
                        for name, rate, final, remaining_s in chunks
                    )
                    for text, chunks in json.loads(file[INDEX].tobytes()).items()
                }
            os.utime(path)
            return found
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            return {}

    def write(self, voice: str | None, lines: Lines) -> None:
        """Keeps `lines`, whole or not at all; where nothing can be written nothing is kept."""
        arrays: dict[str, Any] = {}
        index = {}
        for text, chunks in lines.items():
            if not chunks or not chunks[-1].is_final or chunks[-1].remaining_s:
                continue  # its synthesis failed on the way
            named = []
            for chunk in chunks:
                name = f"sound_{len(arrays)}"
                arrays[name] = chunk.samples
                named.append((name, chunk.sample_rate, chunk.is_final, chunk.remaining_s))
            index[text] = named
        content = io.BytesIO()
        arrays[INDEX] = np.frombuffer(json.dumps(index).encode(), dtype=np.uint8)
        np.savez(content, allow_pickle=False, **arrays)
        path = self._path(voice)
        partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                partial.write_bytes(content.getvalue())
                os.replace(partial, path)
            finally:
                partial.unlink(missing_ok=True)
            # What a process that was killed has left goes like the oldest.
            for old in sorted(path.parent.iterdir(), key=lambda one: one.stat().st_mtime)[:-FILES]:
                old.unlink(missing_ok=True)


def key_of(settings: Settings) -> str:
    """A digest of all that the sound of a sentence depends on: this package's code, installed
    packages, models, settings, and the program that finds phones."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(PACKAGE.rglob("*.py")):
        digest.update(path.read_bytes())
    for place in sys.path:
        for path in sorted(Path(place or ".").glob("*.dist-info")):
            digest.update(path.name.encode())
    for folder in (tiny_folder(), home(), profile_folder(settings.profile, settings.models_dir)):
        with contextlib.suppress(OSError):
            digest.update((folder / MANIFEST).read_bytes())
    digest.update(settings.tts.model_dump_json().encode())
    if isinstance(settings.tts.pronunciations, Path):
        with contextlib.suppress(OSError):
            digest.update(settings.tts.pronunciations.read_bytes())
    digest.update(f"{settings.seed} {settings.device}".encode())
    if espeak := shutil.which("espeak-ng"):
        about = os.stat(espeak)
        digest.update(f"{about.st_size} {about.st_mtime_ns}".encode())
    return digest.hexdigest()[:32]
