"""torch.einsum: its notation, and what it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters
from types import EllipsisType
from typing import Any

from diptych.functions import reductions
from diptych.functions.arithmetic import multiplied
from diptych.functions.einsum import Arithmetic, Labels
from diptych.functions.einsum import einsum as lowered
from diptych.ir import Builder, Value, dtypes

from ..calling.autocasting import lower_precision
from ..promotion import promoted, summable
from ..tapes.operation import operation
from ..tapes.recording import call
from ..tensors.tensor import Tensor
from .operands import check_same_type, not_implemented

_LETTERS = "".join(sorted(ascii_letters))  # capitals first: a label is its letter's place here
ELLIPSIS = -1  # among the subscripts of an operand; its axes then have the labels -1, -2, ... from the last one
Subscripts = tuple[int, ...]


# -- operations: what is written as equations ----


@operation
def _einsum(b: Builder, *rest: Any) -> Value:
    *operands, labels, output = rest
    return lowered(b, operands, labels, output, _ARITHMETIC)


def _total(b: Builder, x: Value, axes: tuple[int, ...]) -> Value:
    return reductions.sum(b, summable(b, x), axes)


def _check_contraction(lhs: Value, rhs: Value) -> None:
    check_same_type(lhs, rhs)
    if lhs.dtype is dtypes.bool_:
        raise not_implemented("bmm", lhs)


def _multiplied(b: Builder, lhs: Value, rhs: Value) -> Value:
    return multiplied(b, *promoted(b, lhs, rhs, default=None))


_ARITHMETIC = Arithmetic(_total, _multiplied, _check_contraction)


# -- functions: what users call ----


@lower_precision
def einsum(*args: Any) -> Tensor:
    """The sum of products of the operands over the subscripts that the result has not.

    `einsum("ij,jk->ik", x, y)`: letters for the axes of each operand, `...` for all that are not named, and, after the
    arrow, the axes of the result; without an arrow those that occur once, in the order of their letters (capitals
    first). A letter twice in one operand takes its diagonal. The operands may stand in one list; or each may be
    followed by its list of numbers below 52 for the letters: `einsum(x, [0, 1], y, [1, 2], [0, 2])`. Raises
    RuntimeError for subscripts that do not fit.
    """
    operands, subscripts, output = _parsed(args)
    for place, each in enumerate(operands):
        if not isinstance(each, Tensor):
            raise TypeError(f"expected Tensor as element {place} in argument 1, but got {type(each).__name__}")
    given = len(subscripts)
    if given != len(operands):
        raise RuntimeError(
            f"einsum(): {'fewer' if len(operands) < given else 'more'} operands were provided than specified in the "
            "equation"
        )
    shapes = [tuple(each.shape) for each in operands]
    labels = [_labels(place, each, shapes[place]) for place, each in enumerate(subscripts)]
    _check_sizes(labels, shapes)
    around = tuple(range(min((label for own in labels for label in own if label < 0), default=0), 0))
    if output is None:
        named = [label for own in subscripts for label in own if label != ELLIPSIS]
        wanted: Labels = (*around, *sorted(label for label in set(named) if named.count(label) == 1))
    else:
        wanted = _wanted(output, {label for own in labels for label in own}, around)
    return call(_einsum, tuple(operands), (tuple(labels), wanted))


def _parsed(args: tuple[Any, ...]) -> tuple[list[Any], list[Subscripts], Subscripts | None]:
    """The operands, the subscripts of each, and those of the result where they are given."""
    if len(args) < 2:
        raise ValueError(
            "einsum(): must specify the equation string and at least one operand, or at least one operand and its "
            "subscripts list"
        )
    if isinstance(args[0], Tensor):
        pairs = len(args) // 2
        lists = [_from_list(each) for each in args[1 : 2 * pairs : 2]]
        return list(args[0 : 2 * pairs : 2]), lists, _from_list(args[-1]) if len(args) % 2 else None
    if not isinstance(args[0], str):
        raise TypeError(f"einsum(): argument 'equation' (position 1) must be str, not {type(args[0]).__name__}")
    operands = list(args[1]) if len(args) == 2 and isinstance(args[1], (list, tuple)) else list(args[1:])
    left, arrow, right = args[0].partition("->")
    begins, subscripts = 0, list[Subscripts]()
    for place, text in enumerate(left.split(",")):
        subscripts.append(_from_text(text, begins, place))
        begins += len(text) + 1
    return operands, subscripts, _from_text(right, len(left) + 2, None) if arrow else None


def _from_list(given: Sequence[int | EllipsisType]) -> Subscripts:
    for each in given:
        if each is not Ellipsis and not 0 <= each < 52:
            raise ValueError("einsum(): subscript in subscript list is not within the valid range [0, 52)")
    return tuple(ELLIPSIS if each is Ellipsis else int(each) for each in given)


def _from_text(text: str, begins: int, operand: int | None) -> Subscripts:
    """The subscripts that the text names, of an operand or else the result, which begins at this index of the
    equation."""
    dots = ("for output", " (...)") if operand is None else (f"for operand {operand}", "")
    found: list[int] = []
    place = 0
    while place < len(text):
        letter = text[place]
        if letter == ".":
            if ELLIPSIS in found:
                already = f"but an ellipsis{dots[1]}" if dots[1] else "for which an ellipsis"
                raise RuntimeError(f"einsum(): found '.' {dots[0]} {already} was already found")
            if text[place : place + 3] != "...":
                raise RuntimeError(f"einsum(): found '.' {dots[0]} that is not part of any ellipsis{dots[1]}")
            found.append(ELLIPSIS)
            place += 2
        elif letter in ascii_letters:
            found.append(_LETTERS.index(letter))
        elif letter != " ":
            raise RuntimeError(
                f"einsum(): invalid subscript given at index {begins + place} in the equation string, subscripts must "
                "be in [a-zA-Z]"
            )
        place += 1
    return tuple(found)


def _labels(place: int, subscripts: Subscripts, shape: tuple[int, ...]) -> Labels:
    """The label of each axis of an operand."""
    count = len(subscripts) - (ELLIPSIS in subscripts)
    rank = len(shape)
    if count > rank or (count < rank and ELLIPSIS not in subscripts):
        more = "" if ELLIPSIS in subscripts else " and no ellipsis was given"
        relation = "is more than" if ELLIPSIS in subscripts else "does not match"
        raise RuntimeError(
            f"einsum(): the number of subscripts in the equation ({count}) {relation} the number of dimensions "
            f"({rank}) for operand {place}{more}"
        )
    found: list[int] = []
    for each in subscripts:
        found.extend(range(count - rank, 0) if each == ELLIPSIS else (each,))
    for label in found:
        sizes = [size for size, each in zip(shape, found, strict=True) if each == label]
        if any(size != sizes[0] for size in sizes):
            other = next(size for size in sizes if size != sizes[0])
            raise RuntimeError(
                f"einsum(): subscript {_LETTERS[label]} is repeated for operand {place} but the sizes don't match, "
                f"{other} != {sizes[0]}"
            )
    return tuple(found)


def _check_sizes(labels: Sequence[Labels], shapes: Sequence[tuple[int, ...]]) -> None:
    """Whether the sizes of each label are equal, or 1."""
    seen: dict[int, int] = {}
    for place, (own, shape) in enumerate(zip(labels, shapes, strict=True)):
        for axis, (label, size) in enumerate(zip(own, shape, strict=True)):
            known = seen.get(label, 1)
            if 1 not in (known, size) and known != size:
                if label < 0:
                    raise RuntimeError(
                        f"einsum(): dimension {axis} covered by ellipsis in operand {place}has size {size} which does "
                        f"not broadcast with previously seen ellipsis with size {known} for the respective dimension"
                    )
                raise RuntimeError(
                    f"einsum(): subscript {_LETTERS[label]} has size {size} for operand {place} which does not "
                    f"broadcast with previously seen size {known}"
                )
            seen[label] = size if known == 1 else known


def _wanted(output: Subscripts, known: set[int], around: Labels) -> Labels:
    """The labels of the result."""
    for place, label in enumerate(output):
        if label in output[:place]:
            raise RuntimeError(f"einsum(): output subscript {_LETTERS[label]} appears more than once in the output")
        if label != ELLIPSIS and label not in known:
            raise RuntimeError(
                f"einsum(): output subscript {_LETTERS[label]} does not appear in the equation for any input operand"
            )
    return tuple(label for each in output for label in (around if each == ELLIPSIS else (each,)))
