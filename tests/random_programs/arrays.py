"""Steps that move, reduce, multiply or index arrays; what finds no operand does nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

from diptych.ir import Constant, TensorType, dtypes, ops
from diptych.passes.expressions import adjoint, diagonal_of, full, scalar, stacked_matmul

from .growing import MAX_ELEMENTS, Grower, Known, array_of


def moved(g: Grower) -> None:
    """Moves of elements of any dtype, which keep what is known."""
    x = g.pick(lambda k: True)
    if x is None:
        return
    b, v = g.b, x.value
    sizes = v.type.static_shape()
    kind = g.random.randrange(8)
    if kind == 0:
        order = list(range(v.rank))
        g.random.shuffle(order)
        result = b.transpose(v, permutation=order)
    elif kind == 1:
        result = b.reshape(v, shape=_another_shape(g, sizes))
    elif kind == 2:
        shape = list(sizes)
        places = list(range(len(shape)))
        if math.prod(shape) * 3 <= MAX_ELEMENTS:
            at = g.random.randrange(len(shape) + 1)
            shape.insert(at, g.random.randrange(1, 4))
            places = [place + (place >= at) for place in places]
        result = b.broadcast(v, shape=tuple(shape), axes=tuple(places))
    elif kind == 3:
        result = b.reverse(v, axes=g.axes(v.rank))
    elif kind == 4:
        start = [g.random.randrange(size) if size else 0 for size in sizes]
        limit = [g.random.randrange(low, size + 1) for low, size in zip(start, sizes, strict=True)]
        stride = [g.random.randrange(1, 3) for _ in sizes]
        if g.random.random() < 0.7:
            limit = [max(low + 1, high) if size else 0 for low, high, size in zip(start, limit, sizes, strict=True)]
        result = b.slice(v, start=start, limit=limit, stride=stride)
    elif kind == 5:
        value = scalar(b, v.dtype, 1)
        low = [g.random.randrange(-1, 3) if size > 2 else g.random.randrange(2) for size in sizes]
        high = [g.random.randrange(2) for _ in sizes]
        interior = [g.random.randrange(2) for _ in sizes]
        result = b.pad(v, value, low=low, high=high, interior=interior)
        if math.prod(result.type.static_shape()) > 4 * MAX_ELEMENTS:
            return
        x = Known(v, max(1.0, x.bound), x.exact)
    elif kind == 6 and v.rank:
        y = g.partner(x)
        result = b.concatenate(v, y.value, axis=g.random.randrange(v.rank))
        x = Known(v, max(x.bound, y.bound), x.exact and y.exact)
    else:
        marked = (
            b.stop_gradient,
            lambda x: b.graft(x, b.identity(x)),
            lambda x: b.after(x, b.identity(x)),
            lambda x: b.shard(x, axes=" ".join(["."] * x.rank)),
            lambda x: b.identity(x) if x.dtype.is_bool else b.all_reduce(x),
            lambda x: b.reshape(b.all_gather(x, count=1), shape=x.shape),
            lambda x: b.identity(x) if x.dtype.is_bool else b.reduce_scatter(b.reshape(x, shape=(1, *x.shape))),
        )
        result = g.random.choice(marked)(v) if not g.smooth else b.identity(v)
    g.add(result, x.bound, exact=x.exact)


def _another_shape(g: Grower, sizes: Sequence[int]) -> tuple[int, ...]:
    """A shape of as many elements: axes merged, or axes of size 1 put in."""
    shape = list(sizes)
    if len(shape) > 1 and g.random.random() < 0.6:
        at = g.random.randrange(len(shape) - 1)
        shape[at : at + 2] = [shape[at] * shape[at + 1]]
    else:
        shape.insert(g.random.randrange(len(shape) + 1), 1)
    return tuple(shape)


def reduced(g: Grower) -> None:
    x = g.real(rank=1)
    if x is None:
        return
    axes, b, v = g.axes(x.value.rank), g.b, x.value
    count = math.prod(int(v.shape[axis]) for axis in axes)
    kind = g.random.randrange(3 if g.smooth else 5)
    if kind < 2:
        g.add(b.reduce_sum(v, axes=axes), x.bound * count, exact=False)
    elif kind == 2:
        tamed = b.add(b.mul(b.tanh(v), full(b, v.type, 0.25)), full(b, v.type, 1.0))
        g.add(b.reduce_prod(tamed, axes=axes), 1.25**count, exact=False)
    elif count:
        op = (ops.reduce_max, ops.reduce_min)[kind - 3]
        g.add(b.emit(op, [v], {"axes": axes})[0], x.bound, exact=x.exact)


def integer_reduced(g: Grower) -> None:
    n = g.integer(rank=1)
    if n is not None:
        op = g.random.choice((ops.reduce_sum, ops.reduce_max, ops.reduce_min, ops.reduce_prod))
        g.add(g.b.emit(op, [n.value], {"axes": g.axes(n.value.rank)})[0], 1.0, exact=True)


def running(g: Grower) -> None:
    x = g.real(rank=1)
    if x is None:
        return
    b, v, axis = g.b, x.value, g.random.randrange(x.value.rank)
    reverse, size = g.random.random() < 0.5, int(v.shape[axis])
    kind = g.random.randrange(2 if g.smooth else 4)
    if kind == 0:
        g.add(b.cumulative_sum(v, axis=axis, reverse=reverse), x.bound * size, exact=False)
    elif kind == 1:
        tamed = b.add(b.mul(b.tanh(v), full(b, v.type, 0.25)), full(b, v.type, 1.0))
        g.add(b.cumulative_prod(tamed, axis=axis, reverse=reverse), 1.25**size, exact=False)
    else:
        op = (ops.cumulative_max, ops.cumulative_min)[kind - 2]
        g.add(b.emit(op, [v], {"axis": axis, "reverse": reverse})[0], x.bound, exact=x.exact)


def ordered(g: Grower) -> None:
    """Sorting and the largest, whose places are only used where the keys are exact."""
    x = g.pick(lambda k: k.value.rank >= 1 and (k.exact or k.value.dtype is g.float) and not k.value.dtype.is_complex)
    if x is None or 0 in x.value.shape:
        return
    b, v, axis = g.b, x.value, g.random.randrange(x.value.rank)
    kind = g.random.randrange(3)
    if kind == 0 and x.exact:
        places = b.iota(shape=v.shape, axis=axis, dtype=dtypes.i32)
        found, order = b.sort(v, places, axis=axis)
        g.add(found, x.bound, exact=True)
        g.add(order, 4.0, exact=True)
    elif kind == 0:
        g.add(b.sort(v, axis=axis)[0], x.bound, exact=False)
    elif kind == 1:
        found, order = b.top_k(v, k=g.random.randrange(int(v.shape[-1]) + 1))
        g.add(found, x.bound, exact=x.exact)
        if x.exact:
            g.add(order, 4.0, exact=True)
    elif x.exact:
        op = g.random.choice((ops.argmax, ops.argmin))
        g.add(b.emit(op, [v], {"axis": axis, "dtype": dtypes.i64})[0], 4.0, exact=True)


def product(g: Grower) -> None:
    """A matrix product of a value with itself or another one, over equal axes."""
    x = g.pick(lambda k: k.value.rank >= 1 and (k.value.dtype is g.float or k.value.dtype.is_integer))
    if x is None:
        return
    y = g.pick(lambda k: k.value.dtype is x.value.dtype and k.value.rank >= 1) or x
    pairs = [
        (i, j) for i, m in enumerate(x.value.shape) for j, n in enumerate(y.value.shape) if m == n
    ]  # fmt: skip
    if not pairs:
        return
    i, j = g.random.choice(pairs)
    batch = [(p, q) for p, q in pairs if p != i and q != j][:1] if g.random.random() < 0.4 else []
    left = math.prod(int(s) for s in x.value.shape)
    if left * math.prod(int(s) for s in y.value.shape) > 40 * MAX_ELEMENTS:
        return
    result = g.b.matmul(
        x.value, y.value, lhs_contract=[i], rhs_contract=[j],
        lhs_batch=[p for p, _ in batch], rhs_batch=[q for _, q in batch],
    )  # fmt: skip
    if math.prod(result.type.static_shape()) <= 2 * MAX_ELEMENTS and result.rank <= 4:
        g.add(result, x.bound * y.bound * int(x.value.shape[i]), exact=result.dtype.is_integer)


def convolved(g: Grower) -> None:
    x = g.real(rank=1)
    if x is None or 0 in x.value.shape:
        return
    b = g.b
    flat = b.reshape(x.value, shape=(1, 1, math.prod(x.value.type.static_shape())))
    kernel = b.constant(value=Constant(array_of(g.random, g.float, (g.random.choice((1, 2)), 1, 2))))
    g.add(
        b.convolution(
            flat, kernel, layout="nc0,oi0->nc0", stride=(g.random.randrange(1, 3),), padding=((g.random.randrange(-1, 2), 1),),
            x_dilation=(g.random.randrange(1, 3),), kernel_dilation=(g.random.randrange(1, 3),),
        ),
        4 * x.bound, exact=False,
    )  # fmt: skip


def windows(g: Grower) -> None:
    x = g.real(rank=1)
    if x is None or 0 in x.value.shape:
        return
    rank = x.value.rank
    attributes = {
        "window": tuple(g.random.randrange(1, 3) for _ in range(rank)),
        "stride": tuple(g.random.randrange(1, 3) for _ in range(rank)),
        "padding": tuple((g.random.randrange(2), 0) for _ in range(rank)),
        "dilation": (1,) * rank,
    }
    if g.smooth or g.random.random() < 0.5:
        g.add(g.b.window_sum(x.value, **attributes), x.bound * 2**rank, exact=False)
    elif all(before == 0 for before, _ in attributes["padding"]):  # else -inf where all is padding
        g.add(g.b.window_max(x.value, **attributes), x.bound, exact=x.exact)
    elif x.exact:
        y = g.partner(x)
        taken = g.b.window_gather(x.value, y.value, **attributes)
        g.add(taken, y.bound, exact=y.exact)
        g.add(g.b.window_scatter(x.value, taken, **attributes), y.bound * 2**rank, exact=False)


def indexed(g: Grower) -> None:
    """Reads and writes at places that are brought inside, or that are each written once."""
    x = g.pick(lambda k: k.value.rank >= 1 and 0 not in k.value.shape)
    n = g.integer()
    if x is None or n is None:
        return
    b, v, axis = g.b, x.value, g.random.randrange(x.value.rank)
    wide = n.value if n.value.dtype is dtypes.u64 else b.cast(n.value, dtype=dtypes.i64)
    last = scalar(b, wide.dtype, int(v.shape[axis]) - 1)
    index = b.clamp(scalar(b, wide.dtype, 0), wide, last)
    bounds = g.random.choice(("error", "clip"))
    kind = g.random.randrange(5)
    if math.prod(n.value.type.static_shape()) * math.prod(v.type.static_shape()) > 10 * MAX_ELEMENTS:
        return
    taken = b.gather(v, index if bounds == "error" else n.value, axes=(axis,), bounds=bounds)
    if kind < 2:
        g.add(taken, x.bound, exact=x.exact)
    elif kind == 2 and v.dtype is g.float:
        count = math.prod(index.type.static_shape()) + 1
        result = b.scatter(v, b.gather(v, index, axes=(axis,)), index, axes=(axis,), combine="add")
        g.add(result, x.bound * count, exact=False)
    elif kind == 3:
        places = b.reverse(b.iota(shape=(int(v.shape[axis]),), axis=0, dtype=dtypes.i32), axes=(0,))
        updates = b.gather(v, places, axes=(axis,))
        g.add(b.scatter(v, updates, places, axes=(axis,), combine="set"), x.bound, exact=x.exact)
    else:
        starts = [b.cast(b.reduce_max(index, axes=tuple(range(index.rank))), dtype=dtypes.i32)] * v.rank
        sizes = [g.random.randrange(1, int(size) + 1) for size in v.shape]
        block = b.dynamic_slice(v, *starts, sizes=sizes)
        g.add(block, x.bound, exact=x.exact)
        g.add(b.dynamic_update_slice(v, b.reverse(block, axes=(0,)), *starts), x.bound, exact=x.exact)


def decomposed(g: Grower) -> None:
    """What decompositions determine, of a matrix that is well-conditioned by construction."""
    if g.float not in (dtypes.f32, dtypes.f64):
        return
    x = g.pick(lambda k: k.value.dtype is g.float and k.value.rank == 2 and 0 not in k.value.shape)
    if x is None:
        return
    b, size = g.b, int(x.value.shape[0])
    tame = b.tanh(x.value)
    shift = diagonal_of(b, full(b, TensorType(g.float, (size,)), 2.0))
    matrix = b.add(stacked_matmul(b, tame, adjoint(b, tame)), shift)  # symmetric, eigenvalues of 2 and more
    kind = g.random.randrange(6)
    bound = 4.0 * size + 2
    if kind == 0:
        g.add(b.cholesky(matrix), bound, exact=False)
    elif kind == 1:
        g.add(b.triangular_solve(b.cholesky(matrix), tame, lower=True), bound, exact=False)
    elif kind == 2:
        _, r = b.qr(matrix)
        g.add(b.abs(r) if not g.smooth else stacked_matmul(b, adjoint(b, r), r), bound**2, exact=False)
    elif kind == 3:
        g.add(b.svd(matrix)[1] if not g.smooth else b.cholesky(matrix), bound, exact=False)
    elif kind == 4:
        g.add(b.eigh(matrix)[0] if not g.smooth else b.cholesky(matrix), bound, exact=False)
        if not g.smooth:  # in no order that all have
            g.add(b.reduce_sum(b.real(b.eig(matrix)[0]), axes=(0,)), bound * size, exact=False)
    else:
        g.add(b.lu(matrix)[0], bound, exact=False)
