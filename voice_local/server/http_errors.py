"""Errors as OpenAI's clients read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from voice_local.errors import (
    CapacityError,
    EngineBusyError,
    InputError,
    ServerError,
    VoiceLocalError,
    WorkerDiedError,
)

RETRY_AFTER_S = 2
"""When to try again where the server had no room, or its worker is being started again."""

NO_ROOM = (CapacityError, EngineBusyError, WorkerDiedError)


@dataclass(frozen=True)
class Blame:
    """What was wrong with a request.

    Attributes:
        param: the field, as `messages[0].content`; empty: none of them alone.
        code: OpenAI's name of the error, if there is one.
        status: of HTTP.
    """

    param: str = ""
    code: str = ""
    status: int = 400


class RequestError(ServerError):
    """A request that cannot be answered."""

    def __init__(self, cause: str, remedy: str = "", blame: Blame | None = None) -> None:
        super().__init__(cause, remedy)
        self.blame = blame or Blame()


@contextmanager
def blaming(
    param: str, kind: type[VoiceLocalError] = InputError, *, code: str = ""
) -> Iterator[None]:
    """What is raised of `kind` is the fault of the field `param`."""
    try:
        yield
    except kind as error:
        raise RequestError(error.cause, error.remedy, Blame(param, code)) from error


def status_of(error: VoiceLocalError) -> int:
    """The HTTP status that tells of `error`."""
    if isinstance(error, RequestError):
        return error.blame.status
    if isinstance(error, NO_ROOM):
        return 503
    return 400 if isinstance(error, InputError) else 500


def error_object(error: VoiceLocalError) -> dict[str, Any]:
    """What stands under `error` in a body or an event."""
    blame = error.blame if isinstance(error, RequestError) else Blame()
    return {
        "message": f"{error.cause}: {error.remedy}" if error.remedy else error.cause,
        "type": "server_error" if status_of(error) >= 500 else "invalid_request_error",
        "param": blame.param or None,
        "code": blame.code or None,
    }


def error_response(error: VoiceLocalError) -> Response:
    """The whole answer."""
    status = status_of(error)
    headers = {"retry-after": str(RETRY_AFTER_S)} if status == 503 else None
    body = json.dumps({"error": error_object(error)}, ensure_ascii=False)
    return Response(body, status, headers, "application/json")
