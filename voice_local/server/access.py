"""Who may use the server: tokens, client secrets, and browsers' Origin and Host.

A browser lets any web page connect to a server on the same machine. So a request with an `Origin`
has to come from the server's own page or from one that the settings name, and `Host` has to be one
of the server's own names (a page can make its own name mean 127.0.0.1: DNS rebinding).
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from voice_local.config_server import ServerSettings

SECRET_PREFIX = "ek_"  # noqa: S105 - what a secret begins with
KEY_PROTOCOL = "openai-insecure-api-key."
"""A browser cannot set headers on a WebSocket: OpenAI's clients send the key as a subprotocol."""

MOST_SECRETS = 10_000


@dataclass(frozen=True)
class Answer:
    """How a refused request is answered: an HTTP status and a reason."""

    status: int
    reason: str


class Refusal(Enum):
    """Why a request is refused."""

    HOST = Answer(403, "this server does not go by that name; add it to server.hosts")
    ORIGIN = Answer(403, "web pages of that origin may not connect; add it to server.origins")
    TOKEN = Answer(401, "a valid token is required: Authorization: Bearer TOKEN")
    RATE = Answer(429, "too many requests; try again in a minute")


@dataclass(frozen=True)
class Asked:
    """What of a request decides. `protocols`: of a WebSocket, as offered."""

    client: str
    host: str
    origin: str = ""
    authorization: str = ""
    protocols: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that it shows."""
        scheme, _, value = self.authorization.partition(" ")
        found = [value.strip()] if scheme.lower() == "bearer" and value.strip() else []
        found += [
            one.removeprefix(KEY_PROTOCOL) for one in self.protocols if one.startswith(KEY_PROTOCOL)
        ]
        return tuple(found)


class Access:
    """One server's. `host`: the address that it listens on. `now`: seconds of a monotonic clock."""

    def __init__(
        self, settings: ServerSettings, host: str, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings, self._now = settings, now
        self._token = settings.token.get_secret_value() if settings.token else None
        self._hosts = {host.lower(), *map(str.lower, settings.hosts)}
        self._any_address = host in ("0.0.0.0", "::", "")  # noqa: S104 - compared, not bound
        if self._any_address:
            self._hosts.add(socket.gethostname().lower())
        self._hosts |= {"localhost", "127.0.0.1", "::1"}
        self._secrets: dict[str, float] = {}
        self._rates = Rates(settings.requests_per_minute, now)

    @property
    def required(self) -> bool:
        """Whether clients have to show a token."""
        return self._token is not None

    def check(self, asked: Asked, *, needs_token: bool = True) -> Refusal | None:
        """Why the request is refused; None: it may go on."""
        if not self._knows(asked.host):
            return Refusal.HOST
        if asked.origin and not self._trusts(asked.origin, asked.host):
            return Refusal.ORIGIN
        if needs_token and not self.accepts(asked.keys):
            return Refusal.TOKEN
        return None if self._rates.take(asked.client) else Refusal.RATE

    def accepts(self, keys: Iterable[str]) -> bool:
        """Whether one of `keys` is the token or a valid client secret."""
        if self._token is None:
            return True
        accepted = False
        for key in keys:  # all are compared, and each in constant time
            accepted |= hmac.compare_digest(key.encode(), self._token.encode())
            accepted |= self._is_secret(key)
        return accepted

    def new_secret(self, seconds: float) -> str:
        """A key that is valid for so long: for a browser, made by a server that has the token."""
        now = self._now()
        self._secrets = {key: until for key, until in self._secrets.items() if until > now}
        while len(self._secrets) >= MOST_SECRETS:
            del self._secrets[next(iter(self._secrets))]
        key = SECRET_PREFIX + secrets.token_urlsafe(32)
        self._secrets[key] = now + seconds
        return key

    def requests_left(self, client: str) -> tuple[int, int, float]:
        """Of one client: how many it may make a minute, how many are left now, and seconds until
        all are again."""
        return self._rates.left(client)

    def _is_secret(self, key: str) -> bool:
        found = False
        for known, until in self._secrets.items():
            same = hmac.compare_digest(known.encode(), key.encode())
            found |= same and until > self._now()
        return found

    def _knows(self, host: str) -> bool:
        name = _name(host)
        if name in self._hosts:
            return True
        return self._any_address and _is_address(name)

    def _trusts(self, origin: str, host: str) -> bool:
        if origin in self._settings.origins:
            return True
        parts = urlsplit(origin)
        return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


class Rates:
    """At most `per_minute` requests of one client, in a bucket that fills steadily."""

    MOST_CLIENTS = 4096

    def __init__(self, per_minute: int, now: Callable[[], float]) -> None:
        self._most, self._now = float(per_minute), now
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, client: str) -> bool:
        """Whether one more may go on."""
        now = self._now()
        left, at = self._left.pop(client, (self._most, now))
        left = min(self._most, left + (now - at) * self._most / 60)
        self._left[client] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > self.MOST_CLIENTS:
            del self._left[next(iter(self._left))]
        return left >= 1

    def left(self, client: str) -> tuple[int, int, float]:
        """See `Access.requests_left`."""
        now = self._now()
        left, at = self._left.get(client, (self._most, now))
        left = min(self._most, left + (now - at) * self._most / 60)
        return int(self._most), int(left), round((self._most - left) * 60 / self._most, 3)


def _name(host: str) -> str:
    """Without the port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
