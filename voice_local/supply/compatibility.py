"""Whether a model is one that its stage can use, from its files without running any of
them."""

from __future__ import annotations

import json
from pathlib import Path

from voice_local.errors import ModelFormatError
from voice_local.models import (
    formats,
    headers,
)

NO_LANGUAGE_MODELS = (
    "bert",
    "nomic-bert",
    "jina-bert-v2",
    "modern-bert",
    "t5encoder",
    "clip",
    "whisper",
    "wavtokenizer-dec",
    "sd",
    "flux",
)
"""Architectures that GGUF files may name and that generate no text (llama.cpp's list)."""
SPEAKING = ("vits", "fast_pitch", "fast_speech", "fastspeech2", "forward_tts", "speedy_speech")
"""Coqui's models without parts that only come as pickles."""
WHOLE = "understanding"
"""Files of a model that tells intent, emotion and whether a sentence is finished in one pass, and
its architecture here."""
CLASSIFIER_INPUTS = {"input_ids", "attention_mask"}
KOKORO_INPUTS = ({"tokens", "style", "speed"}, {"input_ids", "style", "speed"})
PIPER_INPUTS = ({"input", "input_lengths", "scales"}, {"input", "input_lengths", "scales", "sid"})
SILERO_INPUTS = ({"input", "state", "sr"},)
SMART_TURN_INPUTS = ({"input_features"},)
SENTENCE_TENSORS = {
    "embeddings.word_embeddings.weight",
    "encoder.layer.0.attention.self.query.weight",
}


def check_compatibility(stage: str, path: Path) -> str:
    """The architecture of the model at `path` (a file or a folder), checked for `stage`.

    Raises:
        ModelFormatError: `stage` cannot use it.
    """
    checks = {
        "llm": _language_model,
        "stt": _recognizer,
        "tts": _voice,
        "intent": _classifier,
        "emotion": _classifier,
        "vad": _voice_activity,
        "turn": _turn,
        "embed": _sentences,
    }
    if stage != "llm" and not path.is_dir():
        raise ModelFormatError(
            f"{path} is no folder of a {stage} model", "give the folder with all of its files"
        )
    try:
        return checks[stage](stage, path)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:80] or type(error).__name__
        raise ModelFormatError(
            f"{path} is not a whole {stage} model ({reason})", formats.REFETCH
        ) from None


def _language_model(stage: str, path: Path) -> str:
    if path.is_dir():
        inside = sorted(path.glob("*.gguf"))
        if len(inside) != 1:
            raise ModelFormatError(
                f"{path} holds {len(inside)} GGUF files", "the llm stage reads one"
            )
        path = inside[0]
    if path.suffix != ".gguf":
        raise ModelFormatError(f"{path} is no GGUF file", "the llm stage reads GGUF")
    architecture = formats.inspect(path).architecture
    if not architecture or architecture in NO_LANGUAGE_MODELS:
        raise ModelFormatError(
            f"{path} is of architecture {architecture or 'unknown'!r}, which writes no text",
            "take a language model",
        )
    if "token_embd.weight" not in headers.gguf(path)[1]:
        raise ModelFormatError(f"{path} has no token embedding", formats.REFETCH)
    return architecture


def _recognizer(stage: str, path: Path) -> str:
    specification = formats.inspect(path / "model.bin").architecture
    if specification != "WhisperSpec":
        raise ModelFormatError(
            f"{path} is a CTranslate2 {specification}, not a Whisper",
            "take a Whisper converted to CTranslate2",
        )
    if not (path / "tokenizer.json").is_file():
        raise ModelFormatError(f"{path} has no tokenizer.json", formats.REFETCH)
    return specification


def _voice(stage: str, path: Path) -> str:
    if (path / "voices").is_dir():
        return _kokoro(path)
    if list(path.glob("*.onnx.json")):
        return _piper(path)
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    architecture = str(config.get("model") or config.get("model_type") or "")
    if not (path / "model.safetensors").is_file():
        raise ModelFormatError(
            f"{path} has no model.safetensors",
            "convert it: voice-local models convert KIND SOURCE OUT",
        )
    if architecture != "bark":
        if architecture not in SPEAKING:
            raise ModelFormatError(
                f"{path} is a Coqui {architecture or 'model without a name'!r}, which is not "
                f"supported",
                f"one of: {', '.join(SPEAKING)}",
            )
        json.loads((path / "voice.json").read_text(encoding="utf-8"))["voices"]
    return architecture


