"""What somebody may do to a bundle, each deed with the error and the words of the check that is
meant for it."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np

from voice_local.errors import (
    BundleError,
    ModelDigestError,
    ModelError,
    ModelFormatError,
)
from voice_local.models.digests import digest
from voice_local.models.folder import MANIFEST
from voice_local.supply import signing
from voice_local.supply.bundle_format import (
    SIGNATURE,
    SUMS,
    write_sums,
)


def list_again(bundle: Path, *names: str) -> None:
    """Puts changed model files into the manifest as whoever changed them would."""
    path = bundle / "models" / MANIFEST
    manifest = json.loads(path.read_text())
    for name in names:
        file = bundle / "models" / name
        manifest["files"][name] = {"sha256": digest(file), "bytes": file.stat().st_size}
    path.write_text(json.dumps(manifest))
    lock = json.loads((bundle / "models.lock.json").read_text())
    for entry in lock["models"]:
        prefix = f"{entry['name']}/"
        entry["files"] = [
            {
                "path": name.removeprefix(prefix)
                if name.startswith(prefix)
                else name.split("/")[-1],
                **about,
            }
            for name, about in manifest["files"].items()
            if name == entry["name"] or name.startswith(prefix)
        ]
    (bundle / "models.lock.json").write_text(json.dumps(lock))


def seal(bundle: Path, key: Path) -> None:
    """Sums and signature anew."""
    write_sums(bundle)
    (bundle / SIGNATURE).unlink(missing_ok=True)
    signing.sign(bundle / SUMS, bundle / SIGNATURE, key)


def flipped_byte(bundle: Path, key: Path) -> None:
    with (bundle / "models" / "tiny-llm" / "model.gguf").open("r+b") as file:
        file.seek(2_000_000)
        (old,) = file.read(1)
        file.seek(2_000_000)
        file.write(bytes([old ^ 1]))


def swapped_file(bundle: Path, key: Path) -> None:
    models = bundle / "models" / "tiny-classifier"
    shutil.copyfile(models / "emotion.onnx", models / "intent.onnx")


def extra_file(bundle: Path, key: Path) -> None:
    (bundle / "models" / "tiny-stt" / "model.safetensors.index.json").write_text("{}")


def missing_license(bundle: Path, key: Path) -> None:
    (bundle / "licenses" / "Apache-2.0.txt").unlink()
    seal(bundle, key)


def symlink_out(bundle: Path, key: Path) -> None:
    target = bundle / "models" / "tiny-stt" / "config.json"
    content = target.read_bytes()
    outside = bundle.parent / "outside.json"
    outside.write_bytes(content)
    target.unlink()
    target.symlink_to(outside)
    seal(bundle, key)


def malicious_pickle(bundle: Path, key: Path) -> None:
    canary = bundle.parent / "canary"

    class Evil:
        def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
            return os.system, (f"touch {canary}",)

    (bundle / "models" / "tiny-tts" / "model.bin").write_bytes(pickle.dumps(Evil()))
    list_again(bundle, "tiny-tts/model.bin")
    seal(bundle, key)


def truncated_gguf(bundle: Path, key: Path) -> None:
    with (bundle / "models" / "tiny-llm" / "model.gguf").open("r+b") as file:
        file.truncate(3_000_000)
    list_again(bundle, "tiny-llm/model.gguf")
    seal(bundle, key)


def edited_lock(bundle: Path, key: Path) -> None:
    path = bundle / "models.lock.json"
    lock = json.loads(path.read_text())
    lock["models"][0]["files"][0]["sha256"] = "0" * 64
    path.write_text(json.dumps(lock))
    seal(bundle, key)


def anothers_signature(bundle: Path, key: Path) -> None:
    seal(bundle, key.with_name("theirs"))


def nan_weights(bundle: Path, key: Path) -> None:
    from safetensors.numpy import load_file, save_file

    path = bundle / "models" / "tiny-tts" / "model.safetensors"
    weights = load_file(path)
    name = next(
        name
        for name, value in weights.items()
        if value.dtype == np.float32 or value.dtype == np.float16
    )
    weights[name] = weights[name].copy()
    weights[name].flat[-1] = np.nan
    save_file(weights, path)
    list_again(bundle, "tiny-tts/model.safetensors")
    seal(bundle, key)


def wrong_architecture(bundle: Path, key: Path) -> None:
    import gguf

    writer = gguf.GGUFWriter(str(bundle / "models" / "tiny-llm" / "model.gguf"), "clip")
    writer.add_tensor("token_embd.weight", np.ones((4, 32), np.float32))
    for step in (
        writer.write_header_to_file,
        writer.write_kv_data_to_file,
        writer.write_tensors_to_file,
        writer.close,
    ):
        step()
    list_again(bundle, "tiny-llm/model.gguf")
    seal(bundle, key)


def without_models(bundle: Path, key: Path) -> None:
    """All checks that go by model would have nothing to do."""
    path = bundle / "models" / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), "models": {}}))
    (bundle / "models.lock.json").write_text('{"format": 2, "models": []}')
    seal(bundle, key)


def undeclared_model(bundle: Path, key: Path) -> None:
    path = bundle / "models" / MANIFEST
    manifest = json.loads(path.read_text())
    del manifest["models"]["tiny-llm"]
    path.write_text(json.dumps(manifest))
    lock = json.loads((bundle / "models.lock.json").read_text())
    lock["models"] = [entry for entry in lock["models"] if entry["name"] != "tiny-llm"]
    (bundle / "models.lock.json").write_text(json.dumps(lock))
    seal(bundle, key)


def swapped_names(bundle: Path, key: Path) -> None:
    """Two listed files change places; only the lock remembers which was which."""
    stt = bundle / "models" / "tiny-stt"
    one, other = (
        (stt / "config.json").read_bytes(),
        (stt / "preprocessor_config.json").read_bytes(),
    )
    (stt / "config.json").write_bytes(other)
    (stt / "preprocessor_config.json").write_bytes(one)
    lock = (bundle / "models.lock.json").read_text()
    list_again(bundle, "tiny-stt/config.json", "tiny-stt/preprocessor_config.json")
    (bundle / "models.lock.json").write_text(lock)
    seal(bundle, key)


def hidden_file(bundle: Path, key: Path) -> None:
    (bundle / "models" / ".incoming").mkdir()
    (bundle / "models" / ".incoming" / "x.json").write_text("{}")
    seal(bundle, key)


def unlisted_wheels(bundle: Path, key: Path) -> None:
    (bundle / "wheels").mkdir()
    (bundle / "wheels" / "evil-1-py3-none-any.whl").write_bytes(b"PK")
    seal(bundle, key)


TAMPERED: list[tuple[Callable[[Path, Path], None], type[ModelError], str]] = [
    (flipped_byte, BundleError, r"model.gguf is not the one that SHA256SUMS names"),
    (swapped_file, BundleError, r"intent.onnx is not the one that SHA256SUMS names"),
    (
        extra_file,
        BundleError,
        r"model.safetensors.index.json is in the bundle and not in its SHA256SUMS",
    ),
    (missing_license, BundleError, r"licence \(Apache-2.0\) is missing"),
    (symlink_out, BundleError, r"config.json in the bundle is a link"),
    (malicious_pickle, ModelFormatError, r"model.bin is a pickle"),
    (
        truncated_gguf,
        ModelFormatError,
        r"model.gguf is cut off or broken \(tensor \S+ lies beyond its end",
    ),
    (edited_lock, BundleError, r"lock and its files differ for silero-vad"),
    (anothers_signature, BundleError, r"was not signed by"),
    (nan_weights, ModelFormatError, r"model.safetensors has weights that are not numbers"),
    (without_models, ModelFormatError, r"names no models"),
    (undeclared_model, ModelFormatError, r"tiny-llm\S* belongs to none of the models"),
    (swapped_names, BundleError, r"lock and its files differ for tiny-stt"),
    (hidden_file, ModelDigestError, r"x.json is not in the manifest"),
    (unlisted_wheels, BundleError, r"wheels that its description does not name"),
    (wrong_architecture, ModelFormatError, r"architecture 'clip', which writes no text"),
]
