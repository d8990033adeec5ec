"""A local package index (the simple API that pip asks) and npm registry in one, with faults on
demand."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from voice_local.models.sources import Package

LINK = 0o120777 << 16


@dataclass
class Index:
    """What the server holds and how it behaves.

    Attributes:
        wheels: archives by package and file name. tarballs: npm archives by package and version.
        cut_after: by file name: after how many bytes the connection is cut, once each.
        silent: it takes requests and never answers them.
        seen: the path of every request.
    """

    wheels: dict[str, dict[str, bytes]] = field(default_factory=dict)
    tarballs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    cut_after: dict[str, list[int]] = field(default_factory=dict)
    silent: bool = False
    seen: list[str] = field(default_factory=list)
    url: str = ""
    closed: threading.Event = field(default_factory=threading.Event)

    def put(
        self,
        package: str,
        members: Mapping[str, bytes | str],
        version: str = "1.0",
        links: tuple[str, ...] = (),
        twice: tuple[str, ...] = (),
    ) -> Package:
        """A wheel of `members`, among the others; what a lock says of it."""
        content = wheel(package, version, members, links, twice)
        self.wheels.setdefault(package, {})[wheel_name(package, version)] = content
        return Package(
            package=package,
            version=version,
            sha256=hashlib.sha256(content).hexdigest(),
            bytes=len(content),
        )

    def put_npm(
        self, package: str, members: Mapping[str, bytes], version: str = "1.0.0"
    ) -> Package:
        """The same for npm."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for name, data in members.items():
                about = tarfile.TarInfo(name)
                about.size = len(data)
                archive.addfile(about, io.BytesIO(data))
        content = packed.getvalue()
        self.tarballs[package, version] = content
        return Package(
            package=package,
            version=version,
            sha256=hashlib.sha256(content).hexdigest(),
            bytes=len(content),
        )


def wheel_name(package: str, version: str) -> str:
    return f"{package.replace('-', '_')}-{version}-py3-none-any.whl"


def wheel(
    package: str,
    version: str,
    members: Mapping[str, bytes | str],
    links: tuple[str, ...] = (),
    twice: tuple[str, ...] = (),
) -> bytes:
    """A wheel as pip takes it; `links` are members that are symbolic links."""
    name = package.replace("-", "_")
    about = f"{name}-{version}.dist-info"
    whole: dict[str, bytes | str] = {
        **members,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: "
        "py3-none-any\n",
    }
    packed, record = io.BytesIO(), []
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in [*whole.items(), *((path, whole[path]) for path in twice)]:
            raw = data.encode() if isinstance(data, str) else data
            member = zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            if path in links:
                member.external_attr = LINK
            archive.writestr(member, raw)
            digest = base64.urlsafe_b64encode(hashlib.sha256(raw).digest()).rstrip(b"=").decode()
            record.append(f"{path},sha256={digest},{len(raw)}")
        archive.writestr(f"{about}/RECORD", "\n".join([*record, f"{about}/RECORD,,"]) + "\n")
    return packed.getvalue()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    index: Index

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_HEAD(self) -> None:
        self._answer(False)

    def do_GET(self) -> None:
        self._answer(True)

    def _answer(self, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.index.seen.append(path)
        if self.index.silent:
            self.index.closed.wait(60)
            self.close_connection = True
            return
        parts = path.strip("/").split("/")
        if parts[0] == "simple" and parts[-1] in self.index.wheels:
            links = "".join(
                f'<a href="/files/{parts[-1]}/{name}">{name}</a>'
                for name in self.index.wheels[parts[-1]]
            )
            self._send(
                200, f"<!DOCTYPE html><html><body>{links}</body></html>".encode(), "text/html", body
            )
        elif parts[0] == "files" and parts[-1] in self.index.wheels.get(parts[1], {}):
            self._send(
                200,
                self.index.wheels[parts[1]][parts[-1]],
                "application/octet-stream",
                body,
                parts[-1],
            )
        elif parts[0] == "npm" and tuple(parts[1:3]) in self.index.tarballs:
            about = {
                "name": parts[1],
                "version": parts[2],
                "dist": {"tarball": f"{self.index.url}/tarballs/{parts[1]}/{parts[2]}"},
            }
            self._send(200, json.dumps(about).encode(), "application/json", body)
        elif parts[0] == "tarballs":
            self._send(
                200,
                self.index.tarballs[parts[1], parts[2]],
                "application/octet-stream",
                body,
                parts[1],
            )
        else:
            self._send(404, b"nothing here", "text/plain", body)

    def _send(self, status: int, content: bytes, kind: str, body: bool, name: str = "") -> None:
        wanted = self.headers.get("Range") or ""
        first = int(wanted.removeprefix("bytes=").split("-")[0]) if wanted and name else 0
        self.send_response(206 if first else status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) - first))
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        cuts = self.index.cut_after.get(name)
        if body and cuts:
            self.wfile.write(content[first : first + cuts.pop(0)])
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
        elif body:
            self.wfile.write(content[first:])


@contextmanager
def serve(index: Index) -> Iterator[Index]:
    """Serves `index` on a port of its own until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"index": index}))
    server.daemon_threads = True
    index.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield index
    finally:
        index.closed.set()
        server.shutdown()
        server.server_close()
        thread.join()
