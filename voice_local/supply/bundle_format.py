"""What a bundle is made of: the names of its parts, its sums, its description and its licences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from voice_local.errors import BundleError
from voice_local.models.digests import digest
from voice_local.models.lock import Entry
from voice_local.models.names import safe_path
from voice_local.supply import store
from voice_local.supply.agreement import COPY_AGAIN

ABOUT, SUMS, SIGNATURE, SBOM = "bundle.json", "SHA256SUMS", "SHA256SUMS.sig", "sbom.cdx.json"
MODELS, LICENSES, WHEELS, SYSTEM, INSTALLER = "models", "licenses", "wheels", "system", "install.sh"
UNSUMMED = (SUMS, SIGNATURE)
TOP = "bundle"
"""The folder that a tar unpacks to."""


def write_sums(folder: Path) -> None:
    """Writes SHA256SUMS, in the form that sha256sum reads."""
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and str(path.relative_to(folder)) not in UNSUMMED
    )
    lines = [f"{digest(path)}  {path.relative_to(folder)}" for path in files]
    (folder / SUMS).write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_sums(folder: Path) -> dict[str, str]:
    """{file's path: sha256} of SHA256SUMS.

    Raises:
        BundleError: there is none, or it names paths that it must not.
    """
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        pairs = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError):
        raise BundleError(
            f"{folder} is no bundle (it has no readable {SUMS})",
            "give the folder or tar that was made",
        ) from None
    for name in pairs:
        try:
            safe_path(name)
        except ValueError:
            raise BundleError(
                f"{SUMS} of the bundle names {name!r}, which is no name of a file in one",
                COPY_AGAIN,
            ) from None
    return pairs


def read_about(folder: Path) -> dict[str, Any]:
    """The description of the bundle in `folder`.

    Raises:
        BundleError: it is none.
    """
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        if about["format"] != 1 or not isinstance(about["profile"], str):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise BundleError(f"{folder / ABOUT} is not a bundle's description", COPY_AGAIN) from None
    return dict(about)


def check_licenses(folder: Path, entries: Sequence[Entry]) -> None:
    """Checks that the licence text of every model is in the bundle.

    Raises:
        BundleError: one is neither known nor came with its model.
    """
    for entry in entries:
        brought = list((folder / MODELS / store.LICENSES / entry.name).glob("*"))
        if not brought and not (folder / LICENSES / f"{entry.license}.txt").is_file():
            raise BundleError(
                f"the text of {entry.name}'s licence ({entry.license}) is missing",
                "put it into the model's repository list (`wanted` in the lock), or do not pass "
                "this on",
            )
