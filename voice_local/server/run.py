"""Starts the worker and serves until it is told to end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn

from voice_local.assistant import Assistant
from voice_local.config import Settings
from voice_local.config_server import SHORTEST_TOKEN
from voice_local.errors import ConfigError
from voice_local.server.app import create_app
from voice_local.server.pool import OnEvent
from voice_local.server.state import ServerState
from voice_local.server.tcp import TcpListener, TcpService
from voice_local.server.telephony.audiosocket import AudioSocketService
from voice_local.server.wyoming.service import WyomingService

LOOPBACK = ("127.0.0.1", "::1", "localhost")
SERVICE_RESTART = 1012
"""WebSocket close code: the server ends, connect again."""

LARGEST_MESSAGE = 24 * 1024 * 1024
"""Bytes of a WebSocket message: 15 MiB of sound in base64 and JSON fit."""


SERVICES: dict[str, Callable[[ServerState], TcpService]] = {
    "wyoming": WyomingService,
    "audiosocket": AudioSocketService,
}
"""The protocols that have ports of their own, by name."""


@dataclass(frozen=True)
class ExtraPort:
    """A port of a protocol that knows no token. `protocol`: of `SERVICES`."""

    protocol: str
    host: str
    port: int

    def check(self, settings: Settings) -> None:
        """Raises:
        ConfigError: it would be reached by other machines, and none is trusted.
        """
        if self.host not in LOOPBACK and not settings.server.trusted_networks:
            raise ConfigError(
                f"{self.protocol} knows no token, and on {self.host} other machines reach it",
                "name those that may: VOICE_LOCAL__SERVER__TRUSTED_NETWORKS=192.168.1.0/24",
            )


@dataclass(frozen=True)
class Listen:
    """Where the server listens. `certificate`, `key`: PEM files, for TLS; None: without.
    `extra`: ports of protocols of their own."""

    host: str = "127.0.0.1"
    port: int = 8765
    certificate: Path | None = None
    key: Path | None = None
    extra: tuple[ExtraPort, ...] = ()

    def of(self, bound: socket.socket) -> Listen:
        """With the port that was really taken."""
        return replace(self, port=int(bound.getsockname()[1]))

    @property
    def url(self) -> str:
        """Its page."""
        scheme = "https" if self.certificate else "http"
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{name}:{self.port}/"


def check(settings: Settings, listen: Listen) -> None:
    """Raises:
    ConfigError: it would serve others than this machine without a token.
    """
    if listen.host not in LOOPBACK and settings.server.token is None:
        raise ConfigError(
            f"on {listen.host} other machines reach this server, and it has no token",
            "serve --token-file FILE, or set VOICE_LOCAL__SERVER__TOKEN",
        )
    token = settings.server.token
    if token is not None and len(token.get_secret_value()) < SHORTEST_TOKEN:
        raise ConfigError(
            f"the server's token is shorter than {SHORTEST_TOKEN} characters",
            "openssl rand -hex 24 > FILE, then serve --token-file FILE",
        )
    for one in listen.extra:
        one.check(settings)


def bind(listen: Listen | ExtraPort) -> socket.socket:
    """Takes the address, before models are loaded.

    Raises:
        ConfigError: it cannot be used.
    """
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((listen.host, listen.port))
    except (OSError, TypeError, UnicodeError) as error:
        bound.close()
        why = getattr(error, "strerror", None) or "no name of a machine"
        raise ConfigError(
            f"cannot listen on {listen.host!r} port {listen.port} ({why})",
            "choose another",
        ) from None
    return bound


async def serve_assistant(
    assistant: Assistant,
    listen: Listen,
    ready: Callable[[Listen], None] = lambda listen: None,
    on_event: OnEvent | None = None,
) -> None:
    """Serves clients of a started assistant, with its handlers, until SIGTERM or SIGINT: for a
    program of your own.

    `ready` is called once clients are answered. `on_event` gets the id of a conversation (of a call
    its SID or UUID) and each of its events (`voice_local.conversation.events`), such as
    `KeyPressed` and `ActionDue`; it must not block.

    Raises:
        ConfigError: the address cannot be used, or a token is needed.
    """
    check(assistant.settings, listen)
    with ExitStack() as sockets:
        bound = sockets.enter_context(closing(bind(listen)))
        extra = [sockets.enter_context(closing(bind(one))) for one in listen.extra]
        await serve(assistant, listen.of(bound), bound, ready, extra, on_event)


async def serve(
    assistant: Assistant,
    listen: Listen,
    bound: socket.socket,
    ready: Callable[[Listen], None],
    extra: Sequence[socket.socket] = (),
    on_event: OnEvent | None = None,
) -> None:
    """Serves clients of a started assistant until SIGTERM or SIGINT.

    `bound`: of `bind`; `extra`: of `listen.extra`. `ready`, `on_event`: see `serve_assistant`.
    """
    state = ServerState.of(assistant, listen.host, on_event)
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    server = _Server(_config(state, listen))
    serving = asyncio.create_task(server.serve([bound]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.02)
    if not server.started:
        await serving
        raise ConfigError("the server could not be started", "look into its log")
    listeners = [
        TcpListener(one.protocol, state, SERVICES[one.protocol](state)) for one in listen.extra
    ]
    for one, port in zip(listeners, extra, strict=True):
        await one.start(port)
    ready(listen)
    notify_systemd("READY=1")
    watching = asyncio.create_task(_watch(assistant))
    ending = asyncio.create_task(told.wait())
    await asyncio.wait([ending, serving], return_when=asyncio.FIRST_COMPLETED)
    notify_systemd("STOPPING=1")
    for task in (ending, watching):
        task.cancel()
    await asyncio.gather(state.pool.drain(), *(one.drain() for one in listeners))
    await asyncio.gather(*(one.aclose() for one in listeners))
    server.should_exit = True
    await serving


class _Server(uvicorn.Server):
    """Leaves signals to this program."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(state: ServerState, listen: Listen) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(state),
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=LARGEST_MESSAGE,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        timeout_graceful_shutdown=5,
        server_header=False,
        # The address that counts is the connection's: a header is whatever a client writes.
        proxy_headers=False,
        ssl_certfile=str(listen.certificate) if listen.certificate else None,
        ssl_keyfile=str(listen.key) if listen.key else None,
    )


def notify_systemd(message: str) -> None:
    """Tells systemd how the service is, where it has started it with `Type=notify`."""
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.sendto(message.encode(), f"\0{path[1:]}" if path.startswith("@") else path)


async def _watch(assistant: Assistant) -> None:
    """Feeds systemd's watchdog as long as the worker lives or is being started again."""
    every_s = float(os.environ.get("WATCHDOG_USEC", 0)) / 2e6
    if not every_s:
        return
    missing_s = 0.0
    while True:
        await asyncio.sleep(every_s)
        missing_s = 0.0 if assistant.engine.pid else missing_s + every_s
        if missing_s < assistant.settings.engine.start_timeout_s:
            notify_systemd("WATCHDOG=1")
