"""Reads torch checkpoints, which are pickles, without running anything of theirs.

The unpickler knows tensors and plain containers only; whatever else a pickle names becomes an inert
stand-in.
"""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KNOWN = (
    "torch",
    "collections",
    "numpy",
    "numpy.core.multiarray",
    "numpy._core.multiarray",
    "torch._utils",
    "torch.storage",
    "torch.serialization",
    "_codecs",
)
HARMLESS = (
    "OrderedDict",
    "defaultdict",
    "_rebuild_tensor_v2",
    "_rebuild_parameter",
    "FloatStorage",
    "HalfStorage",
    "DoubleStorage",
    "LongStorage",
    "IntStorage",
    "BoolStorage",
    "BFloat16Storage",
    "UntypedStorage",
    "scalar",
    "_reconstruct",
    "ndarray",
    "dtype",
    "encode",
    "Size",
    "device",
    "float32",
    "float16",
    "int64",
    "bfloat16",
)


class _Stand:
    """What a pickle gets in the place of anything that is not a tensor or a plain container: it
    does nothing."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def append(self, _: object) -> None:
        """Nothing."""

    def __call__(self, *_: object, **__: object) -> _Stand:
        return self


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module in KNOWN and name in HARMLESS:
            return super().find_class(module, name)
        return _Stand


class _Reader:
    """The part of the `pickle` module that torch.load asks for."""

    Unpickler = _Unpickler
    __name__ = "voice_local.supply.checkpoints"

    @staticmethod
    def load(file: Any, **options: Any) -> Any:
        return _Unpickler(file, **options).load()


def tensors(path: Path) -> dict[str, Any]:
    """The tensors of a torch checkpoint: its "model" or "state_dict" where it has one.

    Raises:
        ValueError: it holds none.
    """
    import torch

    found = load_checkpoint(path)
    for part in ("model", "state_dict"):
        if isinstance(found, Mapping) and isinstance(found.get(part), Mapping):
            found = found[part]
    kept = {
        str(name): value.contiguous()
        for name, value in dict(found).items()
        if isinstance(value, torch.Tensor)
    }
    if not kept:
        raise ValueError(f"{path.name} holds no tensors")
    return kept


def load_checkpoint(path: Path) -> Any:
    """What a torch checkpoint holds, read by `_Unpickler`.

    Raises:
        ValueError: it is a TorchScript program, which torch would run.
    """
    import torch

    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        if any(name.endswith("/constants.pkl") or "/code/" in name for name in names):
            raise ValueError(f"{path.name} is a program (TorchScript), not weights")
    return torch.load(path, map_location="cpu", weights_only=False, pickle_module=_Reader)
