"""The loaded stages of one process, by name, several of a kind where that is wanted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import psutil

from voice_local.config import Settings
from voice_local.cpu_threads import thread_shares
from voice_local.engine import catalog, loader
from voice_local.engine.api import (
    StageKind,
)
from voice_local.engine.many_voices import ManyVoices
from voice_local.engine.pair import IntentAndEmotion
from voice_local.engine.schedulers.serial import SerialScheduler
from voice_local.engine.stage_api import (
    StageReport,
)
from voice_local.errors import StageError
from voice_local.models.folder import ModelFolder, profile_folder

CLASSIFIERS = ("intent", "emotion")
"""Stages that together are one classifier."""


@dataclass(frozen=True)
class Instance:
    """A loaded stage and how its calls share it."""

    name: str
    kind: str
    stage: Any
    scheduler: SerialScheduler


class Host:
    """Starts empty: `load` brings the stages of settings in, `add` any other.

    Attributes:
        reports: what each loaded stage really is.
    """

    def __init__(self, max_pending: int) -> None:
        self._max_pending = max_pending
        self._instances: dict[str, Instance] = {}
        self._budget: ThreadBudget | None = None
        self.reports: list[StageReport] = []

    def load(
        self,
        settings: Settings,
        stages: Sequence[str],
        loading: Callable[[str], None] = lambda stage: None,
    ) -> None:
        """Loads what `settings` name for each of `stages` (of `config.STAGES`).

        `loading` gets the name of each stage before it is loaded.

        Raises:
            ConfigError, ModelError, TextInputError: a stage cannot be loaded.
        """
        models = ModelFolder(profile_folder(settings.profile, settings.models_dir))
        shares = thread_shares(settings.cpu_threads)
        self._budget = ThreadBudget(self, settings.llm.threads, shares["llm"], shares["stt"])
        parts: dict[str, Any] = {}
        for name in stages:
            section = getattr(settings, name)
            build: Callable[..., Any] = partial(loader.build, section.adapter)
            if name == "tts":
                build = ManyVoices
            if name in CLASSIFIERS and self._shares_model(settings, name, parts):
                continue
            loading(name)
            scheduler = SerialScheduler(name, self._max_pending)
            stage = self._built(
                name, section.adapter, scheduler, partial(build, settings, models, shares[name])
            )
            if name in CLASSIFIERS:
                parts[name] = stage
                scheduler.close()
            else:
                self.add(name, stage.spec.kind, stage, scheduler)
        if parts:
            both = IntentAndEmotion(parts.get("intent"), parts.get("emotion"))
            self.add("classifier", StageKind.CLASSIFIER, both)

    def _shares_model(self, settings: Settings, name: str, parts: dict[str, Any]) -> bool:
        """Whether a model that is already loaded serves this stage too."""
        adapter = getattr(settings, name).adapter
        twin = next((one for one in parts if getattr(settings, one).adapter == adapter), None)
        if twin is None or not catalog.ADAPTERS[adapter].tells_all:
            return False
        parts[name] = parts[twin]
        report = next(report for report in self.reports if report.stage == twin)
        self.reports.append(
            replace(report, stage=name, memory_mb=0.0, load_s=0.0, notes=f"one pass with {twin}")
        )
        return True

    def _built(
        self, name: str, adapter: str, scheduler: SerialScheduler, build: Callable[[], Any]
    ) -> Any:
        process = psutil.Process()
        before, began = process.memory_info().rss, time.monotonic()
        stage = scheduler.load(build)  # loaded where it will run
        about = stage.describe()
        self.reports.append(
            StageReport(
                name,
                adapter,
                about["runtime"],
                about["device"],
                about["model"],
                max(0.0, (process.memory_info().rss - before) / 2**20),
                time.monotonic() - began,
                about.get("notes", ""),
            )
        )
        return stage

    def add(
        self, name: str, kind: str, stage: Any, scheduler: SerialScheduler | None = None
    ) -> None:
        """Brings a loaded stage in. Without a name in a request the first of its kind answers."""
        scheduler = scheduler or SerialScheduler(name, self._max_pending)
        self._instances[name] = Instance(name, kind, stage, scheduler)

    def find(self, kind: str, name: str = "") -> Instance:
        """The stage called `name`, or the first of `kind`.

        Raises:
            StageError: there is none.
        """
        found = self._instances.get(name) if name else next(self._of(kind), None)
        if found is None or found.kind != kind:
            what = f"no {kind} stage is called {name!r}" if name else f"no {kind} stage is loaded"
            raise StageError(what, "name it when the engine is made")
        return found

    def _of(self, kind: str) -> Iterator[Instance]:
        return (one for one in self._instances.values() if one.kind == kind)

    @property
    def instances(self) -> tuple[Instance, ...]:
        """All of them."""
        return tuple(self._instances.values())

    @property
    def voices(self) -> list[str]:
        """Of every loaded voice stage."""
        return [voice for one in self._of(StageKind.TTS) for voice in one.stage.voices()]

    def prepare_step(self, instance: Instance) -> None:
        """Called on the stage's thread before each of its steps."""
        if self._budget and instance.kind == StageKind.LLM:
            instance.stage.use_threads(self._budget.llm_threads())

    def overdue(self, grace_s: float) -> str | None:
        """The stage whose step should have ended `grace_s` ago and has not; None: there is none."""
        late = time.monotonic() - grace_s
        untils = ((one.name, one.scheduler.step_until) for one in self.instances)
        return next((name for name, until in untils if until is not None and until < late), None)

    def close(self) -> None:
        """Ends the threads; running steps finish."""
        for one in self.instances:
            one.scheduler.close()


@dataclass(frozen=True)
class ThreadBudget:
    """How many threads the LLM computes on: every core while nothing else computes, else its share.

    `fixed` 0: by that rule.
    """

    host: Host
    fixed: int
    share: int
    cores: int

    def llm_threads(self) -> int:
        """At this moment."""
        if self.fixed:
            return self.fixed
        others = any(
            one.scheduler.busy
            for one in self.host.instances
            if one.kind in (StageKind.STT, StageKind.TTS)
        )
        return self.share if others else self.cores
