"""Text as a model gives it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from voice_local.conversation.output.segments import segments


def stream(pieces: list[str]) -> list[str]:
    """What `segments` makes of `pieces`."""

    async def source() -> AsyncIterator[str]:
        for piece in pieces:
            yield piece

    async def collect() -> list[str]:
        return [segment async for segment in segments(source())]

    return asyncio.run(collect())
