"""`vmap`: a function of elements made a function of batches."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from ..functions.joining import cat
from ..random import drawing_refused
from ..tapes.tape import tape
from ..tensors.tensor import Tensor
from . import trees
from .elements import Elements, Output

_MADE = object()  # stands for a result that is computed

NO_DRAWS = (
    "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' "
    "randomness flags on vmap or perform the randomness operation out of vmap"
)


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """A function that gives func one slice of each positional argument, along its axis of `in_dims` (None: the whole),
    and stacks the results along `out_dims`. func is called once, with tensors that stand for a slice each, and what it
    does is computed for all of them at once; with `chunk_size` for so many at once. With `randomness` "same" all slices
    see the same numbers; with "error" none may draw.

    Raises ValueError where the axes do not fit the arguments, RuntimeError for draws, and for what cannot be done with
    all slices at once: reading values, shapes that depend on values, writing into what all slices share.
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

        def of_slices(*given: Any) -> Any:
            size = next(each.shape[axis] for each, axis in zip(given, axes, strict=True) if axis is not None)
            elements = Elements(size, randomness)
            with elements.at_work(), drawing_refused(NO_DRAWS) if randomness == "error" else nullcontext():
                parts = [
                    each if axis is None else elements.element(each, axis)
                    for each, axis in zip(given, axes, strict=True)
                ]
                result = func(*trees.rebuilt(arguments, iter(parts)), **options)
                return _outside(name, elements, result, out_dims)

        if chunk_size is None or chunk_size >= sizes[0]:
            return _recorded(of_slices, flat)
        made = [
            _recorded(
                of_slices,
                [
                    each if axis is None else each.narrow(axis, start, min(chunk_size, sizes[0] - start))
                    for each, axis in zip(flat, axes, strict=True)
                ],
            )
            for start in range(0, sizes[0], chunk_size)
        ]
        return _joined(name, made, out_dims)

    return wrapped


def _recorded(of_slices: Callable[..., Any], given: list[Any]) -> Any:
    """What a function of whole batches returns; one that is captured is called again as it is."""
    return of_slices(*given) if tape.log is None else tape.log.act(of_slices, *given)


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
            f"`inputs`. in_dims has structure {trees.described(in_dims)} but inputs has structure "
            f"{trees.described(arguments)}."
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


def _out_axes(name: str, result: Any, out_dims: Any) -> list[int | None]:
    """For each leaf of the result the axis of the slices. Raises ValueError where the axes do not fit."""
    if not _are_axes(out_dims):
        raise ValueError(
            f"vmap({name}, ..., out_dims={out_dims}): `out_dims` must be an int, None or a python collection of ints "
            "representing where in the outputs the vmapped dimension should appear."
        )
    axes = trees.spread(out_dims, result)
    if not isinstance(result, (tuple, list, dict)) and isinstance(out_dims, tuple) and len(out_dims) == 1:
        axes = [out_dims[0]]
    if axes is None:
        raise ValueError(
            f"vmap({name}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the structure of "
            f"`outputs`. out_dims has structure {trees.described(out_dims)} but outputs has structure "
            f"{trees.described(result)}."
        )
    return axes


def _outside(name: str, elements: Elements, result: Any, out_dims: Any) -> Any:
    """What the function returned, of all slices."""
    axes = _out_axes(name, result, out_dims)
    found: list[Any] = []
    outputs: list[Output] = []
    for each, axis in zip(trees.leaves(result), axes, strict=True):
        if not isinstance(each, Tensor):
            if axis is None:
                found.append(each)
                continue
            raise ValueError(
                f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(each)}. Did you mean to "
                "set out_dims= to None for output?"
            )
        lazy = each._lazy()
        if axis is None:
            if elements.is_batched(lazy):
                raise ValueError(f"vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None")
            if each._storage.serial != tape.serial and lazy.call is None:
                found.append(each)
                continue
        elif not -each.ndim - 1 <= axis <= each.ndim:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-each.ndim - 1}, {each.ndim}], but got {axis})"
            )
        else:
            axis %= each.ndim + 1
        found.append(_MADE)
        outputs.append(elements.output(each, axis))
    made = iter(elements.finished(outputs))
    return trees.rebuilt(result, iter([next(made) if each is _MADE else each for each in found]))


def _joined(name: str, results: list[Any], out_dims: Any) -> Any:
    """The results of chunks, one after another."""
    axes = _out_axes(name, results[0], out_dims)
    columns = zip(*(trees.leaves(each) for each in results), strict=True)
    made = [column[0] if axis is None else cat(list(column), axis) for column, axis in zip(columns, axes, strict=True)]
    return trees.rebuilt(results[0], iter(made))
