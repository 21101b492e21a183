"""`grad`, `vjp`, `jvp`, `jacrev`, `jacfwd` and `hessian`: functions made of functions.

Each calls its function with tensors of its own, so that they nest, and lets go of history that leads to these alone.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from ..autograd.functional import element_gradients, gradients_of, unit_rows
from ..autograd.levels import Level
from ..functions.shapes import reshape
from ..random import drawing_refused
from ..tapes.mode import enable_grad
from ..tensors.creation import zeros, zeros_like
from ..tensors.tensor import Tensor
from . import trees
from .vmap import NO_DRAWS

Argnums = int | tuple[int, ...]


def _numbers(argnums: Argnums, count: int) -> list[int]:
    """The places of arguments, checked. Raises RuntimeError."""
    if not isinstance(argnums, (int, tuple)):
        raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    if isinstance(argnums, tuple):
        if not argnums:
            raise RuntimeError("argnums must be non-empty")
        if len(set(argnums)) != len(argnums):
            raise RuntimeError(f"argnums elements must be unique, got {argnums}")
    found: list[int] = []
    for each in (argnums,) if isinstance(argnums, int) else argnums:
        if not isinstance(each, int):
            raise RuntimeError(f"argnum must be int, got: {type(each)}")
        if not -count <= each < count:
            raise RuntimeError(f"Got argnum={each}, but only {count} positional inputs")
        found.append(each % count)
    return found


def _with(arguments: Sequence[Any], places: list[int], new: Sequence[Any]) -> list[Any]:
    found = list(arguments)
    for place, each in zip(places, new, strict=True):
        found[place] = each
    return found


def _filled(gradients: Sequence[Tensor | None], like: Sequence[Tensor]) -> list[Tensor]:
    return [zeros_like(other.detach()) if each is None else each for each, other in zip(gradients, like, strict=True)]


def grad_and_value(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns (gradients of func by the arguments at `argnums`, func's result). With `has_aux` func
    returns (result, other), and so does the second. Raises RuntimeError where the result is no single number."""

    @functools.wraps(func)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        level = Level()
        places = _numbers(argnums, len(arguments))
        with enable_grad():
            own = [trees.mapped(level.own, arguments[place]) for place in places]
            output = func(*_with(arguments, places, own), **options)
            aux = None
            if has_aux:
                if not isinstance(output, tuple) or len(output) != 2:
                    raise RuntimeError(
                        "grad_and_value(f)(*args): output of function f should be a tuple: (output, aux) if has_aux is "
                        "True"
                    )
                output, aux = output
            if not isinstance(output, Tensor):
                raise RuntimeError(
                    f"grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got {type(output)}"
                )
            if output.ndim:
                raise RuntimeError(
                    "grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with "
                    f"{output.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs instead?"
                )
            flat = trees.leaves(own)
            found = _filled(gradients_of((output,), tuple(flat), None, True), flat)
        made = trees.rebuilt(own, iter(found))
        gradients = trees.mapped(level.released, made[0] if isinstance(argnums, int) else tuple(made))
        value = trees.mapped(level.released, output)
        return (gradients, (value, trees.mapped(level.released, aux))) if has_aux else (gradients, value)

    return wrapper


