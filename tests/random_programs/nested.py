"""Steps that call, branch to, or repeat functions grown for them; what finds no operand does nothing."""

from __future__ import annotations

from collections.abc import Sequence

from diptych.ir import Builder, Function, TensorType, Value, dtypes, ops
from diptych.passes.autodiff import pullback
from diptych.passes.expressions import scalar

from .growing import Grower, Known


def _inner(g: Grower, name: str, operands: Sequence[Known], steps: int) -> tuple[Grower, list[Known]]:
    """A grower for a function of `operands`, with some steps taken."""
    inner = Grower(Builder(name, share=g.b.share), g.random, g.float, g.smooth, g.kinds, g.depth + 1)
    for operand in operands:
        inner.known.append(Known(inner.b.parameter(operand.value.type), operand.bound, operand.exact))
    parameters = list(inner.known)
    for _ in range(steps):
        inner.step()
    return inner, parameters


def _some(g: Grower) -> list[Known]:
    return [g.random.choice(g.known) for _ in range(g.random.randrange(1, 4))]


def called(g: Grower) -> None:
    if g.depth > 1 or not g.known:
        return
    operands = _some(g)
    inner, _ = _inner(g, "called", operands, g.random.randrange(1, 5))
    results = [g.random.choice(inner.known) for _ in range(g.random.randrange(1, 4))]
    body = inner.b.finish(each.value for each in results)
    op = g.random.choice((ops.call, ops.fused, ops.custom_gradient))
    attributes = {"body": body}
    if op is ops.custom_gradient:
        attributes["gradient"] = _true_gradient(body)
    for _ in range(g.random.randrange(1, 3)):  # perhaps the same body twice
        values = g.b.emit(op, [each.value for each in operands], attributes)
        for value, each in zip(values, results, strict=True):
            g.known.append(Known(value, each.bound, each.exact))


