"""Sums of products over labelled axes, in pairs from the left: Einstein's convention."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diptych.ir import Builder, Value

from . import arithmetic, reductions

Labels = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How a framework adds up over axes, multiplies element by element, and contracts: where its types are promoted."""

    total: Callable[[Builder, Value, tuple[int, ...]], Value] = reductions.sum
    multiply: Callable[[Builder, Value, Value], Value] = arithmetic.mul
    check_contraction: Callable[[Value, Value], None] = lambda lhs, rhs: None


@dataclass(frozen=True, slots=True)
class Term:
    """A value and the label of each of its axes, no label twice."""

    value: Value
    labels: Labels


def einsum(
    b: Builder, operands: Sequence[Value], labels: Sequence[Labels], output: Labels, arithmetic: Arithmetic
) -> Value:
    """The sum over all labels that are not in `output` of the products of the operands, whose axes have these labels.

    A label twice in one operand takes the diagonal. Sizes of one label are equal, or 1, which broadcasts. The axes of
    the result are those of `output`, each label of which is in an operand.
    """
    sizes: dict[int, int] = {}
    for operand, own in zip(operands, labels, strict=True):
        for label, size in zip(own, operand.type.static_shape(), strict=True):
            sizes[label] = size if sizes.get(label, 1) == 1 else sizes[label]
    terms = [_prepared(b, operand, own, sizes) for operand, own in zip(operands, labels, strict=True)]
    result = terms[0]
    for place, term in enumerate(terms[1:], 1):
        later = set(output).union(*(each.labels for each in terms[place + 1 :]))
        result = _product(b, result, term, later, arithmetic)
    result = _summed(b, result, set(output), arithmetic)
    return _ordered(b, result, output)


def _prepared(b: Builder, x: Value, labels: Labels, sizes: dict[int, int]) -> Term:
    """The operand without the axes that are 1 where others are longer, and each label once."""
    kept = [axis for axis, label in enumerate(labels) if x.type.static_shape()[axis] == sizes[label]]
    if len(kept) < len(labels):
        x = b.reshape(x, shape=[x.shape[axis] for axis in kept])
    term = Term(x, tuple(labels[axis] for axis in kept))
    for label in sorted({label for label in term.labels if term.labels.count(label) > 1}):
        while term.labels.count(label) > 1:
            term = _diagonal(b, term, label)
    return term


def _diagonal(b: Builder, term: Term, label: int) -> Term:
    """The elements at which the first two axes of a label have one index, along a first axis."""
    first, second = [axis for axis, each in enumerate(term.labels) if each == label][:2]
    others = [axis for axis in range(len(term.labels)) if axis not in (first, second)]
    x = b.transpose(term.value, permutation=(first, second, *others))
    size, rest = x.type.static_shape()[0], x.type.static_shape()[2:]
    rows = b.reshape(x, shape=(size * size, *rest))
    found = b.slice(rows, start=(0,) * rows.rank, limit=rows.shape, stride=(size + 1, *(1 for _ in rest)))
    return Term(found, (label, *(term.labels[axis] for axis in others)))


def _summed(b: Builder, term: Term, wanted: set[int], arithmetic: Arithmetic) -> Term:
    """The term, summed over what nobody wants any more."""
    axes = tuple(axis for axis, label in enumerate(term.labels) if label not in wanted)
    if not axes:
        return term
    return Term(arithmetic.total(b, term.value, axes), tuple(label for label in term.labels if label in wanted))


def _product(b: Builder, left: Term, right: Term, later: set[int], arithmetic: Arithmetic) -> Term:
    """The product of two terms, summed over the labels that both have and nobody wants later."""
    left = _summed(b, left, later.union(right.labels), arithmetic)
    right = _summed(b, right, later.union(left.labels), arithmetic)
    common = [label for label in left.labels if label in right.labels]
    batch = [label for label in common if label in later]
    contracted = [label for label in common if label not in later]
    rest = [label for label in right.labels if label not in common]
    if not contracted:
        labels = (*left.labels, *rest)
        aligned = b.transpose(
            right.value, permutation=_places(right, [each for each in labels if each in right.labels])
        )
        shape = [right.value.shape[right.labels.index(each)] if each in right.labels else 1 for each in labels]
        wide = b.reshape(left.value, shape=(*left.value.shape, *(1 for _ in rest)))
        return Term(arithmetic.multiply(b, wide, b.reshape(aligned, shape=shape)), labels)
    arithmetic.check_contraction(left.value, right.value)
    value = b.matmul(
        left.value,
        right.value,
        lhs_contract=_places(left, contracted),
        rhs_contract=_places(right, contracted),
        lhs_batch=_places(left, batch),
        rhs_batch=_places(right, batch),
    )
    return Term(value, (*batch, *(label for label in left.labels if label not in common), *rest))


def _places(term: Term, labels: Sequence[int]) -> tuple[int, ...]:
    return tuple(term.labels.index(label) for label in labels)


def _ordered(b: Builder, term: Term, output: Labels) -> Value:
    if term.labels == output:
        return term.value
    return b.transpose(term.value, permutation=_places(term, output))
