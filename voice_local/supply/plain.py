"""Plain HTTP(S): one address to a file, going on where an earlier try was cut; and whether an
address answers at all."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from voice_local.errors import DownloadError, SourceError

CHUNK = 1 << 20
TIMEOUT_S = 30.0


def get(
    url: str, partial: Path, headers: Mapping[str, str] | None = None, most: int | None = None
) -> Iterator[int]:
    """Fetches `url` into `partial` from where it ends; yields sizes of pieces, the old part first.

    `most`: how many bytes it may have.

    Raises:
        OSError, HTTPException: what urllib raises; ConnectionError when the connection was cut.
        DownloadError: more than `most` came; it is deleted.
    """
    have = partial.stat().st_size if partial.exists() else 0
    if most is not None and have > most:
        partial.unlink()
        have = 0
    ranged = {"Range": f"bytes={have}-"} if have else {}
    request = urllib.request.Request(url, headers={**(headers or {}), **ranged})  # noqa: S310 - the lock's, or a registry's
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT_S)  # noqa: S310
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # nothing is left to fetch
            yield have
            return
        raise
    with response, partial.open("ab" if response.status == 206 else "wb") as file:
        if response.status == 206:
            yield have
        wanted = int(response.headers.get("Content-Length") or -1)
        got, room = 0, None if most is None else most - file.tell()
        while piece := response.read(CHUNK):
            if room is not None and got + len(piece) > room:
                partial.unlink(missing_ok=True)
                raise too_long(url)
            file.write(piece)
            got += len(piece)
            yield len(piece)
        if wanted >= 0 and got < wanted:
            raise ConnectionError("the connection was cut")


def too_long(what: str) -> DownloadError:
    """`what` sends more bytes than the lock names."""
    return DownloadError(
        f"{what} sends more than the lock says; it was cut off and deleted",
        "try again, a mirror or another source (--from); if that does not help, the publisher "
        "changed the file: report it, do not use it",
    )


def answers(url: str, timeout_s: float) -> None:
    """Returns if the server of `url` answers within `timeout_s`, even with an error.

    Raises:
        SourceError: it does not.
    """
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - an endpoint that a person chose, or the lock's
    try:
        urllib.request.urlopen(request, timeout=timeout_s).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        error.close()
    except (OSError, HTTPException, ValueError) as error:
        reason = " ".join(str(getattr(error, "reason", error)).split())[:80] or type(error).__name__
        parts = urlsplit(url)
        raise SourceError(
            f"{parts.scheme}://{parts.netloc} does not answer ({reason})",
            "check network and proxy (HTTPS_PROXY), or take another source with --from",
        ) from None
