"""What model files are, told from their bytes: structure, truncation, pickles, weights that are no
numbers."""

from __future__ import annotations

import json
import pickle
import struct
import zipfile
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_local.errors import ModelFormatError
from voice_local.models import (
    formats,
    headers,
)
from voice_local.models.folder import tiny_folder
from voice_local.models.names import safe_path
from voice_local.supply import weights

pytestmark = pytest.mark.unit


def write_gguf(
    path: Path,
    tensors: dict[str, np.ndarray],
    architecture: str = "llama",
    kinds: dict[str, gguf.GGMLQuantizationType] | None = None,
) -> Path:
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_name("test")
    writer.add_token_list(["a", "b"])
    for name, values in tensors.items():
        writer.add_tensor(name, values, raw_dtype=(kinds or {}).get(name))
    for step in (
        writer.write_header_to_file,
        writer.write_kv_data_to_file,
        writer.write_tensors_to_file,
        writer.close,
    ):
        step()
    return path


def write_safetensors(path: Path, values: np.ndarray) -> Path:
    from safetensors.numpy import save_file

    save_file({"w": values}, path)
    return path


def test_block_sizes_are_ggmls_own() -> None:
    for kind, (block, size) in headers.GGML_BLOCKS.items():
        if kind in set(gguf.GGMLQuantizationType):
            assert gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType(kind)] == (block, size), kind
    common = "F32 F16 BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS"
    assert {gguf.GGMLQuantizationType[name].value for name in common.split()} <= set(
        headers.GGML_BLOCKS
    )


def test_a_gguf_is_told_and_one_cut_anywhere_is_refused(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", {"token_embd.weight": np.ones((8, 64), np.float32)})
    assert formats.inspect(path) == formats.FileInfo("gguf", "llama")
    content = path.read_bytes()
    for size in (3, 10, 40, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:size])
        with pytest.raises(ModelFormatError, match="cut off or broken"):
            formats.inspect(path)


@pytest.mark.parametrize("kind", ["F32", "F16", "Q8_0", "Q4_0", "Q5_1"])
def test_numbers_that_are_none_are_found_in_a_gguf(tmp_path: Path, kind: str) -> None:
    wanted = gguf.GGMLQuantizationType[kind]
    values = np.linspace(-1, 1, 8 * 64, dtype=np.float32).reshape(8, 64)
    packed = gguf.quantize(values, wanted)
    path = write_gguf(tmp_path / "good.gguf", {"w": packed}, kinds={"w": wanted})
    weights.finite(path)
    spoilt = packed.copy()
    if spoilt.dtype == np.uint8:
        spoilt[-1, -headers.GGML_BLOCKS[wanted.value][1] :][:2] = np.frombuffer(
            np.float16(np.nan).tobytes(), np.uint8
        )
    else:
        spoilt[-1, -1] = np.nan
    with pytest.raises(ModelFormatError, match=r"not numbers \(w\)"):
        weights.finite(write_gguf(tmp_path / "bad.gguf", {"w": spoilt}, kinds={"w": wanted}))


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.float64])
def test_numbers_that_are_none_are_found_in_safetensors(
    tmp_path: Path, dtype: type[np.floating]
) -> None:
    values = np.ones((40, 3), dtype)
    weights.finite(write_safetensors(tmp_path / "good.safetensors", values))
    values[39, 2] = np.inf
    with pytest.raises(ModelFormatError, match="not numbers"):
        weights.finite(write_safetensors(tmp_path / "bad.safetensors", values))


