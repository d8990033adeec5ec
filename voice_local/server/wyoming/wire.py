"""Wyoming's messages: a line of JSON, then data (more JSON) and a payload of the lengths it tells.

Every length is bounded, and nothing is believed of what a client sends.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from voice_local.errors import ProtocolError
from voice_local.server.json_text import whole_characters

VERSION = "1.8.0"
"""Of the protocol, as its reference implementation counts."""

MOST_DATA, MOST_PAYLOAD = 256 * 1024, 1024 * 1024
"""Bytes: a text, and half a minute of 16 kHz sound."""

REST_S = 10.0
"""Once a line has come, its data and payload have to follow in so long."""


@dataclass(frozen=True)
class WyomingEvent:
    """One message. `kind`: the protocol calls it type."""

    kind: str
    data: dict[str, Any] = field(default_factory=dict)
    payload: bytes = b""

    def text(self, name: str = "text") -> str:
        """A text in the data.

        Raises:
            ProtocolError: it is none.
        """
        found = self.data.get(name)
        if not isinstance(found, str):
            raise ProtocolError(f"{self.kind} without a {name}")
        return found

    def texts(self, name: str) -> list[str]:
        """A list of texts in the data; empty where there is none.

        Raises:
            ProtocolError: it is something else.
        """
        found = self.data.get(name) or []
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise ProtocolError(f"{self.kind}: {name} is not a list of texts")
        return found

    def number(self, name: str) -> int:
        """A whole number in the data.

        Raises:
            ProtocolError: it is none.
        """
        return _number(self.data.get(name), f"{self.kind}: {name}")


async def read_event(reader: asyncio.StreamReader) -> WyomingEvent | None:
    """The next message; None: the client has sent its last.

    Raises:
        ProtocolError: it is none of Wyoming's, or too large. IncompleteReadError: it is cut.
        TimeoutError: its end does not come.
    """
    try:
        line = await reader.readline()
    except ValueError:
        raise ProtocolError("a line of more than 64 KiB") from None
    if not line:
        return None
    if not line.endswith(b"\n"):
        raise asyncio.IncompleteReadError(line, None)
    told = _object(line, "the line")
    kind = told.get("type")
    if not isinstance(kind, str):
        raise ProtocolError("a message without a type")
    data = told.get("data") or {}
    if not isinstance(data, dict):
        raise ProtocolError("data that is not an object")
    more = _length(told, "data_length", MOST_DATA)
    length = _length(told, "payload_length", MOST_PAYLOAD)
    async with asyncio.timeout(REST_S):
        if more:
            data = {**data, **_object(await reader.readexactly(more), "the data")}
        payload = await reader.readexactly(length) if length else b""
    return WyomingEvent(kind, data, payload)


def encoded(event: WyomingEvent) -> bytes:
    """One message as bytes."""
    head: dict[str, Any] = {"type": event.kind, "version": VERSION}
    data = json.dumps(event.data, ensure_ascii=False).encode() if event.data else b""
    if data:
        head["data_length"] = len(data)
    if event.payload:
        head["payload_length"] = len(event.payload)
    return json.dumps(head).encode() + b"\n" + data + event.payload


def _object(text: bytes, name: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ProtocolError(f"{name} is not JSON") from None
    if not isinstance(found, dict):
        raise ProtocolError(f"{name} is not an object")
    return dict(whole_characters(found))


def _length(told: dict[str, Any], name: str, most: int) -> int:
    length = _number(told.get(name) or 0, name)
    if not 0 <= length <= most:
        raise ProtocolError(f"{name} {length}", f"0 to {most}")
    return length


def _number(found: object, name: str) -> int:
    if not isinstance(found, int) or isinstance(found, bool):
        raise ProtocolError(f"{name} is not a whole number")
    return found
