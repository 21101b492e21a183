"""tf.graph_util: parts of GraphDef messages, and variables as constants in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ...events.graph import GraphDef, NodeDef
from ..exports import export
from ..graphs.dtypes import as_dtype
from ..graphs.operation import Operation
from ..platform.logs import info
from .attributes import attr_value

VARIABLES = ("Variable", "VariableV2", "VarHandleOp")
_PINNED = [
    "Assign",
    "AssignAdd",
    "AssignSub",
    "Queue",
    "ScatterAdd",
    "ScatterSub",
    "ScatterUpdate",
    "TruncatedNormal",
    "Variable",
    "VariableV2",
]


def _node_of(text: str) -> str:
    """The node that an input names."""
    return text.removeprefix("^").split(":")[0]


@export("graph_util.extract_sub_graph")
def extract_sub_graph(graph_def: Any, dest_nodes: Any) -> GraphDef:
    """The nodes that lead to any of `dest_nodes`, names of nodes. Raises TypeError, and AssertionError for a name that
    is not there."""
    if not isinstance(graph_def, GraphDef):
        raise TypeError("graph_def must be a graph_pb2.GraphDef proto.")
    if isinstance(dest_nodes, str):
        raise TypeError("dest_nodes must be a list.")
    nodes = {node.name: node for node in graph_def.node}
    for name in dest_nodes:
        if name not in nodes:
            raise AssertionError(f"{name} is not in graph")
    kept: set[str] = set()
    pending = list(dest_nodes)
    while pending:
        name = pending.pop()
        if name not in kept and name in nodes:
            kept.add(name)
            pending.extend(map(_node_of, nodes[name].input))
            pending.extend(_colocated(nodes[name]))
    return _like(graph_def, [_copied(node) for node in graph_def.node if node.name in kept])


def _colocated(node: NodeDef) -> list[str]:
    found = next((entry.value.list.s for entry in node.attr_entries if entry.key == "_class"), ())
    return [name[5:].decode("utf-8", "replace") for name in found if name.startswith(b"loc:@")]


def _copied(node: NodeDef) -> NodeDef:
    return NodeDef.FromString(node.SerializeToString())


def _like(graph_def: GraphDef, nodes: list[NodeDef]) -> GraphDef:
    """Nodes with the functions and versions of a graph."""
    made = GraphDef(node=nodes)
    made.library.CopyFrom(graph_def.library)
    made.versions.CopyFrom(graph_def.versions)
    return made


@export("graph_util.convert_variables_to_constants")
def convert_variables_to_constants(
    sess: Any,
    input_graph_def: Any,
    output_node_names: Sequence[str],
    variable_names_whitelist: Collection[str] | None = None,
    variable_names_blacklist: Collection[str] | None = None,
) -> GraphDef:
    """The nodes that lead to the outputs, with constants in place of variables: the values that they have in a
    session."""
    found = extract_sub_graph(input_graph_def, list(output_node_names))
    wanted = [
        node.name
        for node in found.node
        if node.op in VARIABLES
        and (variable_names_whitelist is None or node.name in variable_names_whitelist)
        and (variable_names_blacklist is None or node.name not in variable_names_blacklist)
    ]
    values = dict(zip(wanted, sess.run([f"{name}:0" for name in wanted]) if wanted else [], strict=True))
    info("Froze %d variables.", len(values))
    nodes: list[NodeDef] = []
    for node in found.node:
        if node.name in values:
            value = attr_value(values[node.name])
            nodes.append(NodeDef(name=node.name, op="Const", attr={"dtype": node.attr["dtype"], "value": value}))
        elif node.op == "ReadVariableOp" and _node_of(node.input[0]) in values:
            nodes.append(NodeDef(name=node.name, op="Identity", input=list(node.input), attr={"T": node.attr["dtype"]}))
        else:
            nodes.append(_as_values(node, values))
    info("Converted %d variables to const ops.", len(values))
    made = _like(found, nodes)
    made.ClearField("versions")
    return made


def _as_values(node: NodeDef, values: Collection[str]) -> NodeDef:
    """A node that passes a variable into a condition or loop passes its value there."""
    other = {"RefSwitch": "Switch", "RefEnter": "Enter"}.get(node.op)
    if other is not None and _node_of(node.input[0]) in values:
        node.op = other
    return node


@export("graph_util.remove_training_nodes")
def remove_training_nodes(input_graph: Any, protected_nodes: Collection[str] | None = None) -> GraphDef:
    """The nodes without checks of numbers, and without identities that neither wait nor are waited for; those in
    `protected_nodes` stay."""
    protected = set(protected_nodes or ())
    gone = {node.name for node in input_graph.node if node.op == "CheckNumerics" and node.name not in protected}
    kept = [_copied(node) for node in input_graph.node if node.name not in gone]
    for node in kept:
        node.input = [text for text in node.input if text.removeprefix("^") not in gone]
    waited = {text[1:] for node in kept for text in node.input if text.startswith("^")}
    waiting = {node.name for node in kept if any(text.startswith("^") for text in node.input)}
    through = {
        node.name: node.input[0]
        for node in kept
        if node.op == "Identity" and node.input and node.name not in protected | waited | waiting
    }
    nodes = [node for node in kept if node.name not in through]
    for node in nodes:
        node.input = [_followed(text, through) for text in node.input]
    return GraphDef(node=nodes)


def _followed(text: str, through: dict[str, str]) -> str:
    """An input, past the nodes that are left out. Raises ValueError where they go round in a ring."""
    seen: set[str] = set()
    while text.removeprefix("^") in through:
        if text in seen:
            raise ValueError(f"remove_training_nodes: the node {text} takes itself")
        seen.add(text)
        text = through[text.removeprefix("^")]
    return text


@export("graph_util.tensor_shape_from_node_def_name")
def tensor_shape_from_node_def_name(graph: Any, input_name: str) -> Any:
    """The static shape of a tensor by its name as nodes write it."""
    return graph.get_tensor_by_name(input_name if ":" in input_name else f"{input_name}:0").shape


@export("graph_util.must_run_on_cpu")
def must_run_on_cpu(node: Any, pin_variables_on_cpu: bool = False) -> bool:
    """Whether TensorFlow has a node on the CPU alone: constants of text and small integers, and casts from those."""
    found = node.node_def if isinstance(node, Operation) else node
    if pin_variables_on_cpu and found.op in _PINNED:
        return True
    key, types = {
        "Const": ("dtype", ("string", "int32")),
        "DynamicStitch": ("T", ("int32",)),
        "ParallelDynamicStitch": ("T", ("int32",)),
        "Cast": ("SrcT", ("int32",)),
    }.get(found.op, ("", ()))
    return bool(key) and as_dtype(found.attr[key].type).name in types
