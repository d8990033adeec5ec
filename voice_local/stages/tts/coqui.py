"""Coqui models through `coqui-tts`, from our own directory format: config.json, model.safetensors,
voice.json.

Coqui's configuration, text front end and model classes do the work; weights come from safetensors,
never from a pickle. A model that ends in sound (VITS) speaks directly, a segment at a time. One
that ends in a mel spectrogram (the ForwardTTS family) goes through Griffin-Lim piece by piece; its
level is estimated from the spectrogram first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import (
    Any,
    ClassVar,
)

import numpy as np

from voice_local.audio.level import (
    SegmentFinisher,
    finish_segment,
    gain_for,
)
from voice_local.audio.types import Audio
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
from voice_local.models.coqui import load_coqui
from voice_local.models.folder import ModelFolder
from voice_local.stages.tts.griffin_lim import (
    LEAST,
    GriffinLim,
    Stft,
)
from voice_local.text import espeak
from voice_local.text.lexicon import index_lexicon
from voice_local.text.pronounce import with_letter_a

LETTER_A = "ae"
"""How gruut's lexicon spells the letter's name."""

CREST_DB, CREST_SPREAD_DB = 5.4, 2.0
"""A segment's peak over the level of its loudest frame as its spectrogram tells it, and how far off
that may be.

Measured on 85 segments of the embedded voice: 5.4 dB in the middle, 3.7 to 7.2 at the ends.
"""


class CoquiTts:
    """One Coqui model and its voices."""

    spec: ClassVar[StageSpec] = StageSpec(StageKind.TTS)

    def __init__(self, settings: Settings, models: ModelFolder, threads: int) -> None:
        import torch

        torch.set_num_threads(threads)
        self._torch = torch
        self._name, self._seed = settings.tts.model, settings.seed
        folder = models.folder(self._name)
        self._device = "cuda" if settings.device != "cpu" and torch.cuda.is_available() else "cpu"
        try:
            about = json.loads((folder / "voice.json").read_text(encoding="utf-8"))
            self._voices: list[str] = list(about["voices"])
            self._rounds = int(about.get("fast_griffin_lim_iters", 16))
            self._espeak = about.get("phones") == "espeak"
            self._model = load_coqui(folder).to(self._device)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError) as error:
            raise ModelFormatError(
                f"{folder} is not a voice that Coqui loads ({str(error).splitlines()[0][:80]})",
                "fetch or train it again",
            ) from None
        self._spectral = not hasattr(self._model, "waveform_decoder")
        self._sample_rate = int(self._model.config.audio.sample_rate)
        if self._spectral:
            audio = self._model.ap
            self._mel_to_linear = self._inverse_mel(folder)
            self._vocoder = GriffinLim(
                Stft(audio.fft_size, audio.hop_length, audio.win_length), self._rounds, self._device
            )
        # The first call builds kernels and the lexicon, the first digit and the first word that is
        # in no lexicon what reads those. gruut keeps all that for this thread only.
        for _ in self.synthesize(Synthesize("Ready 1 zubrel."), lambda: False):
            pass
        if self._model.config.phonemizer == "gruut":
            index_lexicon(self._language())

    def _inverse_mel(self, folder: Path) -> Any:
        """(bins, mels): what turns mels back into a linear spectrum; beside the model, or
        computed."""
        from safetensors.torch import load_file

        kept = folder / "griffin_lim.safetensors"
        if kept.exists():
            return load_file(kept)["mel_inverse"].float().to(self._device)
        return (
            self._torch.from_numpy(np.linalg.pinv(self._model.ap.mel_basis))
            .float()
            .to(self._device)
        )

    def voices(self) -> list[str]:
        """Names that `synthesize` takes."""
        return self._voices

    def language(self, voice: str | None) -> str:
        """What `voice` speaks."""
        return self._language()

    def synthesize(self, request: Synthesize, cancelled: Cancelled) -> Iterator[SpeechChunk]:
        """See `TtsStage`: one chunk or pieces; nothing for a text without letters.

        Raises:
            TextInputError: an unknown voice.
        """
        text = request.text
        speaker = self._speaker(request.voice)
        if cancelled() or not any(char.isalnum() for char in text):
            return
        ids = self._model.tokenizer.text_to_ids(self._readable(text), language=self._language())
        if not len(ids) or cancelled():
            return
        self._torch.manual_seed(self._seed)  # the same every time
        with self._torch.inference_mode():
            out = self._model.inference(
                self._torch.tensor([ids], device=self._device), aux_input=speaker
            )["model_outputs"]
        if self._spectral:
            yield from self._in_pieces(out[0].T, cancelled)
        elif (
            len(finished := finish_segment(out.flatten().float().cpu().numpy(), self._sample_rate))
            and not cancelled()
        ):
            yield SpeechChunk(finished, self._sample_rate)

    def _in_pieces(self, mel: Any, cancelled: Cancelled) -> Iterator[SpeechChunk]:
        """The sound of a normalized (mels, frames) spectrogram."""
        hop = self._model.ap.hop_length
        with self._torch.inference_mode():
            magnitude = self._magnitude(mel)
            frames_rms = self._vocoder.frame_rms(magnitude).cpu().numpy()
        peak = float(frames_rms.max()) * 10 ** (CREST_DB / 20)
        finisher = SegmentFinisher(self._sample_rate, gain_for(frames_rms, peak, CREST_SPREAD_DB))
        left = (magnitude.shape[1] - 1) * hop
        pieces = self._vocoder.pieces(magnitude)
        while left > 0 and not cancelled():
            with self._torch.inference_mode():  # not held while the caller has the piece
                piece: Audio = next(pieces).float().cpu().numpy()
            left -= len(piece)
            finished = finisher.finish(piece, last=left <= 0)
            if len(finished):
                remaining_s = max(0, left) / self._sample_rate
                yield SpeechChunk(finished, self._sample_rate, left <= 0, remaining_s)

    def _readable(self, text: str) -> str:
        """What the model's tokenizer takes: text, or phones."""
        if self._espeak:
            return espeak.phones(with_letter_a(text, "eh"), self._language()).replace(
                espeak.TIE, ""
            )
        return with_letter_a(text, LETTER_A)

    def _language(self) -> str:
        return str(self._model.config.phoneme_language or "en-us")

    def _speaker(self, voice: str | None) -> dict[str, Any]:
        name = voice or self._voices[0]
        if name not in self._voices:
            raise TextInputError(
                f"unknown voice {name!r}", f"one of: {', '.join(self._voices[:12])}"
            )
        if len(self._voices) < 2:
            return {}
        return {"speaker_ids": self._torch.tensor([self._voices.index(name)], device=self._device)}

    def _magnitude(self, mel: Any) -> Any:
        """Normalized (mels, frames) → linear magnitudes (bins, frames)."""
        audio = self._model.ap
        amplitude = 10.0 ** (
            self._torch.from_numpy(audio.denormalize(mel.cpu().numpy())).to(self._device)
            / audio.spec_gain
        )
        return (self._mel_to_linear @ amplitude.float()).clamp(min=LEAST)

    def describe(self) -> dict[str, str]:
        """What it really runs on."""
        from importlib.metadata import version

        kind = "griffin-lim" if self._spectral else "end to end"
        return {
            "runtime": f"coqui-tts {version('coqui-tts')}, torch {self._torch.__version__}",
            "device": self._device,
            "model": self._name,
            "notes": f"{self._model.config.model}, {kind}, {self._sample_rate} Hz",
        }
