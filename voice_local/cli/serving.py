"""What `voice-local serve` does."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from voice_local.assistant import Assistant
from voice_local.cli import show
from voice_local.cli.loading import Loading
from voice_local.config import STAGES, Settings
from voice_local.errors import ConfigError
from voice_local.extras import absent, remedy
from voice_local.models.folder import home

if TYPE_CHECKING:
    from voice_local.server import run as server


@dataclass(frozen=True)
class Tls:
    """Whether to serve https. `certificate`, `key`: files of one's own."""

    wanted: bool = False
    certificate: Path | None = None
    key: Path | None = None

    def files(self, host: str, names: tuple[str, ...]) -> tuple[Path | None, Path | None]:
        """Certificate and key; None: without TLS.

        Raises:
            ConfigError: one of the two files is missing. OutputError: none can be made.
        """
        if (self.certificate is None) != (self.key is None):
            raise ConfigError("a certificate needs its key", "--certificate FILE --key FILE")
        for path in (self.certificate, self.key):
            if path is not None and not path.is_file():
                raise ConfigError(f"there is no file {path}", "--certificate FILE --key FILE")
        if self.certificate is not None and self.key is not None:
            _check_pair(self.certificate, self.key)
        if self.certificate is not None or not self.wanted:
            return self.certificate, self.key
        from voice_local.server.certificate import own_certificate

        return own_certificate(home().parent / "tls", host, names)


def _check_pair(certificate: Path, key: Path) -> None:
    try:
        # Without a password nobody is asked for one: a server may start by itself.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{certificate} and {key} are no certificate and its key ({error})",
            "give both as PEM, the key without a password",
        ) from None


PACKAGES = ("starlette", "uvicorn", "websockets", "multipart", "prometheus_client", "aiortc", "av")


async def run(
    settings: Settings,
    host: str,
    port: int,
    extra: Mapping[str, tuple[str, int | None]],
    tls: Tls,
) -> None:
    """Loads the models, then serves until the program is told to end.

    `extra`: host and port of each protocol with a port of its own; no port: it is not served.

    Raises:
        ConfigError: packages are missing, the address cannot be used, or a token is needed.
    """
    if missing := absent(PACKAGES):
        raise ConfigError(f"the server needs {', '.join(missing)}", remedy("server"))
    from voice_local.server import logs
    from voice_local.server import run as server

    ports = tuple(
        server.ExtraPort(name, at, number)
        for name, (at, number) in extra.items()
        if number is not None
    )
    logs.install()
    certificate, key = tls.files(host, settings.server.hosts)
    listen = server.Listen(host, port, certificate, key, ports)
    server.check(settings, listen)
    with ExitStack() as sockets:
        bound = sockets.enter_context(closing(server.bind(listen)))
        more = [sockets.enter_context(closing(server.bind(one))) for one in ports]
        listen = listen.of(bound)
        loading = Loading(settings, STAGES)
        async with AsyncExitStack() as loaded:
            with loading:
                assistant = await loaded.enter_async_context(
                    Assistant(settings, notify=show.note, loading=loading.stage)
                )
            await server.serve(assistant, listen, bound, partial(_ready, more), more)


def _ready(more: Sequence[socket.socket], listen: server.Listen) -> None:
    for one, at in zip(listen.extra, more, strict=True):
        show.note(f"serving {one.protocol} at {one.host} port {at.getsockname()[1]}")
    show.note(f"serving at {listen.url} (Ctrl-C ends)")
