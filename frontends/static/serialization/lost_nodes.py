"""Nodes that cannot be made: the gradients of loops, which TensorFlow keeps on stacks of its own and in arrays beside
the loops' own. A graph that holds them is read without them and all that needs them, so that what it was trained for
can be run; what only trained it stays under its name, and says why when it is run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from diptych.ir import Unsupported

from ...events.graph import NodeDef
from ..graphs.definitions import DEFINITIONS, operation
from ..graphs.dtypes import _BY_ENUM, DType
from ..graphs.operation import Operation
from ..graphs.site import Site
from .regions import ENTERS

OF_GRADIENTS = ("Stack", "StackV2", "TensorArrayGradV2", "TensorArrayGradV3", "TensorArrayGradWithShape")
REASON = "the gradients of loops in graphs that TensorFlow wrote are not supported"


@operation("LostNode", "->", takes_tensors=True)
def lower_lost_node(at: Site, made: Operation) -> None:
    """A node that needs what cannot be made. Raises Unsupported."""
    raise Unsupported(
        f"{made.name}: {REASON}",
        location=made.location,
        hint="tf.gradients of the tensors that were read, or an optimizer's minimize of them",
    )


def lost_nodes(nodes: Mapping[str, NodeDef], is_given: Callable[[str], bool]) -> set[str]:
    """The names of the nodes that cannot be made. `is_given` says of an input whether another tensor stands for it."""
    if not any(node.op in OF_GRADIENTS for node in nodes.values()):
        return set()
    sources = {name: [_named(text) for text in node.input if not is_given(text)] for name, node in nodes.items()}
    users: dict[str, list[str]] = {}
    for name, taken in sources.items():
        for source in taken:
            users.setdefault(source, []).append(name)
    found = _reached((name for name, node in nodes.items() if node.op in OF_GRADIENTS), users)
    conditions = {name for name in found if nodes[name].op == "LoopCond"}
    while conditions:  # of what goes into a loop that is lost, nothing can be made either
        frames = {_frame(nodes[name]) for name in _entries(conditions, nodes, sources)}
        inside = {name for name, node in nodes.items() if node.op in ENTERS and _frame(node) in frames} - found
        more = _reached(inside, users)
        conditions = {name for name in more if nodes[name].op == "LoopCond"} - found
        found |= more
    return found


def lost_outputs(node: NodeDef) -> list[DType]:
    """The types of the outputs of such a node, as far as they are to be seen."""
    definition = DEFINITIONS.get(node.op)
    attributes = {entry.key: entry.value for entry in node.attr_entries}
    found: list[DType] = []
    for argument in () if definition is None else definition.outputs:
        dtype = argument.dtype
        if dtype is None and argument.count is None and argument.variable in attributes:
            dtype = _BY_ENUM.get(attributes[argument.variable].type)
        if dtype is None:
            break
        found.append(dtype)
    return found


def _named(text: str) -> str:
    return text.removeprefix("^").split(":")[0]


def _frame(node: NodeDef) -> bytes:
    return next((entry.value.s for entry in node.attr_entries if entry.key == "frame_name"), b"")


def _reached(start: Iterable[str], users: Mapping[str, list[str]]) -> set[str]:
    """These nodes and all that take them or wait for them."""
    found: set[str] = set()
    pending = list(start)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(users.get(name, ()))
    return found


def _entries(conditions: Iterable[str], nodes: Mapping[str, NodeDef], sources: Mapping[str, list[str]]) -> set[str]:
    """The Enters by which what decides about loops comes into them."""
    found: set[str] = set()
    seen: set[str] = set()
    pending = list(conditions)
    while pending:
        name = pending.pop()
        if name in seen or name not in nodes:
            continue
        seen.add(name)
        if nodes[name].op in ENTERS:
            found.add(name)
        elif nodes[name].op not in ("Exit", "RefExit"):
            pending.extend(sources[name])
    return found
