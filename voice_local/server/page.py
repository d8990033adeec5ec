"""The page at `/`: files of this package, served from memory under names that are known."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""Said here and not guessed: what a system holds a suffix for differs, and browsers run no module
of another type."""

CACHE = "no-cache"
"""Kept by browsers, and asked for again each time: files of two versions never mix."""


@dataclass(frozen=True)
class PageFile:
    """One file. `tag`: changes with its content."""

    content: bytes
    media_type: str
    tag: str

    def answer(self, known: str) -> Response:
        """`known`: the tags that the browser has (`If-None-Match`)."""
        headers = {"etag": self.tag, "cache-control": CACHE}
        tags = {one.strip().removeprefix("W/") for one in known.split(",")}
        if self.tag in tags:
            return Response(status_code=304, headers=headers)
        return Response(self.content, media_type=self.media_type, headers=headers)


def routes() -> list[Route]:
    """`/` and `/static/…`."""
    files = page_files()

    async def index(request: Request) -> Response:
        return files["index.html"].answer(request.headers.get("if-none-match", ""))

    async def static(request: Request) -> Response:
        found = files.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404, "the page has no such file")
        return found.answer(request.headers.get("if-none-match", ""))

    return [Route("/", index), Route("/static/{name}", static)]


def page_files() -> dict[str, PageFile]:
    """Every file of the page, by name."""
    found = {}
    for file in resources.files("voice_local.server").joinpath("web").iterdir():
        media_type = TYPES.get(PurePath(file.name).suffix)
        if media_type is None:
            continue
        content = file.read_bytes()
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        found[file.name] = PageFile(content, media_type, tag)
    return found
