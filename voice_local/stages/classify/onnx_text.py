"""What all text classifiers share: a tokenizer, an ONNX session, padded batches, calibrated
probabilities.

A classifier's folder holds `NAME.onnx` (inputs `input_ids` and `attention_mask`, output `logits`
first), `NAME.json` (`labels`, `temperature`, `max_tokens`, `finished_output`, `topics`: whether it
reads pairs) and `tokenizer.json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from voice_local.config import Settings
from voice_local.errors import ModelFormatError
from voice_local.models.folder import ModelFolder
from voice_local.models.onnx_session import (
    CPU,
    CUDA,
    make_session,
    runtime,
)


class OnnxTextClassifier:
    """Logits of one model for batches of texts."""

    def __init__(
        self, settings: Settings, models: ModelFolder, model: str, name: str, threads: int
    ) -> None:
        from tokenizers import Tokenizer

        files = {
            part: models.file(f"{model}/{part}")
            for part in (f"{name}.onnx", f"{name}.json", "tokenizer.json")
        }
        self.model = f"{model}/{name}.onnx"
        try:
            about = json.loads(files[f"{name}.json"].read_text(encoding="utf-8"))
            self.about: dict[str, Any] = dict(about)
            self.labels: list[str] = list(about["labels"])
            self.temperature = float(about["temperature"])
            self.finished_output = bool(about.get("finished_output", False))
            self._topics = bool(about.get("topics", False))
            self._tokenizer = Tokenizer.from_file(str(files["tokenizer.json"]))
            self._tokenizer.enable_truncation(int(about["max_tokens"]))
            self._tokenizer.enable_padding(pad_id=self._tokenizer.token_to_id("[PAD]") or 0)
            wanted = (CPU,) if settings.device == "cpu" else (CUDA, CPU)
            self._session: Any = make_session(files[f"{name}.onnx"], threads, wanted)
            names = [output.name for output in self._session.get_outputs()]
            self._outputs = ["logits", *names[1:]]
        except Exception as error:  # each library has its own; all mean the same to a user
            raise ModelFormatError(
                f"{self.model} cannot be loaded ({str(error).splitlines()[0][:80]})",
                "train or export it again",
            ) from None

    def logits(
        self, pairs: Sequence[tuple[str, str | None]], prepare: Callable[[str], str] = str
    ) -> npt.NDArray[np.float32]:
        """(pairs, outputs) raw logits of (text, topic); the batch is padded to its longest text.

        `prepare`: makes a text into what the model was trained on, but for its case.
        """
        return self.outputs(pairs, prepare)["logits"]

    def outputs(
        self, pairs: Sequence[tuple[str, str | None]], prepare: Callable[[str], str] = str
    ) -> dict[str, npt.NDArray[np.float32]]:
        """Every output by its name; else as `logits`."""
        rows = self._tokenizer.encode_batch(
            [
                (prepare(text).lower(), topic.replace("_", " "))
                if topic and self._topics
                else prepare(text).lower()
                for text, topic in pairs
            ]
        )
        ids = np.array([row.ids for row in rows], dtype=np.int64)
        mask = np.array([row.attention_mask for row in rows], dtype=np.int64)
        found = self._session.run(None, {"input_ids": ids, "attention_mask": mask})
        return {name: np.asarray(value) for name, value in zip(self._outputs, found, strict=True)}

    def probabilities(self, logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Softmax at the calibrated temperature over the labels' outputs."""
        scaled = logits[:, : len(self.labels)] / self.temperature
        scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(scaled / scaled.sum(axis=1, keepdims=True), dtype=np.float32)

    def describe(self) -> dict[str, str]:
        """What it really runs on."""
        provider = self._session.get_providers()[0]
        return {
            "runtime": f"onnxruntime {runtime().__version__}",
            "device": "cuda" if "CUDA" in provider else "cpu",
            "model": self.model,
            "notes": f"{provider}, {len(self.labels)} labels",
        }
