"""What `voice-local serve` does."""

from __future__ import annotations

from contextlib import AsyncExitStack, closing

from voice_local.assistant import Assistant
from voice_local.cli import show
from voice_local.cli.loading import Loading
from voice_local.config import STAGES, Settings
from voice_local.errors import ConfigError
from voice_local.extras import absent, remedy

PACKAGES = ("starlette", "uvicorn", "websockets", "multipart", "prometheus_client")


async def run(settings: Settings, host: str, port: int) -> None:
    """Loads the models, then serves until the program is told to end.

    Raises:
        ConfigError: packages are missing, the address cannot be used, or a token is needed.
    """
    if missing := absent(PACKAGES):
        raise ConfigError(f"the server needs {', '.join(missing)}", remedy("server"))
    from voice_local.server import run as server

    listen = server.Listen(host, port)
    server.check(settings, listen)
    with closing(server.bind(listen)) as bound:
        listen = listen.of(bound)
        loading = Loading(settings, STAGES)
        async with AsyncExitStack() as loaded:
            with loading:
                assistant = await loaded.enter_async_context(
                    Assistant(settings, notify=show.note, loading=loading.stage)
                )
            await server.serve(assistant, listen, bound, _ready)


def _ready(listen: object) -> None:
    show.note(f"serving at {getattr(listen, 'url', '')} (Ctrl-C ends)")
