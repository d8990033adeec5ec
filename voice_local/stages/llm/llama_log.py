"""Where llama.cpp's log messages go."""

from __future__ import annotations

import sys
from functools import cache

ERROR_LEVEL = 4
"""The level of errors in ggml's log (`GGML_LOG_LEVEL_ERROR`)."""


class LlamaLog:
    """Writes llama.cpp's error messages to standard error, and drops all others.

    Attributes:
        muted: whether errors are dropped too, as while a prompt may be aborted, which llama.cpp
            reports as an error.
    """

    def __init__(self) -> None:
        import llama_cpp

        self.muted = False
        # Kept here, since llama.cpp only holds a pointer to it.
        self._callback = llama_cpp.llama_log_callback(self._write)
        llama_cpp.llama_log_set(self._callback, None)

    def _write(self, level: int, text: bytes, _: object) -> None:
        if level == ERROR_LEVEL and not self.muted:
            sys.stderr.write(text.decode("utf-8", "replace"))


@cache
def llama_log() -> LlamaLog:
    """The one log of this process."""
    return LlamaLog()
