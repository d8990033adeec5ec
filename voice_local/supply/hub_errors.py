"""What a failed request of the Hub's client, or of plain HTTPS, means for a person, and whether
another try may help."""

from __future__ import annotations

import os
import urllib.error

from voice_local.errors import (
    DownloadError,
    LicenseError,
    SourceError,
    VoiceLocalError,
)

TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


def token() -> str | None:
    """The access token in the environment."""
    return next((os.environ[name] for name in TOKENS if os.environ.get(name)), None)


def status(error: BaseException) -> int:
    """The HTTP status of an error of either client; 0 without one."""
    if isinstance(error, urllib.error.HTTPError):
        return error.code
    return int(getattr(getattr(error, "response", None), "status_code", 0) or 0)


def asked_to_wait(error: BaseException) -> float:
    """Seconds the server asks to wait (Retry-After), at most a minute; 0 when it does not."""
    headers = (
        getattr(error, "headers", None)
        or getattr(getattr(error, "response", None), "headers", None)
        or {}
    )
    seconds = str(headers.get("Retry-After") or "")
    return min(60.0, float(seconds)) if seconds.isdigit() else 0.0


def verdict(what: str, endpoint: str, error: Exception) -> tuple[VoiceLocalError, bool]:
    """(The error a person should see, whether waiting may help)."""
    code, kind = status(error), type(error).__name__
    if kind == "GatedRepoError":
        return LicenseError(
            f"{what} is given only to those who accepted its licence at its publisher",
            f"accept it at {endpoint}, then set HF_TOKEN",
        ), False
    if code in (401, 403) or kind == "RepositoryNotFoundError":
        known = "was not accepted" if token() else "is missing"
        return SourceError(
            f"{endpoint} does not give out {what} ({code or 401}: there is none, or the token "
            f"{known})",
            "check the name; for a private or gated one set HF_TOKEN",
        ), False
    if kind == "RevisionNotFoundError":
        return SourceError(
            f"{what} has no such revision at {endpoint}", "run: voice-local models lock"
        ), False
    if code == 404:
        return SourceError(
            f"{what} is not at {endpoint} (404)", "run: voice-local models lock"
        ), False
    if code == 429:
        return SourceError(
            f"{endpoint} limits requests (429, too many requests)",
            "wait some minutes and try again",
        ), True
    if code >= 500:
        return SourceError(
            f"{endpoint} cannot answer now ({code})",
            "run the same command again later; it resumes",
        ), True
    if isinstance(error, OSError) and error.errno in (28, 122):
        return DownloadError(
            "the disk is full", "free disk space and run the same command; it resumes"
        ), False
    if isinstance(error, PermissionError):
        return DownloadError(
            f"{error.filename} cannot be written", "choose another --models-dir"
        ), False
    reason = " ".join(str(error).split())[:100] or kind
    return SourceError(
        f"{what} cannot be reached through {endpoint} ({reason})",
        "check network and proxy (HTTPS_PROXY), or name a mirror with --endpoint; "
        "the same command resumes",
    ), True
