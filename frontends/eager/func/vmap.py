"""`vmap`: a function of elements made a function of batches. The function is called once for each element."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from diptych.names import limited

from ..functions.joining import stack
from ..random import drawing_refused, get_rng_state, set_rng_state
from ..tensors.creation import zeros
from ..tensors.tensor import Tensor
from . import trees

_NO_DRAWS = (
    "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' "
    "randomness flags on vmap or perform the randomness operation out of vmap"
)


@limited("calls the function once for each element")
def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """A function that gives func one slice of each positional argument, along its axis of `in_dims` (None: the whole),
    and stacks the results along `out_dims`. With `randomness` "same" each call draws the same numbers; with "error"
    none may draw.

    Raises ValueError where the axes do not fit the arguments, RuntimeError for draws.
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")
    if not (chunk_size is None or chunk_size > 0):
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")
    name = getattr(func, "__name__", repr(func))

    @functools.wraps(func)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        axes, flat = _axes_of(name, in_dims, arguments)
        sizes = [each.shape[axis] for each, axis in zip(flat, axes, strict=True) if axis is not None]
        if not sizes:
            raise ValueError("vmap: Expected at least one Tensor to vmap over")
        if any(size != sizes[0] for size in sizes):
            raise ValueError(
                "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
                f"{sizes} for the mapped dimension"
            )
        state = get_rng_state() if randomness == "same" else None
        results: list[Any] = []
        with drawing_refused(_NO_DRAWS) if randomness == "error" else nullcontext():
            for place in range(sizes[0]):
                if state is not None:
                    set_rng_state(state)
                parts = [
                    each if axis is None else each.select(axis, place) for each, axis in zip(flat, axes, strict=True)
                ]
                results.append(func(*trees.rebuilt(arguments, iter(parts)), **options))
            if results:
                return _joined(name, results, out_dims)
            return _joined(name, [func(*trees.rebuilt(arguments, iter(_samples(flat, axes))), **options)], out_dims, 0)

    return wrapped


def _are_axes(given: Any) -> bool:
    return all(each is None or isinstance(each, int) for each in trees.leaves(given))


def _axes_of(name: str, in_dims: Any, arguments: tuple[Any, ...]) -> tuple[list[int | None], list[Any]]:
    """For each leaf of the arguments its axis, not negative, or None."""
    start = f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): "
    if not isinstance(in_dims, (int, tuple)):
        raise ValueError(
            f"{start}expected `in_dims` to be int or a (potentially nested) tuple matching the structure of inputs, "
            f"got: {type(in_dims)}."
        )
    if not arguments:
        raise ValueError(
            f"vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a "
            "function with no inputs. The latter is unsupported."
        )
    flat = trees.leaves(arguments)
    axes = trees.spread(in_dims, arguments)
    if axes is None:
        raise ValueError(
            f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): in_dims is not compatible with the structure of "
            f"`inputs`. in_dims has structure {_spec(in_dims)} but inputs has structure {_spec(arguments)}."
        )
    found: list[int | None] = []
    for each, axis in zip(flat, axes, strict=True):
        if axis is not None and not isinstance(axis, int):
            raise ValueError(
                f"{start}Got in_dim={axis} for an input but in_dim must be either an integer dimension or None."
            )
        if axis is not None and not isinstance(each, Tensor):
            raise ValueError(
                f"{start}Got in_dim={axis} for an input but the input is of type {type(each)}. We cannot vmap over "
                "non-Tensor arguments, please use None as the respective in_dim"
            )
        if axis is not None and not -each.ndim <= axis < each.ndim:
            raise ValueError(
                f"{start}Got in_dim={axis} for some input, but that input is a Tensor of dimensionality {each.ndim} so "
                f"expected in_dim to satisfy -{each.ndim} <= in_dim < {each.ndim}."
            )
        found.append(None if axis is None else axis % each.ndim)
    return found, flat


def _samples(flat: list[Any], axes: list[int | None]) -> list[Any]:
    """Slices of zeros, of a batch that has none."""
    return [
        each if axis is None else zeros(*each.shape[:axis], *each.shape[axis + 1 :], dtype=each.dtype)
        for each, axis in zip(flat, axes, strict=True)
    ]


def _spec(tree: Any, indent: int = 0) -> str:
    """How PyTorch writes the form of a tree."""
    if not isinstance(tree, (tuple, list, dict)):
        return "*"
    parts = [_spec(each, indent + 2) for each in (tree.values() if isinstance(tree, dict) else tree)]
    joined = (",\n" + " " * (indent + 2)).join(parts)
    return f"TreeSpec({type(tree).__name__}, {list(tree) if isinstance(tree, dict) else None}, [{joined}])"


def _joined(name: str, results: list[Any], out_dims: Any, count: int | None = None) -> Any:
    """The results side by side; with `count` 0 as many as that of the form of the one that is there."""
    first = results[0]
    if not _are_axes(out_dims):
        raise ValueError(
            f"vmap({name}, ..., out_dims={out_dims}): `out_dims` must be an int, None or a python collection of ints "
            "representing where in the outputs the vmapped dimension should appear."
        )
    single = not isinstance(first, (tuple, list, dict))
    axes = trees.spread(out_dims, first)
    if single and isinstance(out_dims, tuple) and len(out_dims) == 1:
        axes = [out_dims[0]]
    if axes is None:
        raise ValueError(
            f"vmap({name}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the structure of "
            f"`outputs`. out_dims has structure {_spec(out_dims)} but outputs has structure {_spec(first)}."
        )
    columns = zip(*(trees.leaves(each) for each in results), strict=True)
    made: list[Any] = []
    for column, axis in zip(columns, axes, strict=True):
        if not isinstance(column[0], Tensor):
            raise ValueError(
                f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(column[0])}. Did you mean to "
                "set out_dims= to None for output?"
            )
        joined = column[0] if axis is None else stack(list(column), axis)
        made.append(joined if count is None or axis is None else joined.narrow(axis, 0, count))
    return trees.rebuilt(first, iter(made))
