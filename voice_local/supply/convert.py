"""Converts what publishers offer into what our stages read, in a child that can neither reach out
nor write anywhere but into its own folder.

The child's confinement is a second barrier behind the restricted unpickler of `checkpoints`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from voice_local.errors import (
    ConfigError,
    ModelFormatError,
    OutputError,
)
from voice_local.models.paths import found
from voice_local.offline.switches import (
    child_environment,
    places,
)

KINDS = (
    "whisper_to_ctranslate2",
    "coqui_to_safetensors",
    "piper_to_coqui",
    "classifier_to_onnx",
    "bark_to_safetensors",
)
TIMEOUT_S = 3600.0


def convert(kind: str, source: Path, out: Path, timeout_s: float = TIMEOUT_S) -> None:
    """Turns the files in `source` into a model folder at `out`, which appears whole or not at all.

    Raises:
        ConfigError: an unknown kind, or a machine that cannot confine a child.
        ModelFormatError: `source` is not what `kind` converts. OutputError: `out` is there already,
            or appeared meanwhile, or cannot be written.
    """
    if kind not in KINDS:
        raise ConfigError(f"unknown conversion {kind!r}", f"one of: {', '.join(KINDS)}")
    _refuse_existing(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        made = tempfile.TemporaryDirectory(dir=out.parent, prefix=".converting-")
    except OSError as error:
        raise _unwritable(out, error) from None
    with made as folder:
        work = Path(folder) / "model"
        work.mkdir()
        _run_child(kind, source, work, folder, timeout_s)
        _refuse_existing(out)
        try:
            os.replace(work, out)
        except OSError as error:
            raise _unwritable(out, error) from None


def _refuse_existing(out: Path) -> None:
    if found(out) is not None or out.is_symlink():
        raise OutputError(f"{out} already exists", "choose another place, or delete it")


def _unwritable(out: Path, error: OSError) -> OutputError:
    return OutputError(f"cannot write {out} ({error.strerror})", "choose another place")


def _run_child(kind: str, source: Path, work: Path, folder: str, timeout_s: float) -> None:
    """Converts into `work`, in a child whose every writable place is below `folder`."""
    environment = {
        **child_environment(),
        **dict.fromkeys(places(), folder),
        "HOME": folder,
        "TMPDIR": folder,
        "XDG_CACHE_HOME": folder,
        "HF_HOME": folder,
        "PYTHONDONTWRITEBYTECODE": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }
    module = "voice_local.supply.convert"
    command = [sys.executable, "-m", module, kind, str(source.resolve()), str(work), folder]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ModelFormatError(
            f"converting {source} took longer than {timeout_s:.0f} s", "try a faster machine"
        ) from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise ModelFormatError(
            f"{source} cannot be converted ({lines[-1][:160]})",
            "check that it is the model that the lock names",
        )


def _child(kind: str, source: str, out: str, writable: str) -> None:
    """Confines itself, then converts."""
    from voice_local.offline import (
        landlock,
        seccomp,
        switches,
    )
    from voice_local.supply import converters
    from voice_local.supply.piper import piper_to_coqui

    switches.own_process()
    seccomp.deny_network()
    if not landlock.write_only_below([Path(writable), Path("/dev/null")]):
        raise ConfigError(
            "this kernel cannot keep a process from writing (Landlock)", "use Linux 5.13 or newer"
        )
    run = {
        "coqui_to_safetensors": converters.coqui_to_safetensors,
        "bark_to_safetensors": converters.bark_to_safetensors,
        "piper_to_coqui": piper_to_coqui,
        "whisper_to_ctranslate2": converters.whisper_to_ctranslate2,
        "classifier_to_onnx": converters.classifier_to_onnx,
    }[kind]
    run(Path(source), Path(out))


if __name__ == "__main__":
    try:
        _child(*sys.argv[1:])
    except Exception as error:
        # The parent shows the line to a person.
        print(
            f"{type(error).__name__}: "
            f"{' '.join(str(getattr(error, 'cause', error)).split())[:200]}",
            file=sys.stderr,
        )
        sys.exit(2)
