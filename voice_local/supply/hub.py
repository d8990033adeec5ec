"""Repositories of the Hugging Face Hub through its own client, and plain HTTPS, both tried again
when that may help.

The client reads its switches when it is imported: `client` sets them first. Everything then goes
through one endpoint and the environment's proxy, by plain HTTP ranges: no telemetry, no token but
the environment's; `http_get` knows no Xet, the side channel that reports on its transfers.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from voice_local import extras
from voice_local.errors import (
    ConfigError,
    SourceError,
    VoiceLocalError,
)
from voice_local.offline import switches
from voice_local.supply import plain
from voice_local.supply.hub_errors import (
    asked_to_wait,
    status,
    token,
    verdict,
)

TRIES = 5
WAIT_S = 1.0

Progress = Callable[[int], None]
"""Called with how many more bytes have come; negative when some have to be fetched again."""


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository; `sha256` is known for large files only, the Hub keeps none of small
    ones."""

    path: str
    bytes: int
    sha256: str | None


@dataclass(frozen=True)
class Found:
    """A repository at one revision; `license` as its card names it, empty when it does not."""

    revision: str
    license: str
    gated: bool
    files: tuple[RemoteFile, ...]


def client() -> Any:
    """`huggingface_hub`, its switches set.

    Raises:
        SourceError: it is not installed.
    """
    switches.apply(switches.ONLINE)
    try:
        import huggingface_hub
    except ImportError:
        raise SourceError(
            "huggingface_hub is not installed here",
            f"{extras.remedy('small')}, or take another source with --from",
        ) from None
    library: Any = huggingface_hub
    library.logging.set_verbosity_error()
    library.constants.DOWNLOAD_CHUNK_SIZE = plain.CHUNK  # what a cut connection loses, at most
    return library


class _Counted:
    """Passes progress on, and takes back what a failed try has reported.

    Raises (when called):
        DownloadError: more than `most` bytes of `what` came.
    """

    def __init__(self, progress: Progress, what: str, most: int | None) -> None:
        self.progress, self.what, self.most, self.reported = progress, what, most, 0

    def __call__(self, count: int) -> None:
        if self.most is not None and self.reported + count > self.most:
            raise plain.too_long(self.what)
        self.reported += count
        self.progress(count)

    def start_again(self) -> None:
        """Takes back everything."""
        self.progress(-self.reported)
        self.reported = 0

    def bar(self, library: Any) -> Any:
        """A progress bar of the client's kind that only reports."""
        counted = self
        kind: Any = library.utils.tqdm

        class Counting(kind):  # type: ignore[misc]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **{**kwargs, "disable": True})
                counted(int(kwargs.get("initial") or 0))

            def update(self, n: float | None = 1) -> None:
                counted(int(n or 0))

        return Counting


class Hub:
    """One endpoint. `wait_s`: the first pause before a failed request is tried again; each next is
    twice as long.

    `at_once`: where nothing answers from the start (no network), that is raised without waiting.
    """

    def __init__(
        self,
        endpoint: str | None = None,
        tries: int = TRIES,
        wait_s: float = WAIT_S,
        note: Callable[[str], None] = lambda line: None,
        at_once: bool = False,
    ) -> None:
        self.endpoint = (
            endpoint or os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
        ).rstrip("/")
        if not self.endpoint.startswith(("https://", "http://")):
            raise ConfigError(
                f"{self.endpoint} is not an address", "give one that begins with https://"
            )
        self.tries, self.wait_s, self.note = tries, wait_s, note
        self._answered = not at_once  # whether anything has ever answered, as far as it matters

    @functools.cached_property
    def _library(self) -> Any:
        """The client, imported when it is first needed."""
        return client()

    def find(self, repository: str, revision: str | None) -> Found:
        """What `repository` holds at `revision` (None: now).

        Raises:
            DownloadError, LicenseError.
        """
        api = self._library.HfApi(endpoint=self.endpoint, token=token() or False)
        about = self._patient(
            f"{repository}",
            lambda: api.model_info(repository, revision=revision, files_metadata=True),
        )
        card = about.card_data or {}
        files = tuple(
            RemoteFile(one.rfilename, int(one.size or 0), one.lfs.sha256 if one.lfs else None)
            for one in about.siblings or ()
        )
        return Found(str(about.sha), str(card.get("license") or ""), bool(about.gated), files)

    def fetch(
        self,
        repository: str,
        revision: str,
        path: str,
        target: Path,
        progress: Progress,
        most: int | None = None,
    ) -> Path:
        """Downloads one file to `target`, going on where an earlier call, or an earlier process,
        was cut. `most`: how many bytes it may have.

        The client's own `hf_hub_download` begins again after each process: its parts are put
        together here.

        Raises:
            DownloadError, LicenseError.
        """
        library = self._library
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(target.name + ".incomplete")
        counted = _Counted(progress, f"{repository}/{path}", most)

        def once() -> None:
            counted.start_again()
            url = library.hf_hub_url(repository, path, revision=revision, endpoint=self.endpoint)
            about = library.get_hf_file_metadata(
                url, token=token() or False, endpoint=self.endpoint
            )
            headers = library.utils.build_hf_headers(token=token() or False)
            if urlsplit(about.location).netloc != urlsplit(url).netloc:
                # A signed address elsewhere must not see the token.
                headers.pop("authorization", None)
            if partial.exists() and about.size is not None and partial.stat().st_size > about.size:
                partial.unlink()
            with partial.open("ab") as file:
                have = file.tell()
                library.file_download.http_get(
                    about.location,
                    file,
                    resume_size=have,
                    headers=headers,
                    expected_size=about.size,
                    displayed_filename=path,
                    tqdm_class=counted.bar(library),
                )
                if have == about.size:
                    counted(have)

        self._patient(f"{repository}/{path}", once)
        os.replace(partial, target)
        return target

    def fetch_url(
        self, url: str, target: Path, progress: Progress, most: int | None = None
    ) -> Path:
        """Downloads a plain address to `target`, going on where an earlier call was cut. `most`:
        how many bytes it may have.

        Raises:
            DownloadError.
        """
        partial = target.with_name(target.name + ".incomplete")
        counted = _Counted(progress, url, most)

        def once() -> None:
            counted.start_again()
            for count in plain.get(url, partial, most=most):
                counted(count)

        parts = urlsplit(url)
        self._patient(url, once, f"{parts.scheme}://{parts.netloc}")
        os.replace(partial, target)
        return target

    def _patient(self, what: str, call: Callable[[], Any], where: str = "") -> Any:
        """`call`, tried again with growing pauses while waiting may help."""
        for left in range(self.tries - 1, -1, -1):
            try:
                found = call()
                self._answered = True
                return found
            except VoiceLocalError:
                raise
            except Exception as error:
                # The client's and its transport's many kinds: `verdict` distinguishes them.
                worse, again = verdict(what, where or self.endpoint, error)
                self._answered = self._answered or status(error) > 0
                if not again or not left or not self._answered:
                    raise worse from None
                pause = asked_to_wait(error) or self.wait_s * 2 ** (self.tries - 1 - left)
                self.note(f"{worse.cause}; trying again in {pause:.0f} s ({left} left)")
                time.sleep(pause)
        raise AssertionError("unreachable")
