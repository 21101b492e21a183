"""Gradients as nodes of type SymbolicGradient: TensorFlow differentiates a function when a run needs it.

The function takes the xs, the ys and the stops (for readers: it does not use the latter two), then what the operations
between xs and ys take from elsewhere; its results are the ys. What such a function cannot hold, a loop for one, leaves
it out: the graph can be read, and the gradient alone cannot be run by TensorFlow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...events.graph import AttrValue, FunctionDef, NameAttrList, NodeDef, OpDef, TextEntry
from ..graphs.operation import Operation
from ..graphs.reach import reached
from ..graphs.tensor import Tensor
from .function_gradients import arguments_of, functions_of, has_rule, node_in_function
from .output_names import output_names
from .own_types import OWN_TYPES
from .places import Outside

if TYPE_CHECKING:
    from .graph_writer import GraphWriter


def write_gradients(writer: GraphWriter, made: Operation, place: Outside) -> None:
    """A node for the gradients of the ys by the xs, which are its first outputs."""
    ys, xs, seeded = (made.attributes[key] for key in ("ys", "xs", "seeded"))
    targets, sources, rest = made.inputs[:ys], made.inputs[ys : ys + xs], list(made.inputs[ys + xs :])
    seeds = [rest.pop(0) if given else None for given in seeded]
    stops = rest
    between = _between(targets, sources, stops)
    taken = _taken(between, sources)
    arguments = [*sources, *targets, *stops, *taken]
    name = writer.nodes.unique(f"{made.name.replace('/', '_')}_function")
    if _is_simple(between, sources):
        writer.functions[name] = _Function(writer, name, between).made(arguments, targets, sources, taken)
    given = [
        writer.nodes.add("OnesLike", f"{made.name}/grad_ys", [place.edge(y)], T=y.dtype.base_dtype)
        if seed is None
        else place.edge(seed)
        for y, seed in zip(targets, seeds, strict=True)
    ]
    inputs = [*map(place.edge, arguments), *given, *(place.control(each) for each in made.control_inputs)]
    types = [each.dtype.base_dtype for each in arguments]
    writer.nodes.add(
        "SymbolicGradient",
        made.name,
        inputs,
        exact=True,
        Tin=(*types, *(y.dtype.base_dtype for y in targets)),
        Tout=tuple(types),
        f=AttrValue(func=NameAttrList(name=name)),
        _counts=(len(sources), len(targets), len(stops), len(taken)),
        _seeded=tuple(seeded),
        _is_lost=_is_lost(between),
    )


def _between(targets: Sequence[Tensor], sources: Sequence[Tensor], stops: Sequence[Tensor]) -> list[Operation]:
    """The operations that lead from the sources to the targets, in the order of creation."""
    upstream = reached(targets, stops)
    found: set[Operation] = set()
    pending = [source for source in sources if source in upstream]
    seen = set(pending)
    while pending:
        tensor = pending.pop()
        for operation in tensor._consumers:
            outputs = [output for output in operation.outputs if output in upstream]
            if not outputs or operation.definition.blocks is True:
                continue
            found.add(operation)
            for output in outputs:
                if output not in seen and output not in stops:
                    seen.add(output)
                    pending.append(output)
    return sorted(found, key=lambda operation: operation.number)


def _taken(between: Sequence[Operation], sources: Sequence[Tensor]) -> list[Tensor]:
    """What the operations take from elsewhere."""
    inside = set(between)
    inputs = (tensor for operation in between for tensor in operation.inputs)
    return list(dict.fromkeys(tensor for tensor in inputs if tensor.op not in inside and tensor not in sources))


def _is_simple(between: Sequence[Operation], sources: Sequence[Tensor]) -> bool:
    """Whether a function can hold the operations: none runs a context, writes, or gives a source itself."""
    inside = set(between)
    return not any(source.op in inside for source in sources) and not any(
        operation.contexts or operation.writes or operation.type in _OWN or _has_own(operation) or _is_wrong(operation)
        for operation in between
    )


def _has_own(operation: Operation) -> bool:
    """Whether an operation has a gradient of the program's own."""
    return operation.own_gradient is not None


