"""A front process of its own, at the socket of somebody else's worker.

    python -m tests.models.front_process SOCKET NAME COUNT

makes one call and prints `attached`, makes so many, twenty at once, and prints `COUNT right`; it
fails where any answer is not its own. COUNT 0: it reads an answer that does not end instead, a line
for each piece.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path

from tests.models.fronts import ask, ask_all
from tests.scripted_stages import Script
from voice_local.config import load
from voice_local.engine.attached_engine import AttachedEngine
from voice_local.engine.client import EngineClient, text_of

MODULE = "tests.models.front_process"
AT_ONCE = 20


async def endless(engine: EngineClient, name: str) -> None:
    """Reads until it is killed."""
    script = Script(name, 100_000, 0.01)
    numbers = itertools.count()
    async for text in text_of(engine.generate(script.prompt())):
        assert text == f"{name}:{next(numbers)} ", text
        print(text, flush=True)


async def main(socket: str, name: str, count: int) -> None:
    """See the module."""
    async with AttachedEngine(Path(socket), load("tiny").engine) as engine:
        await ask(engine, name, 1)
        print("attached", flush=True)
        if count:
            await ask_all(engine, name, count, AT_ONCE)
            print(f"{count} right", flush=True)
        else:
            await endless(engine, name)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
