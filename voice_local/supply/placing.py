"""One process at a time changes a folder of models, and what is put there takes its place whole or
not at all."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from voice_local.errors import OutputError
from voice_local.models.folder import MANIFEST, Manifest, save_manifest
from voice_local.models.paths import PARTIAL, write_whole

INCOMING = ".incoming"
"""Within a folder of models: what is on its way in or out."""
WORK = ".work-"
"""In `INCOMING`: of no use once the process that made it has ended."""
REPLACED = ".replaced-"
"""In `INCOMING`: what was taken out of its place a moment ago, with the manifests from `BEFORE` and
(`MANIFEST`, until it is in force) after that, and the `PLAN`: the names of its places."""
BEFORE, PLAN = "before.json", "plan.json"

Note = Callable[[str], None]


def nobody(line: str) -> None:
    """Tells nobody."""


def writable(root: Path) -> None:
    """Makes `root` where it is not there yet.

    Raises:
        OutputError: nothing can be written under it.
    """
    try:
        (root / INCOMING).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root / INCOMING):
            pass
    except OSError as error:
        raise _unwritable(root, error) from None


def _unwritable(root: Path, error: OSError) -> OutputError:
    return OutputError(
        f"cannot write to {root} ({error.strerror})", "choose another with --models-dir"
    )


@contextmanager
def held(folder: Path, note: Note = nobody) -> Iterator[None]:
    """Keeps every other process out of such a block for `folder`; waits, and says so, while another
    one is in it.

    The kernel keeps this with the open folder itself: no file is needed, and nothing is left of a
    process that was killed.

    Raises:
        OutputError: `folder` cannot be opened.
    """
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise OutputError(
            f"cannot open {folder} ({error.strerror})", "check who may read it"
        ) from None
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note(f"another process is changing {folder}: waiting until it is done")
            fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


@contextmanager
def changing(root: Path, note: Note = nobody) -> Iterator[None]:
    """`held` for the folder of models `root`; what killed processes left there is settled first.
    Readers need none of it.

    Raises:
        OutputError: nothing can be written under `root`.
    """
    writable(root)
    with held(root, note):
        for left in (*root.glob(f"{PARTIAL}*"), *(root / INCOMING).glob(f"{WORK}*")):
            with contextlib.suppress(OSError):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        try:
            for aside in (root / INCOMING).glob(f"{REPLACED}*"):
                _settle(root, aside)
        except OSError as error:
            raise _unwritable(root, error) from None
        yield


@contextmanager
def work_folder(root: Path) -> Iterator[Path]:
    """An empty folder on the disk of `root`, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix=WORK, dir=root / INCOMING) as folder:
        yield Path(folder)


def place(root: Path, moves: Mapping[str, Path | None], between: Manifest, after: Manifest) -> None:
    """Moves each source of `moves` (on the disk of `root`) to its place there, and what was there
    out of the way (source None: nothing comes instead).

    `between`: the manifest while they move, `after`: then. An error or Ctrl-C on the way puts all
    back as it was, and the next `changing` does where the process was killed; what was there is
    deleted at the very end.

    Raises:
        OSError: the disk.
    """
    aside = Path(tempfile.mkdtemp(prefix=REPLACED, dir=root / INCOMING))
    try:
        # All that is written is written first: a full disk must not stop what follows.
        if (root / MANIFEST).exists():
            shutil.copyfile(root / MANIFEST, aside / BEFORE)
        write_whole(aside / PLAN, json.dumps(list(moves)))
        save_manifest(aside, after)
        save_manifest(root, between)
        for number, (name, source) in enumerate(moves.items()):
            if os.path.lexists(root / name):
                os.replace(root / name, aside / str(number))
            if source is not None:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(source, root / name)
        os.replace(aside / MANIFEST, root / MANIFEST)
    except BaseException:
        if (aside / MANIFEST).exists():  # else it is done
            for name, source in moves.items():
                if source and not os.path.lexists(source) and os.path.lexists(root / name):
                    os.replace(root / name, source)
        raise
    finally:
        _settle(root, aside)


def _settle(root: Path, aside: Path) -> None:
    """Ends what `place` began with `aside`: deletes it, and puts back first what is in it unless
    all came to its place."""
    if (aside / MANIFEST).exists():
        before = _listed_before(aside)
        for number, name in enumerate(json.loads((aside / PLAN).read_text(encoding="utf-8"))):
            taken_out = os.path.lexists(aside / str(number))
            known = any(one == name or one.startswith(f"{name}/") for one in before)
            if (taken_out or not known) and os.path.lexists(root / name):
                os.replace(root / name, aside / f"new-{number}")
            if taken_out:
                os.replace(aside / str(number), root / name)
        # Each step may be done again: a process can be killed between any two.
        if (aside / BEFORE).exists():
            write_whole(root / MANIFEST, (aside / BEFORE).read_text(encoding="utf-8"))
        else:
            (root / MANIFEST).unlink(missing_ok=True)
        (aside / MANIFEST).unlink()
    shutil.rmtree(aside, ignore_errors=True)


def _listed_before(aside: Path) -> list[str]:
    """The names of the files that the manifest listed before."""
    if not (aside / BEFORE).exists():
        return []
    return list(json.loads((aside / BEFORE).read_text(encoding="utf-8")).get("files", {}))
