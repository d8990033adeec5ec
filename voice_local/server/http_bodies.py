"""Reads requests: JSON and uploads, neither larger than allowed."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

from voice_local.server.http_errors import Blame, RequestError

MAX_JSON_BYTES = 4 << 20
MAX_DEPTH = 100
MAX_FIELDS = 64
MAX_FIELD_BYTES = 64 << 10

GAP_S = 30.0
"""A client that sends nothing of its body for so long is given up."""

BODY_S = 180.0
"""A body that is not there after so long is given up, however steadily it comes."""

T = TypeVar("T", bound=BaseModel)


class BoundedBody:
    """An ASGI `receive` that lets at most `limit` bytes of a body through.

    What is beyond is read and dropped, up to as much again: a client that is cut off while it sends
    never reads why.
    """

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive, self._limit = receive, limit
        self._bytes = 0
        self._ends_at = asyncio.get_running_loop().time() + BODY_S

    async def __call__(self) -> Message:
        """The next message.

        Raises:
            RequestError: the body is too large, or does not come.
        """
        message = await self._next()
        while self._bytes > self._limit:
            more = message["type"] == "http.request" and message.get("more_body", False)
            if not more or self._bytes > 2 * self._limit:
                raise too_large(self._limit)
            message = await self._next()
        return message

    async def _next(self) -> Message:
        try:
            left_s = self._ends_at - asyncio.get_running_loop().time()
            async with asyncio.timeout(min(GAP_S, left_s)):
                message = await self._receive()
        except TimeoutError:
            raise RequestError(
                f"nothing of the body came for {GAP_S:.0f} s, or not all of it in {BODY_S:.0f} s",
                "send it again",
                Blame(status=408),
            ) from None
        if message["type"] == "http.request":
            self._bytes += len(message.get("body", b""))
        return message


def too_large(limit: int) -> RequestError:
    """The error of a body over `limit` bytes."""
    size = f"{limit >> 20} MiB" if limit >= 1 << 20 else f"{limit} bytes"
    return RequestError(
        f"the request is larger than {size}",
        "send less",
        Blame(code="request_too_large", status=413),
    )


def bounded(request: Request, limit: int) -> Request:
    """`request`, whose body is read up to `limit` bytes.

    Raises:
        RequestError: it says itself that it is far larger.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > 2 * limit:
        raise too_large(limit)
    return Request(request.scope, BoundedBody(request.receive, limit))


async def read_json(request: Request, kind: type[T], limit: int) -> T:
    """The body as a `kind`; fields that it does not have are ignored.

    Raises:
        RequestError: it is no JSON object, has a wrong field, or is too large.
    """
    body = await bounded(request, min(limit, MAX_JSON_BYTES)).body()
    return validated(kind, json_object(body))


def json_object(text: str | bytes, place: str = "") -> dict[str, Any]:
    """The JSON object that `text` is. `place`: the field that it is in.

    Raises:
        RequestError: it is none, or holds what cannot be sent on: numbers of more than 64 bits,
            halves of characters, too many levels.
    """
    try:
        found = json.loads(text, parse_constant=_refuse)
        _check_plain(found)
    except (ValueError, RecursionError) as error:
        raise RequestError(
            f"{place or 'the body'} is not JSON ({_short(error)})",
            "send a JSON object",
            Blame(place),
        ) from None
    if not isinstance(found, dict):
        raise RequestError(
            f"{place or 'the body'} is not a JSON object", "send a JSON object", Blame(place)
        )
    return found


def _check_plain(found: Any) -> None:
    """Raises ValueError or RecursionError for what the engine cannot be sent."""
    waiting = [(found, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise RecursionError
        if isinstance(value, str):
            value.encode()
        elif isinstance(value, dict):
            waiting += [(part, depth + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]
        elif isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
            raise ValueError("a number has more than 64 bits")
        elif isinstance(value, float) and not math.isfinite(value):
            raise ValueError("a number is too large")


def validated(kind: type[T], found: dict[str, Any], within: str = "") -> T:
    """`found` as a `kind`; `within`: the field that it stands in.

    Raises:
        RequestError: a field is missing or wrong; it is named.
    """
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        param = f"{within}{_place(first['loc'], bool(within))}"
        raise RequestError(f"{param}: {first['msg']}", "", Blame(param)) from None


async def read_form(request: Request, limit: int) -> FormData:
    """The fields of an upload, which the caller has to close.

    Raises:
        RequestError: it is no multipart form, or too large.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise RequestError("the body is no multipart form", "send it as multipart/form-data")
    try:
        return await bounded(request, limit).form(
            max_files=1, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES
        )
    except HTTPException as error:
        raise RequestError(f"the form cannot be read ({error.detail})") from None


def text_fields(form: FormData, lists: Sequence[str]) -> dict[str, Any]:
    """The fields of `form` that are text; those of `lists`, with or without `[]`, as lists."""
    found: dict[str, Any] = {}
    for name, value in form.multi_items():
        if not isinstance(value, str):
            continue
        bare = name.removesuffix("[]")
        if bare in lists:
            found.setdefault(bare, []).append(value)
        else:
            found[name] = value
    return found


def _place(steps: tuple[int | str, ...], inside: bool) -> str:
    """`("messages", 0, "role")` → `messages[0].role`; what tells of a union's members is left
    out."""
    place = ""
    for step in steps:
        if isinstance(step, int):
            place += f"[{step}]"
        elif step.isidentifier() and step not in ("str", "int", "float", "bool"):
            place += f".{step}" if place or inside else step
    return place


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _short(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "it is not UTF-8"
    return "nested too deep" if isinstance(error, RecursionError) else str(error)[:100]
