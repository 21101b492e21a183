"""Scans as loops over TensorArrays: one for each sequence, one for each row of outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graphs import dtypes
from ..graphs.operation import Operation
from ..graphs.shapes import TensorShape, as_shape
from ..operations.scans import Rows
from .control_writer import Frame, dtype_of
from .places import Inside, Outside

if TYPE_CHECKING:
    from .graph_writer import GraphWriter


@dataclass(frozen=True)
class _Own:
    """A tensor that no operation of the graph gives: a constant of the loop."""

    op: Any
    dtype: Any
    name: str


class _Scan:
    """The nodes of one scan."""

    def __init__(self, writer: GraphWriter, made: Operation, place: Outside) -> None:
        self.writer = writer
        self.made = made
        self.place = place
        self.rows: Rows = made.attributes["rows"]
        self.scope = made.name
        self.pivot = [f"^{place.pivot}"] if place.pivot else []
        self.frame = Frame(writer, made, place, f"{made.name}/while")

    def add(self, op: str, inputs: list[str], name: str = "", **attributes: Any) -> str:
        return self.writer.nodes.add(op, f"{self.scope}/{name or op}", inputs, **attributes)

    def number(self, value: Any, *waits: str) -> str:
        array = np.array(value, np.int32)
        return self.add("Const", list(waits), dtype=dtypes.int32, value=array)

    def array(self, length: str, dtype: Any, shape: TensorShape, name: str) -> str:
        return self.add(
            "TensorArrayV3", [length], name, dtype=dtype, element_shape=shape, dynamic_size=False,
            clear_after_read=False, identical_element_shapes=True, tensor_array_name=name,
        )  # fmt: skip

    def constant(self, name: str, dtype: Any) -> str:
        """A node's output as a constant of the loop."""
        return self.frame.enter(_Own(None, dtype, name), name, False)

    def length(self, sequence: str, dtype: Any) -> str:
        """How many elements there are."""
        shape = self.add("Shape", [sequence], T=dtype, out_type=dtypes.int32)
        places = [self.number([each], *self.pivot) for each in (0, 1, 1)]
        return self.add(
            "StridedSlice", [shape, *places], T=dtypes.int32, Index=dtypes.int32, begin_mask=0, end_mask=0,
            ellipsis_mask=0, new_axis_mask=0, shrink_axis_mask=1,
        )  # fmt: skip

    def binary(self, op: str, left: str, right: str) -> str:
        return self.add(op, [left, right], T=dtypes.int32)


def write_scan(writer: GraphWriter, made: Operation, place: Outside) -> None:
    """A loop that counts the elements of the sequences, reads one of each in a round and writes one of each output."""
    scan, rows, outputs = _Scan(writer, made, place), made.attributes["rows"], made.outputs
    count = len(rows.carries)
    first = [place.edge(tensor) for tensor in made.inputs[:count]]
    tensors = made.inputs[count : count + len(rows.slices)]
    sequences = [place.edge(tensor) for tensor in tensors]
    length = scan.length(sequences[0], dtype_of(tensors[0]))
    start, step = scan.number(0, *scan.pivot), scan.number(1, *scan.pivot)
    indices = scan.add("Range", [start, length, step], Tidx=dtypes.int32)
    arrays, flows = [], []
    for tensor, sequence, element in zip(tensors, sequences, rows.slices, strict=True):
        dtype = dtype_of(tensor)
        arrays.append(scan.array(length, dtype, element.shape, "input"))
        inputs = [arrays[-1], indices, sequence, f"{arrays[-1]}:1"]
        flows.append(scan.add("TensorArrayScatterV3", inputs, T=dtype))
    written = [scan.array(length, dtype_of(each), each.shape, "output") for each in rows.outputs]

    types = [dtypes.int32, *map(dtype_of, rows.carries), *(dtypes.float32 for _ in written)]
    firsts = [start, *first, *(f"{array}:1" for array in written)]
    merged = [scan.frame.variable(each, dtype) for each, dtype in zip(firsts, types, strict=True)]
    decision = scan.binary("Less", merged[0], scan.constant(length, dtypes.int32))
    switched = scan.frame.goes_on(decision, merged, types)

    counter = scan.add("Identity", [f"{switched[0]}:1"], T=dtypes.int32)
    body = Inside(writer, rows.context, place, scan.frame.enter)
    body.pivot = counter
    for variable, switch in zip(rows.carries, switched[1:], strict=False):
        writer.nodes.add("Identity", variable.op.name, [f"{switch}:1"], exact=True, T=dtype_of(variable))
    index = counter
    if rows.reverse:
        last = scan.binary("Sub", scan.constant(length, dtypes.int32), scan.number(1, f"^{counter}"))
        index = scan.binary("Sub", last, counter)
    for variable, array, flow in zip(rows.slices, arrays, flows, strict=True):
        dtype = dtype_of(variable)
        inputs = [scan.constant(array, dtypes.resource), index, scan.constant(flow, dtypes.float32)]
        read = scan.add("TensorArrayReadV3", inputs, dtype=dtype)
        shapes = (variable.shape,)
        writer.nodes.add("Identity", variable.op.name, [read], exact=True, T=dtype, _output_shapes=shapes)
    for operation in rows.context.operations:
        if operation.type != "LoopVariable":
            writer.write(operation, body)

    following = [scan.binary("AddV2", counter, scan.number(1, f"^{counter}")), *map(body.edge, rows.results)]
    for place_of, (output, array) in enumerate(zip(rows.outputs, written, strict=True), 1 + count):
        flow = scan.add("Identity", [f"{switched[place_of]}:1"], T=dtypes.float32)
        inputs = [scan.constant(array, dtypes.resource), index, body.edge(output), flow]
        following.append(scan.add("TensorArrayWriteV3", inputs, T=dtype_of(output)))
    ends = [
        scan.frame.exit(number - 1, *each)
        for number, each in enumerate(zip(merged, switched, following, types, strict=True))
    ]
    for output, end in zip(outputs[:count], ends[1 : 1 + count], strict=True):
        writer.names[output] = end
    for number, (element, array) in enumerate(zip(rows.outputs, written, strict=True), count):
        inputs = [array, indices, ends[1 + number]]
        name = f"{made.name}/stack"
        shape = as_shape(element._dims)
        writer.names[outputs[number]] = writer.nodes.add(
            "TensorArrayGatherV3", name, inputs, dtype=dtype_of(element), element_shape=shape
        )
