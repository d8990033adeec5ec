"""A local server that speaks as much of the Hub's API as its own client asks for, with faults on
demand."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

REVISION = "0123456789abcdef0123456789abcdef01234567"
LARGE = 1 << 20


@dataclass
class Repositories:
    """What the server holds and how it behaves.

    Attributes:
        files: content by repository and path.
        cards: card data by repository.
        plain: content by path, outside of any repository.
        token: what Authorization must bring, if anything.
        gated: repositories whose licence has to be accepted first.
        faults: by path: statuses to answer with, one a request, before answering rightly.
        cut_after: by path: how many bytes go out before the connection is cut, once each.
        slow_s: pause between two MiB.
        seen: (method, path, Range, Authorization) of every request.
    """

    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    plain: dict[str, bytes] = field(default_factory=dict)
    token: str | None = None
    gated: set[str] = field(default_factory=set)
    faults: dict[str, list[int]] = field(default_factory=dict)
    cut_after: dict[str, list[int]] = field(default_factory=dict)
    slow_s: float = 0.0
    seen: list[tuple[str, str, str, str]] = field(default_factory=list)
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    held: Repositories

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        held = self.held
        held.seen.append(
            (
                self.command,
                path,
                self.headers.get("Range") or "",
                self.headers.get("Authorization") or "",
            )
        )
        for key, statuses in held.faults.items():
            if key in path and statuses:
                self._send(statuses.pop(0), b"{}", {"Retry-After": "0"}, body)
                return
        if path.lstrip("/") in held.plain:
            self._content(path, held.plain[path.lstrip("/")], {}, body)
            return
        repository = next((name for name in held.files if f"/{name}" in path), None)
        if repository is None:
            self._send(
                401,
                b"{}",
                {"X-Error-Message": "Invalid username", "X-Error-Code": "RepoNotFound"},
                body,
            )
        elif held.token and self.headers.get("Authorization") != f"Bearer {held.token}":
            self._send(
                401,
                b"{}",
                {"X-Error-Message": "Invalid credentials", "X-Error-Code": "RepoNotFound"},
                body,
            )
        elif repository in held.gated and "/resolve/" in path:
            self._send(
                403,
                b"{}",
                {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access is restricted"},
                body,
            )
        elif path.startswith("/api/models/"):
            self._about(repository, path, body)
        else:
            self._file(repository, path, body)

    def _about(self, repository: str, path: str, body: bool) -> None:
        if "/revision/" in path and path.rsplit("/", 1)[1] not in (REVISION, "main"):
            self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound"}, body)
            return
        siblings = []
        for name, content in self.held.files[repository].items():
            one: dict[str, Any] = {
                "rfilename": name,
                "size": len(content),
                "blobId": hashlib.sha1(content).hexdigest(),
            }
            if len(content) > LARGE:
                one["lfs"] = {
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "size": len(content),
                    "pointerSize": 130,
                }
            siblings.append(one)
        about = {
            "id": repository,
            "modelId": repository,
            "sha": REVISION,
            "siblings": siblings,
            "private": False,
            "tags": [],
            "cardData": self.held.cards.get(repository, {}),
            "downloads": 0,
            "likes": 0,
            "gated": "auto" if repository in self.held.gated else False,
        }
        self._send(200, json.dumps(about).encode(), {"Content-Type": "application/json"}, body)

    def _file(self, repository: str, path: str, body: bool) -> None:
        _, _, rest = path.partition(f"/{repository}/resolve/")
        revision, _, name = rest.partition("/")
        content = self.held.files[repository].get(name)
        if revision != REVISION:
            self._send(404, b"", {"X-Error-Code": "RevisionNotFound"}, body)
        elif content is None:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": REVISION}, body)
        else:
            digest = hashlib.sha256(content).hexdigest()
            self._content(
                path,
                content,
                {
                    "X-Repo-Commit": REVISION,
                    "ETag": f'"{digest}"',
                    "X-Linked-Etag": f'"{digest}"',
                    "X-Linked-Size": str(len(content)),
                },
                body,
            )

    def _content(self, path: str, content: bytes, headers: dict[str, str], body: bool) -> None:
        wanted = self.headers.get("Range") or ""
        first = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted else 0
        if first >= len(content) and wanted:
            self._send(416, b"", {}, body)
            return
        headers = {**headers, "Accept-Ranges": "bytes"}
        if wanted:
            headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        cuts = (
            next((cuts for key, cuts in self.held.cut_after.items() if key in path and cuts), None)
            if body
            else None
        )
        self._send(
            206 if wanted else 200, content[first:], headers, body, cuts.pop(0) if cuts else None
        )

    def _send(
        self,
        status: int,
        content: bytes,
        headers: dict[str, str],
        body: bool,
        cut: int | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if not body:
            return
        if cut is not None:
            self.wfile.write(content[:cut])
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
            return
        try:
            for first in range(0, len(content), 1 << 20):
                self.wfile.write(content[first : first + (1 << 20)])
                time.sleep(self.held.slow_s)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


@contextmanager
def serve(held: Repositories) -> Iterator[Repositories]:
    """Serves `held` on a port of its own until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"held": held}))
    server.daemon_threads = True
    held.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
