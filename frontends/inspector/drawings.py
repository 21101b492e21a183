"""Programs as drawings for other tools: Graphviz's DOT, and Mermaid."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from diptych.ir import Equation, Function, Value, ops
from diptych.ir.literal import part_text, parts
from diptych.ir.names import ValueNames

from .filters import Test

MAX_NODES = 2_000  # of a drawing: more than that no layout finishes, and nobody reads


@dataclass(frozen=True, slots=True)
class Node:
    """A box: an equation, a parameter, or the results. `members`: of a group, what stands in it."""

    label: tuple[str, ...]
    shape: str
    members: tuple[str, ...] = ()


@dataclass(slots=True)
class Drawing:
    """Boxes, and the values that go from one to another by their type."""

    name: str
    nodes: list[Node]
    edges: list[tuple[int, int, str]]


def drawing(function: Function, test: Test | None = None) -> Drawing:
    """The boxes and lines of a function. Scalars stand in the box that reads them; with a `test`, only equations that
    pass it are there, with the parameters that they read."""
    names = ValueNames(function)
    found = Drawing(function.name, [], [])
    places: dict[Value, int] = {}
    folded: dict[Value, str] = {}

    def node(label: tuple[str, ...], shape: str, members: tuple[str, ...] = ()) -> int:
        found.nodes.append(Node(label, shape, members))
        return len(found.nodes) - 1

    kept = [each for each in function.equations if test is None or test(each, names)]
    read = {operand for each in kept for operand in each.operands}
    for parameter in function.parameters:
        if test is None or parameter in read:
            places[parameter] = node((f"%{names[parameter]}", str(parameter.type)), "parameter")
    for equation in kept:
        number = _number(equation)
        if number is not None and test is None:
            folded[equation.results[0]] = number
            continue
        inputs = ", ".join(folded[operand] for operand in equation.operands if operand in folded)
        title = " ".join(part for part in (equation.op.name, inputs) if part)
        line = equation.location.short() if equation.location is not None else ""
        types = tuple(f"%{names[result]}: {result.type}" for result in equation.results)
        place = node(tuple(part for part in (title, *types, line) if part), "equation", _members(equation))
        for operand in equation.operands:
            if operand in places:
                found.edges.append((places[operand], place, str(operand.type)))
        places.update((result, place) for result in equation.results)
    if test is None:
        place = node(("return",), "results")
        found.edges += [(places[value], place, str(value.type)) for value in function.results if value in places]
    return found


def _number(equation: Equation) -> str | None:
    """What a constant of one element is."""
    if equation.op is not ops.constant or equation.results[0].shape:
        return None
    value = equation.attributes["value"]
    return " ".join(part_text(part) for part in parts(value.array, value.type.dtype))


def _members(equation: Equation) -> tuple[str, ...]:
    return tuple(inner.op.name for _, body in equation.functions() for inner in body.equations)


def dot(drawn: Drawing) -> str:
    """In Graphviz's language."""
    shapes = {"parameter": "ellipse", "equation": "box", "results": "ellipse"}
    lines = [f"digraph {_quoted(drawn.name)} {{", "  node [fontname=monospace]"]
    for number, node in enumerate(drawn.nodes):
        style = ", style=rounded" if node.members else ""
        lines.append(f"  n{number} [label={_quoted(*_with_members(node))}, shape={shapes[node.shape]}{style}]")
    lines.extend(f"  n{source} -> n{target} [label={_quoted(type)}]" for source, target, type in drawn.edges)
    return "\n".join([*lines, "}", ""])


def mermaid(drawn: Drawing) -> str:
    """As a flowchart of Mermaid's."""
    around = {"parameter": ("([", "])"), "equation": ("[", "]"), "results": ("([", "])")}
    lines = ["flowchart TD"]
    for number, node in enumerate(drawn.nodes):
        left, right = around[node.shape]
        text = "<br>".join(map(_entities, _with_members(node)))
        lines.append(f'  n{number}{left}"{text}"{right}')
    lines.extend(f'  n{source} -->|"{_entities(type)}"| n{target}' for source, target, type in drawn.edges)
    return "\n".join([*lines, ""])


WRITERS: dict[str, Callable[[Drawing], str]] = {"dot": dot, "mermaid": mermaid}


def _with_members(node: Node) -> Iterator[str]:
    yield from node.label
    if node.members:
        few = ", ".join(node.members[:8])
        yield f"({few}{', ...' if len(node.members) > 8 else ''})"


def _quoted(*lines: str) -> str:
    text = "\\n".join(line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") for line in lines)
    return f'"{text}"'


def _entities(text: str) -> str:
    """Text in which nothing is Mermaid's or HTML's."""
    return "".join(each if each.isalnum() or each in " _.,:()%/-" else f"#{ord(each)};" for each in text)
