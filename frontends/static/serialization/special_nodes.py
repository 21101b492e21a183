"""Nodes that are made otherwise than their definition alone says: those over TensorArrays, and gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from diptych.ir import Unsupported

from ...events.graph import AttrEntry, AttrValue, NodeDef
from ..graphs.definitions import definition_of, operation
from ..graphs.operation import Operation
from ..graphs.reach import reached
from ..graphs.shapes import unknown_shape
from ..graphs.site import Site
from ..graphs.tensor import Tensor
from ..operations.custom_gradients import prepare
from .attributes import shape_message
from .narrower_types import NARROWER, without
from .node_reader import read_node

if TYPE_CHECKING:
    from .importer import Importer

# -- TensorArrays: what is their handle in files is their flow here ----


def _array(importer: Importer, node: NodeDef) -> None:
    other = without(node, "clear_after_read", "identical_element_shapes", "tensor_array_name")
    made = importer.made(node, read_node(other), *importer.inputs(node))
    for number in (0, 1):
        importer.stands(node, number, made.outputs[0])


def _over_array(importer: Importer, node: NodeDef) -> None:
    tensors, waits = importer.inputs(node)
    shape = _element_shape(node, tensors)
    other = without(node, "element_shape_except0")
    if node.op in ("TensorArrayReadV3", "TensorArrayConcatV3"):
        entry = AttrEntry(key="element_shape", value=AttrValue(shape=shape_message(shape)))
        other = NodeDef(name=node.name, op=node.op, input=list(node.input), attr_entries=[*other.attr_entries, entry])
    importer.made(node, read_node(other), tensors[1:], waits)


def _element_shape(node: NodeDef, tensors: list[Tensor]) -> Any:
    """What is known of elements. Raises ValueError where the first input is no TensorArray."""
    made = tensors[0].op if tensors else None
    if made is None or made.type != "TensorArrayV3":
        raise ValueError(f"Node '{node.name}': the first input of {node.op} must be the handle of a TensorArray")
    return made.attributes.get("element_shape", unknown_shape()).known


# -- gradients ----


@operation("LostGradients", "->", takes_tensors=True)
def lower_lost(at: Site, made: Operation, *, ys: int, xs: int, seeded: tuple[bool, ...]) -> None:
    """Gradients through a function of the program's own, which no file holds. Raises Unsupported."""
    raise Unsupported(
        f"{made.name}: the graph was read from a file, which does not hold the gradients of the program's own "
        "(tf.custom_gradient) that this gradient needs",
        location=made.location,
        hint="tf.gradients of the tensors that were read, with tf.RegisterGradient for their operations",
    )


MAX_COUNT = 100_000


def _gradient(importer: Importer, node: NodeDef) -> None:
    """The gradients of some ys by some xs, as gradient_writer.py writes them."""
    found = {entry.key: entry.value for entry in node.attr_entries}
    counts = tuple(found["_counts"].list.i) if "_counts" in found else ()
    seeded = tuple(found["_seeded"].list.b) if "_seeded" in found else ()
    tensors, waits = importer.inputs(node)
    if (
        len(counts) != 4 or not all(0 <= count <= MAX_COUNT for count in counts) or len(seeded) != counts[1]
        or sum(counts) + counts[1] != len(tensors) or not counts[0] or not counts[1]
    ):  # fmt: skip
        raise ValueError(
            f"Node '{node.name}': gradients of functions (SymbolicGradient) are not supported, but for those that "
            "tf.gradients stands for"
        )
    taken = iter(tensors)
    xs, ys, stops, _, given = ([next(taken) for _ in range(count)] for count in (*counts, counts[1]))
    seeds = [seed for seed, is_given in zip(given, seeded, strict=True) if is_given]
    for y, seed in zip(ys, given, strict=True):
        if seed.dtype.base_dtype is not y.dtype.base_dtype:
            raise ValueError(f"Node '{node.name}': a gradient given must be of the type of its y")
    for tensor in (*xs, *ys):
        if not tensor.dtype.is_differentiable:
            raise ValueError(f"Node '{node.name}': {tensor.name} is of {tensor.dtype.name}, which has no gradients")
    is_lost = ("_is_lost" in found and found["_is_lost"].b) or not _are_prepared(ys, stops)
    made = importer.graph.create_operation(
        definition_of("LostGradients" if is_lost else "Gradients"),
        [*ys, *xs, *seeds, *stops],
        {"ys": len(ys), "xs": len(xs), "seeded": seeded},
        [(x.dtype.base_dtype, x._dims) for x in xs],
        importer.unique(node.name),
        control_inputs=waits,
    )
    importer.operations[node.name] = made


def _are_prepared(ys: list[Tensor], stops: list[Tensor]) -> bool:
    """Makes the gradients that operations have by name; whether all those names are registered."""
    try:
        prepare(reached(ys, stops))
    except LookupError:
        return False
    return True


SPECIAL: dict[str, Callable[[Any, NodeDef], None]] = {
    "TensorArrayV3": _array,
    "SymbolicGradient": _gradient,
    **NARROWER,
    **dict.fromkeys(
        (f"TensorArray{what}V3" for what in ("Write", "Read", "Gather", "Scatter", "Size", "Concat")), _over_array
    ),
}
