"""Gradients that TensorFlow's functions lack: operations as functions of one node, each with one for what flows back.

TensorFlow differentiates functions by rules of its own, which are fewer than those of tf.gradients; of a function it
takes the gradient that the graph's library names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...events.graph import ArgDef, AttrEntry, AttrValue, FunctionDef, NodeDef, OpDef, TextEntry
from ..graphs import dtypes
from ..graphs.operation import Operation
from .attributes import attr_value
from .nodes import attributes_of
from .output_names import output_names


def arguments_of(tensors: Sequence[Any], letter: str) -> list[ArgDef]:
    """Arguments or results of a function, of the types of tensors: "x0", "x1" ..."""
    return [
        ArgDef(name=f"{letter}{number}", type=tensor.dtype.base_dtype.as_datatype_enum)
        for number, tensor in enumerate(tensors)
    ]


class _Body:
    """The nodes of a function for what flows back through an operation: x0 ... are its inputs, then come the gradients
    of its outputs."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.attributes = attributes_of(operation)
        self.nodes: list[NodeDef] = []
        count = len(operation.inputs)
        self.inputs = [f"x{number}" for number in range(count)]
        self.dtypes = [tensor.dtype.base_dtype for tensor in operation.inputs]
        self.gradients = [f"x{count + number}" for number in range(len(operation.outputs))]

    def add(self, op: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """A new node; its output as other nodes name it."""
        name = f"n{len(self.nodes)}"
        entries = [AttrEntry(key=key, value=_message(value)) for key, value in attributes.items()]
        self.nodes.append(NodeDef(name=name, op=op, input=list(inputs), attr_entries=entries))
        return f"{name}:{output}:0"

    def again(self) -> dict[str, str]:
        """The operation once more; its outputs by their names."""
        name = f"n{len(self.nodes)}"
        self.nodes.append(node_in_function(self.operation, name, self.inputs))
        return {output: f"{name}:{output}:0" for output in output_names(self.operation.type)}

    def constant(self, value: Any) -> str:
        array = np.array(value, np.int32)
        return self.add("Const", [], "output", dtype=dtypes.int32, value=array)

    def shape(self, number: int) -> str:
        """The sizes of an input."""
        return self.add("Shape", [self.inputs[number]], "output", T=self.dtypes[number], out_type=dtypes.int32)

    def some(self, *keys: str) -> dict[str, AttrValue]:
        """Attributes of the operation."""
        return {key: self.attributes[key] for key in keys if key in self.attributes}


def _message(value: Any) -> AttrValue:
    made = value if isinstance(value, AttrValue) else attr_value(value)
    assert made is not None, value
    return made


def node_in_function(operation: Operation, name: str, inputs: Sequence[str]) -> NodeDef:
    """The node of an operation in a function."""
    entries = [AttrEntry(key=key, value=value) for key, value in attributes_of(operation).items()]
    return NodeDef(name=name, op=operation.type, input=list(inputs), attr_entries=entries)


Results = list[str | None]  # of each input what flows back to it, None for zeros

# -- rules ----


def _softmax_loss(body: _Body) -> Results:
    found, dtype = body.again(), body.dtypes[0]
    wide = body.add("ExpandDims", [body.gradients[0], body.constant(-1)], "output", T=dtype, Tdim=dtypes.int32)
    logits = body.add("Mul", [wide, found["backprop"]], "z", T=dtype)
    if body.operation.type.startswith("Sparse"):
        return [logits, None]
    logarithms = body.add("LogSoftmax", [body.inputs[0]], "logsoftmax", T=dtype)
    labels = body.add("Mul", [wide, body.add("Neg", [logarithms], "y", T=dtype)], "z", T=dtype)
    return [logits, labels]


def _normalization(body: _Body) -> Results:
    found = body.again()
    training = body.operation.attributes["is_training"]
    moments = [found["reserve_space_1"], found["reserve_space_2"]] if training else body.inputs[3:5]
    inputs = [body.gradients[0], *body.inputs[:2], *moments, found["reserve_space_3"]]
    kept = body.some("T", "U", "epsilon", "data_format", "is_training")
    first = body.add("FusedBatchNormGradV3", inputs, "x_backprop", **kept)
    return [
        first,
        first.replace("x_backprop", "scale_backprop"),
        first.replace("x_backprop", "offset_backprop"),
        None,
        None,
    ]


_MOVED = ("T", "strides", "padding", "explicit_paddings", "data_format", "dilations", "use_cudnn_on_gpu")


def _convolution(input_type: str, filter_type: str, *less: str) -> Callable[[_Body], Results]:
    kept = tuple(key for key in _MOVED if key not in less)

    def rule(body: _Body) -> Results:
        x, kernel = body.inputs
        moved = body.some(*kept)
        images = body.add(input_type, [body.shape(0), kernel, body.gradients[0]], "output", **moved)
        kernels = body.add(filter_type, [x, body.shape(1), body.gradients[0]], "output", **moved)
        return [images, kernels]

    return rule


def _transposed(body: _Body) -> Results:
    _, kernel, x = body.inputs
    moved = body.some(*_MOVED)
    kernels = body.add("Conv2DBackpropFilter", [body.gradients[0], body.shape(1), x], "output", **moved)
    return [None, kernels, body.add("Conv2D", [body.gradients[0], kernel], "output", **moved)]


def _responses(body: _Body) -> Results:
    found = body.again()
    scales = body.some("T", "depth_radius", "bias", "alpha", "beta")
    return [body.add("LRNGrad", [body.gradients[0], body.inputs[0], found["output"]], "output", **scales)]


def _half_squares(body: _Body) -> Results:
    return [body.add("Mul", [body.inputs[0], body.gradients[0]], "z", T=body.dtypes[0])]


def _smooth(body: _Body) -> Results:
    return [body.add("SoftplusGrad", [body.gradients[0], body.inputs[0]], "backprops", T=body.dtypes[0])]


def _turned_back(body: _Body) -> Results:
    same = body.some("T", "Tlen", "seq_dim", "batch_dim")
    return [body.add("ReverseSequence", [body.gradients[0], body.inputs[1]], "output", **same), None]


def _sums_from_the_end(body: _Body) -> Results:
    same = body.some("T", "Tidx", "exclusive")
    other = not body.operation.attributes["reverse"]
    return [body.add("Cumsum", [body.gradients[0], body.inputs[1]], "out", reverse=other, **same), None]


def _gathering(body: _Body) -> Results:
    places = [body.constant([each]) for each in (0, 1, 1)]
    masks = dict.fromkeys(("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask"), 0)
    rows = body.add(
        "StridedSlice", [body.shape(0), *places], "output", T=dtypes.int32, Index=dtypes.int32, shrink_axis_mask=1,
        **masks,
    )  # fmt: skip
    kinds = {"T": body.dtypes[0], "Tindices": body.dtypes[1], "Tnumsegments": dtypes.int32}
    return [body.add("UnsortedSegmentSum", [body.gradients[0], body.inputs[1], rows], "output", **kinds), None, None]


_RULES: dict[str, Callable[[_Body], Results]] = {
    "SoftmaxCrossEntropyWithLogits": _softmax_loss,
    "SparseSoftmaxCrossEntropyWithLogits": _softmax_loss,
    "FusedBatchNormV3": _normalization,
    "Conv2D": _convolution("Conv2DBackpropInput", "Conv2DBackpropFilter"),
    "DepthwiseConv2dNative": _convolution(
        "DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter", "use_cudnn_on_gpu"
    ),
    "Conv3D": _convolution("Conv3DBackpropInputV2", "Conv3DBackpropFilterV2", "use_cudnn_on_gpu", "explicit_paddings"),
    "Conv2DBackpropInput": _transposed,
    "LRN": _responses,
    "L2Loss": _half_squares,
    "GatherV2": _gathering,
    "Softplus": _smooth,
    "ReverseSequence": _turned_back,
    "Cumsum": _sums_from_the_end,
}


def has_rule(operation: Operation) -> bool:
    """Whether there is a rule for an operation; of rows gathered, for those along the first axis alone."""
    if operation.type != "GatherV2":
        return operation.type in _RULES
    axis = operation.inputs[2].op
    return (
        axis.type == "Const" and axis.attributes["value"].array.item() == 0 and not operation.attributes["batch_dims"]
    )


def functions_of(operation: Operation, name: str) -> tuple[FunctionDef, FunctionDef]:
    """An operation as a function, and the function for what flows back through it."""
    inputs, outputs = arguments_of(operation.inputs, "x"), arguments_of(operation.outputs, "y")
    names = output_names(operation.type)
    node = node_in_function(operation, "n0", [argument.name for argument in inputs])
    returned = [TextEntry(key=f"y{number}", value=f"n0:{output}:0") for number, output in enumerate(names)]
    forward = FunctionDef(
        signature=OpDef(name=name, input_arg=inputs, output_arg=outputs), node_def=[node], ret_entries=returned
    )
    body = _Body(operation)
    results = _RULES[operation.type](body)
    entries = []
    for number, (result, dtype) in enumerate(zip(results, body.dtypes, strict=True)):
        value = body.add("ZerosLike", [body.inputs[number]], "y", T=dtype) if result is None else result
        entries.append(TextEntry(key=f"y{number}", value=value))
    signature = OpDef(
        name=f"{name}_gradient",
        input_arg=arguments_of([*operation.inputs, *operation.outputs], "x"),
        output_arg=arguments_of(operation.inputs, "y"),
    )
    return forward, FunctionDef(signature=signature, node_def=body.nodes, ret_entries=entries)
