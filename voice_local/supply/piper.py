"""A Piper voice (a VITS in ONNX) as a `Vits` of Coqui: the same weights under Coqui's names, in
safetensors.

Shapes, strides and dilations are read from the graph, so voices of every quality convert. What only
training needs is not in the file, and is left out.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from voice_local.supply.piper_graph import (
    Array,
    PiperGraph,
)

PAD, BOS, EOS, BLANK = "_", "^", "$", "<BLNK>"
"""Piper's own three; Coqui wants a blank of another name, which is given the pad's weights."""

TOLERANCE = 1e-3
"""The greatest difference between the two waveforms, noise off, as a part of the ONNX's peak."""

FLOWS = 4
TRIAL = "həlˈoʊ, ɪɾ ɪz wˈʌn θˈaɪzn̩d!"


def piper_to_coqui(source: Path, out: Path) -> None:
    """The Piper voice in `source` (an .onnx and its .onnx.json): config.json, model.safetensors,
    voice.json for Coqui.

    Raises:
        ValueError: it is none, or of a kind that Coqui's `Vits` cannot be.
        RuntimeError: it sounds other than the ONNX.
    """
    from safetensors.numpy import save_file

    models, abouts = sorted(source.glob("*.onnx")), sorted(source.glob("*.onnx.json"))
    if len(models) != 1 or len(abouts) != 1:
        raise ValueError(
            f"wanted one .onnx and its .onnx.json, found {len(models)} and {len(abouts)}"
        )
    about = json.loads(abouts[0].read_text(encoding="utf-8"))
    graph = PiperGraph(models[0])
    symbols = _symbols(about, graph.shape("enc_p.emb.weight")[0])
    name = str(about.get("dataset") or models[0].stem)
    config = _config(name, about, graph, symbols)
    (out / "config.json").write_text(
        json.dumps(config, indent=1, ensure_ascii=False), encoding="utf-8"
    )
    save_file(_renamed(graph, symbols), out / "model.safetensors")
    for card in source.glob("*.md"):
        shutil.copyfile(card, out / card.name)
    voice = {
        "voices": [name],
        "default": name,
        "sample_rate": config["audio"]["sample_rate"],
        "phones": "espeak",
    }
    (out / "voice.json").write_text(json.dumps(voice), encoding="utf-8")
    worst = _difference(models[0], out, about)
    if not worst <= TOLERANCE:
        raise RuntimeError(f"Coqui's sound differs from the ONNX's by {worst:.1e} of its peak")
    (out / "voice.json").write_text(
        json.dumps({**voice, "onnx_max_difference": worst}, indent=1), encoding="utf-8"
    )


def _symbols(about: Mapping[str, Any], rows: int) -> list[str]:
    """Piper's symbols in the order of their ids, as many as fill all `rows` before the last one
    that is named.

    Raises:
        ValueError: symbols that Coqui's tables cannot hold.
    """
    if about.get("phoneme_type", "espeak") != "espeak" or int(about.get("num_speakers", 1)) > 1:
        raise ValueError("only voices of one speaker whose phones come from espeak-ng convert")
    ids = {str(symbol): places for symbol, places in dict(about["phoneme_id_map"]).items()}
    if any(
        len(symbol) != 1 or len(places) != 1 or not 0 <= places[0] < rows
        for symbol, places in ids.items()
    ):
        raise ValueError("its table of phones has entries of several letters or numbers")
    by_id = {places[0]: symbol for symbol, places in ids.items()}
    if (by_id.get(0), by_id.get(1), by_id.get(2)) != (PAD, BOS, EOS):
        raise ValueError("its table of phones does not begin with _ ^ $")
    spare = iter(chr(code) for code in range(0xE000, 0xF8FF))  # private use: no text has them
    return [by_id.get(number) or next(spare) for number in range(max(by_id) + 1)]