def _is_lost(operations: Iterable[Operation]) -> bool:
    """Whether operations, or those that they run, have gradients of the program's own that no name stands for."""
    return any(
        (_has_own(operation) and "gradient_name" not in operation.__dict__)
        or any(_is_lost(context.operations) for context in operation.contexts)
        for operation in operations
    )


def _is_wrong(operation: Operation) -> bool:
    """Whether TensorFlow computes what flows back wrong: of convolutions of channels apart it forgets dilations."""
    return operation.type == "DepthwiseConv2dNative" and any(step != 1 for step in operation.attributes["dilations"])


_OWN = [
    "TensorArrayV3",
    "TensorArrayWriteV3",
    "TensorArrayReadV3",
    "TensorArrayGatherV3",
    "TensorArrayScatterV3",
    "TensorArrayConcatV3",
    "Gradients",
    "InitializedValue",
    "PyFunc",
]  # what stands for these in files is no node of its own, or needs more than its inputs


class _Function:
    """The function that the ys are of, being written."""

    def __init__(self, writer: GraphWriter, name: str, between: Sequence[Operation]) -> None:
        self._writer = writer
        self._name = name
        self._names = {operation: f"n{number}" for number, operation in enumerate(between)}
        self._nodes: list[NodeDef] = []
        self._places: dict[Tensor, str] = {}

    def made(
        self, arguments: Sequence[Tensor], targets: Sequence[Tensor], sources: Sequence[Tensor], taken: Sequence[Tensor]
    ) -> FunctionDef:
        """The function of `arguments` that gives the targets; it uses the sources and what is taken from elsewhere."""
        for number, tensor in enumerate(arguments):
            if tensor in sources or tensor in taken:
                self._places.setdefault(tensor, f"x{number}")  # of a source that is a y as well, the source
        for operation in self._names:
            self._write(operation)
        for number, tensor in enumerate(arguments):
            if tensor.op not in self._names:
                self._places.setdefault(tensor, f"x{number}")  # a y that no x leads to
        results = [TextEntry(key=f"y{number}", value=self._edge(y)) for number, y in enumerate(targets)]
        signature = OpDef(
            name=self._name, input_arg=arguments_of(arguments, "x"), output_arg=arguments_of(targets, "y")
        )
        return FunctionDef(signature=signature, node_def=self._nodes, ret_entries=results)

    def _write(self, operation: Operation) -> None:
        name, inputs = self._names[operation], [self._edge(tensor) for tensor in operation.inputs]
        if operation.type == "AddN":  # which has no gradient there
            total = inputs[0]
            for number, each in enumerate(inputs[1:]):
                own = name if number == len(inputs) - 2 else f"{name}_{number}"
                node = NodeDef(name=own, op="AddV2", input=[total, each])
                node.attr["T"].type = operation.outputs[0].dtype.base_dtype.as_datatype_enum
                self._nodes.append(node)
                total = f"{own}:z:0"
            return
        node = node_in_function(operation, name, inputs)
        if operation.type in OWN_TYPES:
            node = NodeDef(name=name, op=self._writer.function_for(operation), input=inputs)
        elif has_rule(operation):
            node = NodeDef(name=name, op=f"{self._name}_{name}", input=inputs)
            for each in functions_of(operation, node.op):
                self._writer.functions[each.signature.name] = each
            self._writer.gradients[node.op] = f"{node.op}_gradient"
        self._nodes.append(node)

    def _edge(self, tensor: Tensor) -> str:
        """A tensor as nodes of functions name it: an argument, or `node:output:number`."""
        found = self._places.get(tensor)
        if found is not None:
            return found
        name, made = self._names[tensor.op], tensor.op
        if made.type == "AddN":
            return f"{name}:z:0" if len(made.inputs) > 1 else self._edge(made.inputs[0])
        if has_rule(made):
            return f"{name}:y{tensor.value_index}:0"
        outputs = output_names(made.type)
        if len(outputs) > 1:
            return f"{name}:{outputs[tensor.value_index]}:0"
        return f"{name}:{outputs[0]}:{tensor.value_index}"
