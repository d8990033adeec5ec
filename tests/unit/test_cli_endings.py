"""Exit codes of commands that are told to end while they run."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.unit
PROGRAM = """
import asyncio
import typer
from voice_local.cli.endings import finished

app = typer.Typer()

@app.command()
def wait():
    async def forever():
        print("ready", flush=True)
        await asyncio.sleep(60)
    asyncio.run(forever())

finished(app)
"""


def heeds_hangup() -> None:
    """Whoever runs the tests may ignore it, as nohup does."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_command_tells_what_ended_it(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heeds_hangup,
    ) as process:
        assert process.stdout and process.stdout.readline() == "ready\n"
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 128 + number and "Traceback" not in said
