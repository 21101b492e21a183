"""tf.cond and tf.case: one of several parts of a graph runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from diptych.ir import Value

from ..exports import export
from ..graphs import nest
from ..graphs.apply import apply
from ..graphs.contexts import Context, own
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import definition_of, operation
from ..graphs.errors import FailedPreconditionError
from ..graphs.operation import Operation
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims
from ..graphs.site import Refusal, UnknownValue
from ..graphs.tensor import Tensor
from ..running.inner import InnerSite, all_captured, all_written
from ..running.site import LoweringSite, NeedsHost, Unwritten
from .arrays import identity
from .control import with_dependencies
from .tensor_arrays import flow_of, like


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch: its context, and its results in there."""

    context: Context
    results: tuple[Tensor, ...]


@operation("Cond", "->", takes_tensors=True)
def lower_cond(at: LoweringSite, made: Operation, *, branches: tuple[Branch, Branch]) -> list[Value]:
    """The results of the first branch where the first input holds, else of the second. A branch that is sure to be
    taken is lowered in place. Inputs: the condition, then what the branches take from outside."""
    predicate = at.value(made.inputs[0])
    if predicate.rank:
        raise Refusal(f"The second input must be a scalar, but it has shape {list(predicate.shape)}")
    taken = at.decided(predicate)
    if taken is not None:
        branch = branches[0 if taken else 1]
        at.lower_inside(branch.context, branch.results)
        return [at.value(result) for result in branch.results]
    try:
        return _both(at, predicate, branches)
    except (
        FailedPreconditionError,
        NeedsHost,
    ):  # in a branch that is maybe not taken: the program is one for the other
        raise UnknownValue(predicate) from None


def _both(at: LoweringSite, predicate: Value, branches: Sequence[Branch]) -> list[Value]:
    sites = [
        InnerSite(at, branch.context, name, {}) for branch, name in zip(branches, ("on_true", "on_false"), strict=True)
    ]
    results: list[list[Value]] = []
    for site, branch in zip(sites, branches, strict=True):
        site.lower_inside(branch.context, branch.results)
        results.append([site.value(result) for result in branch.results])
    _write_elements(sites, results)
    keys = all_written(sites)
    for site, found in zip(sites, results, strict=True):
        found.extend(site.state(key) for key in keys)
    if any(isinstance(value, Unwritten) for found in results for value in found):
        raise UnknownValue(predicate)
    if [value.type for value in results[0]] != [value.type for value in results[1]]:
        raise UnknownValue(predicate)  # types differ: the program is one for the branch that is taken
    outer = all_captured(sites)
    functions = [site.finish(outer, found) for site, found in zip(sites, results, strict=True)]
    made = at.b.cond(predicate, *outer, on_true=functions[0], on_false=functions[1])
    count = len(branches[0].results)
    for key, value in zip(keys, made[count:], strict=True):
        at.put(key, value)
    return list(made[:count])


def _write_elements(sites: Sequence[InnerSite], results: Sequence[list[Any]]) -> None:
    """Arrays that one branch alone writes get elements of zeros in the other."""
    for place, pair in enumerate(zip(*results, strict=True)):
        for site, found, other in zip(sites, results, reversed(pair), strict=True):
            if isinstance(found[place], Unwritten) and isinstance(other, Value):
                found[place] = found[place].filled(site.b, other.shape[1:])


def _merged(left: Dims | None, right: Dims | None) -> Dims | None:
    """What both shapes have in common."""
    if left is None or right is None or len(left) != len(right):
        return None
    return tuple(a if a == b else None for a, b in zip(left, right, strict=True))


def _built(context: Context, function: Callable[[], Any], pivot: Tensor, name: str) -> tuple[Any, list[Tensor]]:
    """What `function` returns, and that as tensors in the context, operations as the condition after them."""
    with context.entered():
        result = function()
        if result is None:
            raise ValueError(f"{name} must have a return value.")
        return result, [_tensor(leaf, pivot) for leaf in nest.flatten(result, expand_composites=True)]


