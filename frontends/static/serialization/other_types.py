"""Types of operations that mean the same here as others: those over resource variables, and those of older graphs.

A resource variable is a handle that operations read and write; the operations over it are those over references under
other names: `ReadVariableOp` is `Identity`, `AssignVariableOp` is `Assign`, `ResourceApplyAdam` is `ApplyAdam`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ...events.graph import AttrValue, NodeDef
from ...events.tensors import tensor_proto
from ..graphs import dtypes

_TYPES = {
    "VarHandleOp": "VariableV2",
    "ReadVariableOp": "Identity",
    "AssignVariableOp": "Assign",
    "AssignAddVariableOp": "AssignAdd",
    "AssignSubVariableOp": "AssignSub",
    "VarIsInitializedOp": "IsVariableInitialized",
    "VariableShape": "Shape",
    "Variable": "VariableV2",
    "PlaceholderV2": "Placeholder",
    "RefIdentity": "Identity",
    "PreventGradient": "Identity",
    "Snapshot": "Identity",
    "Inv": "Reciprocal",
    "BatchMatMul": "BatchMatMulV2",
    "BiasAddV1": "BiasAdd",
    "AccumulateNV2": "AddN",
    "FusedBatchNorm": "FusedBatchNormV3",
    "FusedBatchNormV2": "FusedBatchNormV3",
}
_LESS = {  # attributes that the other type has not
    "VarHandleOp": ("allowed_devices", "debug_name"),
    "VarIsInitializedOp": ("dtype",),
    "PreventGradient": ("message",),
    "AccumulateNV2": ("shape",),
}
_KINDS = ("ResourceApply", "ResourceSparseApply", "ResourceScatter")
_KEPT_DTYPE = ("VarHandleOp", "VarIsInitializedOp", "Variable", "PlaceholderV2")


def with_types_of_here(nodes: Iterable[NodeDef]) -> Iterator[NodeDef]:
    """The nodes, in the place of those types the ones that mean the same."""
    for node in nodes:
        if node.op in ("ResourceGather", "Gather"):
            yield from _gather(node)
        elif node.op in ("FusedBatchNormGrad", "FusedBatchNormGradV2"):
            yield from _normalization(node)
        elif node.op in ("StaticRegexFullMatch", "StaticRegexReplace"):
            yield from _expression(node)
        elif node.op == "ClipByValue":
            yield from _bounded(node)
        elif node.op in _TYPES or node.op.startswith(_KINDS):
            yield _other(node)
        else:
            yield node


def _attributes(node: NodeDef) -> dict[str, AttrValue]:
    left_out = ("_output_shapes", "_class", *_LESS.get(node.op, ()))
    return {entry.key: entry.value for entry in node.attr_entries if entry.key not in left_out}


def _other(node: NodeDef) -> NodeDef:
    attributes = _attributes(node)
    if "dtype" in attributes and node.op not in _KEPT_DTYPE:
        attributes["T"] = attributes.pop("dtype")
    if node.op == "AssignVariableOp":
        attributes.setdefault("validate_shape", AttrValue(b=False))
    if node.op == "FusedBatchNorm" and "T" in attributes:
        attributes["U"] = attributes["T"]
    return NodeDef(
        name=node.name,
        op=_TYPES.get(node.op) or node.op.removeprefix("Resource"),
        input=list(node.input),
        device=node.device,
        attr=attributes,
    )


def _constant(name: str, value: np.ndarray) -> NodeDef:
    dtype = AttrValue(type=dtypes._BY_NUMPY[value.dtype].as_datatype_enum)
    return NodeDef(name=name, op="Const", attr={"dtype": dtype, "value": AttrValue(tensor=tensor_proto(value))})


def _gather(node: NodeDef) -> Iterator[NodeDef]:
    """Gathering along the first axis, or the one behind those of the batch."""
    found = _attributes(node)
    batch = found["batch_dims"] if "batch_dims" in found else AttrValue(i=0)
    axis = _constant(f"{node.name}/gather_axis", np.array(batch.i, np.int32))
    yield axis
    attributes = {"batch_dims": batch, "Taxis": AttrValue(type=dtypes.int32.as_datatype_enum)}
    attributes |= {key: found[key] for key in ("Tparams", "Tindices") if key in found}
    data = [text for text in node.input if not text.startswith("^")]
    waits = [text for text in node.input if text.startswith("^")]
    yield NodeDef(name=node.name, op="GatherV2", input=[*data, axis.name, *waits], device=node.device, attr=attributes)


def _normalization(node: NodeDef) -> Iterator[NodeDef]:
    """The gradient of a normalization, with the third of the tensors that newer ones keep."""
    found = _attributes(node)
    if node.op == "FusedBatchNormGrad" and "T" in found:
        found["U"] = found["T"]
    third = _constant(f"{node.name}/reserve_space_3", np.zeros(0, np.float32))
    yield third
    data = [text for text in node.input if not text.startswith("^")]
    waits = [text for text in node.input if text.startswith("^")]
    yield NodeDef(
        name=node.name, op="FusedBatchNormGradV3", input=[*data, third.name, *waits], device=node.device, attr=found
    )


def _bounded(node: NodeDef) -> Iterator[NodeDef]:
    """Values between two bounds: the smaller of a value and the upper one, and of that and the lower one the larger."""
    found = _attributes(node)
    data = [text for text in node.input if not text.startswith("^")]
    if len(data) != 3:
        raise ValueError(f"Node '{node.name}': a ClipByValue must have 3 inputs, but has {len(data)}")
    waits = [text for text in node.input if text.startswith("^")]
    smaller = f"{node.name}/Minimum"
    yield NodeDef(name=smaller, op="Minimum", input=[data[0], data[2], *waits], device=node.device, attr=found)
    yield NodeDef(name=node.name, op="Maximum", input=[smaller, data[1]], device=node.device, attr=found)


def _expression(node: NodeDef) -> Iterator[NodeDef]:
    """A regular expression as a tensor in the place of an attribute."""
    found = _attributes(node)
    texts: list[str] = []
    for key in ("pattern", "rewrite"):
        if key in found:
            value = np.array(found.pop(key).s, object)
            name, dtype = f"{node.name}/{key}", AttrValue(type=dtypes.string.as_datatype_enum)
            yield NodeDef(name=name, op="Const", attr={"dtype": dtype, "value": AttrValue(tensor=tensor_proto(value))})
            texts.append(name)
    data = [text for text in node.input if not text.startswith("^")]
    waits = [text for text in node.input if text.startswith("^")]
    yield NodeDef(
        name=node.name, op=node.op.removeprefix("Static"), input=[*data, *texts, *waits], device=node.device, attr=found
    )
