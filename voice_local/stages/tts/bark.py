"""Bark through `transformers.BarkModel`, placed by accelerate. Expressive and slow: for speech that
is not live.

The folder holds what `BarkModel.save_pretrained` and `BarkProcessor.save_pretrained` write, weights
as safetensors; voice presets are `presets/NAME/{semantic,coarse,fine}_prompt.npy`, plain arrays
without pickled objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import (
    Any,
    ClassVar,
)

import numpy as np

from voice_local.audio.level import finish_segment
from voice_local.config import Settings
from voice_local.engine.api import (
    SpeechChunk,
    StageKind,
    Synthesize,
)
from voice_local.engine.stage_api import (
    Cancelled,
    StageSpec,
)
from voice_local.errors import (
    ModelFormatError,
    TextInputError,
)
from voice_local.models.folder import ModelFolder

UNCONDITIONED = "none"
"""The voice without a preset: Bark picks one by chance (of the seed)."""

TEXT_TOKENS = 256


class BarkTts:
    """One Bark and the presets beside it."""

    spec: ClassVar[StageSpec] = StageSpec(StageKind.TTS)

    def __init__(self, settings: Settings, models: ModelFolder, threads: int) -> None:
        import torch
        from transformers import AutoTokenizer, BarkModel

        torch.set_num_threads(threads)
        self._torch = torch
        self._name, self._seed = settings.tts.model, settings.seed
        folder = models.folder(self._name)
        placed = "auto" if settings.device != "cpu" and torch.cuda.is_available() else "cpu"
        try:
            self._model: Any = BarkModel.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, device_map=placed
            )
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise ModelFormatError(
                f"{folder} is not a Bark model ({str(error).splitlines()[0][:80]})",
                "fetch it again, as safetensors",
            ) from None
        self._model.train(False)
        self._presets = {
            path.name: path for path in sorted((folder / "presets").glob("*")) if path.is_dir()
        }
        self._sample_rate = int(getattr(self._model.generation_config, "sample_rate", 24_000))

    def voices(self) -> list[str]:
        """The presets' names, or only `none`."""
        return [*self._presets, UNCONDITIONED]

    def language(self, voice: str | None) -> str:
        """What `voice` speaks: English presets only."""
        return "en"

    def synthesize(self, request: Synthesize, cancelled: Cancelled) -> Iterator[SpeechChunk]:
        """See `TtsStage`: one chunk a segment.

        Raises:
            TextInputError: an unknown voice.
        """
        text, name = request.text, request.voice or self.voices()[0]
        if name not in self.voices():
            raise TextInputError(
                f"unknown voice {name!r}", f"one of: {', '.join(self.voices()[:12])}"
            )
        if cancelled() or not text.strip():
            return
        inputs = self._tokenizer(
            text,
            return_tensors="pt",
            padding="max_length",
            max_length=TEXT_TOKENS,
            truncation=True,
            add_special_tokens=False,
            return_token_type_ids=False,
        )
        device = self._model.device
        arguments = {key: value.to(device) for key, value in inputs.items()}
        if name in self._presets:
            arguments["history_prompt"] = {
                part: self._torch.from_numpy(_array(self._presets[name] / f"{part}.npy")).to(device)
                for part in ("semantic_prompt", "coarse_prompt", "fine_prompt")
            }
        self._torch.manual_seed(self._seed)
        with self._torch.inference_mode():
            wave = self._model.generate(**arguments)
        if cancelled():
            return
        finished = finish_segment(wave.float().cpu().numpy().flatten(), self._sample_rate)
        if len(finished):
            yield SpeechChunk(finished, self._sample_rate)

    def describe(self) -> dict[str, str]:
        """What it really runs on."""
        import transformers

        return {
            "runtime": f"transformers {transformers.__version__}",
            "device": str(self._model.device),
            "model": self._name,
            "notes": f"bark, {len(self._presets)} presets, {self._sample_rate} Hz",
        }


def _array(path: Path) -> Any:
    return np.load(path, allow_pickle=False)
