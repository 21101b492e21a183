"""tf.Print, tf.print and tf.Assert: what a run says while it runs."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from diptych.ir import HostFunction, Value

from ..exports import export
from ..graphs import nest
from ..graphs.apply import apply, apply_operation
from ..graphs.definitions import operation, shape_of_input
from ..graphs.errors import InvalidArgumentError
from ..graphs.knowledge import is_symbolic
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from ..running.site import LoweringSite

Array = np.ndarray[Any, Any]

_numbers = itertools.count()

# -- tensors as text ----


def number_text(item: Any, dtype: Any) -> str:
    """A number with as many digits as tell it from others, and 6 where that is enough."""
    if isinstance(item, bytes):
        return item.decode("utf-8", "backslashreplace")
    if isinstance(item, bool | np.bool_):
        return str(int(item))
    if not np.issubdtype(dtype, np.floating):
        return str(item)
    short = f"{item:.6g}"
    return (
        short if dtype.type(short) == item or not np.isfinite(item) else f"{item:.{17 if dtype.itemsize == 8 else 9}g}"
    )


def summary(array: Array, limit: int) -> str:
    """The first `limit` elements in nested brackets, as tf.Print has them; all where it is negative."""
    texts = [number_text(item, array.dtype) for item in array.reshape(-1)]
    if not array.ndim:
        return texts[0]
    left = len(texts) if limit < 0 else limit
    rest = iter(texts)

    def part(axis: int) -> str:
        nonlocal left
        if axis == array.ndim - 1:
            shown = list(itertools.islice(rest, min(left, array.shape[axis])))
            left -= len(shown)
            return " ".join(shown) + ("..." if axis and len(shown) < array.shape[axis] else "")
        return "".join(f"[{part(axis + 1)}]" for _ in range(array.shape[axis]) if left > 0)

    return f"[{part(0)}{'...' if len(texts) > limit >= 0 else ''}]"


def _outlined(array: Array, edge: int) -> str:
    """All elements in rows, as tf.print has them: of a long axis the first and last `edge`."""
    if not array.ndim:
        item = array[()]
        return (
            f'"{item.decode("utf-8", "backslashreplace")}"'
            if isinstance(item, bytes)
            else number_text(item, array.dtype)
        )

    def part(block: Array, depth: int) -> str:
        count = len(block)
        places: list[int | None] = list(range(count))
        if edge >= 0 and count > 2 * edge:
            places = [*range(edge), None, *range(count - edge, count)]
        if block.ndim == 1:
            return (
                "["
                + " ".join("..." if p is None else _outlined(block[p : p + 1].reshape(()), -1) for p in places)
                + "]"
            )
        gap = "\n" * (block.ndim - 1) + " " * (depth + 1)
        return "[" + gap.join("..." if place is None else part(block[place], depth + 1) for place in places) + "]"

    return part(array, 0)


# -- operations ----


def _called(at: LoweringSite, made: Operation, values: Sequence[Value], function: Callable[..., None]) -> None:
    """Calls `function` with what the values are, when the run comes here."""
    at.tell(values, made.__dict__.setdefault("host_function", HostFunction(f"{made.type} {next(_numbers)}", function)))


def _values(at: LoweringSite, tensors: Sequence[Tensor]) -> tuple[list[Value], Callable[[Sequence[Any]], list[Array]]]:
    """The values of those that are numbers, and what puts them back among the texts, which must be known."""
    texts = {place: _text(at, tensor) for place, tensor in enumerate(tensors) if tensor.dtype.ir is None}
    values = [at.value(tensor) for place, tensor in enumerate(tensors) if place not in texts]

    def all_of(arrays: Sequence[Any]) -> list[Array]:
        rest = iter(arrays)
        return [texts[place] if place in texts else np.asarray(next(rest)) for place in range(len(tensors))]

    return values, all_of


def _text(at: LoweringSite, tensor: Tensor) -> Array:
    if tensor.op.type != "Const":
        raise at.unsupported(
            f"a message made of the string {tensor.name}, which is no constant", "numbers and constants"
        )
    return np.asarray(tensor.op.attributes["value"], dtype=object)


@operation("Print", "input: T, data: *U -> T", shape=shape_of_input, takes_tensors=True)
def lower_print(at: LoweringSite, made: Operation, *, message: str, first_n: int, summarize: int) -> Value:
    """The input; on its way the message and what the data are go to standard error."""
    values, all_of = _values(at, made.inputs[1:])
    left = first_n

    def say(*arrays: Any) -> None:
        nonlocal left
        if left:
            left -= 1
            print(
                message + "".join(_bracketed(array, summarize) for array in all_of(arrays)), file=sys.stderr, flush=True
            )

    _called(at, made, values, say)
    return at.b.identity(at.value(made.inputs[0]))


def _bracketed(array: Array, limit: int) -> str:
    return summary(array, limit) if array.ndim else f"[{summary(array, limit)}]"


@export("Print")
def Print(
    input_: Any,
    data: Sequence[Any],
    message: str | None = None,
    first_n: int | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> Tensor:
    """`input_`, and when a run computes it `message` and the tensors `data` on standard error: the first `first_n`
    times, of each tensor `summarize` elements, 3 by default."""
    return apply(
        "Print", [input_, list(data)], name=name, message=message or "", first_n=-1 if first_n is None else first_n,
        summarize=3 if summarize is None else summarize,
    )  # fmt: skip


@operation("PrintV2", "inputs: *T ->", takes_tensors=True)
def lower_print_v2(
    at: LoweringSite, made: Operation, *, template: Callable[[list[str]], str], output_stream: Any, end: str,
    summarize: int,
) -> None:  # fmt: skip
    """Prints the template with the inputs in it."""
    values, all_of = _values(at, made.inputs)

    def say(*arrays: Any) -> None:
        text = template([_outlined(array, summarize) for array in all_of(arrays)]) + end
        if isinstance(output_stream, str) and output_stream.startswith("file://"):
            with open(output_stream.removeprefix("file://"), "a", encoding="utf-8") as file:
                file.write(text)
        else:
            stream = {"stdout": sys.stdout, "stderr": sys.stderr}.get(output_stream, output_stream)
            print(text, end="", file=stream, flush=True)

    _called(at, made, values, say)


@export("print")
def print_(*inputs: Any, **kwargs: Any) -> Operation:
    """An operation that prints its inputs: tensors, nests of them, and whatever else as Python prints it.

    Keywords: output_stream (sys.stderr by default), end, sep, summarize (3 elements at each end; -1 for all), name.
    Raises ValueError for others.
    """
    options = {"output_stream": sys.stderr, "end": "\n", "sep": " ", "summarize": 3, "name": None}
    unknown = kwargs.keys() - options.keys()
    if unknown:
        raise ValueError(f"Unrecognized keyword arguments for tf.print: {', '.join(sorted(unknown))}")
    options.update(kwargs)
    stream = options["output_stream"]
    named = {id(sys.stdout): "stdout", id(sys.stderr): "stderr"}.get(id(stream), stream)
    tensors: list[Any] = []
    for leaf in nest.flatten(list(inputs)):
        found = leaf._as_graph_element() if hasattr(leaf, "_as_graph_element") else leaf
        if isinstance(found, Tensor):
            tensors.append(found)

    def template(texts: list[str]) -> str:
        rest = iter(texts)
        return options["sep"].join(_written(each, rest, outermost=True) for each in inputs)

    return apply_operation(
        "PrintV2", [tensors], name=options["name"] or "print", template=template, output_stream=named,
        end=options["end"], summarize=options["summarize"],
    )  # fmt: skip


def _written(value: Any, texts: Any, *, outermost: bool = False) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_written(value[key], texts)}" for key in nest.sorted_keys(value)) + "}"
    if isinstance(value, list | tuple):
        inner = ", ".join(_written(each, texts) for each in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    found = value._as_graph_element() if hasattr(value, "_as_graph_element") else value
    if isinstance(found, Tensor):
        return next(texts)
    return str(value) if outermost else repr(value)


@operation("Assert", "condition: bool, data: *T ->", takes_tensors=True)
def lower_assert(at: LoweringSite, made: Operation, *, summarize: int = 3) -> None:
    """Raises InvalidArgumentError in a run where the condition does not hold."""
    condition = at.value(made.inputs[0])
    values, all_of = _values(at, made.inputs[1:])

    def check(holds: Any, *arrays: Any) -> None:
        if not holds:
            data = " ".join(_bracketed(array, summarize) for array in all_of(arrays))
            raise InvalidArgumentError(made.node_def, made, f"assertion failed: {data}")

    known = at.knowledge.of(condition)
    if known is None or is_symbolic(known):
        host = made.__dict__.setdefault("host_function", HostFunction(f"Assert {next(_numbers)}", check))
        at.b.host_call(condition, *values, function=host, results=())
    elif not known:
        arrays = [at.knowledge.of(value) for value in values]
        check(False, *("?" if array is None else array for array in arrays))


@export("Assert", "debugging.Assert")
def Assert(condition: Any, data: Sequence[Any], summarize: int | None = None, name: str | None = None) -> Operation:
    """An operation that raises InvalidArgumentError with `data` in its message where `condition` does not hold."""
    return apply_operation(
        "Assert", [condition, list(data)], name=name, summarize=3 if summarize is None else summarize
    )
