"""The worker process: loads every model once, answers over a Unix socket until its parent ends.

`python -m voice_local.engine.worker` reads one line of JSON from standard input (socket, settings,
stages), writes lines to standard output (one a stage as it is loaded, then ready with its reports,
or failed with the error), then serves. Standard input stays open: when it ends, so does the worker.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import zmq
import zmq.asyncio

from voice_local.config import Settings
from voice_local.config_engine import EngineSettings
from voice_local.engine import wire
from voice_local.engine.host import Host
from voice_local.engine.server import Server
from voice_local.engine.transports.inprocess import InProcessTransport
from voice_local.errors import VoiceLocalError
from voice_local.offline import switches

Load = Callable[[Host, Settings, list[str], Callable[[str], None]], None]


def main(load: Load = Host.load) -> None:
    """Entry of the process. `load` brings the stages in."""
    switches.own_process()
    # What a native library prints must not end up between the lines of the start-up protocol.
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(value: object) -> None:
        own.write(json.dumps(value) + "\n")
        own.flush()

    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_watch_parent, daemon=True).start()
    settings = Settings.model_validate(request["settings"])
    host = Host(settings.engine.max_pending)
    try:
        load(host, settings, request["stages"], lambda stage: say({"loading": stage}))
    except VoiceLocalError as error:
        say({"failed": type(error).__name__, "cause": error.cause, "remedy": error.remedy})
        return
    asyncio.run(_serve(request["socket"], host, settings.engine, say))


def _watch_parent() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


async def _serve(path: str, host: Host, settings: EngineSettings, say: Any) -> None:
    context = zmq.asyncio.Context()
    socket = context.socket(zmq.ROUTER)
    socket.setsockopt(zmq.MAXMSGSIZE, wire.MAX_MESSAGE_BYTES)
    socket.setsockopt(zmq.ROUTER_MANDATORY, 1)  # a message that cannot go is an error, not lost
    socket.setsockopt(zmq.LINGER, 0)
    socket.set_hwm(wire.QUEUE_MESSAGES)
    socket.bind(f"ipc://{path}")
    reports = [asdict(report) for report in host.reports]
    say({"ready": True, "reports": reports, "voices": host.voices})
    await Server(InProcessTransport(host), settings, socket, give_back_freed).serve()


def give_back_freed() -> None:
    """Lets glibc hand what was freed back to the system; it keeps what lies between small blocks
    that live on.

    A threshold above which every block is handed back at once (mallopt's M_MMAP_THRESHOLD) would do
    it too, and doubles the time of recognition: each layer's buffers would be fresh pages.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


if __name__ == "__main__":
    main()
