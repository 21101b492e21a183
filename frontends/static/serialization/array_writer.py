"""TensorArrays as nodes: in files they have a handle beside their flow, which operations here do without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...events.graph import AttrValue, NodeDef
from ..graphs.dtypes import DType, resource
from ..graphs.operation import Operation
from .attributes import shape_message
from .places import Outside

if TYPE_CHECKING:
    from ..graphs.tensor import Tensor
    from .graph_writer import GraphWriter


@dataclass(frozen=True)
class Handle:
    """The handle of an array, which passes into conditions and loops as tensors do."""

    op: Operation
    dtype: DType = resource
    value_index: int = 0


def array_of(flow: Tensor) -> Operation | None:
    """The operation that made the array of a flow; None where that is not to be seen."""
    seen: set[Operation] = set()
    while flow.op not in seen:
        made = flow.op
        seen.add(made)
        if made.type == "TensorArrayV3":
            return made
        if made.type == "Cond":
            flow = made.attributes["branches"][0].results[flow.value_index]
        elif made.type == "While":
            flow = made.inputs[flow.value_index]
        elif made.type == "LoopVariable":
            first = _first(made, flow)
            if first is None:
                return None
            flow = first
        elif made.inputs:
            flow = made.inputs[-1]
    return None


def _first(made: Operation, variable: Tensor) -> Tensor | None:
    """What a loop variable begins as."""
    for owner in made.graph.get_operations():
        if owner.type == "While" and variable in owner.attributes["rounds"].variables:
            return owner.inputs[owner.attributes["rounds"].variables.index(variable)]
    return None


def write_array(writer: GraphWriter, made: Operation, place: Outside) -> None:
    """An operation over an array, with the handle and the attributes that files have."""
    node = writer.node(made, place)
    attributes = {entry.key: entry.value for entry in node.attr_entries}
    if made.type == "TensorArrayV3":
        attributes |= {
            "clear_after_read": AttrValue(b=False),
            "identical_element_shapes": AttrValue(b=False),
            "tensor_array_name": AttrValue(s=made.name.encode()),
        }
        writer.names[made.outputs[0]] = f"{made.name}:1"
    else:
        array = array_of(made.inputs[-1])
        if array is None:
            raise ValueError(f"{made.name}: the TensorArray that it is of is not to be seen in the graph")
        node.input.insert(0, place.edge(Handle(array)))
        shape = attributes.pop("element_shape", None) if made.type != "TensorArrayGatherV3" else None
        if made.type == "TensorArrayConcatV3":
            known = None if shape is None or shape.shape.unknown_rank else made.attributes["element_shape"].known[1:]
            attributes["element_shape_except0"] = AttrValue(shape=shape_message(known))
    writer.nodes.nodes.append(
        NodeDef(name=node.name, op=node.op, input=list(node.input), device=node.device, attr=_ordered(attributes))
    )


def _ordered(attributes: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(attributes.items()))
