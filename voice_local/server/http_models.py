"""`/v1/models`: what a profile runs on. Requests may name any other model, too."""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from voice_local.config import STAGES, Settings
from voice_local.engine.voices import bare
from voice_local.server.http_errors import Blame, RequestError
from voice_local.server.state import ServerState

DEFAULT = "default"
OWNER = "voice-local"


def models(settings: Settings, since: int) -> dict[str, dict[str, Any]]:
    """The models of a profile by their names, and `default`; `since`: Unix time."""
    stages: dict[str, list[str]] = {DEFAULT: list(STAGES)}
    for stage in STAGES:
        name = bare(str(getattr(settings, stage).model))
        stages.setdefault(name, []).append(stage)
    return {
        name: {
            "id": name,
            "object": "model",
            "created": since,
            "owned_by": OWNER,
            "voice_local": {"profile": settings.profile, "stages": used},
        }
        for name, used in stages.items()
    }


def routes(state: ServerState) -> list[Route]:
    """`/v1/models` and `/v1/models/{id}`."""
    found = models(state.settings, int(time.time()))

    async def listed(_: Request) -> Response:
        return JSONResponse({"object": "list", "data": list(found.values())})

    async def one(request: Request) -> Response:
        name = request.path_params["id"]
        if name not in found:
            raise RequestError(
                f"there is no model {name[:100]!r}",
                f"one of: {', '.join(found)}",
                Blame("model", "model_not_found", 404),
            )
        return JSONResponse(found[name])

    return [Route("/v1/models", listed), Route("/v1/models/{id:path}", one)]
