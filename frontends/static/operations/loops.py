"""tf.while_loop: a part of a graph that runs again and again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from diptych.ir import Value

from ..exports import export
from ..graphs import nest
from ..graphs.apply import apply
from ..graphs.contexts import Context, own
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import definition_of, operation
from ..graphs.dtypes import DType
from ..graphs.knowledge import is_symbolic
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape, as_shape, compatible
from ..graphs.site import Site
from ..graphs.tensor import Tensor
from ..running.inner import InnerSite
from ..running.site import LoweringSite, Unwritten
from .arrays import identity, stop_gradient
from .counting import count, growing
from .rounds import Rounds, condition_site, looped, repeated
from .tensor_arrays import flow_of, like, may_grow, with_room


@operation("LoopVariable", "-> dtype", takes_tensors=True)
def lower_loop_variable(at: Site, made: Operation, *, dtype: DType, dynamic_size: bool = False) -> None:
    """Nothing: its value is there when a round begins."""


@operation("While", "->", takes_tensors=True)
def lower_while(at: LoweringSite, made: Operation, *, rounds: Rounds) -> list[Value]:
    """The variables when the condition does not hold any more. Inputs: the first variables, then what the rounds take
    from outside."""
    start = [at.value(tensor) for tensor in made.inputs[: len(rounds.variables)]]
    places = growing(rounds)
    number = None
    if places:
        number, *sizes = at.counted(lambda: count(at, made, rounds, start, places)).tolist()
        for place, size in zip(places, sizes, strict=True):
            start[place] = _roomy(at, start[place], size)
    body, following = _round(at, rounds, start, places)
    written = [_with_elements(at, first, after) for first, after in zip(start, following, strict=True)]
    if written != start:  # arrays that are written here for the first time
        start = written
        body, following = _round(at, rounds, start, places)
    for first, after in zip(start, following, strict=True):
        if type(first) is not type(after) or (isinstance(first, Value) and first.type != after.type):
            raise at.for_host(made)
    carried = [place for place, value in enumerate(start) if isinstance(value, Value)]
    first, after = ([values[place] for place in carried] for values in (start, following))
    if number is None:
        condition = condition_site(at, made, rounds, dict(zip(rounds.variables, start, strict=True)))
        bound = None if rounds.bound is None else _known(at, rounds.bound)
        last = looped(at, condition, rounds.condition, body, first, after, bound)
    else:
        last = repeated(at, body, first, after, number)
    results: list[Any] = list(start)
    for place, value in zip(carried, last, strict=False):
        results[place] = value
    return results


def _round(
    at: LoweringSite, rounds: Rounds, start: Sequence[Any], growing: Sequence[int]
) -> tuple[InnerSite, list[Any]]:
    """The site of a round that begins with values of the types of `start`, and what the variables are after it."""
    body = InnerSite(at, rounds.context, "body", dict(zip(rounds.variables, start, strict=True)))
    body.roomy = {rounds.variables[place] for place in growing}
    body.lower_inside(rounds.context, rounds.results)
    return body, [body.value(result) for result in rounds.results]


def _roomy(at: LoweringSite, first: Any, size: int) -> Any:
    """What a variable begins as, with room for `size` elements."""
    if isinstance(first, Unwritten):
        return Unwritten(max(first.size, size), first.dtype)
    return with_room(at.b, first, size)


def _with_elements(at: LoweringSite, first: Any, after: Any) -> Any:
    """What a variable begins as: an array with elements of zeros, where a round writes some."""
    if isinstance(first, Unwritten) and isinstance(after, Value):
        return first.filled(at.b, after.shape[1:])
    return first


def _known(at: LoweringSite, tensor: Tensor) -> int | None:
    """The number in a scalar, where it does not change from run to run."""
    found = at.knowledge.of(at.value(tensor))
    return None if found is None or is_symbolic(found) else int(found)


@export("while_loop")
def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
    maximum_iterations: Any = None,
    return_same_structure: bool = False,
) -> Any:
    """loop_vars = body(*loop_vars) while cond(*loop_vars) holds; the last ones, of a list of one the one.

    Variables keep their dtypes, and their shapes as far as `shape_invariants` says them. Raises TypeError, ValueError.
    """
    for what, function in (("cond", cond), ("body", body)):
        if not callable(function):
            raise TypeError(f"{what} must be callable.")
    if parallel_iterations < 1:
        raise TypeError("parallel_iterations must be a positive integer.")
    if not loop_vars:
        raise ValueError("No loop variables provided")
    with name_scope(name, "while", nest.flatten(loop_vars)) as scope:
        limit = _limit(maximum_iterations)
        first, shapes = _first(loop_vars, shape_invariants)
        if limit is not None:
            first, shapes = [convert_to_tensor(0, dtype=limit.dtype), *first], [TensorShape([]), *shapes]
        rounds, structure = _built(cond, body, loop_vars, first, shapes, limit)
        outputs = _owned(rounds, first, f"{scope}Exit/")
    outputs = outputs if limit is None else outputs[1:]
    if not back_prop:
        outputs = [stop_gradient(output) for output in outputs]
    packed = _packed(structure, outputs)
    return packed[0] if not return_same_structure and isinstance(packed, list | tuple) and len(packed) == 1 else packed


def _limit(maximum_iterations: Any) -> Tensor | None:
    if maximum_iterations is None:
        return None
    limit = convert_to_tensor(maximum_iterations, name="maximum_iterations")
    if limit._dims:
        raise ValueError(f"maximum_iterations must be a scalar, saw shape: {limit.shape}")
    return limit


def _first(loop_vars: Any, shape_invariants: Any) -> tuple[list[Tensor], list[TensorShape]]:
    """The first variables, and the shapes that hold in every round."""
    first = [identity(convert_to_tensor(flow_of(leaf))) for leaf in nest.flatten(loop_vars, expand_composites=True)]
    if shape_invariants is None:
        return first, [tensor.shape for tensor in first]
    shapes = [
        shape
        for leaf, given in zip(nest.flatten(loop_vars), nest.flatten_up_to(loop_vars, shape_invariants), strict=True)
        for shape in _shapes_of(leaf, given)
    ]
    for tensor, shape in zip(first, shapes, strict=True):
        if not _holds(shape, tensor):
            raise ValueError(
                f"The shape invariant specified for {tensor.name} is not compatible with the initial shape of the loop "
                f"variable. It enters the loop with shape {tensor.shape}, but the specified shape invariant is {shape}."
            )
    return first, shapes


def _shapes_of(leaf: Any, given: Any) -> list[TensorShape]:
    """What holds of a loop variable; a composite's tensors may change in length."""
    if not nest.is_composite(leaf):
        return [as_shape(given)]
    return [TensorShape([None, *part.shape[1:]]) for part in leaf._components()]