def parted(g: Grower) -> None:
    """A parallel equation in two or three parts, of operands cut along any axis that these divide, or whole; or one
    whose last part is smaller."""
    if g.depth > 1 or not g.known:
        return
    if g.random.random() < 0.3:
        _unequally_parted(g)
        return
    parts = g.random.choice((1, 2, 2, 3))
    operands, axes, seen = _some(g), [], []
    for operand in operands:
        shape = operand.value.shape
        axis = g.random.choice([-1, *(axis for axis, size in enumerate(shape) if size % parts == 0)])
        axes.append(axis)
        part = shape if axis == -1 else (*shape[:axis], shape[axis] // parts, *shape[axis + 1 :])
        seen.append(Known(Value(operand.value.type.with_shape(part)), operand.bound, operand.exact))
    inner, _ = _inner(g, "part", seen, g.random.randrange(1, 5))
    made = [each for each in inner.known if each.value.rank]
    if not made:
        return
    results = [g.random.choice(made) for _ in range(g.random.randrange(1, 4))]
    values = g.b.parallel(
        *(each.value for each in operands), body=inner.b.finish(each.value for each in results), parts=parts,
        operand_axes=axes, result_axes=[g.random.randrange(each.value.rank) for each in results],
    )  # fmt: skip
    for value, each in zip(values, results, strict=True):
        g.known.append(Known(value, each.bound, each.exact))


def _unequally_parted(g: Grower) -> None:
    """Elementwise operations on some of one shape, in parts of which the last one is smaller."""
    floats = [each for each in g.known if each.value.dtype.is_float]
    long = [each for each in floats if any(size > 1 for size in each.value.shape)]
    if not long:
        return
    first = g.random.choice(long)
    operands = [first, *(each for each in floats if each.value.type == first.value.type)][:3]
    axis = g.random.choice([axis for axis, size in enumerate(first.value.shape) if size > 1])
    size = first.value.shape[axis]
    each = g.random.randrange(1, size)
    parts = g.random.randrange(1, (size - 1) // each + 1) + 1
    names = [g.random.choice(["neg", "min", "max"]) for _ in range(g.random.randrange(1, 4))]

    def body(length: int) -> Function:
        b = Builder("part")
        values = []
        for operand in operands:
            shape = (*operand.value.shape[:axis], length, *operand.value.shape[axis + 1 :])
            values.append(b.parameter(operand.value.type.with_shape(shape)))
        for name in names:
            x = values[-1]
            values.append(b.neg(x) if name == "neg" else getattr(b, name)(x, values[0]))
        return b.finish([values[-1]])

    (value,) = g.b.parallel(
        *(operand.value for operand in operands), body=body(each), parts=parts, operand_axes=[axis] * len(operands),
        result_axes=[axis], last=body(size - each * (parts - 1)),
    )  # fmt: skip
    g.known.append(Known(value, first.bound, first.exact))


def _true_gradient(body: Function) -> Function:
    """(*operands, *results, *cotangents) -> what the pullback of `body` gives."""
    b = Builder("gradient")
    operands = [b.parameter(type) for type in body.parameter_types]
    for type in body.result_types:
        b.parameter(type)
    cotangents = [b.parameter(type) for type in body.result_types if type.dtype.is_differentiable]
    return b.finish(b.inline(pullback(body), [*operands, *cotangents]))


def branched(g: Grower) -> None:
    """A cond on an exact bool, between two functions of one signature."""
    p = g.boolean(())
    if p is None or g.depth > 1:
        return
    operands = _some(g)
    left, _ = _inner(g, "left", operands, g.random.randrange(4))
    right, _ = _inner(g, "right", operands, g.random.randrange(4))
    pairs = [(x, y) for x in left.known for y in right.known if x.value.type == y.value.type]
    chosen = [g.random.choice(pairs) for _ in range(g.random.randrange(1, 4))]
    values = g.b.cond(
        p.value, *(each.value for each in operands),
        on_true=left.b.finish(x.value for x, _ in chosen), on_false=right.b.finish(y.value for _, y in chosen),
    )  # fmt: skip
    for value, (x, y) in zip(values, chosen, strict=True):
        g.known.append(Known(value, max(x.bound, y.bound), x.exact and y.exact))


def _tamed(g: Grower, x: Known) -> Value:
    """x brought back below 1, so that a loop cannot make it grow."""
    return g.b.tanh(x.value)


def scanned(g: Grower) -> None:
    """A scan with constants, tamed carries and sequences, in either direction."""
    x, constant = g.real(), g.real()
    sequence = g.pick(lambda k: k.value.dtype is g.float and k.value.rank >= 1)
    if x is None or constant is None or sequence is None or g.depth > 1:
        return
    length = int(sequence.value.shape[0])
    piece = TensorType(g.float, sequence.value.shape[1:])
    start = Known(_tamed(g, x), 1.0, False)
    inner = Grower(Builder("round", share=g.b.share), g.random, g.float, g.smooth, g.kinds, g.depth + 1)
    for type, bound in ((constant.value.type, constant.bound), (start.value.type, 1.0), (piece, sequence.bound)):
        inner.known.append(Known(inner.b.parameter(type), bound, False))
    for _ in range(g.random.randrange(1, 5)):
        inner.step()
    state = inner.pick(lambda k: k.value.type == start.value.type) or inner.known[1]
    outputs = [inner.pick(lambda k: True) or inner.known[0] for _ in range(g.random.randrange(3))]
    body = inner.b.finish([inner.b.tanh(state.value), *(each.value for each in outputs)])
    last, *stacks = g.b.scan(
        constant.value, start.value, sequence.value, body=body, length=length, constants=1, carries=1,
        reverse=g.random.random() < 0.5,
    )  # fmt: skip
    g.known.append(Known(last, 1.0, False))
    g.known.extend(Known(stack, each.bound, each.exact) for stack, each in zip(stacks, outputs, strict=True))


def looped(g: Grower) -> None:
    """A while_loop of a few rounds, sometimes of none, with or without a bound."""
    x, constant = g.real(), g.real()
    if x is None or constant is None or g.depth > 0:
        return
    rounds = g.random.randrange(4)
    counter = TensorType(dtypes.i32)
    types = [constant.value.type, counter, x.value.type]
    below = Builder("below")
    parameters = [below.parameter(type) for type in types]
    condition = below.finish([below.lt(parameters[1], scalar(below, dtypes.i32, rounds))])
    inner = Grower(Builder("step", share=g.b.share), g.random, g.float, g.smooth, g.kinds, g.depth + 2)
    fixed, number, state = (inner.b.parameter(type) for type in types)
    inner.known += [Known(fixed, constant.bound, False), Known(state, 1.0, False)]
    for _ in range(g.random.randrange(1, 4)):
        inner.step()
    found = inner.pick(lambda k: k.value.type == state.type) or inner.known[1]
    following = inner.b.add(number, scalar(inner.b, dtypes.i32, 1))
    body = inner.b.finish([following, inner.b.tanh(found.value)])
    count, last = g.b.while_loop(
        constant.value, scalar(g.b, dtypes.i32, 0), _tamed(g, x), condition=condition, body=body, constants=1,
        bound=g.random.choice((None, rounds, rounds + 2)),
    )  # fmt: skip
    g.known += [Known(count, 4.0, True), Known(last, 1.0, False)]
