"""Every switch by what it stops: a library that is let loose without it is seen, and with it is
not."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from voice_local.offline import (
    switches,
    watch,
)
from voice_local.offline.switches import (
    OFFLINE,
    QUIET,
    places,
)
from voice_local.offline.traces import left_outside

pytestmark = pytest.mark.models
ROOT = Path(__file__).resolve().parents[2]
ASKS_S = 14
"""Seconds after its import, onnxruntime has asked for its maker's host (9 to 11 s, seen here)."""
AS_A_LIBRARY, AS_OURS = (
    "import voice_local",
    "from voice_local.offline import switches; switches.own_process()",
)
NO_CARD = {"CUDA_CACHE_PATH"}
"""Nothing can be seen of it without a card."""


@dataclass(frozen=True)
class Probe:
    """A program that a switch keeps quiet.

    Attributes:
        code: its text.
        prelude: what of ours sets the switch.
        beside: the other switches that are set when this one is taken out.
    """

    code: str
    prelude: str
    beside: dict[str, str]


PROBES = {
    "ORT_DISABLE_TELEMETRY": Probe(
        f"import onnxruntime, time; time.sleep({ASKS_S})", AS_A_LIBRARY, QUIET
    ),
    "HF_HUB_DISABLE_TELEMETRY": Probe(
        "import time; from huggingface_hub.utils import send_telemetry; send_telemetry('x'); "
        "time.sleep(3)",
        AS_A_LIBRARY,
        QUIET,
    ),
    "HF_HUB_OFFLINE": Probe(
        "from huggingface_hub import HfApi\ntry:\n    HfApi().model_info('somebody/something')\n"
        "except Exception:\n    pass",
        AS_OURS,
        OFFLINE,
    ),
    "MPLCONFIGDIR": Probe("import matplotlib.font_manager", AS_OURS, OFFLINE),
    "NUMBA_CACHE_DIR": Probe(
        "import numba\n@numba.njit(cache=True)\ndef twice(x):\n    return 2 * x\ntwice(1)",
        AS_OURS,
        OFFLINE,
    ),
}


def bare(home: Path, **more: str) -> dict[str, str]:
    """The environment of a user who has set every switch to the opposite, in an empty home."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {*OFFLINE, *places(), "XDG_CACHE_HOME"}
    }
    return {
        **kept,
        **dict.fromkeys(OFFLINE, "0"),
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        **more,
    }


def seen(folder: Path, probe: Probe, prelude: str, environment: dict[str, str]) -> list[str]:
    """What `probe` tried or left behind."""
    program, began = folder / "program.py", time.time()
    program.write_text(f"{prelude}\n{probe.code}\n", encoding="utf-8")
    found = watch.run([sys.executable, str(program)], environment, timeout_s=120)
    assert found.returncode == 0, found.stderr
    return [attempt.what for attempt in found.attempts] + left_outside(found.written, began, [ROOT])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, bool], list[str]]]:
    """(Switch, whether ours are set) → what was seen; all side by side, as most of them only
    wait."""

    def run(name: str, ours: bool) -> list[str]:
        home = tmp_path_factory.mktemp("home")
        folder = tmp_path_factory.mktemp("program")
        probe = PROBES[name]
        others = {key: value for key, value in probe.beside.items() if key != name}
        environment = bare(home) if ours else bare(home, **others)
        return seen(folder, probe, probe.prelude if ours else "", environment)

    keys = [(name, ours) for name in PROBES for ours in (False, True)]
    with ThreadPoolExecutor(4) as pool:
        yield dict(zip(keys, pool.map(lambda key: run(*key), keys), strict=True))


def test_every_switch_has_its_probe() -> None:
    assert set(PROBES) == {*OFFLINE, *places()} - NO_CARD


@pytest.mark.parametrize("name", list(PROBES))
def test_a_library_is_kept_quiet_and_is_not_without_the_switch(
    name: str, runs: dict[tuple[str, bool], list[str]]
) -> None:
    assert runs[name, True] == [], f"{name} is not set, or does not stop it"
    assert runs[name, False], f"{name} stops nothing: take it out"


def test_onnxruntime_both_asks_for_a_host_and_leaves_a_device_id(
    runs: dict[tuple[str, bool], list[str]],
) -> None:
    found = runs["ORT_DISABLE_TELEMETRY", False]
    assert any(what.startswith("a socket of family") for what in found), (
        f"after {ASKS_S} s nothing yet"
    )
    assert any(what.endswith("/.onnxruntime/deviceid") for what in found)


def python(home: Path, code: str, **more: str) -> str:
    """What a program prints, its warnings too."""
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=bare(home, **more),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_a_host_that_imported_onnxruntime_before_us_is_warned(tmp_path: Path) -> None:
    told = python(tmp_path, "import onnxruntime, voice_local")
    assert "TelemetryWarning: onnxruntime was imported before voice_local" in told


@pytest.mark.parametrize("yes", ["1", "true"])
def test_a_host_that_switched_it_off_itself_is_not(yes: str, tmp_path: Path) -> None:
    told = python(tmp_path, "import onnxruntime, voice_local", ORT_DISABLE_TELEMETRY=yes)
    assert "TelemetryWarning" not in told


def test_a_host_that_switched_it_off_too_late_is(tmp_path: Path) -> None:
    told = python(
        tmp_path,
        "import os, onnxruntime; os.environ['ORT_DISABLE_TELEMETRY'] = '1'; import voice_local",
    )
    assert "TelemetryWarning" in told


def test_a_hub_client_that_was_imported_before_us_is_told_by_its_constants(tmp_path: Path) -> None:
    code = (
        "import huggingface_hub.constants as c; before = c.HF_HUB_DISABLE_TELEMETRY, "
        "c.HF_HUB_OFFLINE\n"
        "import voice_local; host = c.HF_HUB_DISABLE_TELEMETRY, c.HF_HUB_OFFLINE\n"
        "from voice_local.offline import switches; switches.own_process()\n"
        "ours = c.HF_HUB_DISABLE_TELEMETRY, c.HF_HUB_OFFLINE\n"
        "from voice_local.supply import hub; hub.client()\n"
        "print(before, host, ours, (c.HF_HUB_DISABLE_TELEMETRY, c.HF_HUB_OFFLINE))"
    )
    assert (
        python(tmp_path, code).strip() == "(False, False) (True, False) (True, True) (True, False)"
    )


def test_a_place_that_the_user_chose_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_CACHE_PATH", str(tmp_path))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    environment = switches.worker_environment(2)
    assert environment["CUDA_CACHE_PATH"] == str(tmp_path)
    assert environment["NUMBA_CACHE_DIR"] == str(tmp_path / "cache" / "voice_local" / "numba")


def test_the_kernels_of_a_card_are_kept_in_our_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUDA_CACHE_PATH", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert switches.worker_environment(2).get("CUDA_CACHE_PATH") == str(
        tmp_path / "voice_local" / "cuda"
    )


def test_onnxruntime_is_imported_in_one_place() -> None:
    """The converter's own process aside, which can open no socket at all."""
    allowed = {"models/onnx_session.py", "supply/converters.py", "supply/piper.py"}
    package = ROOT / "voice_local"
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            if any(name.split(".")[0] == "onnxruntime" for name in names):
                found.add(str(path.relative_to(package)))
    assert found == allowed