def test_numbers_that_are_none_are_found_in_the_ears_and_in_onnx(tmp_path: Path) -> None:
    import onnx
    from onnx import numpy_helper

    source = tiny_folder() / "tiny-stt" / "model.bin"
    places = headers.ctranslate2(source)[1]
    kind, offset, size = next(
        place for place in places.values() if place[0] == "f4" and place[2] > 4
    )
    content = bytearray(source.read_bytes())
    content[offset + size - 4 : offset + size] = struct.pack("<f", float("nan"))
    (tmp_path / "model.bin").write_bytes(content)
    assert kind == "f4" and formats.inspect(tmp_path / "model.bin").architecture == "WhisperSpec"
    with pytest.raises(ModelFormatError, match="not numbers"):
        weights.finite(tmp_path / "model.bin")
    model = onnx.load(str(tiny_folder() / "tiny-classifier" / "emotion.onnx"))
    tensor = next(one for one in model.graph.initializer if one.data_type == 1)
    values = numpy_helper.to_array(tensor).copy()
    values.flat[0] = np.nan
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    onnx.save(model, str(tmp_path / "e.onnx"))
    with pytest.raises(ModelFormatError, match="not numbers"):
        weights.finite(tmp_path / "e.onnx")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../etc/passwd"
    (tmp_path / "x.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ModelFormatError, match="outside itself"):
        weights.finite(tmp_path / "x.onnx")


def test_weights_of_constants_are_seen_too(tmp_path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    constant = numpy_helper.from_array(np.array([1, np.nan], np.float32), "c")
    node = helper.make_node("Constant", [], ["y"], value=constant)
    graph = helper.make_graph(
        [node], "g", [], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])]
    )
    onnx.save(helper.make_model(graph), str(tmp_path / "m.onnx"))
    with pytest.raises(ModelFormatError, match="not numbers"):
        weights.finite(tmp_path / "m.onnx")


def test_a_length_that_looks_like_a_pickle_is_none(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    header = (
        json.dumps({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}})
        .encode()
        .ljust(0x180)
    )
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    assert path.read_bytes()[0] == 0x80
    assert formats.inspect(path).format == "safetensors"
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ModelFormatError):
        formats.inspect(path)


def test_pickles_are_refused_by_what_they_are_not_by_their_name(tmp_path: Path) -> None:
    plain, zipped = tmp_path / "model.bin", tmp_path / "weights.bin"
    plain.write_bytes(pickle.dumps({"a": 1}))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"a": 1}))
    named = tmp_path / "voice.pth"
    named.write_bytes(b"anything")
    array = tmp_path / "prompt.npy"
    np.save(array, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    for path in (plain, zipped, named, array):
        with pytest.raises(ModelFormatError):
            formats.inspect(path)
    np.save(array, np.ones(3, np.int64))
    assert formats.inspect(array).format == "numpy"


def test_links_and_strangers_are_refused(tmp_path: Path) -> None:
    (tmp_path / "run.so").write_bytes(b"\x7fELF")
    (tmp_path / "x.json").write_text("{")
    (tmp_path / "link.txt").symlink_to(tmp_path / "x.json")
    (tmp_path / "LICENSE.so").write_bytes(b"\x7fELF")
    (tmp_path / "LICENSE").write_bytes(b"terms")
    assert formats.inspect(tmp_path / "LICENSE").format == "text"
    for name in ("run.so", "LICENSE.so", "x.json", "link.txt", "none.txt"):
        with pytest.raises(ModelFormatError):
            formats.inspect(tmp_path / name)


def test_a_safetensors_header_must_fit(tmp_path: Path) -> None:
    for header in (
        {"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 64]}},
        {"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 8]}},
        {"w": {"dtype": "X", "shape": [1], "data_offsets": [0, 4]}},
    ):
        text = json.dumps(header).encode()
        (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + b"\0" * 16)
        with pytest.raises(ModelFormatError):
            formats.inspect(tmp_path / "m.safetensors")
    (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", 1 << 60) + b"{}")
    with pytest.raises(ModelFormatError):
        formats.inspect(tmp_path / "m.safetensors")


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([".gguf", ".safetensors", ".bin", ".json", ".onnx"]),
    st.sampled_from([b"", b"GGUF\x03\x00\x00\x00", struct.pack("<I", 6)]),
)
def test_no_bytes_make_it_fall_over(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str, start: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / f"fuzz{suffix}"
    path.write_bytes(start + content)
    try:
        formats.inspect(path)
        weights.finite(path)
    except ModelFormatError:
        pass


@pytest.mark.parametrize(
    "text",
    ["/a", "../a", "a/../b", "a//b", "", ".", "a/.", "a\\b", "a\0b", "-", "a/\n", "~/a b/ c"],
)
def test_paths_that_are_not_plain(text: str) -> None:
    if text == "-":
        assert safe_path(text) == text
        return
    with pytest.raises(ValueError):
        safe_path(text)
