"""What a person sees while models are loaded: a spinner with the stage on a terminal, one line
elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.markup import escape

from voice_local.cli import show
from voice_local.config import Settings
from voice_local.profile_choice import (
    best,
    require,
)

PHRASES = "phrases"
"""After the stages: the sound of what is said without thinking is made."""

DEMONSTRATION = (
    "These are demonstration models: they know about 600 words and were trained on synthetic "
    "voices only. "
)
FETCH = "Real ones: voice-local models download --profile small"


class Loading:
    """Use as a context around the loading; pass `stage` to what loads. `quiet`: shows nothing.

    Raises (on entry):
        ModelMissingError: packages or models are missing; nothing has been loaded then.
    """

    def __init__(self, settings: Settings, stages: Sequence[str], quiet: bool = False) -> None:
        self._settings, self._stages = settings, tuple(stages)
        self._console = Console(stderr=True, highlight=False, quiet=quiet)
        self._status = (
            self._console.status("starting the engine …")
            if self._console.is_terminal and not quiet
            else None
        )
        self._began = time.monotonic()

    def __enter__(self) -> Loading:
        require(self._settings, self._stages)
        remark = _demonstration() if self._settings.profile == "tiny" else ""
        if self._status:
            if remark:
                self._console.print(f"[yellow]{remark}[/yellow]")
            self._status.start()
        else:
            self._note(
                f"profile {self._settings.profile}: loading {', '.join(self._models())} … "
                f"{remark}".rstrip()
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._status:
            self._status.stop()
            if error is None:
                self._note(
                    f"profile {self._settings.profile}: {', '.join(self._models())} "
                    f"({time.monotonic() - self._began:.1f} s to load)"
                )

    def stage(self, name: str) -> None:
        """`name` is what is being loaded now."""
        if self._status is None:
            return
        if name == PHRASES:
            self._status.update("making ready what is said without thinking …")
            return
        count = (
            f"{self._stages.index(name) + 1} of {len(self._stages)}" if name in self._stages else ""
        )
        self._status.update(
            f"loading {show.STAGES.get(name, name)}, {count}: {escape(self._model(name))} …"
        )

    def _note(self, text: str) -> None:
        self._console.print(f"[dim]{escape(text)}[/dim]", soft_wrap=not self._console.is_terminal)

    def _model(self, stage: str) -> str:
        name: str = getattr(self._settings, stage).model
        return (
            name.removeprefix("store:")
            .removeprefix("small:")
            .removeprefix("tiny:")
            .removesuffix("/model.gguf")
            .split("/")[-1]
            .removesuffix(".gguf")
        )

    def _models(self) -> list[str]:
        return list(dict.fromkeys(self._model(stage) for stage in self._stages))


def _demonstration() -> str:
    """What the embedded models are, plainly, and how to have others."""
    return DEMONSTRATION + (
        FETCH if best() in ("tiny", None) else "Leave out --profile tiny for real ones."
    )
