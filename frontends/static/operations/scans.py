"""tf.scan, map_fn, foldl and foldr: a part of a graph that runs once for each element along the first axis of tensors.

Unlike in tf.while_loop the number of rounds is known when a run begins, and what each round gives stands in a row:
gradients need nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from diptych.ir import Value

from ..exports import export
from ..graphs import nest
from ..graphs.contexts import Context, own
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import definition_of, operation
from ..graphs.dtypes import as_dtype
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.site import Refusal
from ..graphs.tensor import Tensor
from ..running.inner import InnerSite
from ..running.site import LoweringSite, Unwritten
from .arrays import expand_dims, identity, stop_gradient
from .joining import concat
from .loops import loop_variable, round_result


@dataclass(frozen=True, slots=True)
class Rows:
    """What a scan runs: its context, in there the carried values and the slices as a round gets them, the carried
    values as it leaves them, and what it gives to be put in a row."""

    context: Context
    carries: tuple[Tensor, ...]
    slices: tuple[Tensor, ...]
    results: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    reverse: bool


@operation("Scan", "->", takes_tensors=True)
def lower_scan(at: LoweringSite, made: Operation, *, rows: Rows) -> list[Value]:
    """The last carried values, then the rows of outputs. Inputs: the first carried values, the sequences, then what the
    rounds take from outside."""
    count = len(rows.carries)
    start = [at.value(tensor) for tensor in made.inputs[:count]]
    sequences = [at.value(tensor) for tensor in made.inputs[count : count + len(rows.slices)]]
    lengths = list(dict.fromkeys(sequence.shape[0] for sequence in sequences))
    if len(lengths) > 1:
        shown = ", ".join(map(str, lengths))
        raise Refusal(f"the tensors that are scanned must have as many elements each, but have {shown}")
    given = dict(zip(rows.carries, start, strict=True))
    given.update(
        (tensor, Value(sequence.type.with_shape(sequence.shape[1:])))
        for tensor, sequence in zip(rows.slices, sequences, strict=True)
    )
    body = InnerSite(at, rows.context, "body", given)
    body.lower_inside(rows.context, [*rows.results, *rows.outputs])
    following, outputs = ([body.value(tensor) for tensor in tensors] for tensors in (rows.results, rows.outputs))
    for first, after in zip(start, following, strict=True):
        if isinstance(first, Unwritten) or isinstance(after, Unwritten) or first.type != after.type:
            raise at.for_host(made)
    keys = body.written
    state = [at.state(key) for key in keys]
    constants = [outer for outer in body.captured if outer not in set(state)]
    results = [*following, *(body.state(key) for key in keys), *outputs]
    function = body.finish(constants, results, last=state, carries=count)
    found = at.b.scan(
        *constants, *start, *state, *sequences, body=function, length=lengths[0], constants=len(constants),
        carries=count + len(keys), reverse=rows.reverse,
    )  # fmt: skip
    for key, value in zip(keys, found[count:], strict=False):
        at.put(key, value)
    return [*found[:count], *found[count + len(keys) :]]


def scanned(
    function: Callable[[list[Tensor], list[Tensor]], tuple[Sequence[Any], Sequence[Any]]],
    first: Sequence[Tensor],
    sequences: Sequence[Tensor],
    *,
    reverse: bool = False,
    name: str = "Scan",
) -> tuple[list[Tensor], list[Tensor]]:
    """The last carried values, and the outputs in rows, of (carries, outputs) = function(carries, slices), called once
    to build a round. With `reverse` rounds go from the last slice to the first. Raises TypeError, ValueError."""
    context = Context(get_default_graph())
    with context.entered():
        carries = tuple(loop_variable(tensor, tensor.shape) for tensor in first)
        slices = tuple(loop_variable(tensor, tensor.shape[1:]) for tensor in sequences)
        results, outputs = function(list(carries), list(slices))
        followed = tuple(round_result(result, carry) for result, carry in zip(results, carries, strict=True))
        given = tuple(identity(convert_to_tensor(output)) for output in outputs)
    rows = Rows(context, carries, slices, followed, given, reverse)
    inputs = [*first, *sequences, *context.captured([*followed, *given])]
    count = sequences[0]._dims[0] if sequences[0]._dims else None
    types = [(tensor.dtype.base_dtype, tensor._dims) for tensor in carries]
    types += [(output.dtype, None if output._dims is None else (count, *output._dims)) for output in given]
    graph = get_default_graph()
    made = graph.create_operation(definition_of("Scan"), inputs, {"rows": rows}, types, name)
    own(made, context)
    return made.outputs[: len(first)], made.outputs[len(first) :]


def _tensors(elems: Any) -> list[Tensor]:
    """The tensors that are gone through. Raises ValueError for scalars."""
    found = [identity(convert_to_tensor(leaf, name="elem")) for leaf in nest.flatten(elems)]
    for tensor in found:
        if tensor._dims == ():
            raise ValueError("elems must be a 1+ dimensional Tensor, not a scalar")
    return found


def _check_callable(fn: Any) -> None:
    if not callable(fn):
        raise TypeError("fn must be callable.")


@export("map_fn")
def map_fn(
    fn: Callable[[Any], Any],
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
) -> Any:
    """What fn gives of each element of `elems`, a nest of tensors, along a new first axis. `dtype`, a nest of dtypes,
    says what fn returns where that is not as `elems`. Raises TypeError, ValueError."""
    _check_callable(fn)
    with name_scope(name, "map", nest.flatten(elems)) as scope:
        wanted = elems if dtype is None else dtype
        dtypes = (
            [None] * len(nest.flatten(elems)) if dtype is None else [as_dtype(each) for each in nest.flatten(dtype)]
        )

        def step(_: list[Tensor], slices: list[Tensor]) -> tuple[list[Any], list[Any]]:
            result = fn(nest.pack_as(elems, iter(slices)))
            if nest.is_nested(wanted) != nest.is_nested(result) or len(nest.flatten(result)) != len(dtypes):
                raise ValueError(
                    "The two structures don't have the same nested structure.\n\nFirst structure: "
                    f"type={type(wanted).__name__} str={wanted}\n\nSecond structure: type={type(result).__name__} "
                    f"str={result}"
                )
            return [], [
                _of_type(leaf, kind, like) for leaf, kind, like in zip(
                    nest.flatten(result), dtypes, slices if dtype is None else [None] * len(dtypes), strict=True
                )
            ]  # fmt: skip

        _, outputs = scanned(step, [], _tensors(elems), name=f"{scope}TensorArrayStack/")
        return nest.pack_as(wanted, iter(outputs if back_prop else map(stop_gradient, outputs)))


def _of_type(leaf: Any, dtype: Any, like: Tensor | None) -> Tensor:
    wanted = dtype if like is None else like.dtype.base_dtype
    tensor = convert_to_tensor(leaf, dtype=None if isinstance(leaf, Tensor) else wanted)
    if tensor.dtype.base_dtype is not wanted:
        raise TypeError(
            f"TensorArray dtype is {wanted.name} but fn returns {tensor.dtype.base_dtype.name}: say it as dtype="
        )
    return tensor


@export("scan")
def scan(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """a = fn(a, element) for each element of `elems`, all values of a along a new first axis. a begins as
    `initializer`, or as the first element, which is then the first value. Raises TypeError, ValueError."""
    _check_callable(fn)
    with name_scope(name, "scan", nest.flatten(elems)) as scope:
        sequences = _tensors(elems)
        structure = elems if initializer is None else initializer
        first, rest = _begun(sequences, initializer, reverse)

        def step(carries: list[Tensor], slices: list[Tensor]) -> tuple[list[Any], list[Any]]:
            result = fn(nest.pack_as(structure, iter(carries)), nest.pack_as(elems, iter(slices)))
            leaves = nest.flatten(result)
            following = [round_result(leaf, carry) for leaf, carry in zip(leaves, carries, strict=True)]
            return following, following

        _, outputs = scanned(step, first, rest, reverse=reverse, name=f"{scope}TensorArrayStack/")
        if initializer is None:
            ends = [expand_dims(tensor, 0) for tensor in first]
            outputs = [
                concat([row, end] if reverse else [end, row], 0) for end, row in zip(ends, outputs, strict=True)
            ]  # fmt: skip
        return nest.pack_as(structure, iter(outputs if back_prop else map(stop_gradient, outputs)))


def _begun(sequences: list[Tensor], initializer: Any, reverse: bool) -> tuple[list[Tensor], list[Tensor]]:
    """What is carried first, and what is gone through after that."""
    if initializer is not None:
        return [identity(convert_to_tensor(leaf)) for leaf in nest.flatten(initializer)], sequences
    if reverse:
        return [tensor[-1] for tensor in sequences], [tensor[:-1] for tensor in sequences]
    return [tensor[0] for tensor in sequences], [tensor[1:] for tensor in sequences]


def _folded(kind: str, fn: Any, elems: Any, initializer: Any, back_prop: bool, reverse: bool, name: str | None) -> Any:
    _check_callable(fn)
    with name_scope(name, kind, nest.flatten(elems)) as scope:
        structure = elems if initializer is None else initializer
        first, rest = _begun(_tensors(elems), initializer, reverse)

        def step(carries: list[Tensor], slices: list[Tensor]) -> tuple[list[Any], list[Any]]:
            result = fn(nest.pack_as(structure, iter(carries)), nest.pack_as(elems, iter(slices)))
            return nest.flatten(result), []

        last, _ = scanned(step, first, rest, reverse=reverse, name=f"{scope}while/Exit/")
        return nest.pack_as(structure, iter(last if back_prop else map(stop_gradient, last)))


@export("foldl")
def foldl(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """a = fn(a, element) for each element of `elems` from the first on; the last a. It begins as `initializer`, or as
    the first element. Raises TypeError, ValueError."""
    return _folded("foldl", fn, elems, initializer, back_prop, False, name)


@export("foldr")
def foldr(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """a = fn(a, element) for each element of `elems` from the last on; the last a. It begins as `initializer`, or as
    the last element. Raises TypeError, ValueError."""
    return _folded("foldr", fn, elems, initializer, back_prop, True, name)
