"""Reading what a Realtime client sends, and the errors it is answered with."""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from voice_local.errors import VoiceLocalError
from voice_local.server.json_text import whole_characters

MOST_AUDIO_BYTES = 15 * 1024 * 1024
"""Of one `input_audio_buffer.append`, decoded."""

DEEPEST = 64
"""Levels of JSON that a client's event may have."""

LONGEST_TEXT = 20_000
"""Characters of a JSON text that is not audio."""

MOST_BRACKETS = 100_000
"""Lists and objects of an event; one with more is refused."""

INVALID, SERVER_ERROR = "invalid_request_error", "server_error"

Json = Mapping[str, Any]


class ClientError(Exception):
    """What a client sent cannot be used. `param`: the field; `code`: as OpenAI names it."""

    def __init__(self, message: str, code: str = "invalid_value", param: str | None = None) -> None:
        super().__init__(message)
        self.message, self.code, self.param = message, code, param

    @staticmethod
    def of(error: VoiceLocalError, param: str | None = None) -> ClientError:
        """Of an error of this package."""
        message = f"{error.cause}: {error.remedy}" if error.remedy else error.cause
        return ClientError(message, param=param)

    def event(self, event_id: str | None, kind: str = INVALID) -> dict[str, Any]:
        """The `error` event; `event_id`: of the client's event; `kind`: whose fault it is."""
        return {
            "type": "error",
            "error": {
                "type": kind,
                "code": self.code,
                "message": self.message,
                "param": self.param,
                "event_id": event_id,
            },
        }


def new_id(kind: str) -> str:
    """A new id, as `item_…`."""
    return f"{kind}_{uuid.uuid4().hex[:24]}"


def parsed(text: str) -> Json:
    """The event that `text` is.

    Raises:
        ClientError: it is no JSON object, too deep, or has no type.
    """
    if _depth(text) > DEEPEST:
        raise ClientError(
            f"the event is nested deeper than {DEEPEST} levels, or has more than {MOST_BRACKETS} "
            "lists and objects",
            "invalid_event",
        )
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ClientError("the message is not valid JSON", "invalid_json") from None
    if not isinstance(found, dict):
        raise ClientError("an event has to be a JSON object", "invalid_event")
    if not isinstance(found.get("type"), str):
        raise ClientError("the event has no type", "missing_required_parameter", "type")
    event_id = found.get("event_id")
    if event_id is not None and not isinstance(event_id, str):
        raise ClientError("event_id has to be a string", "invalid_type", "event_id")
    return whole_characters(found) if _SURROGATE.search(text) else found


_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_BRACKET = re.compile(r"[\[{\]}]")

EVENT_FIELDS = ("type", "event_id")
"""Of every event of a client."""

FIELDS = {
    "session.update": ("session",),
    "input_audio_buffer.append": ("audio",),
    "conversation.item.create": ("item", "previous_item_id"),
    "conversation.item.retrieve": ("item_id",),
    "conversation.item.delete": ("item_id",),
    "conversation.item.truncate": ("item_id", "content_index", "audio_end_ms"),
    "response.create": ("response",),
    "response.cancel": ("response_id",),
}
"""What else an event of a client may have; the others have nothing."""


def _depth(text: str) -> int:
    """How deep brackets are nested, those in strings included: an upper bound, cheap for audio."""
    brackets = text.count("[") + text.count("{")
    if brackets <= DEEPEST:
        return 0
    if brackets > MOST_BRACKETS:
        return brackets
    depth = deepest = 0
    for found in _BRACKET.finditer(text):
        if found.group() in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > DEEPEST:
                break
        else:
            depth -= 1
    return deepest


def known_keys(given: Json, known: Collection[str], where: str) -> None:
    """Raises:
    ClientError: a field that is not known.
    """
    for key in given:
        if key not in known:
            name = f"{where}.{key}" if where else key
            raise ClientError(f"Unknown parameter: '{name}'.", "unknown_parameter", name)


def text_of(given: Json, key: str, where: str = "", *, longest: int = LONGEST_TEXT) -> str:
    """A required text.

    Raises:
        ClientError: it is missing, no text, or too long.
    """
    name = f"{where}.{key}" if where else key
    if key not in given:
        raise ClientError(
            f"Missing required parameter: '{name}'.", "missing_required_parameter", name
        )
    value = given[key]
    if not isinstance(value, str):
        raise ClientError(f"'{name}' has to be a string.", "invalid_type", name)
    if len(value) > longest:
        raise ClientError(f"'{name}' is longer than {longest} characters.", "string_too_long", name)
    return value


def whole_of(given: Json, key: str, where: str = "", *, least: int = 0, most: int = 2**31) -> int:
    """A required whole number.

    Raises:
        ClientError: it is missing, no whole number, or out of range.
    """
    name = f"{where}.{key}" if where else key
    if key not in given:
        raise ClientError(
            f"Missing required parameter: '{name}'.", "missing_required_parameter", name
        )
    return int(number(given[key], name, least, most, whole=True))


def number(value: Any, name: str, least: float, most: float, *, whole: bool = False) -> float:
    """`value`, a number within range; NaN is none.

    Raises:
        ClientError: it is not.
    """
    kinds = (int,) if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise ClientError(f"'{name}' has to be a number.", "invalid_type", name)
    if not least <= value <= most:
        raise ClientError(f"'{name}' has to be from {least:g} to {most:g}.", "invalid_value", name)
    return value


def object_of(value: Any, name: str) -> Json:
    """`value`, a JSON object.

    Raises:
        ClientError: it is none.
    """
    if not isinstance(value, dict):
        raise ClientError(f"'{name}' has to be an object.", "invalid_type", name)
    return value


def audio_bytes(given: Json, key: str = "audio") -> bytes:
    """Sound in base64.

    Raises:
        ClientError: it is missing, no base64, or too long.
    """
    text = text_of(given, key, longest=MOST_AUDIO_BYTES * 4 // 3 + 8)
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ClientError(f"'{key}' is not valid base64.", "invalid_base64", key) from None
    if len(data) > MOST_AUDIO_BYTES:
        raise ClientError(f"'{key}' is longer than 15 MiB.", "audio_too_long", key)
    return data
