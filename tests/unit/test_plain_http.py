"""Plain downloads end at the size that the lock names, however much the server sends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from voice_local.errors import DownloadError
from voice_local.models.sources import Package
from voice_local.supply import npm, plain
from voice_local.supply.hub import Hub

pytestmark = pytest.mark.unit
MOST = 3 << 20
FAR_TOO_MUCH = 64 << 20


class _Endless(BaseHTTPRequestHandler):
    """Sends no length and very much; npm's documents name the same server."""

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        if self.path.startswith("/npm/"):
            host = self.headers["Host"]
            self.wfile.write(
                b'{"version": "1.0.0", "dist": {"tarball": "http://%s/t"}}' % host.encode()
            )
            return
        with suppress(OSError):
            for _ in range(FAR_TOO_MUCH >> 20):
                self.wfile.write(bytes(1 << 20))


@pytest.fixture
def endless() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Endless)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class Watched:
    """Progress, and the most that ever lay in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.most, self.count = folder, 0, 0

    def __call__(self, count: int) -> None:
        self.count += count
        sizes = [path.stat().st_size for path in self.folder.iterdir()]
        self.most = max(self.most, sum(sizes))


def test_an_address_that_never_ends_is_cut_off(endless: str, tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    with pytest.raises(DownloadError, match="sends more than the lock says"):
        Hub("http://127.0.0.1:9", tries=1).fetch_url(
            f"{endless}/v.zip", tmp_path / "v.zip", watched, MOST
        )
    assert watched.most <= MOST and not list(tmp_path.iterdir())


def test_a_package_that_never_ends_is_cut_off(
    endless: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", f"{endless}/npm")
    package = Package(package="a-npm", version="1.0.0", sha256="0" * 64, bytes=MOST)
    watched = Watched(tmp_path)
    with pytest.raises(DownloadError, match="sends more than the lock says"):
        npm.fetch([package], tmp_path, lambda *_: None, watched, 1.0)
    assert watched.most <= MOST and not list(tmp_path.iterdir())


def test_what_lies_there_and_is_too_long_already_goes(endless: str, tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(bytes(MOST + 1))
    with pytest.raises(DownloadError, match="sends more than the lock says"):
        for _ in plain.get(f"{endless}/x", tmp_path / "p", most=MOST):
            assert (tmp_path / "p").stat().st_size <= MOST
    assert not (tmp_path / "p").exists()