def _config(
    name: str, about: Mapping[str, Any], graph: PiperGraph, symbols: list[str]
) -> dict[str, Any]:
    """Coqui's configuration of the model that `graph` is."""
    hidden = graph.shape("enc_p.emb.weight")[1]
    attention, ffn = (
        "enc_p.encoder.attn_layers.0.emb_rel_k",
        "enc_p.encoder.ffn_layers.0.conv_1.weight",
    )
    coupling = "flow.flows.0.enc.in_layers"
    ups = graph.count(r"dec\.ups\.(\d+)\.")
    blocks = graph.count(r"dec\.resblocks\.(\d+)\.") // max(1, ups)
    first = "convs1" if "dec.resblocks.0.convs1.0.weight" in graph.weights else "convs"
    layers = graph.count(rf"dec\.resblocks\.0\.{first}\.(\d+)\.")
    if (
        graph.shape(attention)[1] != 9
        or graph.count(r"flow\.flows\.(\d+)\.") != FLOWS
        or hidden != 192
    ):
        raise ValueError("its size is one that Coqui's Vits cannot have")
    strides = [graph.attribute(f"dec.ups.{number}.weight", "strides") for number in range(ups)]
    arguments = {
        "num_chars": len(symbols) + 1,
        "hidden_channels": hidden,
        "out_channels": 513,
        "hidden_channels_ffn_text_encoder": graph.shape(ffn)[0],
        "kernel_size_text_encoder": graph.shape(ffn)[2],
        "num_heads_text_encoder": hidden // graph.shape(attention)[2],
        "num_layers_text_encoder": graph.count(r"enc_p\.encoder\.attn_layers\.(\d+)\."),
        "kernel_size_flow": graph.shape(f"{coupling}.0.weight")[2],
        "dilation_rate_flow": graph.attribute(f"{coupling}.1.weight", "dilations"),
        "num_layers_flow": graph.count(r"flow\.flows\.0\.enc\.in_layers\.(\d+)\."),
        "resblock_type_decoder": "1" if first == "convs1" else "2",
        "resblock_kernel_sizes_decoder": [
            graph.shape(f"dec.resblocks.{number}.{first}.0.weight")[2] for number in range(blocks)
        ],
        "resblock_dilation_sizes_decoder": [
            [
                graph.attribute(f"dec.resblocks.{number}.{first}.{layer}.weight", "dilations")
                for layer in range(layers)
            ]
            for number in range(blocks)
        ],
        "upsample_rates_decoder": strides,
        "upsample_initial_channel_decoder": graph.shape("dec.conv_pre.weight")[0],
        "upsample_kernel_sizes_decoder": [
            graph.shape(f"dec.ups.{number}.weight")[2] for number in range(ups)
        ],
        "use_sdp": True,
        "init_discriminator": False,
        "inference_noise_scale": float(about["inference"]["noise_scale"]),
        "inference_noise_scale_dp": float(about["inference"]["noise_w"]),
        "length_scale": float(about["inference"]["length_scale"]),
    }
    return {
        "model": "vits",
        "run_name": name,
        "model_args": arguments,
        "audio": {
            "sample_rate": int(about["audio"]["sample_rate"]),
            "hop_length": int(np.prod(strides)),
            "fft_size": 1024,
            "win_length": 1024,
            "num_mels": 80,
        },
        "use_phonemes": True,
        "phonemizer": "espeak",
        "phoneme_language": str(about["espeak"]["voice"]),
        "text_cleaner": None,
        "add_blank": True,
        "enable_eos_bos_chars": True,
        "characters": {
            "characters_class": "TTS.tts.utils.text.characters.IPAPhonemes",
            "pad": PAD,
            "eos": EOS,
            "bos": BOS,
            "blank": BLANK,
            "characters": "".join(symbols[3:]),
            "punctuations": "",
            "is_unique": False,
            "is_sorted": False,
        },
    }


def _renamed(graph: PiperGraph, symbols: list[str]) -> dict[str, Array]:
    """Every weight under Coqui's name for it, the table of symbols in Coqui's order: pad, end,
    begin, blank, the others."""
    named = dict(graph.weights)
    table = named.pop("enc_p.emb.weight")
    found = {
        "text_encoder.emb.weight": np.concatenate([table[[0, 2, 1, 0]], table[3 : len(symbols)]])
    }
    for name, values in named.items():
        part, rest = name.split(".", 1)
        if part == "enc_p":
            found[f"text_encoder.{rest}"] = values
        elif part == "dp":
            found[f"duration_predictor.{_duration(rest)}"] = values
        elif part == "flow":
            found.update(_normed(f"flow.{_halved(rest)}", values, ".enc." in rest))
        else:
            found.update(
                _normed(f"waveform_decoder.{rest}", values, rest.startswith(("ups.", "resblocks.")))
            )
    return {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in found.items()}


def _halved(name: str) -> str:
    """Piper counts the flips between flows, Coqui does not."""
    return re.sub(r"^flows\.(\d+)\.", lambda match: f"flows.{int(match.group(1)) // 2}.", name)


def _duration(name: str) -> str:
    """As `_halved`, with an affine flow before the others."""
    name = re.sub(
        r"^flows\.(\d+)\.", lambda match: f"flows.{(int(match.group(1)) + 1) // 2}.", name
    )
    return name.replace("flows.0.logs", "flows.0.log_scale").replace(
        "flows.0.m", "flows.0.translation"
    )


def _normed(name: str, values: Array, norm: bool) -> dict[str, Array]:
    """A weight as weight norm keeps it: its length by output channel, and its direction (here:
    itself)."""
    if not norm or not name.endswith(".weight"):
        return {name: values}
    place = name.removesuffix("weight") + "parametrizations.weight.original"
    return {
        f"{place}0": np.sqrt((values**2).sum(axis=tuple(range(1, values.ndim)), keepdims=True)),
        f"{place}1": values,
    }


def _difference(model: Path, folder: Path, about: Mapping[str, Any]) -> float:
    """The greatest difference between Coqui's and the ONNX's waveforms of the same phones, noise
    off, over its peak."""
    import onnxruntime

    ids = dict(about["phoneme_id_map"])
    theirs = [1, 0, *(number for char in TRIAL for number in (ids.get(char, [0])[0], 0)), 2]
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    scales = np.array([0.0, float(about["inference"]["length_scale"]), 0.0], dtype=np.float32)
    wanted = session.run(
        None,
        {
            "input": np.array([theirs], dtype=np.int64),
            "scales": scales,
            "input_lengths": np.array([len(theirs)], dtype=np.int64),
        },
    )[0].flatten()
    got = coqui_sound(folder, "".join(char if char in ids else PAD for char in TRIAL))
    if got.shape != wanted.shape:
        return float("inf")
    return float(np.abs(got - wanted).max() / np.abs(wanted).max())


def coqui_sound(folder: Path, phones: str) -> Array:
    """What the converted voice makes of `phones`, noise off."""
    import torch

    from voice_local.models.coqui import load_coqui

    model = load_coqui(folder)
    model.inference_noise_scale = model.inference_noise_scale_dp = 0.0
    with torch.inference_mode():
        ids = torch.tensor([model.tokenizer.text_to_ids(phones)])
        return np.asarray(model.inference(ids)["model_outputs"].flatten().numpy(), dtype=np.float32)
