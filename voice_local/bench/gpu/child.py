"""One step in a process of its own: `python -m voice_local.bench.gpu.child` reads a line of JSON,
see `runner.in_own_process`.

It writes lines of JSON: notes, and at the end, if the step failed, why.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from voice_local.bench.gpu.device import (
    Card,
    Device,
)
from voice_local.bench.gpu.runner import perform
from voice_local.bench.gpu.shapes import shapes_called
from voice_local.bench.gpu.trial import Trial
from voice_local.errors import VoiceLocalError
from voice_local.offline import switches


def main() -> None:
    """Entry of the process."""
    switches.own_process()
    # What a native library prints must not end up between the lines that the parent reads.
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(value: dict[str, str]) -> None:
        own.write(json.dumps(value) + "\n")
        own.flush()

    request: dict[str, Any] = json.loads(sys.stdin.readline())
    card = request["card"]
    device = Device(Card(**card["card"]), card["libraries"]) if card else None
    trial = Trial(
        Path(request["folder"]),
        shapes_called(request["shapes"]),
        device,
        lambda line: say({"note": line}),
    )
    try:
        asyncio.run(perform(trial, request["step"], request["holds_for"]))
    except VoiceLocalError as error:
        say({"failed": type(error).__name__, "cause": error.cause, "remedy": error.remedy})


if __name__ == "__main__":
    main()
