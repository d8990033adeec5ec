"""Cross-origin requests of web pages that `server.origins` names (the Fetch standard's CORS).

A page of the server's own origin needs none of it, and a page of any other is refused before.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import Scope

KEPT_S = "600"
"""So many seconds a browser may remember that it was allowed to ask."""

SEEN = "Location, X-Request-Id"
"""Headers of an answer that a page may read: a call's address is one."""

Pairs = list[tuple[bytes, bytes]]


def allowed(origin: str) -> Pairs:
    """What every answer to a page of `origin` says; nothing to a client that is no page."""
    if not origin:
        return []
    found = {"access-control-allow-origin": origin, "access-control-expose-headers": SEEN}
    return _pairs({**found, "vary": "Origin"})


def preflight(scope: Scope) -> Pairs | None:
    """The headers of the answer to a browser that asks before it sends a request; None: this is
    not such a question."""
    asked = Headers(scope=scope)
    method = asked.get("access-control-request-method")
    if scope["type"] != "http" or scope["method"] != "OPTIONS" or not asked.get("origin"):
        return None
    if method is None:
        return None
    found = {
        "access-control-allow-methods": method,
        "access-control-allow-headers": asked.get("access-control-request-headers", ""),
        "access-control-max-age": KEPT_S,
    }
    if asked.get("access-control-request-private-network") == "true":
        found["access-control-allow-private-network"] = "true"
    return [*allowed(asked["origin"]), *_pairs(found)]


def _pairs(headers: dict[str, str]) -> Pairs:
    return [(name.encode(), value.encode("latin-1")) for name, value in headers.items() if value]
