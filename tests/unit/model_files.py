"""Small models for tests of how model files are kept: valid GGUF files of a few bytes."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

from voice_local.supply import store

ABOUT = {"stage": "llm", "license": "MIT", "source": "a test"}


def write_model(path: Path, value: float = 1.0) -> Path:
    """A language model, as far as its file tells; another one for another `value`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("test")
    writer.add_token_list(["a", "b"])
    writer.add_tensor("token_embd.weight", np.full((4, 32), value, np.float32))
    for step in (
        writer.write_header_to_file,
        writer.write_kv_data_to_file,
        writer.write_tensors_to_file,
        writer.close,
    ):
        step()
    return path


def install(root: Path, name: str, value: float = 1.0, folder: bool = False) -> None:
    """Puts such a model into `root`, as a file or as a folder with one."""
    work = root / store.INCOMING / "given"
    work.mkdir(parents=True, exist_ok=True)
    source = work / "model"
    write_model(source / "model.gguf" if folder else work / "model.gguf", value)
    store.put(root, name, source if folder else work / "model.gguf", dict(ABOUT))
    work.rmdir()


def state(root: Path) -> dict[str, bytes]:
    """All that lies in `root`, hidden things too, by its place."""
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }
