"""The runtimes of a one-pass network: torch, ONNX Runtime, OpenVINO, each in the precisions that it has on a processor.

All take the tensors of `collate` and give the network's outputs in single precision. ONNX Runtime and OpenVINO read one exported
file, kept under the checksum of the weights in the user's cache folder.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import torch

log = logging.getLogger(__name__)

#: What can be asked for: runtime -> precisions, the exact one first.
PRECISIONS = {"torch": ("fp32", "bf16"), "onnx": ("fp32", "int8"), "openvino": ("fp32", "bf16")}
OUTPUTS = ("stance", "bias", "attribution", "evidence", "media")
_INPUTS = ("ids", "pool", "positions", "mask", "text")

#: Padded tensors in, outputs by name out.
Runtime = Callable[[tuple["torch.Tensor", ...]], dict[str, "np.ndarray"]]


def torch_runtime(network: Any, precision: str = "fp32") -> Runtime:
    """The network itself, in single precision or under bfloat16 autocast."""
    import torch

    def run(inputs: tuple[torch.Tensor, ...]) -> dict[str, np.ndarray]:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            out = network(*inputs)
        return {name: out[name].float().numpy() for name in OUTPUTS}

    return run


def onnx_runtime(file: Path, *, threads: int = 0) -> Runtime:
    """ONNX Runtime on an exported file."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    def run(inputs: tuple[torch.Tensor, ...]) -> dict[str, np.ndarray]:
        found = session.run(list(OUTPUTS), {name: tensor.numpy() for name, tensor in zip(_INPUTS, inputs, strict=True)})
        return dict(zip(OUTPUTS, found, strict=True))

    return run


def openvino_runtime(file: Path, precision: str, *, threads: int = 0) -> Runtime:
    """OpenVINO on an exported file; the precision is fixed by a hint, or it would choose one by the machine."""
    import numpy as np
    import openvino

    core = openvino.Core()
    settings: dict[str, Any] = {"INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[precision]}
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    compiled = core.compile_model(core.read_model(str(file)), "CPU", settings)
    ports = [compiled.output(name) for name in OUTPUTS]

    def run(inputs: tuple[torch.Tensor, ...]) -> dict[str, np.ndarray]:
        found = compiled({name: tensor.numpy() for name, tensor in zip(_INPUTS, inputs, strict=True)})
        return {name: np.array(found[port], dtype=np.float32) for name, port in zip(OUTPUTS, ports, strict=True)}

    return run


def supports_bf16() -> bool:
    """Whether OpenVINO computes in bfloat16 on this processor."""
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def export(network: Any, example: tuple[torch.Tensor, ...], folder: Path) -> Path:
    """`model.onnx` in `folder`, written whole or not at all; batch, length and number of pairs are free."""
    import torch

    path = folder / "model.onnx"
    if path.exists():
        return path
    log.info("exporting the network to %s", path)

    class Flat(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
            out = self.network(*inputs)
            return tuple(out[name] for name in OUTPUTS)

    free = {
        "ids": {0: "batch", 1: "length"}, "pool": {0: "batch", 1: "markers", 2: "length"}, "positions": {0: "batch", 1: "total"},
        "mask": {0: "batch", 1: "total", 2: "total"}, "text": {0: "batch", 1: "length"}, "stance": {0: "batch", 1: "pairs"},
        "bias": {0: "batch", 1: "pairs"}, "attribution": {0: "batch", 1: "pairs"}, "evidence": {0: "batch", 1: "pairs", 2: "length"},
        "media": {0: "batch"},
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".model.{os.getpid()}.onnx"
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                Flat().eval(), example, str(part), input_names=list(_INPUTS), output_names=list(OUTPUTS),
                dynamic_axes=free, opset_version=18, dynamo=False,
            )  # fmt: skip
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def quantised(file: Path) -> Path:
    """The exported file with its matrix products in 8-bit integers: weights by channel, activations as they come."""
    path = file.with_name("model.int8.onnx")
    if path.exists():
        return path
    from onnxruntime.quantization import QuantType, quantize_dynamic

    part = file.with_name(f".model.int8.{os.getpid()}.onnx")
    try:
        level = logging.getLogger().level
        logging.getLogger().setLevel(logging.ERROR)  # the quantiser advises on the root logger
        try:
            quantize_dynamic(file, part, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"], per_channel=True)
        finally:
            logging.getLogger().setLevel(level)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