def _holds(shape: TensorShape, tensor: Tensor) -> bool:
    """Whether a tensor has a shape for sure."""
    known, found = shape.known, tensor._dims
    if known is None:
        return True
    if found is None or len(known) != len(found):
        return False
    return all(wanted is None or wanted == size for wanted, size in zip(known, found, strict=True))


def loop_variable(like: Tensor, shape: TensorShape) -> Tensor:
    """A variable in a round, of the dtype of `like`."""
    dtype = like.dtype.base_dtype
    made = like.graph.create_operation(
        definition_of("LoopVariable"), (), {"dtype": dtype, "dynamic_size": may_grow(like)}, [(dtype, shape.known)],
        "Identity",
    )  # fmt: skip
    return made.outputs[0]


def _built(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    structure: Any,
    first: Sequence[Tensor],
    shapes: Sequence[TensorShape],
    limit: Tensor | None,
) -> tuple[Rounds, Any]:
    """The rounds, and the structure of what the body returns."""
    context = Context(get_default_graph())
    with context.entered():
        variables = tuple(map(loop_variable, first, shapes))
        own = variables if limit is None else variables[1:]
        given = _packed(structure, own)
        arguments = list(given.values()) if isinstance(given, dict) else list(given)
        condition = convert_to_tensor(cond(*arguments))
        if limit is not None:
            condition = apply("LogicalAnd", [variables[0] < limit, condition])
        returned = body(*arguments)
        returned = returned if nest.is_nested(returned) else [returned]
        leaves = _leaves(returned, structure)
        results = [] if limit is None else [variables[0] + 1]
        results += [round_result(leaf, variable) for leaf, variable in zip(leaves, own, strict=True)]
    return Rounds(context, variables, condition, tuple(results), limit), returned


def _packed(structure: Any, tensors: Sequence[Tensor]) -> Any:
    """A structure like this one with other tensors in it, those in the places of TensorArrays as such."""
    rest = iter(tensors)
    return nest.rebuild(structure, lambda leaf: like(leaf, next(rest)), expand_composites=True)


def _leaves(returned: Any, structure: Any) -> list[Any]:
    """What the body returns, as many as there are variables."""
    leaves = nest.flatten(returned, expand_composites=True)
    wanted = len(nest.flatten(structure, expand_composites=True))
    if len(leaves) != wanted:
        raise ValueError(
            f"The number of outputs of the body, {len(leaves)}, must be that of the loop variables, {wanted}."
        )
    return leaves


def round_result(leaf: Any, variable: Tensor) -> Tensor:
    """What a variable is after a round. Raises TypeError and ValueError where it cannot be."""
    leaf = flow_of(leaf)
    tensor = identity(convert_to_tensor(leaf, dtype=None if isinstance(leaf, Tensor) else variable.dtype))
    if tensor.dtype.base_dtype is not variable.dtype.base_dtype:
        raise TypeError(
            f"Loop variable {variable.name} is of dtype {variable.dtype.name} but is {tensor.dtype.name} after one "
            "iteration."
        )
    if not compatible(tensor._dims, variable._dims) or not _holds(variable.shape, tensor):
        raise ValueError(
            f"The shape for {variable.name} is not an invariant for the loop. It enters the loop with shape "
            f"{variable.shape}, but has shape {tensor.shape} after one iteration. Provide shape invariants using "
            "either the `shape_invariants` argument of tf.while_loop or set_shape() on the loop variables."
        )
    return tensor


def _owned(rounds: Rounds, first: Sequence[Tensor], name: str) -> list[Tensor]:
    """The outputs of the operation that runs the rounds."""
    captured = rounds.context.captured([rounds.condition, *rounds.results])
    inputs = [*first, *dict.fromkeys([*captured, *([] if rounds.bound is None else [rounds.bound])])]
    outputs = [(variable.dtype.base_dtype, variable._dims) for variable in rounds.variables]
    made = first[0].graph.create_operation(definition_of("While"), inputs, {"rounds": rounds}, outputs, name)
    own(made, rounds.context)
    return made.outputs
