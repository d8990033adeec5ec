"""Lines of standard input as they come, in an event loop: from a terminal, a pipe or a file."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator

MOST_BYTES = 1 << 16
"""Read at once."""


async def lines() -> AsyncIterator[str]:
    """Each line without its end, until Ctrl-D or the end of the pipe or file. Bytes that are no
    characters are replaced.

    Python's own buffer is not used: it would hold back lines that came together.
    """
    if sys.stdin is None:  # closed by the caller
        return
    found: asyncio.Queue[bytes | None] = asyncio.Queue()
    descriptor, loop, rest = sys.stdin.fileno(), asyncio.get_running_loop(), b""

    def take() -> bool:
        """Takes what is there; false at the end."""
        nonlocal rest
        try:
            data = os.read(descriptor, MOST_BYTES)
        except OSError:  # the terminal is gone
            data = b""
        *whole, rest = (rest + data).split(b"\n")
        for line in [*whole, *([rest] if rest and not data else [])]:
            found.put_nowait(line)
        if not data:
            loop.remove_reader(descriptor)
            found.put_nowait(None)
        return bool(data)

    try:
        loop.add_reader(descriptor, take)
    except PermissionError:  # a file, which is always ready
        while take():
            pass
    try:
        while (line := await found.get()) is not None:
            yield line.decode(sys.stdin.encoding or "utf-8", "replace").rstrip("\r")
    finally:
        with contextlib.suppress(PermissionError, ValueError):
            loop.remove_reader(descriptor)
