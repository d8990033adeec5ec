"""The graph of a Piper voice in ONNX: its weights by name, and its convolutions' attributes.

Piper's export keeps most weights' names. Weight norm is folded into the coupling layers, whose
weights so lost their names; each is found by the name of the bias beside it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from voice_local.models.formats import onnx_model

Array = npt.NDArray[np.float32]


class PiperGraph:
    """The weights of a Piper voice under Piper's names for them, and the attributes of its
    convolutions.

    Raises:
        ValueError: it is another model than a VITS of Piper's with one speaker.
    """

    def __init__(self, path: Path) -> None:
        from onnx import helper, numpy_helper

        graph = onnx_model(path).graph
        stored = {tensor.name: tensor for tensor in graph.initializer}
        self.weights: dict[str, Array] = {
            name: np.asarray(numpy_helper.to_array(tensor), dtype=np.float32)
            for name, tensor in stored.items()
            if re.match(r"(enc_p|dp|flow|dec|emb_g)\.", name)
        }
        self.attributes: dict[str, dict[str, Any]] = {}
        for node in graph.node:
            if node.op_type == "Gather" and node.input[1] == "input" and node.input[0] in stored:
                self.weights["enc_p.emb.weight"] = _array(stored[node.input[0]])
            elif node.op_type in ("Conv", "ConvTranspose") and node.input[1] in stored:
                bias = node.input[2] if len(node.input) > 2 else ""
                name = (
                    f"{bias.removesuffix('.bias')}.weight"
                    if bias.endswith(".bias")
                    else node.input[1]
                )
                self.weights[name] = _array(stored[node.input[1]])
                self.attributes[name] = {
                    one.name: helper.get_attribute_value(one) for one in node.attribute
                }
        for name, tensor in stored.items():  # e to the minus scale, computed when it was exported
            if name == "/dp/flows.0/Exp_output_0":
                self.weights["dp.flows.0.logs"] = -np.log(_array(tensor))
        if any(name.startswith("emb_g.") for name in self.weights):
            raise ValueError("it has several speakers, which this conversion does not know")
        lacking = [
            name
            for name in (
                "enc_p.emb.weight",
                "dp.flows.0.m",
                "dp.flows.0.logs",
                "dec.conv_pre.weight",
                "flow.flows.0.enc.in_layers.0.weight",
            )
            if name not in self.weights
        ]
        if lacking:
            raise ValueError(f"it is no VITS of Piper's: it has no {lacking[0]}")

    def count(self, pattern: str) -> int:
        """How many numbers stand in the place of the group of `pattern` in the weights' names."""
        return len({match.group(1) for name in self.weights if (match := re.match(pattern, name))})

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a weight.

        Raises:
            ValueError: there is none of that name.
        """
        if name not in self.weights:
            raise ValueError(f"it is no VITS of Piper's: it has no {name}")
        return self.weights[name].shape

    def attribute(self, name: str, key: str) -> int:
        """One number of a convolution, as `dilations` or `strides`; 1 where it is not given."""
        return int((self.attributes.get(name, {}).get(key) or [1])[0])


def _array(tensor: Any) -> Array:
    from onnx import numpy_helper

    return np.asarray(numpy_helper.to_array(tensor), dtype=np.float32)
