"""The software part of a bundle: wheels of what its profile needs, system packages, and the
installer's script."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from importlib import resources
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

from voice_local.errors import BundleError
from voice_local.extras import CHECKOUT
from voice_local.models.digests import digest

REQUIREMENTS = "requirements.txt"
SYSTEM_PACKAGES = ("libportaudio2", "espeak-ng")
BASE = (
    "libc6",
    "libgcc",
    "gcc-",
    "libcrypt",
    "libstdc++6",
    "libsystemd0",
    "liblzma5",
    "libzstd1",
    "libcap2",
    "libgpg-error0",
    "libgcrypt20",
    "liblz4-1",
)
Note = Callable[[str], None]


def installer() -> str:
    """The text of `install.sh`."""
    return (resources.files("voice_local.supply") / "texts" / "install.sh").read_text(
        encoding="utf-8"
    )


def closure(extras: tuple[str, ...], name: str = "voice-local") -> dict[str, str]:
    """{distribution: version} of everything that `name` with `extras` needs, as it is installed
    here."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, str] = {}
    waiting = [(name, extras)]
    seen: set[tuple[str, tuple[str, ...]]] = set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        try:
            about = distribution(one[0])
        except PackageNotFoundError:
            continue  # an optional one that is not here
        found[canonicalize_name(one[0])] = about.version
        for line in about.requires or ():
            need = Requirement(line)
            if need.marker is None or any(
                need.marker.evaluate({"extra": extra}) for extra in ("", *one[1])
            ):
                waiting.append((need.name, tuple(sorted(need.extras))))
    return found


def make(folder: Path, note: Note, extras: tuple[str, ...]) -> list[dict[str, str]]:
    """Fills `folder` with the wheels that `extras` need and `requirements.txt` with their hashes.
    Needs the package index.

    Raises:
        BundleError: this is no checkout, or a wheel cannot be got.
    """
    checkout = CHECKOUT
    if not (checkout / "pyproject.toml").is_file():
        raise BundleError(
            "a wheelhouse is made from a checkout, this is an installed package",
            "clone the repository and run it there, or add --no-wheelhouse",
        )
    folder.mkdir(parents=True, exist_ok=True)
    needed = closure(extras)
    needed.pop("voice-local", None)
    note(f"collecting {len(needed)} wheels")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "wheel",
        "-q",
        "--no-deps",
        "-w",
        str(folder),
    ]
    built = _built_wheel(needed.get("llama-cpp-python", ""))
    if built is not None:
        shutil.copyfile(built, folder / built.name)
        needed.pop("llama-cpp-python")
    listed = folder / "wanted.txt"
    listed.write_text(
        "".join(f"{name}=={version}\n" for name, version in sorted(needed.items())),
        encoding="utf-8",
    )
    for arguments in ([*pip, "-r", str(listed)], [*pip, str(checkout)], [*pip, "pip"]):
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["no reason given"]
            raise BundleError(
                f"wheels cannot be downloaded ({lines[-1][:140]})",
                "check the network and the package index",
            )
    listed.unlink()
    wheels = [_about(path) for path in sorted(folder.glob("*.whl"))]
    extras_of = {"voice-local": f"[{','.join(extras)}]"}
    lines = [
        f"{one['name']}{extras_of.get(one['name'], '')}=={one['version']} "
        f"--hash=sha256:{one['sha256']}"
        for one in wheels
        if one["name"] != "pip"
    ]
    (folder / REQUIREMENTS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    # Whether they are all that an empty environment needs, checked here rather than on the other
    # machine.
    trial = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "-q",
        "--dry-run",
        "--no-index",
        "--find-links",
        str(folder),
        "--ignore-installed",
        "--require-hashes",
        "-r",
        str(folder / REQUIREMENTS),
    ]
    done = subprocess.run(trial, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise BundleError(
            f"the wheels do not fit together ({lines[-1][:140]})",
            "run scripts/setup, then try again",
        )
    return wheels


def _built_wheel(version: str) -> Path | None:
    """The llama.cpp wheel that was built and installed here (for the CPU or the card), where it is
    still kept."""
    try:
        origin = json.loads(distribution("llama-cpp-python").read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        return None
    path = Path(unquote(urlsplit(str(origin.get("url", ""))).path))
    return (
        path if path.suffix == ".whl" and path.is_file() and f"-{version}-" in path.name else None
    )


def _about(wheel: Path) -> dict[str, str]:
    name, version, *_ = wheel.name.split("-")
    return {
        "name": re.sub(r"[-_.]+", "-", name).lower(),
        "version": version,
        "file": wheel.name,
        "sha256": digest(wheel),
    }


def system_packages(folder: Path, note: Note) -> list[str]:
    """Debian packages for the few system libraries, fetched where apt is; their names."""
    if shutil.which("apt-get") is None:
        note("no apt here: the bundle only names the system packages it needs")
        return list(SYSTEM_PACKAGES)
    folder.mkdir(parents=True, exist_ok=True)
    # What apt would install on an empty system is a set that goes together; the base every Debian
    # has is left out.
    with tempfile.NamedTemporaryFile() as nothing:
        command = [
            "apt-get",
            "-s",
            "-o",
            f"Dir::State::status={nothing.name}",
            "--no-install-recommends",
            "install",
        ]
        done = subprocess.run(
            [*command, *SYSTEM_PACKAGES], capture_output=True, text=True, check=False
        )
    names = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("Inst ")]
    kept = [name for name in names if not name.startswith(BASE)]
    got = subprocess.run(
        ["apt-get", "download", "-q", *kept],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if got.returncode != 0 or not list(folder.glob("*.deb")):
        note("system packages could not be fetched: the bundle only names them")
        shutil.rmtree(folder)
        return list(SYSTEM_PACKAGES)
    return sorted(path.name for path in folder.glob("*.deb"))


def check(folder: Path, promised: bool) -> None:
    """Compares the wheels with their list, without running anything.

    Raises:
        BundleError: one is missing, too many, another, or no wheel.
    """
    listed = folder / REQUIREMENTS
    if not promised:
        if folder.exists():
            raise BundleError(
                "the bundle has wheels that its description does not name", "do not use it"
            )
        return
    try:
        wanted = set(
            re.findall(r"--hash=sha256:([0-9a-f]{64})", listed.read_text(encoding="utf-8"))
        )
    except OSError:
        raise BundleError(f"{listed} is missing", "copy the bundle again") from None
    wheels = sorted(folder.glob("*.whl"))
    there = {digest(path) for path in wheels if not path.name.startswith("pip-")}
    if wanted != there or len(list(folder.iterdir())) != len(wheels) + 1:
        raise BundleError(
            f"the wheels in {folder} are not the ones that {REQUIREMENTS} names",
            "copy the bundle again",
        )
    for path in wheels:
        if not zipfile.is_zipfile(path):
            raise BundleError(f"{path.name} is no wheel", "copy the bundle again")