def _classifier(stage: str, path: Path) -> str:
    """`onnx` for a model of one question, `understanding` for one that tells intent, emotion and
    more in one pass."""
    if (path / f"{WHOLE}.onnx").exists():
        return _understanding(path)
    names = [stage] if (path / f"{stage}.onnx").exists() else []
    if not names:
        raise ModelFormatError(
            f"{path} has no {stage}.onnx", "convert it: voice-local models convert KIND SOURCE OUT"
        )
    for name in names:
        about = json.loads((path / f"{name}.json").read_text(encoding="utf-8"))
        width = len(about["labels"]) + int(bool(about.get("finished_output")))
        _ends_fit(path / f"{name}.onnx", width)
    json.loads((path / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    return "onnx"


def _understanding(path: Path) -> str:
    about = json.loads((path / f"{WHOLE}.json").read_text(encoding="utf-8"))
    width = len(about["labels"]) + 1 + len(about["emotions"])
    _ends_fit(path / f"{WHOLE}.onnx", width)
    json.loads((path / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    return WHOLE


def _ends_fit(path: Path, width: int) -> None:
    """Checks a classifier's inputs and its output of `width` values.

    Raises:
        ModelFormatError: they are others.
    """
    inputs, output = _onnx_ends(path)
    if inputs != CLASSIFIER_INPUTS or output not in (0, width):
        raise ModelFormatError(
            f"{path} takes {', '.join(sorted(inputs))} and gives {output} values",
            f"wanted {', '.join(sorted(CLASSIFIER_INPUTS))} and {width}",
        )


def _one_onnx(path: Path, wanted: tuple[set[str], ...], what: str) -> Path:
    """The one ONNX file in the folder `path`, whose inputs are among the `wanted` sets."""
    found = sorted(path.glob("*.onnx"))
    if len(found) != 1:
        raise ModelFormatError(f"{path} holds {len(found)} ONNX files", f"{what} is one")
    inputs, _ = _onnx_ends(found[0])
    if inputs not in wanted:
        raise ModelFormatError(
            f"{found[0]} takes {', '.join(sorted(inputs))}",
            f"{what} takes {' or '.join(', '.join(sorted(one)) for one in wanted)}",
        )
    return found[0]


def _kokoro(path: Path) -> str:
    _one_onnx(path, KOKORO_INPUTS, "a Kokoro voice")
    voices = sorted((path / "voices").iterdir())
    wrong = [one.name for one in voices if not formats.is_style(one)]
    if wrong or not voices:
        raise ModelFormatError(
            f"{path / 'voices'} holds {', '.join(wrong) or 'nothing'}", formats.REFETCH
        )
    return "kokoro"


def _piper(path: Path) -> str:
    model = _one_onnx(path, PIPER_INPUTS, "a Piper voice")
    about = json.loads(model.with_name(f"{model.name}.json").read_text(encoding="utf-8"))
    if int(about["audio"]["sample_rate"]) < 8000 or not dict(about["phoneme_id_map"]):
        raise ModelFormatError(f"{model}.json names no sample rate or no phonemes", formats.REFETCH)
    return "piper"


def _voice_activity(stage: str, path: Path) -> str:
    _one_onnx(path, SILERO_INPUTS, "Silero")
    return "silero"


def _turn(stage: str, path: Path) -> str:
    _one_onnx(path, SMART_TURN_INPUTS, "Smart Turn")
    return "smart-turn"


def _sentences(stage: str, path: Path) -> str:
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    if config.get("model_type") != "bert":
        raise ModelFormatError(
            f"{path} is a {config.get('model_type') or 'model without a name'!r}",
            "take a BERT of sentences",
        )
    names = {name for name, *_ in headers.safetensors(path / "model.safetensors")}
    if not names >= SENTENCE_TENSORS:
        raise ModelFormatError(
            f"{path} lacks {', '.join(sorted(SENTENCE_TENSORS - names))}", formats.REFETCH
        )
    json.loads((path / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    return "bert"


def _onnx_ends(path: Path) -> tuple[set[str], int]:
    """(inputs' names, last dimension of the output, 0 where it is open) of an ONNX file."""
    graph = formats.onnx_model(path).graph
    weights = {tensor.name for tensor in graph.initializer}
    shape = graph.output[0].type.tensor_type.shape.dim
    return {one.name for one in graph.input} - weights, int(shape[-1].dim_value) if len(
        shape
    ) else 0
