"""Ports of protocols that know no token: for this machine, and networks that are trusted."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from voice_local.server.sender import STALL_S
from voice_local.server.state import ServerState

MOST_READ = 64 * 1024
"""Bytes of one client that wait to be read, and most of a line."""

CLOSE_S = 1.0
"""How long the last bytes have to go out."""

log = logging.getLogger(__name__)


class Connection:
    """One client's.

    Attributes:
        reader: what it sends.
        client: its address.
        busy: it waits for an answer.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: str
    ) -> None:
        self.reader, self._writer, self.client = reader, writer, client
        self.busy = False

    @contextmanager
    def working(self) -> Iterator[None]:
        """While an answer is made."""
        self.busy = True
        try:
            yield
        finally:
            self.busy = False

    def write(self, data: bytes) -> None:
        """Sends the last bytes, if the client still takes any."""
        with suppress(ConnectionError, RuntimeError):
            self._writer.write(data)

    async def send(self, data: bytes) -> None:
        """Sends `data` as soon as the client takes it.

        Raises:
            ConnectionError: it does not read any more, or is gone.
        """
        self._writer.write(data)
        try:
            async with asyncio.timeout(STALL_S):
                await self._writer.drain()
        except TimeoutError:
            self._writer.transport.abort()
            raise ConnectionAbortedError("the client does not read") from None

    async def close(self) -> None:
        """Lets the last bytes go out, for a moment, and ends it.

        What still comes is read and forgotten: else the client would lose what it was sent last.
        """
        try:
            async with asyncio.timeout(CLOSE_S):
                self._writer.write_eof()
                while await self.reader.read(MOST_READ):
                    pass
                self._writer.close()
                await self._writer.wait_closed()
        except (TimeoutError, OSError, RuntimeError):
            self._writer.transport.abort()


class TcpService(Protocol):
    """What a port is for."""

    async def serve(self, connection: Connection) -> None:
        """One connection, to its end.

        Raises:
            ConnectionError, IncompleteReadError: the client has gone.
        """
        ...

    async def aclose(self) -> None:
        """Ends what goes on beside the connections."""
        ...


class TcpListener:
    """One port. `name`: of its protocol."""

    def __init__(self, name: str, state: ServerState, service: TcpService) -> None:
        self._name, self._state, self._service = name, state, service
        self._server: asyncio.Server | None = None
        self._clients: Counter[str] = Counter()
        self._open: dict[asyncio.Task[None], Connection] = {}

    async def start(self, bound: socket.socket) -> None:
        """Takes clients. `bound`: the port."""
        self._server = await asyncio.start_server(self._accept, sock=bound, limit=MOST_READ)

    async def drain(self) -> None:
        """Takes no more clients, and waits until no answer is being made, as long as allowed."""
        if self._server:
            self._server.close()
        loop = asyncio.get_running_loop()
        end = loop.time() + self._state.limits.drain_s
        while any(one.busy for one in self._open.values()) and loop.time() < end:
            await asyncio.sleep(0.05)

    async def aclose(self) -> None:
        """Ends every connection."""
        if self._server:
            self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._service.aclose()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = str((writer.get_extra_info("peername") or ("",))[0])
        connection = Connection(reader, writer, client)
        task = asyncio.current_task()
        assert task
        if reason := self._refusal(client):
            log.warning("a %s client at %s is refused: %s", self._name, client, reason)
            self._state.metrics.refused.labels(reason).inc()
            await connection.close()
            return
        self._open[task] = connection
        self._clients[client] += 1
        try:
            await self._service.serve(connection)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # it has gone
        except asyncio.CancelledError:
            pass  # the server ends
        finally:
            await connection.close()
            del self._open[task]
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    def _refusal(self, client: str) -> str | None:
        limits = self._state.limits
        if not self._trusts(client):
            return "network"
        if self._state.pool.draining or len(self._open) >= limits.max_sessions:
            return "connections"
        if self._clients[client] >= limits.max_sessions_per_client:
            return "connections_per_client"
        return None

    def _trusts(self, client: str) -> bool:
        try:
            address = ipaddress.ip_address(client.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        networks = self._state.limits.trusted_networks
        return address.is_loopback or any(address in network for network in networks)
