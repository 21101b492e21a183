"""tf.import_graph_def: the operations of a GraphDef in the present graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...events.graph import GraphDef, NodeDef
from ..exports import export
from ..graphs import strings
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import definition_of
from ..graphs.dtypes import DType
from ..graphs.graph import Graph
from ..graphs.inference import infer
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims, compatible, merged
from ..graphs.tensor import Tensor
from ..platform.logs import warning
from .lifting import lift
from .lost_nodes import REASON, lost_nodes, lost_outputs
from .node_reader import ReadNode, check_inputs, read_node
from .other_types import with_types_of_here
from .own_types import operation_of
from .regions import CONTROL, SWITCHES, Regions, Unit
from .special_nodes import SPECIAL

MAX_NODES = 1_000_000
_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\\-/>]*\Z")
_INPUT = re.compile(r"(?P<name>[^:^]+)(?::(?P<index>\d{1,9}))?\Z")


@export("import_graph_def", "graph_util.import_graph_def")
def import_graph_def(
    graph_def: Any,
    input_map: Mapping[Any, Any] | None = None,
    return_elements: Sequence[Any] | None = None,
    name: str | None = None,
    op_dict: Any = None,
    producer_op_list: Any = None,
) -> list[Any] | None:
    """Adds the nodes of a GraphDef to the default graph, under the prefix `name`, by default "import".

    `input_map` gives tensors in place of nodes' inputs, by their names in the message. `return_elements` are names of
    operations and tensors there, for which the new ones are returned. Raises TypeError, ValueError, NotFoundError for
    types of operations that are not there, and Unsupported for datasets.
    """
    if not isinstance(graph_def, GraphDef):
        raise TypeError("graph_def must be a GraphDef proto.")
    given = _input_map(input_map)
    wanted = _wanted(return_elements)
    with name_scope(name, "import", [value for value in given.values() if isinstance(value, Tensor)]) as scope:
        tensors = {key: convert_to_tensor(value, name=key.replace(":", "_")) for key, value in given.items()}
        found = Importer(get_default_graph(), graph_def, tensors, scope)
        found.run()
    return None if return_elements is None else [found.element(each) for each in wanted]


def _input_map(input_map: Any) -> dict[str, Any]:
    if input_map is None:
        return {}
    if not isinstance(input_map, Mapping) or not all(isinstance(key, str | bytes) for key in input_map):
        raise TypeError(
            "Argument `input_map` must be a dictionary. Keys must be strings and values must be Tensor objects. "
            f"Received input_map={input_map}."
        )
    texts = {key.decode() if isinstance(key, bytes) else key: value for key, value in input_map.items()}
    return {key.removesuffix(":0"): value for key, value in texts.items()}


def _wanted(return_elements: Any) -> list[str]:
    if return_elements is None:
        return []
    if not isinstance(return_elements, list | tuple) or not all(isinstance(e, str | bytes) for e in return_elements):
        raise TypeError("Argument `return_elements` must be a list of strings. "
                        f"Received return_elements={return_elements}.")  # fmt: skip
    return [each.decode() if isinstance(each, bytes) else each for each in return_elements]


class Importer:
    """One import: the new operations by the names of their nodes."""

    def __init__(self, graph: Graph, graph_def: GraphDef, given: Mapping[str, Tensor], scope: str) -> None:
        self.graph = graph
        self.scope = scope
        self.given = dict(given)
        self.used: set[str] = set()
        self.nodes = self._nodes(graph_def)
        self.lost = {name: self.nodes[name] for name in lost_nodes(self.nodes, self._is_given)}
        for name in self.lost:
            del self.nodes[name]
        self.operations: dict[str, Operation] = {}
        self.tensors: dict[str, Tensor] = {}  # by "name" and "name:1", what takes the place of a node's outputs

    def _nodes(self, graph_def: GraphDef) -> dict[str, NodeDef]:
        if len(graph_def.node) > MAX_NODES:
            raise ValueError(f"graph_def has {len(graph_def.node)} nodes but must have at most {MAX_NODES}")
        found: dict[str, NodeDef] = {}
        for node in with_types_of_here(map(operation_of, graph_def.node)):
            if not _NAME.match(node.name):
                raise ValueError(f"Node '{node.name}': Node name contains invalid characters")
            if node.name in found:
                raise ValueError(f"Node '{node.name}' is not unique")
            found[node.name] = node
        return found

    def run(self) -> None:
        """Makes all operations. Raises ValueError, NotFoundError."""
        for item in Regions(self.nodes, self._edges).found():
            self.make(item)
        self._make_lost()
        unused = [key for key in self.given if key not in self.used]
        if unused:
            names = ", ".join(key if ":" in key or key.startswith("^") else f"{key}:0" for key in unused)
            raise ValueError(f"Attempted to map inputs that were not found in graph_def: [{names}]")

    def _make_lost(self) -> None:
        """What stands for the nodes that are left out, and fails when it is run."""
        for name, node in self.lost.items():
            if node.op not in CONTROL:
                outputs = [(dtype, None) for dtype in lost_outputs(node)]
                self.operations[name] = self.graph.create_operation(
                    definition_of("LostNode"), (), {}, outputs, self.unique(name), control_inputs=()
                )
        if self.lost:
            warning("%d nodes are left out: %s.", len(self.lost), REASON)

    def _edges(self, node: NodeDef) -> list[tuple[str, int | None]]:
        """What a node takes and waits for; what other tensors stand for under a name that no node has."""
        found: list[tuple[str, int | None]] = []
        for text in node.input:
            if self._mapped(text) is not None:
                found.append((f"{text} given", 0))
                continue
            source, index = self.source(node, text)
            found.append((self._behind(source), None) if index is None else (source, index))
        return found

    def _behind(self, name: str) -> str:
        """What a node waits for that waits for this one: for what a Switch is given, in place of the Switch."""
        for _ in range(len(self.nodes)):
            node = self.nodes[name]
            if node.op not in SWITCHES or not node.input:
                break
            name, _ = self.source(node, node.input[0])
        return name

    def _is_given(self, text: str) -> bool:
        return text.removesuffix(":0") in self.given

    def _mapped(self, text: str) -> Tensor | None:
        key = text.removesuffix(":0")
        if key in self.given:
            self.used.add(key)
            return self.given[key]
        return None

    def source(self, node: NodeDef, text: str) -> tuple[str, int | None]:
        """The node and the number of the output that an input names, None for one that is waited for. Raises
        ValueError."""
        match = _INPUT.match(text.removeprefix("^"))
        is_wrong = match is None or (text.startswith("^") and match["index"])
        if match is None or is_wrong or match["name"] not in self.nodes:
            raise ValueError(f"Node '{node.name}': Unknown input node '{text}'")
        return match["name"], None if text.startswith("^") else int(match["index"] or 0)

    # -- making ----

    def make(self, item: NodeDef | Unit) -> None:
        """The operation of a node or unit, whose inputs are made. Raises ValueError, NotFoundError."""
        if isinstance(item, Unit):
            lift(self, item)
        elif item.op in SPECIAL:
            SPECIAL[item.op](self, item)
        else:
            self.made(item, read_node(item), *self.inputs(item))

    def stands(self, node: NodeDef, number: int, tensor: Tensor) -> None:
        """Makes a tensor stand for an output of a node."""
        self.tensors[f"{node.name}:{number}"] = tensor

    def named(self, node: NodeDef, tensor: Tensor) -> None:
        """Makes a tensor stand for the first output of a node, under the name of that node."""
        if tensor.name != f"{self.scope}{node.name}:0":
            read = definition_of("Identity")
            made = self.graph.create_operation(
                read, [tensor], {}, [(tensor.dtype, tensor._dims)], self.unique(node.name), control_inputs=()
            )
            tensor = made.outputs[0]
        self.operations[node.name] = tensor.op
        self.stands(node, 0, tensor)

    def found(self, name: str) -> Tensor:
        """What stands for an output of a node, `name:number`. Raises ValueError."""
        return self.tensor(NodeDef(name=name), name)

    def inputs(self, node: NodeDef) -> tuple[list[Tensor], list[Operation]]:
        """What a node takes and what it waits for. Raises ValueError where control inputs are not the last."""
        tensors: list[Tensor] = []
        waits: dict[Operation, None] = {}
        for text in node.input:
            mapped = self._mapped(text)
            if text.startswith("^"):
                waits[self._waited(node, text) if mapped is None else mapped.op] = None
            elif waits:
                raise ValueError(f"Node '{node.name}': Control dependencies must come after regular dependencies")
            else:
                tensors.append(self.tensor(node, text) if mapped is None else mapped)
        return tensors, list(waits)

    def _waited(self, node: NodeDef, text: str) -> Operation:
        name = self._behind(self.source(node, text)[0])
        if name not in self.operations:
            raise ValueError(f"Node '{node.name}': cannot wait for '{name}' ({self.nodes[name].op})")
        return self.operations[name]

    def tensor(self, node: NodeDef, text: str) -> Tensor:
        """The tensor that an input of a node names. Raises ValueError."""
        name, index = self.source(node, text)
        found = self.tensors.get(f"{name}:{index}")
        if found is not None:
            return found
        made = self.operations.get(name)
        outputs = [] if made is None or self.nodes[name].op in CONTROL else made.outputs
        if index is None or index >= len(outputs):
            raise ValueError(
                f"Node '{node.name}': Connecting to invalid output {index} of source node {name} which has "
                f"{len(outputs)} outputs."
            )
        return outputs[index]

    def made(self, node: NodeDef, read: ReadNode, tensors: list[Tensor], waits: list[Operation]) -> Operation:
        """The new operation."""
        check_inputs(read, tensors)
        outputs = _outputs(read, tensors)
        self._check_shapes(node, read, outputs)
        graph, before = self.graph, self.graph._gradient_overrides
        graph._gradient_overrides = {} if read.gradient is None else {node.op: read.gradient}
        try:
            with graph.device(node.device):
                made = graph.create_operation(
                    read.definition, tensors, read.attributes, outputs, self.unique(node.name), control_inputs=waits
                )
        finally:
            graph._gradient_overrides = before
        self.operations[node.name] = made
        return made

    def unique(self, name: str) -> str:
        """The name of a new operation, to be taken as it is."""
        return f"{self.graph._names.unique(self.scope + name)}/"

    def _check_shapes(self, node: NodeDef, read: ReadNode, outputs: list[tuple[DType, Dims | None]]) -> None:
        """Takes over the static shapes that the file gives. Raises ValueError where they cannot be."""
        for place, shape in enumerate(read.shapes or ()):
            dims = getattr(shape, "known", NotImplemented)
            if dims is NotImplemented or place >= len(outputs) or not compatible(outputs[place][1], dims):
                raise ValueError(
                    f"Node '{node.name}' has an _output_shapes attribute inconsistent with the GraphDef for output "
                    f"#{place}"
                )
            if dims is not None:
                outputs[place] = outputs[place][0], merged(outputs[place][1], dims)

    # -- finding ----

    def element(self, name: str) -> Any:
        """The new operation or tensor for a name of the file. Raises ValueError."""
        found: Any = None
        operation, _, index = name.partition(":")
        if not index:
            found = self.operations.get(operation)
        elif index.isdecimal() and len(index) < 10:
            found = self.tensors.get(f"{operation}:{int(index)}")
            if found is None and operation in self.operations:
                outputs = self.operations[operation].outputs
                found = outputs[int(index)] if int(index) < len(outputs) else None
        if found is None:
            raise ValueError(f"Requested return_element '{name}' not found in graph_def.")
        return found


_OUTPUTS: dict[str, Callable[[dict[str, Any]], Any]] = {  # operations whose shapes no lowering tells
    "Placeholder": lambda attributes: (attributes["dtype"], attributes["shape"].known),
    "Const": lambda attributes: _constant(attributes["value"], attributes["dtype"]),
}


def _constant(value: Any, dtype: DType) -> tuple[DType, Dims | None]:
    is_text = isinstance(value, np.ndarray)
    if is_text:
        strings.kept(value)  # before any run
    array = value if is_text else value.array
    if (dtype.name == "string") != is_text or (not is_text and array.dtype != dtype.numpy):
        raise ValueError(f"the value of a Const is of {array.dtype} but its dtype is {dtype.name}")
    return dtype, tuple(int(size) for size in array.shape)


def _outputs(read: ReadNode, tensors: list[Tensor]) -> list[tuple[DType, Dims | None]]:
    """Types and static shapes of the outputs. Raises ValueError where the inputs do not fit."""
    rule = _OUTPUTS.get(read.definition.type)
    if rule is not None:
        return [rule(read.attributes)]
    try:
        return infer(read.definition, tensors, read.attributes, read.bound, read.name)
    except (ArithmeticError, AttributeError, LookupError, TypeError) as error:  # lowerings trust attributes: those of
        raise ValueError(  # programs are checked where they are given, those of files here
            f"Node '{read.name}': the attributes of {read.definition.type} do not fit: {type(error).__name__}: {error}"
        ) from error
