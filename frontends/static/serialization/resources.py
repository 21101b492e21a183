"""Nodes of resource variables as nodes of reference variables, which mean the same here.

A resource variable is a handle that operations read and write; the operations over it are those over references under
other names: `ReadVariableOp` is `Identity`, `AssignVariableOp` is `Assign`, `ResourceApplyAdam` is `ApplyAdam`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...events.graph import AttrValue, NodeDef

_TYPES = {
    "VarHandleOp": "VariableV2",
    "ReadVariableOp": "Identity",
    "AssignVariableOp": "Assign",
    "AssignAddVariableOp": "AssignAdd",
    "AssignSubVariableOp": "AssignSub",
    "VarIsInitializedOp": "IsVariableInitialized",
}
_LESS = {  # attributes that the other type has not
    "VarHandleOp": ("allowed_devices", "debug_name"),
    "AssignVariableOp": (),
    "VarIsInitializedOp": ("dtype",),
}
_KINDS = ("ResourceApply", "ResourceSparseApply", "ResourceScatter")


def without_resources(nodes: Iterable[NodeDef]) -> Iterator[NodeDef]:
    """The nodes, those over resource variables as those over references."""
    for node in nodes:
        yield _other(node) if node.op in _TYPES or node.op.startswith(_KINDS) else node


def _other(node: NodeDef) -> NodeDef:
    attributes = {entry.key: entry.value for entry in node.attr_entries if entry.key not in _LESS.get(node.op, ())}
    if "dtype" in attributes and node.op not in ("VarHandleOp", "VarIsInitializedOp"):
        attributes["T"] = attributes.pop("dtype")
    if node.op == "AssignVariableOp":
        attributes.setdefault("validate_shape", AttrValue(b=False))
    return NodeDef(
        name=node.name,
        op=_TYPES.get(node.op) or node.op.removeprefix("Resource"),
        input=list(node.input),
        device=node.device,
        attr={key: value for key, value in attributes.items() if key not in ("_output_shapes", "_class")},
    )
