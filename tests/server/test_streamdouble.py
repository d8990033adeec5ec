"""The unchanged `streamdouble` package, a stand-in for Twilio, calls `/twilio` over bad networks."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile as sf

from tests.server.client_environments import interpreter
from tests.server.serving import Served, serve
from tests.server.test_telephones import is_speech, said

pytestmark = pytest.mark.server

NETWORKS = {
    "a good one": (),
    "loss": ("--packet-loss", "0.05", "--chaos-seed", "1"),
    "jitter": ("--jitter", "60", "--chaos-seed", "2"),
    "all of it": ("--packet-loss", "0.03", "--jitter", "80", "--latency", "150"),
}


@pytest.fixture(scope="module")
def python() -> Path:
    return interpreter("streamdouble")


@pytest.fixture(scope="module")
def served(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    token = tmp_path_factory.mktemp("token") / "token"
    token.write_text("a-token-of-the-tests")
    with serve("--token-file", str(token)) as running:
        yield running
        assert running.end() == 0 and "Traceback" not in "".join(running.log)


def run(python: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    program = "import sys; from streamdouble.cli import main; sys.exit(main())"
    return subprocess.run(
        [python, "-c", program, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("network", NETWORKS)
def test_a_call_is_answered(python: Path, served: Served, tmp_path: Path, network: str) -> None:
    sf.write(tmp_path / "said.wav", said(0), 8_000, subtype="PCM_16")
    done = run(
        python,
        "call",
        f"ws://127.0.0.1:{served.ports['http']}/twilio",
        *("--audio", tmp_path / "said.wav", "--out", tmp_path / "heard.wav", "--json"),
        *("--param", "token=a-token-of-the-tests", "--max-gap-ms", 1500),
        *NETWORKS[network],
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sound, rate = sf.read(tmp_path / "heard.wav", dtype="float32")
    assert rate == 8000 and is_speech(sound)
    told = json.loads(done.stdout)
    assert told["violations"] == told["unknown_events"] == [] and told["stall_count"] <= 1
    assert told["marks_echoed"] == 1 and told["clears_received"] == 0
    assert told["delivery_ratio"] < 1.2, "sent at the speed of sound"


def test_a_scenario_with_an_interruption_and_keys(
    python: Path, served: Served, tmp_path: Path
) -> None:
    sf.write(tmp_path / "said.wav", said(0), 8_000, subtype="PCM_16")
    (tmp_path / "call.yaml").write_text(
        "name: interrupt the greeting\n"
        "steps:\n"
        "  - wait_for: audio\n"
        "  - wait: 0.5\n"
        "  - say: said.wav\n"
        "  - wait_for: clear\n"
        "  - expect: clear\n"
        "  - wait_for: mark\n"
        "  - expect: mark\n"
        "  - dtmf: '4711#'\n"
        "  - wait: 4\n"
        "  - hangup\n"
    )
    done = run(
        python,
        "scenario",
        tmp_path / "call.yaml",
        f"ws://127.0.0.1:{served.ports['http']}/twilio",
        *("--param", "token=a-token-of-the-tests"),
        *("--param", f"greeting={'Welcome. ' * 12}"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
