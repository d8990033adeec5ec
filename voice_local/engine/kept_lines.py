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
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

import voice_local
from voice_local.config import Settings
from voice_local.engine.api import SpeechChunk
from voice_local.models.folder import MANIFEST, home, profile_folder, tiny_folder
from voice_local.offline.switches import cache_folder

Lines = dict[tuple[str | None, str], tuple[SpeechChunk, ...]]
"""By voice and text."""

FILES = 8
"""So many sets are kept, the latest: each profile, voice and version makes its own."""

INDEX = "index"


class KeptLines:
    """Those of the voice of `settings`, in one file below the cache folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @functools.cached_property
    def _path(self) -> Path:
        return cache_folder() / "lines" / f"{key_of(self._settings)}.npz"

    def read(self) -> Lines:
        """What is kept; empty where there is nothing, or nothing that can be read."""
        try:
            with np.load(self._path, allow_pickle=False) as file:
                index = json.loads(file[INDEX].tobytes())
                found = {
                    (one["voice"], one["text"]): tuple(
                        SpeechChunk(file[name].astype(np.float32, copy=False), int(rate), bool(end))
                        for name, rate, end in one["chunks"]
                    )
                    for one in index
                }
            os.utime(self._path)
            return found
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            return {}

    def write(self, lines: Mapping[tuple[str | None, str], tuple[SpeechChunk, ...]]) -> None:
        """Keeps `lines`, whole or not at all; where nothing can be written nothing is kept."""
        arrays, index = {}, []
        for (voice, text), chunks in lines.items():
            if not chunks or not chunks[-1].is_final or chunks[-1].remaining_s:
                continue  # its synthesis failed on the way
            named = []
            for chunk in chunks:
                name = f"sound_{len(arrays)}"
                arrays[name] = chunk.samples
                named.append((name, chunk.sample_rate, chunk.is_final))
            index.append({"voice": voice, "text": text, "chunks": named})
        content = io.BytesIO()
        about = np.frombuffer(json.dumps(index).encode(), dtype=np.uint8)
        np.savez(content, **{INDEX: about}, **arrays)
        partial = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                partial.write_bytes(content.getvalue())
                os.replace(partial, self._path)
            finally:
                partial.unlink(missing_ok=True)
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        found = sorted(self._path.parent.glob("*.npz"), key=lambda path: path.stat().st_mtime)
        for path in found[:-FILES]:
            path.unlink(missing_ok=True)


def key_of(settings: Settings) -> str:
    """A digest of all that the sound of a sentence depends on: this package's code, installed
    packages, models, settings, and the program that finds phones."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(Path(voice_local.__file__).parent.rglob("*.py")):
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
        digest.update(f"{os.stat(espeak)[6:9]}".encode())
    return digest.hexdigest()[:32]
