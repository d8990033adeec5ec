"""Keys for browsers: short-lived, and with the session that their maker has set up."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from voice_local.server.access import MOST_SECRETS, Access


class ClientSecrets:
    """One server's."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._sessions: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def new(self, seconds: float, session: Mapping[str, Any]) -> str:
        """A key that is valid for so long; a connection with it begins as `session` says."""
        now = time.monotonic()
        self._sessions = {key: one for key, one in self._sessions.items() if one[0] > now}
        while len(self._sessions) >= MOST_SECRETS:
            del self._sessions[next(iter(self._sessions))]
        key = self._access.new_secret(seconds)
        self._sessions[key] = (now + seconds, session)
        return key

    def session_of(self, keys: Iterable[str]) -> Mapping[str, Any] | None:
        """What a connection that shows `keys` begins with; None: nothing is set up for it."""
        for key in keys:
            until, session = self._sessions.get(key, (0.0, None))
            if session is not None and until > time.monotonic():
                return session
        return None
