"""The container's recipe: clean by hadolint, nothing floating, nothing run as root."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from voice_local.offline.switches import OFFLINE

pytestmark = pytest.mark.unit
ROOT = Path(__file__).resolve().parents[2]


def test_the_recipe_is_clean_and_its_steps_exist() -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "check_dockerfile", "--lint"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_bases_are_named_by_digest_and_nobody_is_root() -> None:
    lines = (ROOT / "Dockerfile.cuda").read_text(encoding="utf-8").splitlines()
    bases = [line for line in lines if line.startswith("FROM ")]
    assert len(bases) == 2 and all("@${" in line and "_DIGEST}" in line for line in bases)
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001"]
    assert all(f"{name}={value}" in "\n".join(lines) for name, value in OFFLINE.items())
    assert any(line.startswith("HEALTHCHECK ") for line in lines)


@pytest.mark.parametrize(
    "script",
    [
        "docker/system.sh",
        "docker/wheel.sh",
        "docker/install.sh",
        "scripts/check_dockerfile",
        "voice_local/supply/texts/install.sh",
    ],
)
def test_shell_scripts_parse(script: str) -> None:
    subprocess.run(["bash", "-n", str(ROOT / script)], check=True)