def grad(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns the gradients of func by the arguments at `argnums`, with `has_aux` and what else func
    returns. Raises RuntimeError where the result is no single number."""
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        gradients, value = both(*arguments, **options)
        return (gradients, value[1]) if has_aux else gradients

    return wrapper


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """(func(*primals), a function from cotangents, as the result is, to gradients by the primals)."""
    level = Level()
    with enable_grad():
        own = trees.mapped(level.own, primals)
        output = func(*own)
        aux = None
        if has_aux:
            if not isinstance(output, tuple) or len(output) != 2:
                raise RuntimeError(
                    "vjp(f, *primals): output of function f should be a tuple: (output, aux) if has_aux is True"
                )
            output, aux = output
    flat_output = trees.leaves(output)
    _check_outputs("vjp", flat_output)
    for each in flat_output:
        if not each.dtype.ir.is_differentiable:
            raise RuntimeError(
                "vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with dtype "
                f"{each.dtype}"
            )

    def pulled(*cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        given = cotangents[0] if len(cotangents) == 1 and not isinstance(output, tuple) else cotangents
        if len(cotangents) == 1 and isinstance(output, tuple) and isinstance(cotangents[0], tuple):
            given = cotangents[0]
        if not trees.is_alike(given, output):
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the function."
                f" cotangents: {_form(given)}, primal output: {_form(output)}"
            )
        with enable_grad():
            flat = trees.leaves(own)
            found = _filled(gradients_of(tuple(flat_output), tuple(flat), trees.leaves(given), True), flat)
        return trees.mapped(level.released, trees.rebuilt(own, iter(found)))

    shown = trees.mapped(level.released, output)
    return (shown, pulled, trees.mapped(level.released, aux)) if has_aux else (shown, pulled)


def _form(tree: Any) -> str:
    return str(trees.mapped(lambda _: "*", tree)).replace("'", "")


def _check_outputs(name: str, outputs: Sequence[Any]) -> None:
    for each in outputs:
        if not isinstance(each, Tensor):
            raise RuntimeError(
                f"{name}(f, *primals): expected f(*primals) to return only tensors, got unsupported type {type(each)}"
            )


def jvp(func: Callable[..., Any], primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False) -> Any:
    """(func(*primals), how it changes in the direction of the tangents), computed as the gradient of a gradient."""
    if not isinstance(primals, tuple):
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected primals to be a tuple. E.g. it should be valid to call f(*primals)."
        )
    if not trees.is_alike(primals, tangents):
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected primals and tangents to have the same python structure. For example, "
            f"if primals is a tuple of 3 tensors, tangents also must be. Got primals with structure {_form(primals)} "
            f"and tangents with structure {_form(tangents)}"
        )
    level = Level()
    with enable_grad():
        own = trees.mapped(level.own, primals)
        output = func(*own)
        aux = None
        if has_aux:
            if not isinstance(output, tuple) or len(output) != 2:
                raise RuntimeError(
                    "jvp(f, primals, tangents): output of function f should be a tuple: (output, aux) if has_aux is "
                    "True"
                )
            output, aux = output
        flat = tuple(trees.leaves(output))
        _check_outputs("jvp", flat)
        if strict and not all(each.requires_grad for each in flat):
            raise RuntimeError(
                "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. This is not "
                "allowed with strict=True."
            )
        change = level.pushed(flat, tuple(trees.leaves(own)), tuple(trees.leaves(tangents)))
    found = trees.mapped(level.released, trees.rebuilt(output, iter(_filled(change, flat))))
    shown = trees.mapped(level.released, output)
    return (shown, found, trees.mapped(level.released, aux)) if has_aux else (shown, found)


Rows = Callable[[Level, tuple[Tensor, ...], tuple[Tensor, ...]], list[list[Tensor]]]


def _jacobian_of(
    func: Callable[..., Any], argnums: Argnums, has_aux: bool, rows_of: Rows, name: str
) -> Callable[..., Any]:
    @functools.wraps(func)
    def wrapper(*arguments: Any, **options: Any) -> Any:
        level = Level()
        places = _numbers(argnums, len(arguments))
        with enable_grad():
            own = [trees.mapped(level.own, arguments[place]) for place in places]
            output = func(*_with(arguments, places, own), **options)
            aux = None
            if has_aux:
                if not isinstance(output, tuple) or len(output) != 2:
                    raise RuntimeError(
                        "vjp(f, *primals): output of function f should be a tuple: (output, aux) if has_aux is True"
                    )
                output, aux = output
            flat, given = tuple(trees.leaves(output)), tuple(trees.leaves(own))
            _check_outputs(name, flat)
            rows = rows_of(level, flat, given)
        built: list[Any] = []
        for row in rows:
            inner = trees.rebuilt(own, iter(row))
            built.append(inner[0] if isinstance(argnums, int) else tuple(inner))
        found = trees.mapped(level.released, trees.rebuilt(output, iter(built)))
        return (found, trees.mapped(level.released, aux)) if has_aux else found

    return wrapper


def _rows(outputs: tuple[Tensor, ...], inputs: tuple[Tensor, ...], chunk: int | None) -> list[list[Tensor]]:
    found: list[list[Tensor]] = []
    for output in outputs:
        row: list[Tensor] = []
        for each, given in zip(element_gradients(output, inputs, True, chunk), inputs, strict=True):
            shape = (*output.shape, *given.shape)
            row.append(zeros(shape, dtype=given.dtype, device=given.device) if each is None else reshape(each, shape))
        found.append(row)
    return found


def _forward_rows(level: Level, outputs: tuple[Tensor, ...], inputs: tuple[Tensor, ...]) -> list[list[Tensor]]:
    found: list[list[Tensor]] = [[] for _ in outputs]
    for which, given in enumerate(inputs):
        count = given.numel()
        tangents = tuple(
            unit_rows(given, 0, count)
            if other == which
            else zeros(count, *each.shape, dtype=each.dtype, device=each.device)
            for other, each in enumerate(inputs)
        )
        change = level.pushed(outputs, inputs, tangents, is_batched=True)
        for row, column, output in zip(found, change, outputs, strict=True):
            shape = (*given.shape, *output.shape)
            made = zeros(shape, dtype=output.dtype, device=output.device) if column is None else reshape(column, shape)
            ahead = range(given.ndim)
            row.append(made.permute(*range(given.ndim, made.ndim), *ahead) if made.ndim else made)
    return found


def jacrev(
    func: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,
) -> Callable[..., Any]:
    """A function that returns the derivatives of func: [axes of the result, axes of the argument], the gradients of all
    elements of the result at once, or of `chunk_size` of them. Raises ValueError for a `chunk_size` below 1."""
    if not (chunk_size is None or chunk_size > 0):
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")
    return _jacobian_of(
        func, argnums, has_aux, lambda level, outputs, inputs: _rows(outputs, inputs, chunk_size), "vjp"
    )


def jacfwd(
    func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Callable[..., Any]:
    """As `jacrev`, computed in the directions of all elements of the argument. Raises RuntimeError where func draws
    random numbers and `randomness` is "error"."""
    found = _jacobian_of(func, argnums, has_aux, _forward_rows, "jvp")
    return found if randomness != "error" else drawing_refused(NO_DRAWS)(found)


def hessian(func: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """A function that returns the second derivatives of func."""
    return jacrev(jacrev(func, argnums), argnums)
