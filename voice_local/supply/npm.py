"""Packages of an npm registry by its protocol: one JSON document names the archive, and the lock
says what that must be.

Nothing is installed and no script of a package runs. The registry is the person's own (npm's
settings, the environment).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from urllib.parse import quote, urlsplit

from voice_local.errors import (
    DownloadError,
    SourceError,
)
from voice_local.models.sources import Package
from voice_local.supply import plain

LARGEST_ANSWER = 4 << 20
TRIES = 4
SETTINGS = ("NPM_CONFIG_REGISTRY", "npm_config_registry")
Take = Callable[[Package, Path], None]
Progress = Callable[[int], None]


def registry() -> str:
    """The address of the registry that counts here, without a slash at its end.

    Raises:
        SourceError: there is no npm here and no setting names one.
    """
    address = next(
        (os.environ[name] for name in SETTINGS if os.environ.get(name)), ""
    ) or _npmrc().get("registry", "")
    if not address and shutil.which("npm"):
        try:
            address = subprocess.run(
                ["npm", "config", "get", "registry"],
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            ).stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            address = ""
    if not address.startswith(("https://", "http://")):
        raise SourceError(
            "no npm registry is known here",
            "set NPM_CONFIG_REGISTRY to its address, install npm, or take another source with "
            "--from",
        )
    return address.rstrip("/")


def _npmrc() -> dict[str, str]:
    """The settings of ~/.npmrc; none where there is no such file."""
    try:
        lines = (Path.home() / ".npmrc").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError, RuntimeError):
        return {}
    pairs = (
        line.partition("=")
        for line in lines
        if "=" in line and not line.lstrip().startswith(("#", ";"))
    )
    return {key.strip(): os.path.expandvars(value.strip().strip('"')) for key, _, value in pairs}


def _headers(url: str) -> dict[str, str]:
    """The token that ~/.npmrc keeps for the registry of `url`, as a header."""
    for key, value in _npmrc().items():
        place = key.removesuffix(":_authToken")
        if place != key and url.split(":", 1)[1].startswith(place.rstrip("/") + "/"):
            return {"Authorization": f"Bearer {value}"}
    return {}


def fetch(
    packages: list[Package], folder: Path, take: Take, progress: Progress, answer_s: float | None
) -> None:
    """Fetches each package's archive and hands it over; a cut one resumes.

    `answer_s`: how long the registry may be silent at first; None: as long as plain HTTP waits.

    Raises:
        SourceError: the registry does not answer, or has not got one of them. DownloadError: what
            came is wrong.
    """
    if not packages:
        return
    address = registry()
    plain.answers(address + "/", answer_s or plain.TIMEOUT_S)
    for package in packages:
        archive = folder / f"{package.package.replace('/', '+')}-{package.version}.tgz"
        url = _tarball(address, package)
        for left in range(TRIES - 1, -1, -1):
            received = 0
            try:
                for count in plain.get(url, archive, _headers(url), package.bytes):
                    received += count
                    progress(count)
                break
            except (OSError, HTTPException) as error:
                progress(-received)
                problem = _verdict(package, address, error)
                if (
                    not left
                    or not isinstance(problem, SourceError)
                    or isinstance(error, urllib.error.HTTPError)
                ):
                    raise problem from None
        take(package, archive)


def _tarball(address: str, package: Package) -> str:
    """Where the registry keeps the archive."""
    url = f"{address}/{quote(package.package, safe='@')}/{quote(package.version)}"
    request = urllib.request.Request(url, headers={"Accept": "application/json", **_headers(url)})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=plain.TIMEOUT_S) as response:  # noqa: S310
            content = json.loads(response.read(LARGEST_ANSWER))
        found, version = str(content["dist"]["tarball"]), str(content["version"])
    except (OSError, HTTPException) as error:
        raise _verdict(package, address, error) from None
    except (ValueError, LookupError, TypeError, RecursionError):
        raise SourceError(
            f"what answers at {address} is no npm registry",
            "correct the registry in npm's settings",
        ) from None
    if version != package.version or urlsplit(found).scheme not in ("https", "http"):
        raise DownloadError(
            f"the registry offers {version} at {found[:80]} for "
            f"{package.package}@{package.version}",
            "use another registry (NPM_CONFIG_REGISTRY)",
        )
    return found


def _verdict(package: Package, address: str, error: Exception) -> DownloadError:
    name = f"{package.package}@{package.version}"
    if isinstance(error, urllib.error.HTTPError):
        return SourceError(
            f"the npm registry {address} does not give out {name} ({error.code})",
            "name a registry that has it (NPM_CONFIG_REGISTRY), or take another source with --from",
        )
    if isinstance(error, OSError) and error.errno in (28, 122):
        return DownloadError(
            f"the disk became full while {name} was downloaded",
            "free disk space and run the same command; it resumes",
        )
    reason = " ".join(str(getattr(error, "reason", error)).split())[:80] or type(error).__name__
    return SourceError(
        f"the npm registry {address} does not answer ({reason})",
        "check network and proxy (HTTPS_PROXY); the same command resumes",
    )
