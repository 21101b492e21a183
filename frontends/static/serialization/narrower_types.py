"""Types of operations that can do more in files than here: read where the constants given say that they do as much."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...events.graph import AttrEntry, AttrValue, NodeDef
from ..graphs.probe import static_value
from ..graphs.tensor import Tensor
from ..operations.contractions import resolved_equation
from .attributes import value_of
from .node_reader import read_node

if TYPE_CHECKING:
    from .importer import Importer


def without(node: NodeDef, *keys: str, op: str = "") -> NodeDef:
    """A node, perhaps of another type, without some attributes and without the static shapes that the file gives."""
    keys = (*keys, "_output_shapes")
    entries = [entry for entry in node.attr_entries if entry.key not in keys]
    return NodeDef(name=node.name, op=op or node.op, input=list(node.input), device=node.device, attr_entries=entries)


def _check_constant(node: NodeDef, tensor: Tensor, wanted: int, what: str) -> None:
    found = static_value(tensor)
    if found is None or (found != wanted).any():
        raise ValueError(f"Node '{node.name}': {what} of {node.op} must be the constant {wanted}")


def _sparse_sum(importer: Importer, node: NodeDef) -> None:
    """A sum of sparse tensors, without a bound below which elements are left out."""
    tensors, waits = importer.inputs(node)
    if len(tensors) != 7:
        raise ValueError(f"Node '{node.name}': a SparseAdd must have 7 inputs, but has {len(tensors)}")
    _check_constant(node, tensors[-1], 0, "the last input")
    importer.made(node, read_node(without(node, "Treal")), tensors[:-1], waits)


def _diagonals(count: int) -> Callable[[Importer, NodeDef], None]:
    """Operations over main diagonals, which newer ones choose among others by the input number `count`."""

    def make(importer: Importer, node: NodeDef) -> None:
        tensors, waits = importer.inputs(node)
        if len(tensors) <= count:
            raise ValueError(f"Node '{node.name}': a {node.op} must have more than {count} inputs")
        _check_constant(node, tensors[count], 0, "the number of the diagonal")
        for tensor in tensors[count + 1 :][:2] if node.op.startswith("MatrixDiagV") else ():
            _check_constant(node, tensor, -1, "the number of rows and columns")
        importer.made(node, read_node(without(node, "align", op=node.op[:-2])), tensors[:count], waits)

    return make


def _einsum(importer: Importer, node: NodeDef) -> None:
    """A sum of products whose equation may have an ellipsis."""
    tensors, waits = importer.inputs(node)
    found = {entry.key: entry.value for entry in node.attr_entries}
    equation = value_of(found["equation"]) if "equation" in found else ""
    if isinstance(equation, str) and "..." in equation:
        terms, output = resolved_equation(equation, [tensor.shape.ndims for tensor in tensors])
        node = without(node, "equation")
        resolved = AttrValue(s=f"{','.join(terms)}->{output}".encode())
        node.attr_entries.append(AttrEntry(key="equation", value=resolved))
    importer.made(node, read_node(node), tensors, waits)


NARROWER: dict[str, Callable[[Any, NodeDef], None]] = {
    "SparseAdd": _sparse_sum,
    "Einsum": _einsum,
    **{
        f"{type}V{version}": _diagonals(count)
        for type, count in (("MatrixDiag", 1), ("MatrixDiagPart", 1), ("MatrixSetDiag", 2))
        for version in (2, 3)
    },
}