def _tensor(leaf: Any, pivot: Tensor) -> Tensor:
    leaf = flow_of(leaf)
    if isinstance(leaf, Operation):
        return with_dependencies([leaf], pivot)
    tensor = convert_to_tensor(leaf)
    return identity(tensor) if tensor.dtype._is_ref_dtype or tensor.op.slot is not None else tensor


@export("cond")
def cond(
    pred: Any,
    true_fn: Callable[[], Any] | None = None,
    false_fn: Callable[[], Any] | None = None,
    strict: bool = False,
    name: str | None = None,
    fn1: Callable[[], Any] | None = None,
    fn2: Callable[[], Any] | None = None,
) -> Any:
    """What true_fn() returns where `pred` holds, otherwise what false_fn() does; only what that one made runs.

    Both return nests of the same structure and dtypes; of a list of one the one, unless `strict`. Raises TypeError,
    ValueError.
    """
    true_fn, false_fn = _function("true_fn", true_fn, "fn1", fn1), _function("false_fn", false_fn, "fn2", fn2)
    if isinstance(pred, bool):
        raise TypeError("pred must not be a Python bool")
    with name_scope(name, "cond", [pred]) as scope:
        pivot = identity(convert_to_tensor(pred, name="pred"), name="pred_id")
        graph = get_default_graph()
        contexts = Context(graph), Context(graph)
        on_true, true_results = _built(contexts[0], true_fn, pivot, "true_fn")
        on_false, false_results = _built(contexts[1], false_fn, pivot, "false_fn")
        _check_alike(on_true, on_false, true_results, false_results)
        branches = Branch(contexts[0], tuple(true_results)), Branch(contexts[1], tuple(false_results))
        outputs = _owned(branches, pivot, f"{scope}Merge/")
    if all(isinstance(leaf, Operation) for leaf in nest.flatten(on_true)) and not nest.is_nested(on_true):
        return outputs[0]
    rest = iter(outputs)
    packed = nest.rebuild(on_true, lambda leaf: like(leaf, next(rest)), expand_composites=True)
    return packed[0] if not strict and isinstance(packed, list | tuple) and len(packed) == 1 else packed


def _function(
    name: str, given: Callable[[], Any] | None, old_name: str, old: Callable[[], Any] | None
) -> Callable[[], Any]:
    if old is not None:
        if given is not None:
            raise TypeError(f"cond(): '{old_name}' and '{name}' may not be set simultaneously.")
        given = old
    if given is None:
        raise TypeError(f"cond(): {name} argument required")
    if not callable(given):
        raise TypeError(f"{name} must be callable.")
    return given


def _check_alike(on_true: Any, on_false: Any, true_results: list[Tensor], false_results: list[Tensor]) -> None:
    if not true_results or not false_results:
        raise ValueError("true_fn and false_fn must return at least one result.")
    if not nest.is_same_structure(on_true, on_false):
        differ = len(true_results) != len(false_results)
        raise (ValueError if differ else TypeError)(
            f"Incompatible return {'values' if differ else 'types'} of true_fn and false_fn: The two structures don't "
            f"have the same nested structure.\n\nFirst structure: type={type(on_true).__name__} str={on_true}\n\n"
            f"Second structure: type={type(on_false).__name__} str={on_false}"
        )
    for left, right in zip(true_results, false_results, strict=True):
        if left.dtype.base_dtype is not right.dtype.base_dtype:
            raise ValueError(
                f"Outputs of true_fn and false_fn must have the same type: {left.dtype.name}, {right.dtype.name}"
            )


def _owned(branches: tuple[Branch, Branch], pivot: Tensor, name: str) -> list[Tensor]:
    """The outputs of the operation that runs the branches."""
    inputs = dict.fromkeys(tensor for branch in branches for tensor in branch.context.captured(branch.results))
    outputs = [
        (left.dtype.base_dtype, _merged(left._dims, right._dims))
        for left, right in zip(branches[0].results, branches[1].results, strict=True)
    ]
    graph = pivot.graph
    made = graph.create_operation(definition_of("Cond"), [pivot, *inputs], {"branches": branches}, outputs, name)
    own(made, branches[0].context, branches[1].context)
    return made.outputs


