"""A server under a crowd: `python -m benchmarks.soak [--minutes 10] [--sessions 8] [--json F]`.

Clients of `/v1/realtime` on the profile `tiny` talk (typed turns and sound), disconnect at random
and come again. Each says words of its own (sentinels); nobody may ever be told another's. Every ten
seconds memory, open files and threads of the server's front process and of the worker are read;
their slopes after a warm-up of a fifth of the time are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from voice_local.bench.server_process import running_server

LOOK_S = 10.0
SENTINELS = ("amber", "birch", "cobalt", "dahlia", "ember", "falcon", "garnet", "hazel")
LONGEST_TURN_S = 60.0


@dataclass
class Found:
    """What came of it."""

    minutes: float
    sessions: int
    connections: int = 0
    turns: int = 0
    interrupted: int = 0
    errors: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    samples: list[dict[str, float]] = field(default_factory=list)
    slopes_a_minute: dict[str, float] = field(default_factory=dict)


async def talk(url: str, number: int, until: float, found: Found) -> None:
    """One client, over many connections."""
    dice = random.Random(number)
    while time.monotonic() < until:
        with contextlib.suppress(ConnectionClosed, TimeoutError, OSError):
            async with connect(url, max_size=None) as connection:
                found.connections += 1
                await _session(connection, number, dice, until, found)
        await asyncio.sleep(dice.uniform(0.1, 2.0))


async def _session(
    connection: ClientConnection, number: int, dice: random.Random, until: float, found: Found
) -> None:
    own = SENTINELS[number % len(SENTINELS)]
    others = [word for word in SENTINELS if word != own]
    for _ in range(dice.randint(1, 6)):
        if time.monotonic() > until:
            return
        if dice.random() < 0.3:
            await _noise(connection, dice)
        content = [{"type": "input_text", "text": f"my word is {own}, say {own} to me"}]
        item = {"type": "message", "role": "user", "content": content}
        await connection.send(json.dumps({"type": "conversation.item.create", "item": item}))
        await connection.send(json.dumps({"type": "response.create"}))
        if dice.random() < 0.15:
            return  # gone in the middle of it
        async with asyncio.timeout(LONGEST_TURN_S):
            await _answer(connection, others, found)


async def _answer(connection: ClientConnection, others: list[str], found: Found) -> None:
    while True:
        event: dict[str, Any] = json.loads(await connection.recv())
        told = json.dumps(event) if "delta" not in event else str(event.get("delta", ""))[:2000]
        if event["type"] != "response.output_audio.delta":
            found.leaks += [word for word in others if word in told.lower()]
        if event["type"] == "error":
            found.errors.append(event["error"]["code"])
            if event["error"]["code"] == "conversation_already_has_active_response":
                continue
        if event["type"] == "response.done":
            found.turns += 1
            found.interrupted += event["response"]["status"] == "cancelled"
            return


async def _noise(connection: ClientConnection, dice: random.Random) -> None:
    generator = np.random.default_rng(dice.randrange(1000))
    for _ in range(25):
        piece = (3000 * generator.uniform(-1, 1, 960)).astype("<i2").tobytes()
        audio = base64.b64encode(piece).decode()
        await connection.send(json.dumps({"type": "input_audio_buffer.append", "audio": audio}))
        await asyncio.sleep(0.04)


async def watch(process: psutil.Process, until: float, found: Found) -> None:
    """Reads what the server holds, every `LOOK_S`."""
    began = time.monotonic()
    while time.monotonic() < until:
        worker = next(iter(process.children(recursive=True)), None)
        sample = {"minute": (time.monotonic() - began) / 60}
        for name, one in (("front", process), ("worker", worker)):
            if one is not None:
                with contextlib.suppress(psutil.Error):
                    sample[f"{name}_rss_mib"] = one.memory_info().rss / 2**20
                    sample[f"{name}_files"] = float(one.num_fds())
                    sample[f"{name}_threads"] = float(one.num_threads())
        found.samples.append(sample)
        await asyncio.sleep(LOOK_S)


def slopes(samples: list[dict[str, float]]) -> dict[str, float]:
    """Of each figure a minute, after the first fifth."""
    kept = samples[len(samples) // 5 :]
    minutes = [sample["minute"] for sample in kept]
    names = [name for name in kept[-1] if name != "minute"] if len(kept) > 2 else []
    return {
        name: round(float(np.polyfit(minutes, [one.get(name, 0.0) for one in kept], 1)[0]), 4)
        for name in names
    }


async def soak(minutes: float, sessions: int) -> Found:
    """The whole run."""
    found = Found(minutes, sessions)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder), "tiny") as server,
    ):
        until = time.monotonic() + minutes * 60
        watching = asyncio.create_task(watch(server.process, until, found))
        url = f"ws://{server.address}/v1/realtime"
        talking = (talk(url, number, until, found) for number in range(sessions))
        await asyncio.gather(*talking, watching)
    found.slopes_a_minute = slopes(found.samples)
    return found


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--sessions", type=int, default=8)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = asyncio.run(soak(options.minutes, options.sessions))
    print(f"{found.connections} connections, {found.turns} turns, {found.interrupted} interrupted")
    print(f"errors: {found.errors[:5]} ({len(found.errors)})  leaks: {found.leaks[:5]}")
    for name, slope in found.slopes_a_minute.items():
        last = found.samples[-1].get(name, 0.0)
        print(f"{name:16} last {last:9.1f}   slope a minute {slope:+.4f}")
    if options.json:
        options.json.write_text(json.dumps(asdict(found), indent=1), encoding="utf-8")
    sys.exit(1 if found.leaks or not found.turns else 0)


if __name__ == "__main__":
    main()
