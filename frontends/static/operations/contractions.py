"""Sums of products over axes: tf.tensordot and tf.einsum."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from diptych.ir import Value

from ...functions import einsum as contraction
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import NUMBERS, int32
from ..graphs.scopes import name_scope
from ..graphs.site import Refusal, Site, known_shape
from ..graphs.tensor import Tensor
from .arrays import rank, reshape, shape, transpose
from .gathering import gather
from .joining import concat, stack
from .matrices import trace
from .picking import setdiff1d
from .products import matmul
from .ranges import range as range_of
from .reductions import reduced
from .selection import where

Axes = list[int] | Tensor


@export("tensordot", "linalg.tensordot")
def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Tensor:
    """The sum of products over pairs of axes: the last `axes` of a and the first of b, or the axes in two lists.

    The result has the other axes of a, then those of b. Raises ValueError.
    """
    with name_scope(name, "Tensordot", [a, b, axes]) as scope:
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, name="b")
        left, right = _pairs(a, axes)
        rows, a_free = _as_matrix(a, left, contracted_first=False)
        columns, b_free = _as_matrix(b, right, contracted_first=True)
        product = matmul(rows, columns)
        if isinstance(a_free, list) and isinstance(b_free, list):
            return reshape(product, a_free + b_free, name=scope)
        sizes = [convert_to_tensor(free, dtype=int32) for free in (a_free, b_free)]
        made = reshape(product, concat(sizes, 0), name=scope)
        known = [_free_dims(tensor, places) for tensor, places in ((a, left), (b, right))]
        if None not in known:
            made.set_shape(known[0] + known[1])
        return made


def _pairs(a: Tensor, axes: Any) -> tuple[Any, Any]:
    """The axes of both tensors that are summed over."""
    if isinstance(axes, int):
        if axes < 0:
            raise ValueError("'axes' must be at least 0.")
        count = a.shape.ndims
        if count is None:
            whole = rank(a)
            return range_of(whole - axes, whole), range_of(axes)
        if axes > count:
            raise ValueError(f"'axes' must not be larger than the number of dimensions of tensor {a}.")
        return list(range(count - axes, count)), list(range(axes))
    if not isinstance(axes, list | tuple):
        axes = convert_to_tensor(axes, name="axes", dtype=int32)
        return axes[0], axes[1]
    if len(axes) != 2:
        raise ValueError("'axes' must be an integer or have length 2.")
    left, right = ([each] if isinstance(each, int) else each for each in axes)
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return left, right
    left, right = list(left), list(right)
    if len(left) != len(right):
        raise ValueError(f"Different number of contraction axes 'a' and 'b', {len(left)} != {len(right)}.")
    return left, right


def _free_dims(x: Tensor, axes: Any) -> list[int | None] | None:
    count = x.shape.ndims
    if count is None or not isinstance(axes, list):
        return None
    taken = {place % count for place in axes}
    return [size for place, size in enumerate(x.shape.as_list()) if place not in taken]


def _as_matrix(x: Tensor, axes: Any, *, contracted_first: bool) -> tuple[Tensor, Any]:
    """x as a matrix, the contracted axes together along one side; and the sizes of the others."""
    count = x.shape.ndims
    if isinstance(axes, list) and count is not None:
        axes = [place + count if place < 0 else place for place in axes]
        free = [place for place in range(count) if place not in axes]
        sizes = x.shape.as_list()
        order = axes + free if contracted_first else free + axes
        if None not in sizes:
            dims = [sizes[place] for place in free]
            ends = [math.prod(sizes[place] for place in axes), math.prod(dims)]
            return reshape(transpose(x, order), ends if contracted_first else ends[::-1]), dims
        free_tensor: Any = convert_to_tensor(free, dtype=int32, name="free")
        axes_tensor: Any = convert_to_tensor(axes, dtype=int32, name="axes")
        perm: Any = order
    else:
        axes_tensor = convert_to_tensor(axes, dtype=int32, name="axes")
        whole = rank(x)
        axes_tensor = where(axes_tensor >= 0, axes_tensor, axes_tensor + whole)
        free_tensor = setdiff1d(range_of(whole), axes_tensor)[0]
        perm = concat([axes_tensor, free_tensor] if contracted_first else [free_tensor, axes_tensor], 0)
    sizes = shape(x)
    dims, summed = gather(sizes, free_tensor), gather(sizes, axes_tensor)
    ends = [reduced("Prod", summed, None, False, None), reduced("Prod", dims, None, False, None)]
    return reshape(transpose(x, perm), stack(ends if contracted_first else ends[::-1])), dims


# -- einsum ----


@operation("Einsum", "inputs: N*T -> T", T=NUMBERS)
def lower_einsum(at: Site, *inputs: Value, N: int, equation: str) -> Value:
    """The sum over all labels that the output has not of the products of the inputs, whose axes have these labels."""
    left, output = equation.split("->")
    terms = left.split(",")
    sizes: dict[str, Any] = {}
    for term, value in zip(terms, inputs, strict=True):
        if len(term) != value.rank:
            raise Refusal(f"Shape must be rank {len(term)} but is rank {value.rank}")
        for label, size in zip(term, known_shape(value), strict=True):
            if sizes.setdefault(label, size) != size:
                raise Refusal(f"Dimensions must be equal, but are {sizes[label]} and {size}")
    labels = [tuple(map(ord, term)) for term in terms]
    return contraction.einsum(at.b, inputs, labels, tuple(map(ord, output)), contraction.Arithmetic())


@export("einsum", "linalg.einsum")
def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Tensor:
    """The sum over all labels that the output of `equation`, as "ij,jk->ik", has not of the products of the inputs.

    An ellipsis stands for axes without labels; without "->" the output has those that come once. Raises ValueError.
    """
    name = kwargs.pop("name", None)
    if kwargs:
        raise TypeError(f"invalid keyword arguments for this function: {', '.join(sorted(kwargs))}")
    with name_scope(name, "einsum", list(inputs)):
        tensors = [convert_to_tensor(each) for each in inputs]
        terms, output = resolved_equation(equation, [tensor.shape.ndims for tensor in tensors])
        if len(terms) == 1 and "->" not in equation and len(terms[0]) == 2 and terms[0][0] == terms[0][1]:
            return trace(tensors[0])
        for term in terms:
            if len(set(term)) < len(term):
                raise ValueError(f"Subscript not supported: an axis appears more than once: {term}")
        return apply("Einsum", [tensors], equation=f"{','.join(terms)}->{output}")


_TERM = r"[a-zA-Z]*(\.\.\.)?[a-zA-Z]*"


def resolved_equation(equation: str, ranks: Sequence[int | None]) -> tuple[list[str], str]:
    """The labels of each input and of the output, ellipses replaced by labels that are free. Raises ValueError."""
    text = equation.replace(" ", "")
    if not re.fullmatch(rf"{_TERM}(,{_TERM})*(->{_TERM})?", text):
        raise ValueError(f"Indices have incorrect format: {equation}")
    left, arrow, output = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks):
        raise ValueError(f'Got {len(ranks)} arguments for equation "{equation}", expecting {len(terms)}')
    free = [chr(code) for code in range(ord("A"), ord("z") + 1) if chr(code).isalpha() and chr(code) not in text]
    longest = 0
    for number, (term, count) in enumerate(zip(terms, ranks, strict=True)):
        if "..." not in term:
            continue
        if count is None:
            raise ValueError("Unable to statically infer ellipsis axes.")
        covered = count - len(term) + 3
        if covered < 0:
            raise ValueError("ellipses lengths do not match")
        longest = max(longest, covered)
        terms[number] = term.replace("...", "".join(free[:longest][longest - covered :]))
    if arrow:
        output = output.replace("...", "".join(free[:longest]))
    else:
        joined = "".join(terms)
        once = sorted(label for label in set(joined) if joined.count(label) == 1 and label not in free[:longest])
        output = "".join(free[:longest]) + "".join(once)
    for label in output:
        if label not in "".join(terms):
            raise ValueError(f"Unknown output label {label!r}: it is in no input of {equation}")
    return terms, output
