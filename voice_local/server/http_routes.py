"""OpenAI's HTTP interface: the paths."""

from __future__ import annotations

from starlette.routing import Route

from voice_local.server import http_models
from voice_local.server.http_calls import Endpoint, Places
from voice_local.server.http_chat import Chat
from voice_local.server.http_speech import Speech
from voice_local.server.http_transcriptions import Transcriptions, no_translations
from voice_local.server.state import ServerState

POST = ["POST"]


def routes(state: ServerState) -> list[Route]:
    """`/v1/models`, `/v1/audio/…` and `/v1/chat/completions`."""
    places = Places(state)
    reads = {
        "/v1/audio/transcriptions": Transcriptions(state).read,
        "/v1/audio/speech": Speech(state).read,
        "/v1/chat/completions": Chat(state).read,
    }
    return [
        *http_models.routes(state),
        *(Route(path, Endpoint(state, places, read), methods=POST) for path, read in reads.items()),
        Route("/v1/audio/translations", no_translations, methods=POST),
    ]
