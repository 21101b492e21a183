"""Types of operations that TensorFlow's registry has not: files hold them as calls of functions, made of those it has.
Readers here find the type beside the call, and leave the function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...events.graph import ArgDef, AttrEntry, AttrValue, FunctionDef, NodeDef, OpDef, TextEntry
from ..graphs import dtypes
from .attributes import attr_value

Attributes = dict[str, Any]  # a text that begins with "$" stands for an attribute of the function


@dataclass(frozen=True, slots=True)
class OwnType:
    """Inputs and outputs by name, with attributes as types; nodes as (name, type, inputs, attributes); and what is
    returned."""

    inputs: dict[str, str]
    outputs: dict[str, str]
    nodes: tuple[tuple[str, str, list[str], Attributes], ...]
    results: dict[str, str]
    is_stateful: bool = False


_T: Attributes = {"T": "$T"}
_REDUCED: Attributes = {"T": "$T", "Tidx": "$Tidx"}

OWN_TYPES: dict[str, OwnType] = {
    # max(x, 0) - x * z + log(1 + exp(-|x|))
    "SigmoidCrossEntropyWithLogits": OwnType(
        {"logits": "T", "labels": "T"}, {"output": "T"},
        (
            ("above", "Relu", ["logits"], _T),
            ("product", "Mul", ["logits", "labels"], _T),
            ("apart", "Sub", ["above:activations:0", "product:z:0"], _T),
            ("size", "Abs", ["logits"], _T),
            ("minus", "Neg", ["size:y:0"], _T),
            ("power", "Exp", ["minus:y:0"], _T),
            ("logarithm", "Log1p", ["power:y:0"], _T),
            ("total", "AddV2", ["apart:z:0", "logarithm:y:0"], _T),
        ),
        {"output": "total:z:0"},
    ),
    # log(sum(exp(x - m))) + m, m the largest of each row where that is finite
    "LogSumExp": OwnType(
        {"input": "T", "reduction_indices": "Tidx"}, {"output": "T"},
        (
            ("top", "Max", ["input", "reduction_indices"], {**_REDUCED, "keep_dims": True}),
            ("finite", "IsFinite", ["top:output:0"], _T),
            ("zeros", "ZerosLike", ["top:output:0"], _T),
            ("chosen", "Select", ["finite:y:0", "top:output:0", "zeros:y:0"], _T),
            ("fixed", "StopGradient", ["chosen:output:0"], _T),
            ("apart", "Sub", ["input", "fixed:output:0"], _T),
            ("power", "Exp", ["apart:z:0"], _T),
            ("sum", "Sum", ["power:y:0", "reduction_indices"], {**_REDUCED, "keep_dims": "$keep_dims"}),
            ("logarithm", "Log", ["sum:output:0"], _T),
            ("shape", "Shape", ["logarithm:y:0"], {**_T, "out_type": dtypes.int32}),
            ("shaped", "Reshape", ["fixed:output:0", "shape:output:0"], {**_T, "Tshape": dtypes.int32}),
            ("total", "AddV2", ["logarithm:y:0", "shaped:output:0"], _T),
        ),
        {"output": "total:z:0"},
    ),
    # the orthonormal factor, its columns turned so that the triangular one has a positive diagonal
    "OrthogonalColumns": OwnType(
        {"matrix": "T"}, {"output": "T"},
        (
            ("factors", "Qr", ["matrix"], {**_T, "full_matrices": False}),
            ("diagonal", "MatrixDiagPart", ["factors:r:0"], _T),
            ("sign", "Sign", ["diagonal:diagonal:0"], _T),
            ("turned", "Mul", ["factors:q:0", "sign:y:0"], _T),
        ),
        {"output": "turned:z:0"},
    ),
    "ShuffledOnHost": OwnType(
        {"value": "T"}, {"output": "T"},
        (("shuffled", "RandomShuffle", ["value"], {**_T, "seed": "$seed", "seed2": "$seed2"}),),
        {"output": "shuffled:output:0"},
        is_stateful=True,
    ),
}  # fmt: skip


def function_of(type: str, name: str, attributes: Mapping[str, AttrValue]) -> FunctionDef:
    """The function called `name` that stands for an operation of a type with these attributes."""
    own = OWN_TYPES[type]
    signature = OpDef(
        name=name,
        input_arg=[ArgDef(name=each, type=attributes[kind].type) for each, kind in own.inputs.items()],
        output_arg=[ArgDef(name=each, type=attributes[kind].type) for each, kind in own.outputs.items()],
        is_stateful=own.is_stateful or None,
    )
    nodes = [
        NodeDef(
            name=each, op=op, input=inputs,
            attr_entries=[AttrEntry(key=key, value=_value(value, attributes)) for key, value in given.items()],
        )
        for each, op, inputs, given in own.nodes
    ]  # fmt: skip
    results = [TextEntry(key=each, value=value) for each, value in own.results.items()]
    return FunctionDef(signature=signature, node_def=nodes, ret_entries=results)


def _value(value: Any, attributes: Mapping[str, AttrValue]) -> AttrValue:
    if isinstance(value, str) and value.startswith("$"):
        return attributes[value[1:]]
    made = attr_value(value)
    assert made is not None, value
    return made


def call_of(node: NodeDef, function: str) -> NodeDef:
    """The node of an operation of such a type as a call of a function; what readers need is kept beside it."""
    entries = [AttrEntry(key=f"{KEPT}{entry.key}", value=entry.value) for entry in node.attr_entries]
    entries.append(AttrEntry(key=f"{KEPT}type", value=AttrValue(s=node.op.encode())))
    return NodeDef(name=node.name, op=function, input=list(node.input), device=node.device, attr_entries=entries)


def operation_of(node: NodeDef) -> NodeDef:
    """The node that such a call stands for; other nodes as they are."""
    found = {entry.key[len(KEPT) :]: entry.value for entry in node.attr_entries if entry.key.startswith(KEPT)}
    type = found.pop("type").s.decode("utf-8", "replace") if "type" in found else ""
    if type not in OWN_TYPES:
        return node
    return NodeDef(name=node.name, op=type, input=list(node.input), device=node.device, attr=found)


KEPT = "_own_"  # before the attributes of the operation that a call stands for