@export("case")
def case(
    pred_fn_pairs: Any,
    default: Callable[[], Any] | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """What the function beside the first condition that holds returns, otherwise what `default` does.

    `pred_fn_pairs` are pairs of a condition and a function, or a dictionary of them. Raises TypeError, ValueError.
    """
    pairs = list(pred_fn_pairs.items()) if isinstance(pred_fn_pairs, Mapping) else list(pred_fn_pairs)
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(
                f"Each entry in pred_fn_pairs must be a 2-tuple, got {pair}"
                if isinstance(pair, tuple) else "Each entry in pred_fn_pairs must be a 2-tuple, got "
                f"{type(pair).__name__}"
            )  # fmt: skip
        if (
            isinstance(pair[0], bool)
            or getattr(pair[0], "dtype", None) is None
            or pair[0].dtype.base_dtype.name != "bool"
        ):
            raise TypeError(f"pred must be Tensor of type bool: {pair[0]}")
        if not callable(pair[1]):
            raise TypeError(f"fn for pred {pair[0].name} must be callable.")
    if default is not None and not callable(default):
        raise TypeError("default must be callable.")
    with name_scope(name, "case", [pair[0] for pair in pairs]):
        if default is None:
            *pairs, (_, default) = pairs  # the last one, where no other holds
        chosen = default
        for condition, function in reversed(pairs):
            chosen = partial(cond, condition, true_fn=function, false_fn=chosen, strict=strict)
        return chosen()


@export("switch_case")
def switch_case(
    branch_index: Any, branch_fns: Any, default: Callable[[], Any] | None = None, name: str = "switch_case"
) -> Any:
    """What the function with the number `branch_index` returns; where there is none, what `default` does, or else the
    last function.

    `branch_fns` are functions, pairs of a number and a function, or a dictionary of them. Raises TypeError, ValueError.
    """
    functions = _numbered(branch_index, branch_fns)
    chosen = functions.pop() if default is None else default
    with name_scope(name, "case", [branch_index]):
        for number, function in reversed(list(enumerate(functions))):
            chosen = partial(
                cond, apply("Equal", [branch_index, number]), true_fn=function, false_fn=chosen, strict=True
            )
        return chosen()


def _numbered(branch_index: Any, branch_fns: Any) -> list[Callable[[], Any]]:
    """The functions in the order of their numbers."""
    if not isinstance(branch_index, Tensor):
        raise TypeError(f"'branch_index' must be a Tensor, got {type(branch_index)}")
    if not branch_index.dtype.is_integer:
        raise TypeError(f"'branch_index' must be an integer Tensor, got {branch_index.dtype}")
    if not branch_fns:
        raise ValueError("Must provide at least one item in 'branch_fns'")
    if not isinstance(branch_fns, list | tuple | Mapping):
        raise TypeError("'branch_fns' must be a list, tuple, or dict")
    pairs = list(branch_fns.items()) if isinstance(branch_fns, Mapping) else list(branch_fns)
    if all(callable(each) for each in pairs):
        pairs = list(enumerate(pairs))
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"Each entry in 'branch_fns' must be a 2-tuple. Received {pair}.")
        if not isinstance(pair[0], int):
            raise TypeError(f"key must be a Python `int`, got {type(pair[0])}")
        if not callable(pair[1]):
            raise TypeError(f"fn for key {pair[0]} must be callable.")
    keys = sorted(key for key, _ in pairs)
    if keys != list(range(len(keys))):
        found = ",".join(map(str, keys))
        raise ValueError(
            f"branch indices (keys) must form contiguous range of [0 to {len(keys)}) but found {{{found}}}"
        )
    return [function for _, function in sorted(pairs, key=lambda pair: pair[0])]
